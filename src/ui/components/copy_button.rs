//! A button that copies text.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::clipboard::write_text;
use crate::ui::signals::text as live_text;

const SHOWN_MILLIS: u32 = 1_600;

/// Copies what `text` answers and says so for a moment.
#[component]
pub fn CopyButton(
    /// What the button says.
    label: &'static str,
    /// Answers the text to copy.
    text: Callback<(), String>,
) -> impl IntoView {
    let shown = RwSignal::new(label.to_owned());
    let copy = move |_| {
        let text = text.run(());
        spawn_local(async move {
            let said = if write_text(&text).await { "Copied" } else { "The browser refused" };
            shown.try_set(said.to_owned());
            TimeoutFuture::new(SHOWN_MILLIS).await;
            shown.try_set(label.to_owned());
        });
    };
    view! {
        <button type="button" class="button button--quiet" on:click=copy>
            <span aria-live="polite">{live_text(move || shown.get())}</span>
        </button>
    }
}
