//! A wheel that shows the flow of batches.

use leptos::prelude::*;

const NOTCH_DEGREES: u64 = 45;

/// A mill wheel: it turns by one notch whenever the count of batches changes, or steadily. Several batches at once turn
/// it by one notch, so that it never spins too fast.
#[component]
pub fn MillWheel(
    /// Number of batches so far.
    #[prop(into)]
    batches: Signal<u64>,
    /// Whether the wheel turns steadily.
    #[prop(into)]
    is_turning: Signal<bool>,
) -> impl IntoView {
    let turn = Memo::new(move |before: Option<&Turn>| Turn::next(before, batches.get(), is_turning.get()));
    let transform = move || {
        let notches = turn.read().notches;
        (notches > 0).then(|| format!("rotate({}deg)", notches * NOTCH_DEGREES))
    };
    view! {
        // A box around the picture turns, not the SVG: for a turning SVG Chromium recomposes the layers of the page in
        // each frame.
        <div class="mill-wheel" class=("mill-wheel--turning", is_turning) style:transform=transform>
            <svg class="mill-wheel__picture" viewBox="0 0 48 48" aria-hidden="true">
                <circle class="mill-wheel__rim" cx="24" cy="24" r="14"></circle>
                <path class="mill-wheel__paddles" d="M24 2v44M2 24h44M8.4 8.4l31.2 31.2M39.6 8.4 8.4 39.6"></path>
                <circle class="mill-wheel__hub" cx="24" cy="24" r="4"></circle>
            </svg>
        </div>
    }
}

/// The position of the wheel.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Turn {
    /// Number of batches that it shows.
    batches: u64,
    /// Notches since the start.
    notches: u64,
}

impl Turn {
    /// During the steady animation nothing else may set the transform: only then browsers run it without the page.
    fn next(before: Option<&Self>, batches: u64, is_turning: bool) -> Self {
        let Some(before) = before else { return Self { batches, notches: 0 } };
        let is_notch = batches != before.batches && !is_turning;
        Self { batches, notches: before.notches + u64::from(is_notch) }
    }
}
