//! The refused rows.

use leptos::prelude::*;

use crate::protocol::RejectedRow;
use crate::ui::model::quantity::counted;
use crate::ui::state::Pipeline;

/// The newest refused rows with their reasons.
#[component]
pub fn DeadLettersPanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let summary = pipeline.text(|frame| summary_text(frame.snapshot.counters.rejected));
    let rows = pipeline.rejected();
    let list = move || rows.get().into_iter().map(letter).collect_view();
    view! {
        <section class="panel dead-letters" aria-labelledby="dead-letters-title">
            <h2 class="panel__title" id="dead-letters-title">
                "Dead letters"
            </h2>
            <p class="panel__sentence">
                {summary}
            </p>
            <ul class="dead-letters__list" data-testid="dead-letters">
                {list}
            </ul>
        </section>
    }
}

fn summary_text(total: u64) -> String {
    match total {
        0 => "No row has been refused.".to_owned(),
        total => format!("{} refused; the newest are here, up to 1000 at /rejected.", counted(total, "row")),
    }
}

fn letter(row: RejectedRow) -> impl IntoView {
    let place = row.row.map_or_else(|| row.source.clone(), |number| format!("{}, row {number}", row.source));
    view! {
        <li class="dead-letters__letter">
            <span class="dead-letters__reason">{row.reason}</span>
            <code class="dead-letters__input">{row.input}</code>
            <span class="dead-letters__place">{place} " at " <time>{row.arrived}</time></span>
        </li>
    }
}
