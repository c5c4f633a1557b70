//! A table of millions of rows that has elements only for the rows in view.
//!
//! Row `n` is always on line `n % DRAWN_ROWS`: a row keeps its elements while it is drawn, and scrolling by four rows
//! changes the texts of four lines. Nothing is created while the table scrolls.

use leptos::ev::{Event, KeyboardEvent};
use leptos::html::Div;
use leptos::prelude::*;

use crate::ui::model::history_table::{COLUMNS, Page, PageRow};
use crate::ui::model::row_selection::RowSelection;
use crate::ui::model::virtual_scroll::{DRAWN_ROWS, VirtualScroll, turned_lines};

/// The columns, as parts of class names.
const KINDS: [&str; COLUMNS] = ["timestamp", "id", "value", "moving"];
/// The column of the ids, which can be cut.
const ID: usize = 1;

/// A table that scrolls through more rows than a page can hold.
#[component]
pub fn VirtualTable(
    /// The label, for screen readers.
    label: &'static str,
    /// The loaded rows.
    #[prop(into)]
    page: Signal<Page>,
    /// The scroll position.
    scroll: RwSignal<VirtualScroll>,
    /// The active and the selected rows.
    selection: RwSignal<RowSelection>,
    /// Copies the selected rows.
    #[prop(into)]
    on_copy: Callback<()>,
    /// One [`ColumnHeading`] for each column.
    children: Children,
) -> impl IntoView {
    let (scroller, lines) = (NodeRef::<Div>::new(), NodeRef::<Div>::new());
    keep_order(lines, scroll);
    let press = move |event: KeyboardEvent| {
        let is_command = event.ctrl_key() || event.meta_key();
        if is_command && event.key() == "c" {
            on_copy.run(());
        } else if event.alt_key() || !apply_key(&event.key(), event.shift_key(), scroll, selection) {
            return;
        }
        event.prevent_default();
    };
    // A row that is not loaded is not announced: its line still has the text of another row.
    let active_id = move || {
        let loaded = selection.read().active().filter(|row| page.read().row(*row).is_some());
        loaded.map(row_id).unwrap_or_default()
    };
    view! {
        <div
            class="virtual-table"
            role="grid"
            aria-label=label
            tabindex="0"
            aria-multiselectable="true"
            aria-colcount=COLUMNS
            aria-rowcount=move || u64::from(scroll.read().total_rows()) + 1
            aria-activedescendant=active_id
            node_ref=scroller
            on:scroll=follow_scroller(scroller, scroll)
            on:keydown=press
        >
            <div class="virtual-table__head" role="rowgroup">
                <div class="virtual-table__row" role="row" aria-rowindex="1">
                    {children()}
                </div>
            </div>
            <div
                class="virtual-table__spacer"
                role="presentation"
                style:height=move || format!("{}px", scroll.read().spacer_pixels() as u32)
            >
                <div
                    class="virtual-table__rows"
                    role="rowgroup"
                    style:top=move || format!("{}px", scroll.read().drawn_pixels() as i32)
                    node_ref=lines
                >
                    {(0..DRAWN_ROWS).map(|line| view! { <Line line page scroll selection/> }).collect_view()}
                </div>
            </div>
        </div>
    }
}

/// The heading of a column.
#[component]
pub fn ColumnHeading(
    /// The index of the column.
    column: usize,
    /// The order of its rows, as a value of `aria-sort`, where it can be changed.
    #[prop(optional, into)]
    order: Option<Signal<&'static str>>,
    /// What the heading shows.
    children: Children,
) -> impl IntoView {
    view! {
        <div
            class=cell_class(column)
            role="columnheader"
            aria-colindex=column + 1
            aria-sort=move || order.map(|order| order.get())
        >
            {children()}
        </div>
    }
}

/// The elements that show one row, and another one after it was scrolled out of view.
#[component]
fn Line(
    /// The number of the line.
    line: u32,
    /// The loaded rows.
    page: Signal<Page>,
    /// The scroll position.
    scroll: RwSignal<VirtualScroll>,
    /// The active and the selected rows.
    selection: RwSignal<RowSelection>,
) -> impl IntoView {
    let row = Memo::new(move |_| scroll.read().row_of_line(line));
    // The texts of the row before stay, dimmed, until this row is loaded.
    let shown = Memo::new(move |before: Option<&PageRow>| {
        let page = page.read();
        row.get().and_then(|row| page.row(row)).or(before).cloned().unwrap_or_default()
    });
    let is_selected = move || row.get().is_some_and(|row| selection.read().has(row));
    let is_active = move || row.get().is_some_and(|row| selection.read().active() == Some(row));
    let is_awaited = move || row.get().is_some_and(|row| page.read().row(row).is_none());
    let cell = |column: usize| {
        view! {
            <div
                class=cell_class(column)
                role="gridcell"
                aria-colindex=column + 1
                title=(column == ID).then_some(move || shown.read().whole_id.clone())
            >
                {move || shown.read().cells[column].clone()}
            </div>
        }
    };
    view! {
        <div
            class="virtual-table__row"
            class=("virtual-table__row--selected", is_selected)
            class=("virtual-table__row--active", is_active)
            class=("virtual-table__row--awaited", is_awaited)
            role="row"
            id=move || row.get().map(row_id)
            aria-rowindex=move || row.get().map(|row| u64::from(row) + 2)
            aria-selected=move || is_selected().to_string()
            hidden=move || row.get().is_none()
            on:click=move |event| {
                if let Some(row) = row.get_untracked() {
                    selection.update(|selection| *selection = selection.to(row, event.shift_key()));
                }
            }
        >
            {(0..COLUMNS).map(cell).collect_view()}
        </div>
    }
}

/// Keeps the scroller at the scroll position; the returned listener of its `scroll` events does the reverse.
fn follow_scroller(scroller: NodeRef<Div>, scroll: RwSignal<VirtualScroll>) -> impl Fn(Event) {
    // The position of the scroller: to read it again after a change of the page would make the browser lay out.
    let top = StoredValue::new(0.0);
    let is_due = StoredValue::new(false);
    let is_apart = move |intended: f64| (top.get_value() - intended).abs() >= 1.0;
    Effect::new(move || {
        let intended = scroll.read().top();
        if let Some(scroller) = scroller.get().filter(|_| is_apart(intended)) {
            top.set_value(intended);
            scroller.set_scroll_top(intended as i32);
        }
    });
    move |_| {
        // Read now, while no layout is pending; applied with all other changes of this frame.
        if let Some(scroller) = scroller.get_untracked() {
            top.set_value(scroller.scroll_top().into());
        }
        if !is_due.get_value() {
            is_due.set_value(true);
            request_animation_frame(move || {
                is_due.set_value(false);
                if is_apart(scroll.read_untracked().top()) {
                    scroll.update(|scroll| scroll.scrolled(top.get_value()));
                }
            });
        }
    }
}

/// Keeps the lines in the order of their rows, for screen readers: those that leave at one end move to the other. A
/// keyed list would move all of them.
fn keep_order(lines: NodeRef<Div>, scroll: RwSignal<VirtualScroll>) {
    let drawn_row = Memo::new(move |_| scroll.read().drawn_row());
    Effect::new(move |before: Option<u32>| {
        let drawn_row = drawn_row.get();
        if let Some(lines) = lines.get_untracked() {
            let turned = turned_lines(before.unwrap_or(0), drawn_row);
            // Only what cannot be a child is refused.
            for first in (0..turned).filter_map(|_| lines.first_element_child()) {
                let _ = lines.append_with_node_1(&first);
            }
            for last in (turned..0).filter_map(|_| lines.last_element_child()) {
                let _ = lines.prepend_with_node_1(&last);
            }
        }
        drawn_row
    });
}

/// Handles a key; returns whether it has a function here.
fn apply_key(key: &str, is_extended: bool, scroll: RwSignal<VirtualScroll>, selection: RwSignal<RowSelection>) -> bool {
    let place = scroll.get_untracked();
    let next = selection.get_untracked().after_key(key, is_extended, place.first_row(), place.total_rows());
    if let Some(next) = next {
        selection.set(next);
        if let Some(row) = next.active() {
            scroll.update(|scroll| scroll.reveal(row));
        }
    }
    next.is_some()
}

fn cell_class(column: usize) -> String {
    format!("virtual-table__cell virtual-table__cell--{}", KINDS[column])
}

fn row_id(row: u32) -> String {
    format!("history-row-{row}")
}
