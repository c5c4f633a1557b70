//! A button that copies text.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::clipboard::write_text;

/// How long the outcome stands in place of the label.
const SHOWN_MILLIS: u32 = 1_600;

/// A button that copies a text and confirms it for a moment.
#[component]
pub fn CopyButton(
    /// The label.
    label: &'static str,
    /// Returns the text; called on each click.
    #[prop(into)]
    text: Callback<(), String>,
    /// The confirmation.
    #[prop(into, default = "Copied".into())]
    copied: Signal<&'static str>,
    /// The tooltip.
    #[prop(optional)]
    title: Option<&'static str>,
    /// Whether the button is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether the button is hidden.
    #[prop(optional, into)]
    hidden: Signal<bool>,
) -> impl IntoView {
    let shown = RwSignal::new(label);
    let copy = move |_| {
        let (text, copied) = (text.run(()), copied.get_untracked());
        spawn_local(async move {
            let outcome = if write_text(&text).await { copied } else { "The browser refused" };
            // The button may be gone after a wait.
            shown.try_set(outcome);
            TimeoutFuture::new(SHOWN_MILLIS).await;
            shown.try_set(label);
        });
    };
    view! {
        <button type="button" class="button button--quiet" title=title disabled=disabled hidden=hidden on:click=copy>
            <span aria-live="polite">{shown}</span>
        </button>
    }
}
