//! The panel of the dead letters.

use leptos::prelude::*;

use crate::protocol::RejectedRow;
use crate::ui::model::quantity::counted;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

/// The newest dead letters with their reasons.
#[component]
pub fn DeadLettersPanel() -> impl IntoView {
    let page = Pipeline::expect().page();
    let total = Memo::new(move |_| page.counters().read().rejected);
    let letters = move || page.rejected().read().iter().map(|row| view! { <Letter row=row.clone()/> }).collect_view();
    view! {
        <section class="panel dead-letters" aria-labelledby="dead-letters-title">
            <h2 class="panel__title" id="dead-letters-title" tabindex="-1">"Refused rows"</h2>
            <p class="panel__sentence">{move || page.is_known().get().then(|| summary_text(total.get()))}</p>
            <ul class="dead-letters__list" data-testid="dead-letters">{letters}</ul>
        </section>
    }
}

/// A refused row: why, its input, and its place.
#[component]
fn Letter(
    /// The row.
    row: RejectedRow,
) -> impl IntoView {
    let RejectedRow { arrived, source, row, line, reason, input } = row;
    let row = row.map(|number| format!(", row {number}")).unwrap_or_default();
    let line = line.map(|number| format!(" (line {number})")).unwrap_or_default();
    let place = format!("{source}{row}{line}");
    view! {
        <li class="dead-letters__letter">
            <span class="dead-letters__reason">{reason}</span>
            <code class="dead-letters__input">{input}</code>
            <span class="dead-letters__place">{place} " at " <time>{arrived}</time></span>
        </li>
    }
}

fn summary_text(total: u64) -> String {
    match total {
        0 => "No row has been refused.".to_owned(),
        total => format!("{} refused; the newest are here, up to 1000 at /rejected.", counted(total, "row")),
    }
}
