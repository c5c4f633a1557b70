//! The three tables of the newest batch, and the provenance of their cells.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::chart::ChartContext;
use crate::protocol::{CellRef, Provenance};
use crate::ui::activity_state::Activity;
use crate::ui::components::data_table::{CellEvent, DataTable, Looks};
use crate::ui::components::pandas_line::PandasLine;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::explanation::{Rules, Slices, held_look, row_class, sentence, step_text, stepped};
use crate::ui::model::pandas::{melt_code, pivot_code, rolling_code};
use crate::ui::model::presets::FIVE_SENSORS;
use crate::ui::model::quantity::grouped;
use crate::ui::model::short_instant::date_of;
use crate::ui::model::stage_text::is_streaming;
use crate::ui::model::table_page::PAGE_ROWS;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const INVITATION: &str = "Point at a row, or step from row to row (j, k), to see what it is made of.";

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
        sentence: "rolling: in time order, with an aggregate of the window that ends at each row.",
        test_id: "table-latest",
    },
    Described {
        name: "melted",
        verb: "melt",
        sentence: "melt: wide to long, a row for each cell.",
        test_id: "table-melted",
    },
    Described {
        name: "pivoted",
        verb: "pivot_table",
        sentence: "pivot_table: group by id, an aggregate of each column.",
        test_id: "table-pivoted",
    },
];

/// Latest, melted and pivoted: side by side where there is space, otherwise the first one with that of the chosen verb.
#[component]
pub fn TablesPanel() -> impl IntoView {
    let explanation = Explanation::expect();
    let codes = pandas_codes();
    let has_code = RwSignal::new(false);
    let table = |(index, described)| view! { <BatchTable explanation index described code=codes[index]/> };
    view! {
        <section
            class="panel tables"
            class=("tables--with-code", has_code)
            id="tables"
            aria-labelledby="tables-title"
        >
            <div class="panel__head">
                <h2 class="panel__title" id="tables-title" tabindex="-1">
                    "Newest batch" <span class="panel__aside">{move || explanation.number_text()}</span>
                </h2>
                <Controls explanation has_code/>
            </div>
            <p class="tables__sentence" data-testid="explanation" aria-live=move || explanation.politeness()>
                {move || explanation.sentence()}
            </p>
            <div class="tables__grid">{TABLES.iter().enumerate().map(table).collect_view()}</div>
        </section>
    }
}

/// The pandas code of each verb, with the settings in force.
#[must_use]
pub fn pandas_codes() -> [Signal<String>; 3] {
    let page = Pipeline::expect().page();
    let rules = Memo::new(move |_| {
        if page.is_known().get() {
            Rules::from_settings(&page.settings().read())
        } else {
            // Their texts have the same length as those of the settings that arrive: what is below does not move.
            Rules::usual()
        }
    });
    [
        Signal::derive(move || rolling_code(&rules.read())),
        Signal::derive(move || melt_code(&rules.read())),
        Signal::derive(move || pivot_code(&rules.read())),
    ]
}

/// The choice of a verb, the steps through its table, and the buttons that hold the batch and show the pandas code.
#[component]
fn Controls(
    /// The state of the panel.
    explanation: Explanation,
    /// Whether the pandas code is shown.
    has_code: RwSignal<bool>,
) -> impl IntoView {
    let Explanation { pipeline, chosen, pinned, .. } = explanation;
    let held = pipeline.held();
    let step = move |name: &'static str, sign: &'static str, rows: i64| {
        view! {
            <button
                type="button"
                class="button button--icon"
                aria-label=name
                title=name
                on:click=move |_| explanation.step_row(rows)
            >
                {sign}
            </button>
        }
    };
    let place = move || {
        let total_rows = pipeline.table(chosen.get()).read().page().total_rows;
        step_text(pinned.get(), chosen.get(), total_rows)
    };
    view! {
        <div class="tables__controls">
            <FewIds/>
            <Segmented
                legend="Verb"
                name="verb"
                options=TABLES.iter().map(|table| table.verb).collect()
                selected=chosen
                on_select=move |index| explanation.choose(index)
            />
            <div class="tables__steps" role="group" aria-label="Steps">
                {step("Previous row", "\u{2039}", -1)}
                <span class="tables__place" data-testid="step-place">{place}</span>
                {step("Next row", "\u{203a}", 1)}
            </div>
            <button
                type="button"
                class="button tables__hold"
                aria-pressed=move || held.read().is_some().to_string()
                on:click=move |_| explanation.toggle_hold()
            >
                {move || if held.read().is_some() { "Held" } else { "Hold" }}
                <span class="visually-hidden">" this batch"</span>
            </button>
            <button
                type="button"
                class="button"
                title="The same in pandas"
                aria-pressed=move || has_code.get().to_string()
                on:click=move |_| has_code.update(|has_code| *has_code = !*has_code)
            >
                "pandas"
            </button>
        </div>
    }
}

/// While each event has an id of its own, the pivot puts nothing together: one click makes five ids recur.
#[component]
fn FewIds() -> impl IntoView {
    let (pipeline, activity) = (Pipeline::expect(), Activity::expect());
    let page = pipeline.page();
    let is_idle = Memo::new(move |_| {
        // The usual settings until others are known: what is below does not move.
        !page.is_known().get()
            || pipeline.setting("source") == "simulated" && pipeline.setting("distinct_ids").is_empty()
    });
    let apply = move |_| {
        spawn_local(async move {
            let taken = match pipeline.plan(FIVE_SENSORS.title, &FIVE_SENSORS.all_changes()) {
                Ok(step) => pipeline.take(step).await,
                Err(sentences) => Err(sentences),
            };
            if let Err(sentences) = taken {
                activity.fail(&sentences.join(" "));
            }
        });
    };
    view! {
        <button
            type="button"
            class="button button--quiet tables__few-ids"
            title=FIVE_SENSORS.sentence
            hidden=move || !is_idle.get()
            on:click=apply
        >
            "Try five sensors"
        </button>
    }
}

/// A table with its sentence and the code of its verb.
#[component]
fn BatchTable(
    /// The state of the panel.
    explanation: Explanation,
    /// Its index among the tables.
    index: usize,
    /// Its texts.
    described: &'static Described,
    /// The code of its verb.
    code: Signal<String>,
) -> impl IntoView {
    let Described { name, sentence, test_id, .. } = *described;
    let pipeline = explanation.pipeline;
    view! {
        // Narrow pages show the first table, which the others are computed from, and that of the chosen verb.
        <section
            class=format!("data-table tables__{name}")
            class=("tables__unchosen", move || explanation.chosen.get() != index)
            aria-label=name
        >
            <DataTable
                name
                sentence
                test_id
                slice=pipeline.table(index)
                looks=explanation.looks(index)
                on_offset=move |offset| pipeline.look(|view| view.table_offsets[index] = offset)
            >
                <PandasLine test_id=format!("pandas-{name}") text=code/>
            </DataTable>
        </section>
    }
}

/// The state of the provenance display: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct Explanation {
    pipeline: Pipeline,
    /// The verb whose table can be stepped through; on narrow pages only its table is beside the first one.
    chosen: RwSignal<usize>,
    /// The row under the pointer.
    hovered: RwSignal<Option<CellRef>>,
    /// The pinned row.
    pinned: RwSignal<Option<CellRef>>,
    /// The provenance of either, once it is computed.
    provenance: Memo<Provenance>,
    /// The measure that sentences are about: the chart's own.
    measure: Memo<String>,
    /// Rows of the whole table `latest`: `melted` has a block of as many for each of its columns.
    block_rows: Memo<u32>,
    /// Whether batches arrive too fast to announce sentences about them.
    is_fast: Memo<bool>,
}

impl Explanation {
    /// Nothing is pointed at.
    #[must_use]
    pub fn new(pipeline: Pipeline, chart: ChartContext) -> Self {
        let (hovered, pinned) = (RwSignal::new(None::<CellRef>), RwSignal::new(None));
        let selected = Memo::new(move |_| hovered.get().or_else(|| pinned.get()));
        // The worker has no provenance for a held batch.
        Effect::new(move || {
            let look = selected.get().filter(|_| pipeline.held().read().is_none());
            pipeline.look(|view| view.look = look);
        });
        Self {
            pipeline,
            chosen: RwSignal::default(),
            hovered,
            pinned,
            provenance: Memo::new(move |_| selected.get().map(|look| provenance(pipeline, look)).unwrap_or_default()),
            measure: Memo::new(move |_| chart.measure()),
            block_rows: Memo::new(move |_| pipeline.table(0).read().page().total_rows),
            is_fast: Memo::new(move |_| is_streaming(pipeline.page().rates().read().batches)),
        }
    }

    /// The state that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// Chooses a verb, whose table can then be stepped through.
    pub fn choose(self, verb: usize) {
        self.chosen.set(verb);
        self.pinned.set(None);
    }

    /// Moves by some rows in the table of the chosen verb.
    pub fn step_row(self, rows: i64) {
        self.step(self.chosen.get_untracked(), rows);
    }

    /// Holds the batch, or follows the newest again.
    pub fn toggle_hold(self) {
        let is_free = self.pipeline.held().with_untracked(Option::is_none);
        self.pipeline.hold(is_free);
    }

    /// The number of the batch, its date, and the number of batches since it is held.
    fn number_text(self) -> String {
        let newest = self.pipeline.page().batch().read().as_ref().map_or(0, |batch| batch.number);
        match (&*self.pipeline.held().read(), newest) {
            (Some(held), _) => {
                let since = grouped(newest.saturating_sub(held.number));
                format!(" number {}, held; {since} since", grouped(held.number))
            }
            (None, 0) => String::new(),
            (None, newest) => format!(" number {}{}", grouped(newest), self.date_text()),
        }
    }

    /// `, 2025-06-01`: the cells show the time of day alone.
    fn date_text(self) -> String {
        match date_of(self.pipeline.table(0).read().cell(0, 0)) {
            "" => String::new(),
            date => format!(", {date}"),
        }
    }

    fn sentence(self) -> String {
        let provenance = self.provenance.read();
        if provenance.look.is_none() {
            return INVITATION.to_owned();
        }
        let held = self.pipeline.held().with(|held| held.as_ref().map(|held| held.rules.clone()));
        let rules = held.or_else(|| self.pipeline.peek(|page| Rules::from_settings(&page.settings)));
        sentence(&provenance, &slices(self.pipeline), &rules.unwrap_or_default().about(&self.measure.read()))
    }

    /// The `aria-live` value of the sentence.
    fn politeness(self) -> &'static str {
        if self.is_fast.get() && self.pipeline.held().read().is_none() { "off" } else { "polite" }
    }

    /// The marks and events of a table.
    fn looks(self, index: usize) -> Looks {
        let mark = move |row| row_class(&self.provenance.read(), index, row, self.block_rows.get());
        let on_page = move |position| {
            let offset = self.pipeline.table(index).read_untracked().page().offset;
            Some(CellRef { table: index as u8, row: offset + position })
        };
        let on_event = move |event| match event {
            CellEvent::Over(position) => self.point(on_page(position)),
            CellEvent::Leave => self.point(None),
            // A second click unpins the row.
            CellEvent::Pick(position) => {
                self.pinned.update(|pinned| *pinned = on_page(position).filter(|cell| *pinned != Some(*cell)));
            }
            CellEvent::Step(rows) => self.step(index, rows),
            CellEvent::Drop => self.pinned.set(None),
        };
        Looks { mark: Callback::new(mark), on_event: Callback::new(on_event), pinned: self.pinned.into() }
    }

    /// Points at a row. `pointermove` comes for each pixel, but the row is written only when it is another one.
    fn point(self, row: Option<CellRef>) {
        self.hovered.maybe_update(|hovered| std::mem::replace(hovered, row) != row);
    }

    /// Moves by a number of rows in a table, to another page where needed.
    fn step(self, table: usize, rows: i64) {
        let slice = self.pipeline.table(table).get_untracked();
        let is_held = self.pipeline.held().with_untracked(Option::is_some);
        let at = self.pinned.get_untracked().filter(|cell| usize::from(cell.table) == table).map(|cell| cell.row);
        let Some(row) = stepped(&slice, at, rows, is_held) else { return };
        if slice.cell_of(row, 0).is_empty() {
            self.pipeline.look(|view| view.table_offsets[table] = row / PAGE_ROWS * PAGE_ROWS);
        }
        self.point(None);
        self.pinned.set(Some(CellRef { table: table as u8, row }));
    }
}

/// The provenance of a cell, empty until the worker has computed it; for a held batch the page computes it.
fn provenance(pipeline: Pipeline, look: CellRef) -> Provenance {
    match &*pipeline.held().read() {
        Some(held) => held_look(&slices(pipeline), look, &held.rules, pipeline.clock()),
        None => pipeline.provenance().get().filter(|known| known.look == Some(look)).unwrap_or_default(),
    }
}

fn slices(pipeline: Pipeline) -> Slices {
    [0, 1, 2].map(|index| pipeline.table(index).get())
}
