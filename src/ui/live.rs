//! The living half of an element: what of it follows signals.
//!
//! Each method takes a signal, or what becomes one, and touches the page only when the value has changed. What follows
//! ends with the part of the page that it was made for: see [`El::swap`].

use leptos::prelude::*;

pub use crate::browser::element::El;

/// Where a text that changes stands.
enum Place {
    Text,
    Attr(&'static str),
    Value,
    Transform,
}

impl El {
    /// This element with a text at its end that follows the signal.
    pub fn live(self, text: impl Into<Signal<String>>) -> Self {
        let words = El::words("");
        self.push(&words);
        words.follow_text(Place::Text, text.into());
        self
    }

    /// This element with classes that follow the signal.
    pub fn live_class(self, names: impl Into<Signal<String>>) -> Self {
        self.live_attr("class", names)
    }

    /// This element with an attribute that follows the signal.
    pub fn live_attr(self, name: &'static str, value: impl Into<Signal<String>>) -> Self {
        self.clone().follow_text(Place::Attr(name), value.into());
        self
    }

    /// This field with a value that follows the signal.
    pub fn live_value(self, value: impl Into<Signal<String>>) -> Self {
        self.clone().follow_text(Place::Value, value.into());
        self
    }

    /// This element, moved, scaled or turned as the signal says.
    pub fn live_transform(self, transform: impl Into<Signal<String>>) -> Self {
        self.clone().follow_text(Place::Transform, transform.into());
        self
    }

    /// This element, hidden while the signal is true.
    pub fn hidden_when(self, is_hidden: impl Into<Signal<bool>>) -> Self {
        self.follow_flag("hidden", is_hidden.into())
    }

    /// This button, greyed while the signal is true.
    pub fn disabled_when(self, is_disabled: impl Into<Signal<bool>>) -> Self {
        self.follow_flag("disabled", is_disabled.into())
    }

    /// This radio button, checked while the signal is true.
    pub fn checked_when(self, is_checked: impl Into<Signal<bool>>) -> Self {
        let (field, is_checked) = (self.clone(), is_checked.into());
        effect(move || field.set_checked(is_checked.get()));
        self
    }

    /// This element with children that are made anew, all of them, whenever a signal changes that was read in making
    /// them. What their parts follow and clean up ends with them.
    pub fn swap(self, children: impl Fn() -> Vec<El> + 'static) -> Self {
        let parent = self.clone();
        effect(move || {
            parent.clear();
            for child in children() {
                parent.push(&child);
            }
        });
        self
    }

    fn follow_text(self, place: Place, text: Signal<String>) {
        let mut shown = String::new();
        effect(move || {
            let text = text.get();
            if text == shown {
                return;
            }
            match place {
                Place::Text => self.set_text(&text),
                Place::Attr(name) => self.set_attr(name, &text),
                Place::Value => self.set_value(&text),
                Place::Transform => self.set_transform(&text),
            }
            shown = text;
        });
    }

    fn follow_flag(self, name: &'static str, flag: Signal<bool>) -> Self {
        let (element, mut shown) = (self.clone(), false);
        effect(move || {
            let flag = flag.get();
            if flag != shown {
                element.set_flag(name, flag);
                shown = flag;
            }
        });
        self
    }
}

/// Runs now and again whenever a signal changes that was read, until the part of the page that it was made for ends.
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
