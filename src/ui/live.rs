//! The living half of an element: what of it follows states.
//!
//! Each method takes a state, a live value or a function of such, and touches the page only when the answer has changed.
//! What follows ends with the part of the page that it was made for: see [`El::swap`].

use leptos::prelude::{RenderEffect, on_cleanup};

pub use super::states::{Follow, Live, State};
pub use crate::browser::element::El;

/// Where a text that changes stands.
enum Place {
    Text,
    Attr(&'static str),
    Value,
    Transform,
}

impl El {
    /// This element with a text at its end that follows.
    pub fn live(self, text: impl Follow<String>) -> Self {
        let words = El::words("");
        self.push(&words);
        words.follow_text(Place::Text, text.into_source());
        self
    }

    /// This element with classes that follow.
    pub fn live_class(self, names: impl Follow<String>) -> Self {
        self.live_attr("class", names)
    }

    /// This element with an attribute that follows.
    pub fn live_attr(self, name: &'static str, value: impl Follow<String>) -> Self {
        self.follow_text(Place::Attr(name), value.into_source())
    }

    /// This field with a value that follows.
    pub fn live_value(self, value: impl Follow<String>) -> Self {
        self.follow_text(Place::Value, value.into_source())
    }

    /// This element, moved, scaled or turned as the text says.
    pub fn live_transform(self, transform: impl Follow<String>) -> Self {
        self.follow_text(Place::Transform, transform.into_source())
    }

    /// This element, hidden when that is true.
    pub fn hidden_when(self, is_hidden: impl Follow<bool>) -> Self {
        self.follow_flag("hidden", is_hidden.into_source())
    }

    /// This button, greyed when that is true.
    pub fn disabled_when(self, is_disabled: impl Follow<bool>) -> Self {
        self.follow_flag("disabled", is_disabled.into_source())
    }

    /// This radio button, checked when that is true.
    pub fn checked_when(self, is_checked: impl Follow<bool>) -> Self {
        let (field, is_checked) = (self.clone(), is_checked.into_source());
        effect(move || field.set_checked(is_checked()));
        self
    }

    /// This element with children that are made anew, all of them, whenever something changes that was read in making
    /// them. What their parts follow ends with them.
    pub fn swap(self, children: impl Fn() -> Vec<El> + 'static) -> Self {
        let parent = self.clone();
        effect(move || {
            parent.clear();
            parent.append(&children());
        });
        self
    }

    fn follow_text(self, place: Place, text: Box<dyn Fn() -> String>) -> Self {
        let (element, mut shown) = (self.clone(), String::new());
        effect(move || {
            let text = text();
            if text == shown {
                return;
            }
            match place {
                Place::Text => element.set_text(&text),
                Place::Attr(name) => element.set_attr(name, &text),
                Place::Value => element.set_value(&text),
                Place::Transform => element.set_transform(&text),
            }
            shown = text;
        });
        self
    }

    fn follow_flag(self, name: &'static str, flag: Box<dyn Fn() -> bool>) -> Self {
        let (element, mut shown) = (self.clone(), false);
        effect(move || {
            let flag = flag();
            if flag != shown {
                element.set_flag(name, flag);
                shown = flag;
            }
        });
        self
    }
}

/// Runs now, and again whenever something changes that was read, until the part of the page that it was made for ends.
pub fn effect(run: impl FnMut() + 'static) {
    follow(Box::new(run));
}

/// Keeps something, such as a watch, until the part of the page that it was made for ends.
pub fn keep<T: 'static>(thing: T) {
    effect(move || {
        let _kept = &thing;
    });
}

fn follow(mut run: Box<dyn FnMut()>) {
    let effect = RenderEffect::new(move |_| run());
    on_cleanup(move || drop(effect));
}
