//! The elements of the page, by name: `div("panel__head")` is `<div class="panel__head">`.

use super::live::El;

macro_rules! elements {
    ($($tag:ident)*) => {
        $(
            #[doc = concat!("`<", stringify!($tag), ">` with these classes.")]
            #[must_use]
            pub fn $tag(class: &str) -> El {
                El::new(stringify!($tag)).class(class)
            }
        )*
    };
}

elements!(a code dd details div dl dt fieldset form h2 h3 header input label legend li ol p pre section select
    span strong table td textarea th ul);

/// A button that submits no form.
#[must_use]
pub fn button(class: &str, text: &str) -> El {
    El::new("button").attr("type", "button").class(class).text(text)
}

/// The button that submits its form.
#[must_use]
pub fn submit(class: &str) -> El {
    El::new("button").attr("type", "submit").class(class)
}
