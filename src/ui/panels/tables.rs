//! The three tables of the newest batch.

use crate::browser::media_query::{MediaQueryWatch, matches};
use crate::ui::components::data_table::DataTable;
use crate::ui::components::segmented::Segmented;
use crate::ui::html::{div, h2, section, span};
use crate::ui::live::{El, Live, State, keep};
use crate::ui::model::quantity::grouped;
use crate::ui::model::verb_text::{MELT_TEXT, pivot_text, rolling_text};
use crate::ui::state::Pipeline;

/// Room for two tables beside each other.
const WIDE: &str = "(min-width: 70rem)";

struct Described {
    name: &'static str,
    sentence: &'static str,
    test_id: &'static str,
}

const TABLES: [Described; 3] = [
    Described {
        name: "latest",
        sentence: "The batch in time order; each row gains an aggregate of all values in the window that ends with it.",
        test_id: "table-latest",
    },
    Described {
        name: "melted",
        sentence: "Wide becomes long: each cell is a row of its own that says whose it is, which column, and what value.",
        test_id: "table-melted",
    },
    Described {
        name: "pivoted",
        sentence: "Long becomes wide: one row for each id, its rows put together by an aggregate.",
        test_id: "table-pivoted",
    },
];

/// Latest, melted and pivoted: side by side where there is room, else one at a time.
#[must_use]
pub fn tables_panel(pipeline: Pipeline) -> El {
    let shown = State::new(0_usize);
    let is_wide = State::new(matches(WIDE));
    keep(MediaQueryWatch::new(WIDE, move |is_match| is_wide.set(is_match)));
    let number = pipeline.text(|frame| {
        let batch = frame.snapshot.batch.as_ref();
        batch.map_or_else(String::new, |batch| format!(" number {}", grouped(batch.number)))
    });
    let verbs: [Live<String>; 3] = [
        pipeline.text(|frame| rolling_text(frame.setting("window"), frame.setting("agg"))),
        Live::new(|| MELT_TEXT.to_owned()),
        pipeline.text(|frame| pivot_text(frame.setting("aggfunc"))),
    ];
    let table = |(index, Described { name, sentence, test_id }): (usize, &'static Described)| {
        let slice = pipeline.table(index);
        let look = move |offset| pipeline.look(|view| view.table_offsets[index] = offset);
        section(&format!("data-table tables__{name}"))
            .label(name)
            .hidden_when(move || !is_wide.get() && shown.get() != index)
            .with(DataTable { name, verb: verbs[index], sentence, test_id, slice }.view(look))
    };
    section("panel tables").attr("aria-labelledby", "tables-title").with([
        div("panel__head").with([
            h2("panel__title").id("tables-title").text("Newest batch").with([span("panel__aside").live(number)]),
            div("tables__choice").hidden_when(is_wide).with([Segmented {
                legend: "Table",
                name: "table",
                selected: shown,
            }
            .view(TABLES.iter().map(|table| table.name), move |index| shown.set(index))]),
        ]),
        div("tables__grid").with_all(TABLES.iter().enumerate().map(table)),
    ])
}
