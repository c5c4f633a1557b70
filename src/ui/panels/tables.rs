//! The three tables of the newest batch, and the provenance of their cells.

use std::rc::Rc;

use leptos::prelude::untrack;

use crate::browser::media_query::{MediaQueryWatch, matches};
use crate::protocol::{CellRef, Provenance};
use crate::ui::components::data_table::{CellEvent, DataTable, Looks};
use crate::ui::components::pandas_line::pandas_line;
use crate::ui::components::segmented::Segmented;
use crate::ui::html::{button, div, h2, p, section, span};
use crate::ui::live::{El, Live, State, effect, keep};
use crate::ui::model::explanation::{Rules, Slices, held_look, row_class, sentence, step_text, stepped};
use crate::ui::model::pandas::{MELT_CODE, pivot_code, rolling_code};
use crate::ui::model::quantity::grouped;
use crate::ui::model::stage_text::is_streaming;
use crate::ui::model::table_page::PAGE_ROWS;
use crate::ui::state::Pipeline;

/// Space for two tables side by side.
const WIDE: &str = "(min-width: 70rem)";
const INVITATION: &str = "Point at a row, or step from row to row, to see what it is made of.";

struct Described {
    name: &'static str,
    verb: &'static str,
    sentence: &'static str,
    test_id: &'static str,
}

const TABLES: [Described; 3] = [
    Described {
        name: "latest",
        verb: "rolling",
        sentence: "The batch in time order; each row gains an aggregate of all values in the window that ends with it.",
        test_id: "table-latest",
    },
    Described {
        name: "melted",
        verb: "melt",
        sentence: "Wide becomes long: each cell is a row of its own that says whose it is, which column, and what value.",
        test_id: "table-melted",
    },
    Described {
        name: "pivoted",
        verb: "pivot_table",
        sentence: "Long becomes wide: one row for each id, its rows put together by an aggregate.",
        test_id: "table-pivoted",
    },
];

/// The state of the provenance display.
#[derive(Clone, Copy)]
struct Explanation {
    pipeline: Pipeline,
    /// The verb whose table can be stepped through; on narrow pages only its table is beside the first one.
    chosen: State<usize>,
    /// The row under the pointer.
    hovered: State<Option<CellRef>>,
    /// The pinned row.
    pinned: State<Option<CellRef>>,
    /// The provenance of either, once it is computed.
    provenance: State<Provenance>,
    /// The number of the newest batch, 0 before the first.
    newest: Live<u64>,
    /// Whether batches arrive too fast to announce sentences about them.
    is_fast: Live<bool>,
}

/// Latest, melted and pivoted: side by side where there is space, otherwise the first one with that of the chosen verb.
#[must_use]
pub fn tables_panel(pipeline: Pipeline) -> El {
    let explanation = Explanation {
        pipeline,
        chosen: State::new(0),
        hovered: State::new(None),
        pinned: State::new(None),
        provenance: State::new(Provenance::default()),
        newest: pipeline.number(|frame| frame.snapshot.batch.as_ref().map_or(0, |batch| batch.number)),
        is_fast: pipeline.flag(|frame| is_streaming(frame.rates.batches)),
    };
    let is_wide = State::new(matches(WIDE));
    keep(MediaQueryWatch::new(WIDE, move |is_match| is_wide.set(is_match)));
    effect(move || explanation.follow());
    let codes = pandas_codes(pipeline);
    let table = |(index, described): (usize, &'static Described)| {
        let Described { name, sentence, test_id, .. } = *described;
        let is_aside = move || !is_wide.get() && explanation.chosen.get() != index;
        let code = pandas_line(&format!("pandas-{name}"), codes[index]).hidden_when(is_aside);
        let slice = pipeline.table(index);
        let turn = move |offset| pipeline.look(|view| view.table_offsets[index] = offset);
        section(&format!("data-table tables__{name}"))
            .label(name)
            // The other tables are computed from the first one.
            .hidden_when(move || index > 0 && is_aside())
            .with(DataTable { name, sentence, test_id, slice, looks: explanation.looks(index) }.view(code, turn))
    };
    section("panel tables").id("tables").attr("tabindex", "-1").attr("aria-labelledby", "tables-title").with([
        div("panel__head").with([
            h2("panel__title")
                .id("tables-title")
                .text("Newest batch")
                .with([span("panel__aside").live(move || explanation.number_text())]),
            explanation.controls(),
        ]),
        p("tables__sentence")
            .test_id("explanation")
            .live_attr("aria-live", move || explanation.manner().to_owned())
            .live(move || explanation.sentence()),
        div("tables__grid").with_all(TABLES.iter().enumerate().map(table)),
    ])
}

/// The pandas code of each verb, with the settings in force.
#[must_use]
pub fn pandas_codes(pipeline: Pipeline) -> [Live<String>; 3] {
    // Default rules have texts of the same length before the settings arrive: what is below does not move.
    let code = |of: fn(&Rules) -> String| {
        Live::new(move || {
            of(&pipeline.follow(|frame| Rules::from_settings(&frame.snapshot.settings)).unwrap_or_else(Rules::usual))
        })
    };
    [code(rolling_code), Live::new(|| MELT_CODE.to_owned()), code(pivot_code)]
}

impl Explanation {
    /// The choice of a verb, the steps through its table, and the button that holds the batch.
    fn controls(self) -> El {
        let Self { pipeline, chosen, pinned, .. } = self;
        let held = pipeline.held();
        let step = move |label: &str, steps| button("button", label).on_click(move || self.step(*chosen.peek(), steps));
        let place = move || {
            let total = pipeline.table(chosen.get()).read().page().total_rows;
            step_text(pinned.get(), chosen.get(), total)
        };
        div("tables__controls").with([
            Segmented { legend: "Verb", name: "verb", selected: chosen }.view(
                TABLES.iter().map(|table| table.verb),
                move |index| {
                    chosen.set(index);
                    pinned.set(None);
                },
            ),
            div("tables__steps").role("group").label("Steps").with([
                step("Previous", -1),
                span("tables__place").test_id("step-place").live(place),
                step("Next", 1),
            ]),
            button("button tables__hold", "Hold this batch")
                .live_attr("aria-pressed", move || held.read().is_some().to_string())
                .on_click(move || pipeline.hold(untrack(|| held.read().is_none()))),
        ])
    }

    /// The number of the batch, and the number of batches since it is held.
    fn number_text(self) -> String {
        let newest = self.newest.get();
        match (&*self.pipeline.held().read(), newest) {
            (Some(held), _) => {
                let since = grouped(newest.saturating_sub(held.number));
                format!(" number {}, held; {since} since", grouped(held.number))
            }
            (None, 0) => String::new(),
            (None, newest) => format!(" number {}", grouped(newest)),
        }
    }

    /// Requests the provenance of the selected cell. The worker has none for a held batch: then the page computes it.
    fn follow(self) {
        let look = self.hovered.get().or_else(|| self.pinned.get());
        let held = self.pipeline.held().read();
        let asked = look.filter(|_| held.is_none());
        self.pipeline.look(|view| view.look = asked);
        let provenance = match (look, &*held) {
            (Some(look), Some(held)) => Some(held_look(&self.slices(), look, &held.rules)),
            (look, _) => self.pipeline.provenance().get().filter(|provenance| provenance.look == look),
        };
        let provenance = provenance.unwrap_or_default();
        if *self.provenance.peek() != provenance {
            self.provenance.set(provenance);
        }
    }

    fn slices(self) -> Slices {
        [0, 1, 2].map(|index| self.pipeline.table(index).get())
    }

    fn sentence(self) -> String {
        let provenance = self.provenance.read();
        if provenance.look.is_none() {
            return INVITATION.to_owned();
        }
        let held = self.pipeline.held().read().as_ref().map(|held| held.rules.clone());
        let rules = held.or_else(|| self.pipeline.peek(|frame| Rules::from_settings(&frame.snapshot.settings)));
        sentence(&provenance, &self.slices(), &rules.unwrap_or_default())
    }

    /// The `aria-live` value of the sentence.
    fn manner(self) -> &'static str {
        if self.is_fast.get() && self.pipeline.held().read().is_none() { "off" } else { "polite" }
    }

    fn looks(self, index: usize) -> Looks {
        let mark = move |row| {
            let melted_rows = self.pipeline.table(1).read().page().total_rows;
            row_class(&self.provenance.read(), index, row, melted_rows)
        };
        let on_page = move |row| {
            let offset = self.pipeline.table(index).peek().page().offset;
            Some(CellRef { table: index as u8, row: offset + row })
        };
        let on_event = move |touch| match touch {
            CellEvent::Over(row) => self.point(on_page(row)),
            CellEvent::Leave => self.point(None),
            // A second click unpins the row.
            CellEvent::Pick(row) => {
                self.pinned.update(|pinned| *pinned = on_page(row).filter(|row| *pinned != Some(*row)))
            }
            CellEvent::Step(steps) => self.step(index, steps),
            CellEvent::Drop => self.pinned.set(None),
        };
        Looks { mark: Rc::new(mark), on_event: Rc::new(on_event), pinned: self.pinned }
    }

    fn point(self, row: Option<CellRef>) {
        if *self.hovered.peek() != row {
            self.hovered.set(row);
        }
    }

    /// Moves by a number of rows in a table, to another page where needed.
    fn step(self, table: usize, steps: i64) {
        let slice = self.pipeline.table(table).peek();
        let is_held = self.pipeline.held().peek().is_some();
        let at = self.pinned.peek().filter(|look| usize::from(look.table) == table).map(|look| look.row);
        let Some(row) = stepped(&slice, at, steps, is_held) else { return };
        if slice.cell_of(row, 0).is_empty() {
            self.pipeline.look(|view| view.table_offsets[table] = row / PAGE_ROWS * PAGE_ROWS);
        }
        drop(slice);
        self.point(None);
        self.pinned.set(Some(CellRef { table: table as u8, row }));
    }
}
