//! Slots for notifications.

use leptos::prelude::*;

use crate::ui::model::decimal::fixed;
use crate::ui::model::news::{News, Note, Work};

/// The slot of a note: empty, or its text with a button that dismisses it. It stays on the page, since screen readers
/// only announce changes of elements that exist already.
#[component]
pub fn NoteToast(
    /// All notifications.
    news: RwSignal<News>,
    /// The slot.
    place: usize,
) -> impl IntoView {
    let is_error = move || news.read().note(place).is_some_and(|note| note.is_error);
    view! {
        <div class="toast" class=("toast--broken", is_error) hidden=move || news.read().note(place).is_none()>
            <div class="toast__text" role=move || if is_error() { "alert" } else { "status" }>
                {move || news.read().note(place).map(Note::text)}
            </div>
            <button
                type="button"
                class="button button--quiet"
                on:click=move |_| news.update(|news| news.dismiss(place))
            >
                "Dismiss"
            </button>
        </div>
    }
}

/// The slot of running work: title, progress, and a button that cancels it.
#[component]
pub fn WorkToast(
    /// All notifications.
    news: RwSignal<News>,
    /// The slot.
    place: usize,
) -> impl IntoView {
    let text = move |of: fn(&Work) -> &str| move || news.read().work(place).map(|work| of(work).to_owned());
    let share = move || news.read().work(place).and_then(|work| work.share);
    let can_stop = move || news.read().work(place).is_some_and(|work| work.can_stop);
    let is_stopped = move || news.read().work(place).is_some_and(|work| work.is_stopped);
    view! {
        <div class="toast" hidden=move || news.read().work(place).is_none()>
            <div class="toast__text" role="status">
                {text(|work| &work.title)}
            </div>
            <progress
                max="1"
                aria-label="Progress"
                value=move || share().map(|share| fixed(share, 2))
                hidden=move || share().is_none()
            ></progress>
            <progress aria-label="Progress" hidden=move || share().is_some()></progress>
            <span class="toast__standing">{text(|work| &work.standing)}</span>
            <button
                type="button"
                class="button button--quiet"
                hidden=move || !can_stop()
                disabled=is_stopped
                on:click=move |_| news.update(|news| news.stop(place))
            >
                "Cancel"
            </button>
        </div>
    }
}
