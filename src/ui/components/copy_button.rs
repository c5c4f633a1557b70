//! A button that copies text.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::browser::clipboard::write_text;
use crate::ui::html::button;
use crate::ui::live::{El, State};

const SHOWN_MILLIS: u32 = 1_600;

/// A button that copies the result of `text` and confirms it for a moment.
#[must_use]
pub fn copy_button(label: &'static str, text: impl Fn() -> String + 'static) -> El {
    copy_button_saying(label, move || (text(), "Copied"))
}

/// The same, with its own confirmation text.
#[must_use]
pub fn copy_button_saying(label: &'static str, text: impl Fn() -> (String, &'static str) + 'static) -> El {
    let shown = State::new(label.to_owned());
    button("button button--quiet", "")
        .with([El::new("span").attr("aria-live", "polite").live(shown)])
        .on_click(move || spawn_local(copy(text(), label, shown)))
}

async fn copy((text, copied): (String, &'static str), label: &'static str, shown: State<String>) {
    let said = if write_text(&text).await { copied } else { "The browser refused" };
    shown.set(said.to_owned());
    TimeoutFuture::new(SHOWN_MILLIS).await;
    shown.set(label.to_owned());
}
