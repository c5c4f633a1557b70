//! Reactive methods of elements.
//!
//! Each method takes a state, a live value or a function of these, and writes to the page only when the result changes.
//! An effect ends with the part of the page that it was made for: see [`El::swap`].

use leptos::prelude::{RenderEffect, on_cleanup};

pub use super::states::{Follow, Live, State};
pub use crate::browser::element::El;

/// The node of a changing text.
enum BindTarget {
    Text,
    Attr(&'static str),
    Value,
    Transform,
}

impl El {
    /// This element with a reactive text appended.
    pub fn live(self, text: impl Follow<String>) -> Self {
        let words = El::text_node("");
        self.push(&words);
        words.follow_text(BindTarget::Text, text.into_source());
        self
    }

    /// This element with reactive classes.
    pub fn live_class(self, names: impl Follow<String>) -> Self {
        self.live_attr("class", names)
    }

    /// This element with a reactive attribute.
    pub fn live_attr(self, name: &'static str, value: impl Follow<String>) -> Self {
        self.follow_text(BindTarget::Attr(name), value.into_source())
    }

    /// This field with a reactive value.
    pub fn live_value(self, value: impl Follow<String>) -> Self {
        self.follow_text(BindTarget::Value, value.into_source())
    }

    /// This element with a reactive CSS transform.
    pub fn live_transform(self, transform: impl Follow<String>) -> Self {
        self.follow_text(BindTarget::Transform, transform.into_source())
    }

    /// This element, hidden while the value is true.
    pub fn hidden_when(self, is_hidden: impl Follow<bool>) -> Self {
        self.follow_flag("hidden", is_hidden.into_source())
    }

    /// This button, disabled while the value is true.
    pub fn disabled_when(self, is_disabled: impl Follow<bool>) -> Self {
        self.follow_flag("disabled", is_disabled.into_source())
    }

    /// This radio button, checked while the value is true.
    pub fn checked_when(self, is_checked: impl Follow<bool>) -> Self {
        let (field, is_checked) = (self.clone(), is_checked.into_source());
        effect(move || field.set_checked(is_checked()));
        self
    }

    /// This element with children that are all recreated whenever a value read by `children` changes. Effects of the
    /// old children end.
    pub fn swap(self, children: impl Fn() -> Vec<El> + 'static) -> Self {
        let parent = self.clone();
        effect(move || {
            parent.clear();
            parent.append(&children());
        });
        self
    }

    fn follow_text(self, place: BindTarget, text: Box<dyn Fn() -> String>) -> Self {
        let (element, mut shown) = (self.clone(), String::new());
        effect(move || {
            let text = text();
            if text == shown {
                return;
            }
            match place {
                BindTarget::Text => element.set_text(&text),
                BindTarget::Attr(name) => element.set_attr(name, &text),
                BindTarget::Value => element.set_value(&text),
                BindTarget::Transform => element.set_transform(&text),
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

/// Runs now, and again whenever a value that it reads changes, until the part of the page that it was made for ends.
pub fn effect(run: impl FnMut() + 'static) {
    follow(Box::new(run));
}

/// Keeps a value, such as a watch, until the part of the page that it was made for ends.
pub fn keep<T: 'static>(thing: T) {
    effect(move || {
        let _kept = &thing;
    });
}

fn follow(mut run: Box<dyn FnMut()>) {
    let effect = RenderEffect::new(move |_| run());
    on_cleanup(move || drop(effect));
}
