//! A button that copies text.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::clipboard::write_text;

const SHOWN_MILLIS: u32 = 1_600;

/// Copies what `text` answers and says so for a moment.
#[component]
pub fn CopyButton(
    /// What the button says.
    label: &'static str,
    /// Answers the text to copy.
    text: Callback<(), String>,
) -> impl IntoView {
    let outcome = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let text = text.run(());
        spawn_local(async move {
            let said = if write_text(&text).await { "Copied" } else { "The browser refused" };
            outcome.try_set(Some(said));
            TimeoutFuture::new(SHOWN_MILLIS).await;
            outcome.try_set(None);
        });
    };
    view! {
        <button type="button" class="button button--quiet" on:click=copy>
            <span aria-live="polite">{move || outcome.get().unwrap_or(label)}</span>
        </button>
    }
}
