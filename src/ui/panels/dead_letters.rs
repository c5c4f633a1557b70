//! The panel of the dead letters.

use crate::protocol::RejectedRow;
use crate::ui::html::{code, h2, li, p, section, span, ul};
use crate::ui::live::El;
use crate::ui::model::quantity::counted;
use crate::ui::state::Pipeline;

/// The newest dead letters with their reasons.
#[must_use]
pub fn dead_letters_panel(pipeline: Pipeline) -> El {
    let summary = pipeline.text(|frame| summary_text(frame.snapshot.counters.rejected));
    let rejected = pipeline.rejected();
    section("panel dead-letters").attr("aria-labelledby", "dead-letters-title").with([
        h2("panel__title").id("dead-letters-title").text("Dead letters"),
        p("panel__sentence").live(summary),
        ul("dead-letters__list").test_id("dead-letters").swap(move || rejected.read().iter().map(letter).collect()),
    ])
}

fn summary_text(total: u64) -> String {
    match total {
        0 => "No row has been refused.".to_owned(),
        total => format!("{} refused; the newest are here, up to 1000 at /rejected.", counted(total, "row")),
    }
}

fn letter(row: &RejectedRow) -> El {
    let place = row.row.map_or_else(|| row.source.clone(), |number| format!("{}, row {number}", row.source));
    li("dead-letters__letter").with([
        span("dead-letters__reason").text(&row.reason),
        code("dead-letters__input").text(&row.input),
        span("dead-letters__place").text(&place).text(" at ").with([El::new("time").text(&row.arrived)]),
    ])
}
