//! The three tables of the newest batch.

use leptos::prelude::*;

use crate::browser::media_query::{MediaQueryWatch, matches};
use crate::ui::components::data_table::DataTable;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::quantity::grouped;
use crate::ui::model::verb_text::{MELT_TEXT, pivot_text, rolling_text};
use crate::ui::signals::flag;
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
#[component]
pub fn TablesPanel() -> impl IntoView {
    let pipeline = expect_context::<Pipeline>();
    let shown = RwSignal::new(0_usize);
    let is_wide = RwSignal::new(matches(WIDE));
    let watch = StoredValue::new_local(MediaQueryWatch::new(WIDE, move |is_match| is_wide.set(is_match)));
    on_cleanup(move || watch.set_value(None));
    let number = pipeline.text(|frame| {
        let batch = frame.snapshot.batch.as_ref();
        batch.map_or_else(String::new, |batch| format!(" number {}", grouped(batch.number)))
    });
    let verbs: [Signal<String>; 3] = [
        pipeline.text(|frame| rolling_text(frame.setting("window"), frame.setting("agg"))),
        Signal::stored(MELT_TEXT.to_owned()),
        pipeline.text(|frame| pivot_text(frame.setting("aggfunc"))),
    ];
    let tables = TABLES
        .iter()
        .enumerate()
        .map(|(index, table)| {
            let look = move |offset| pipeline.look(|view| view.table_offsets[index] = offset);
            view! {
                <section
                    class=format!("data-table tables__{}", table.name)
                    aria-label=table.name
                    hidden=flag(move || !is_wide.get() && shown.get() != index)
                >
                    <DataTable
                        name=table.name
                        verb=verbs[index]
                        sentence=table.sentence
                        test_id=table.test_id
                        slice=pipeline.table(index)
                        on_offset=Callback::new(look)
                    />
                </section>
            }
        })
        .collect_view();
    view! {
        <section class="panel tables" aria-labelledby="tables-title">
            <div class="panel__head">
                <h2 class="panel__title" id="tables-title">
                    "Newest batch"
                    <span class="panel__aside">{number}</span>
                </h2>
                <div class="tables__choice" hidden=flag(move || is_wide.get())>
                    <Segmented
                        legend="Table"
                        name="table"
                        options=TABLES.iter().map(|table| table.name).collect()
                        selected=shown
                        on_select=Callback::new(move |index| shown.set(index))
                    />
                </div>
            </div>
            <div class="tables__grid">{tables}</div>
        </section>
    }
}
