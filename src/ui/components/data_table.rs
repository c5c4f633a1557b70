//! A table with pages.

use leptos::html::Tbody;
use leptos::prelude::*;

use super::pager::Pager;
use crate::browser::scroll::scroll_near;
use crate::protocol::CellRef;
use crate::ui::model::short_instant::short_instant;
use crate::ui::model::table_slice::TableSlice;

/// The prefix of the classes of the selected row.
const MADE: &str = "data-table__row--made";

/// Columns of a table that fits, whatever its width: those of one measure.
const NARROW_COLUMNS: usize = 4;

/// Characters that a column of numbers has room for at every width.
const FITTING: usize = 9;

/// Marks and events of the rows, by pointer or by keys in the scroll region.
#[derive(Clone, Copy)]
pub struct Looks {
    /// The classes of a row, by its number in the whole table.
    pub mark: Callback<u32, &'static str>,
    /// Called with each event.
    pub on_event: Callback<CellEvent>,
    /// The pinned cell; when it changes, the marks scroll into view.
    pub pinned: Signal<Option<CellRef>>,
}

impl Default for Looks {
    /// Rows without marks, whose events have no effect.
    fn default() -> Self {
        Self { mark: Callback::new(|_| ""), on_event: Callback::new(|_| ()), pinned: Signal::stored(None) }
    }
}

/// An event of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellEvent {
    /// The pointer is over the row.
    Over(u32),
    /// The pointer left the rows.
    Leave,
    /// The row was clicked.
    Pick(u32),
    /// Moves by this number of rows.
    Step(i64),
    /// Clears the selection.
    Drop,
}

impl CellEvent {
    /// The event of a key in the scroll region; other keys keep the browser's default.
    fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowDown" => Self::Step(1),
            "ArrowUp" => Self::Step(-1),
            "Home" => Self::Step(i64::MIN),
            "End" => Self::Step(i64::MAX),
            "Escape" => Self::Drop,
            _ => return None,
        })
    }
}

/// The parts of a table, from its head to its pager.
#[component]
pub fn DataTable(
    /// Its key in the response: `latest`, `melted` or `pivoted`.
    name: &'static str,
    /// The description of the verb, in one sentence.
    sentence: &'static str,
    /// The test id.
    test_id: &'static str,
    /// The visible rows.
    #[prop(into)]
    slice: Signal<TableSlice>,
    /// Row marks and events.
    looks: Looks,
    /// Called with the offset of the page to show.
    #[prop(into)]
    on_offset: Callback<u32>,
    /// The code of the verb.
    children: Children,
) -> impl IntoView {
    view! {
        <header class="data-table__head">
            <h3 class="data-table__name">{name}</h3>
            <span class="data-table__shape" title="rows \u{d7} columns">{move || slice.read().shape_text()}</span>
            <p class="data-table__sentence" title=sentence>{sentence}</p>
        </header>
        {children()}
        <div
            class="data-table__scroll"
            tabindex="0"
            role="region"
            aria-label=format!("Rows of {name}; arrow keys go from row to row")
            on:keydown=move |event| {
                if let Some(cell_event) = CellEvent::of_key(&event.key()) {
                    looks.on_event.run(cell_event);
                    event.prevent_default();
                }
            }
            on:pointerleave=move |_| looks.on_event.run(CellEvent::Leave)
        >
            <Grid slice test_id looks/>
            <p class="data-table__empty" hidden=move || slice.read().visible_rows() != 0>
                "The first batch comes when enough events wait."
            </p>
        </div>
        <Pager name slice on_offset/>
    }
}

/// Heading and rows. Rows are keyed by their position on the page, and their cells change in place.
#[component]
pub fn Grid(
    /// The visible rows.
    #[prop(into)]
    slice: Signal<TableSlice>,
    /// The test id.
    test_id: &'static str,
    /// Row marks and events.
    #[prop(optional)]
    looks: Looks,
) -> impl IntoView {
    let body = NodeRef::<Tbody>::new();
    let first_row = Memo::new(move |_| slice.read().page().offset);
    let visible_rows = Memo::new(move |_| slice.read().visible_rows() as u32);
    let is_wide = move || slice.read().columns().len() > NARROW_COLUMNS;
    let reveal_first = move |is_wanted: fn(&str) -> bool| {
        Effect::new(move |revealed: Option<Option<CellRef>>| {
            let pinned = looks.pinned.get();
            if pinned.is_none() || revealed.flatten() == pinned {
                return pinned;
            }
            let position = (0..visible_rows.get()).find(|row| is_wanted(looks.mark.run(first_row.get() + row)))?;
            scroll_near(&body.get()?.rows().item(position)?);
            pinned
        });
    };
    // The selected row comes last: where not all marks have space, it stays in view.
    reveal_first(|mark| !mark.is_empty() && !mark.starts_with(MADE));
    reveal_first(|mark| mark.starts_with(MADE));
    let headings = move || {
        let heading = |name: &String| view! { <th class=cell_class(name) scope="col">{name.clone()}</th> };
        slice.read().columns().iter().map(heading).collect_view()
    };
    view! {
        <table class="data-table__table" class=("data-table__table--wide", is_wide) data-testid=test_id>
            <thead>
                <tr>{headings}</tr>
            </thead>
            <tbody node_ref=body>
                <For each=move || 0..visible_rows.get() key=|position| *position let:position>
                    <Row slice position first_row looks/>
                </For>
            </tbody>
        </table>
    }
}

/// A row. All its cells are one effect: an effect for each cell costs more at 30 batches a second.
#[component]
fn Row(
    /// The visible rows.
    slice: Signal<TableSlice>,
    /// Its position on the page.
    position: u32,
    /// The number of the first visible row in the whole table.
    first_row: Memo<u32>,
    /// Row marks and events.
    looks: Looks,
) -> impl IntoView {
    let cells = move || {
        let slice = slice.read();
        let cell = |(column, name): (usize, &String)| {
            let whole = slice.cell(position as usize, column);
            let shown = short_instant(whole);
            let is_long = shown.len() > FITTING;
            // What may be cut is whole on hover.
            let title = (shown != whole || is_long).then(|| whole.to_owned());
            view! {
                <td class=cell_class(name) class=("data-table__cell--long", is_long) title=title>
                    {shown.to_owned()}
                </td>
            }
        };
        slice.columns().iter().enumerate().map(cell).collect_view()
    };
    view! {
        <tr
            class=move || looks.mark.run(first_row.get() + position)
            // Not `pointerenter`, which also fires when rows scroll under a resting pointer.
            on:pointermove=move |_| looks.on_event.run(CellEvent::Over(position))
            on:click=move |_| looks.on_event.run(CellEvent::Pick(position))
        >
            {cells}
        </tr>
    }
}

fn cell_class(column: &str) -> &'static str {
    match column {
        "id" => "data-table__cell data-table__cell--id",
        "timestamp" => "data-table__cell data-table__cell--time",
        "variable" => "data-table__cell",
        _ => "data-table__cell data-table__cell--number",
    }
}
