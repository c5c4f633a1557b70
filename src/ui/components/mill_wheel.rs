//! The wheel that the batches turn.

use crate::ui::signals::text;
use leptos::prelude::*;

const NOTCH_DEGREES: u64 = 45;

/// A mill wheel: a notch further for each notch counted, or turning evenly.
#[component]
pub fn MillWheel(
    /// Notches since the page was opened.
    #[prop(into)]
    notches: Signal<u64>,
    /// Whether batches come too fast to be told apart.
    #[prop(into)]
    is_turning: Signal<bool>,
) -> impl IntoView {
    view! {
        <svg class="mill-wheel" viewBox="0 0 48 48" aria-hidden="true">
            <g
                class=text(move || rotor_class(is_turning.get()))
                style:transform=text(move || format!("rotate({}deg)", notches.get() * NOTCH_DEGREES))
            >
                <circle class="mill-wheel__rim" cx="24" cy="24" r="14"></circle>
                <path
                    class="mill-wheel__paddles"
                    d="M24 2v44M2 24h44M8.4 8.4l31.2 31.2M39.6 8.4 8.4 39.6"
                ></path>
                <circle class="mill-wheel__hub" cx="24" cy="24" r="4"></circle>
            </g>
        </svg>
    }
}

fn rotor_class(is_turning: bool) -> String {
    let state = if is_turning { " mill-wheel__rotor--turning" } else { "" };
    format!("mill-wheel__rotor{state}")
}
