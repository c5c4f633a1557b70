//! Slots for notifications.

use crate::ui::html::{button, div, span};
use crate::ui::live::{El, State};
use crate::ui::model::decimal::fixed;
use crate::ui::model::news::{News, Note, Work};

/// The slot of a note: empty, or its text with a button that dismisses it. It stays on the page, since screen readers
/// only announce changes of elements that exist already.
#[must_use]
pub fn note_toast(news: State<News>, place: usize) -> El {
    let is_error = move || news.read().note(place).is_some_and(|note| note.is_error);
    div("toast")
        .live_class(move || if is_error() { "toast toast--broken" } else { "toast" }.to_owned())
        .hidden_when(move || news.read().note(place).is_none())
        .with([
            div("toast__text")
                .live_attr("role", move || if is_error() { "alert" } else { "status" }.to_owned())
                .live(move || news.read().note(place).map(Note::text).unwrap_or_default()),
            button("button button--quiet", "Dismiss").on_click(move || news.update(|news| news.dismiss(place))),
        ])
}

/// The slot of running work: title, progress, and a button that cancels it.
#[must_use]
pub fn work_toast(news: State<News>, place: usize) -> El {
    let of = move |text: fn(&Work) -> String| move || news.read().work(place).map(text).unwrap_or_default();
    let share = of(|work| work.share.map(|share| fixed(share, 2)).unwrap_or_default());
    let bar = El::new("progress").attr("max", "1").label("Progress");
    let (known, unknown) = (bar.live_attr("value", share), El::new("progress").label("Progress"));
    div("toast").hidden_when(move || news.read().work(place).is_none()).with([
        div("toast__text").role("status").live(of(|work| work.title.clone())),
        known.hidden_when(move || share().is_empty()),
        unknown.hidden_when(move || !share().is_empty()),
        span("toast__standing").live(of(|work| work.standing.clone())),
        button("button button--quiet", "Cancel")
            .hidden_when(move || news.read().work(place).is_none_or(|work| !work.can_stop))
            .disabled_when(move || news.read().work(place).is_some_and(|work| work.is_stopped))
            .on_click(move || news.update(|news| news.stop(place))),
    ])
}
