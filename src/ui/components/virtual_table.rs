//! A table of millions of rows that has elements only for the rows in view.
//!
//! Row `n` is always on line `n % lines`: a row keeps its elements while it is drawn, and scrolling by four rows changes
//! the texts of four lines. Nothing is created while the table scrolls; lines are added when the table becomes higher.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use leptos_use_media_query::use_media_query;
use leptos_use_resize_observer::use_resize_observer;

use crate::ui::model::history_table::{KINDS, Page, PageRow, column_count, kind_of};
use crate::ui::model::row_selection::RowSelection;
use crate::ui::model::short_instant::short_instant;
use crate::ui::model::virtual_scroll::{VirtualScroll, turned_lines};

/// The kinds of columns, as parts of class names.
const KIND_NAMES: [&str; KINDS] = ["timestamp", "id", "value", "moving"];
/// The column of the timestamps, which are short on narrow pages.
const TIMESTAMP: usize = 0;
/// The column of the ids, which can be cut.
const ID: usize = 1;
/// Where timestamps are short: `style/components/virtual-table.css` has the same width.
const NARROW: &str = "(max-width: 30rem)";
/// The attribute with the number of a line.
const LINE_ATTRIBUTE: &str = "data-line";

/// A table that scrolls through more rows than a page can hold.
#[component]
pub fn VirtualTable(
    /// The id of the scroller, which takes the focus.
    id: &'static str,
    /// The label, for screen readers.
    label: &'static str,
    /// The loaded rows.
    #[prop(into)]
    page: Signal<Page>,
    /// The number of measures, each with a column of values and one of aggregates.
    #[prop(into)]
    measures: Signal<usize>,
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
    let link = ScrollLink::new(scroller, scroll);
    let is_narrow = use_media_query(NARROW);
    let line_count = Memo::new(move |_| scroll.read().lines());
    use_resize_observer(scroller, move |entries, _| {
        if let Some(entry) = entries.last() {
            link.resize(entry.content_rect().height());
        }
    });
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
            id=id
            role="grid"
            aria-label=label
            tabindex="0"
            aria-multiselectable="true"
            aria-colcount=move || column_count(measures.get())
            aria-rowcount=move || u64::from(scroll.read().total_rows()) + 1
            aria-activedescendant=active_id
            style=("--measures", move || measures.get().to_string())
            node_ref=scroller
            on:scroll=move |_| link.follow()
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
                    <For each=move || 0..line_count.get() key=|line| *line let:line>
                        <Line line page measures scroll selection is_narrow/>
                    </For>
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
    /// The number of measures.
    #[prop(into)]
    measures: Signal<usize>,
    /// The order of its rows, as a value of `aria-sort`, where it can be changed.
    #[prop(into)]
    order: Signal<Option<&'static str>>,
    /// What the heading shows.
    children: Children,
) -> impl IntoView {
    view! {
        <div
            class=move || cell_class(column, measures.get())
            role="columnheader"
            aria-colindex=column + 1
            aria-sort=order
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
    /// The number of measures.
    measures: Signal<usize>,
    /// The scroll position.
    scroll: RwSignal<VirtualScroll>,
    /// The active and the selected rows.
    selection: RwSignal<RowSelection>,
    /// Whether timestamps are short.
    is_narrow: Signal<bool>,
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
    let text = move |column: usize| {
        let shown = shown.read();
        let text = shown.cells.get(column).map_or("", String::as_str);
        if column == TIMESTAMP && is_narrow.get() { short_instant(text).to_owned() } else { text.to_owned() }
    };
    // What the cell shows cut.
    let whole = move |column: usize| {
        let shown = shown.read();
        let cut_id = shown.whole_id.clone().filter(|_| column == ID);
        cut_id.or_else(|| is_narrow.get().then(|| shown.cells.get(column).cloned().unwrap_or_default()))
    };
    let columns = Memo::new(move |_| column_count(measures.get()));
    let cell = move |column: usize| {
        view! {
            <div
                class=move || cell_class(column, measures.get())
                role="gridcell"
                aria-colindex=column + 1
                title=(column <= ID).then_some(move || whole(column))
            >
                {move || text(column)}
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
            data-line=line
            aria-rowindex=move || row.get().map(|row| u64::from(row) + 2)
            aria-selected=move || is_selected().to_string()
            hidden=move || row.get().is_none()
            on:click=move |event| {
                if let Some(row) = row.get_untracked() {
                    selection.update(|selection| *selection = selection.to(row, event.shift_key()));
                }
            }
        >
            <For each=move || 0..columns.get() key=|column| *column children=cell/>
        </div>
    }
}

/// Keeps scroller and scroll position in step, in both directions.
#[derive(Clone, Copy)]
struct ScrollLink {
    scroller: NodeRef<Div>,
    scroll: RwSignal<VirtualScroll>,
    /// The position of the scroller: to read it again after a change of the page would make the browser lay out.
    top: StoredValue<f64>,
    /// Whether the position is applied in the next frame.
    is_due: StoredValue<bool>,
    /// Whether the scroller is displayed. Browsers may forget the position of one that is not.
    is_displayed: StoredValue<bool>,
}

impl ScrollLink {
    /// Moves the scroller with each change of the scroll position.
    fn new(scroller: NodeRef<Div>, scroll: RwSignal<VirtualScroll>) -> Self {
        let (top, is_due, is_displayed) = (StoredValue::new(0.0), StoredValue::new(false), StoredValue::new(false));
        let link = Self { scroller, scroll, top, is_due, is_displayed };
        Effect::new(move || {
            let intended = scroll.read().top();
            if scroller.get().is_some() {
                link.move_to(intended);
            }
        });
        link
    }

    /// Takes the height of the scroller; one that is displayed again returns to its position.
    fn resize(self, height: f64) {
        let was_displayed = self.is_displayed.get_value();
        self.is_displayed.set_value(height > 0.0);
        self.scroll.maybe_update(|scroll| {
            let before = *scroll;
            scroll.set_height(height);
            *scroll != before
        });
        if height > 0.0 && !was_displayed {
            self.read();
            self.move_to(self.scroll.read_untracked().top());
        }
    }

    /// Takes the position of the scroller: read now, while no layout is pending; applied with all other changes of this
    /// frame.
    fn follow(self) {
        if !self.is_displayed.get_value() {
            return;
        }
        self.read();
        if !self.is_due.get_value() {
            self.is_due.set_value(true);
            request_animation_frame(move || {
                self.is_due.set_value(false);
                if self.is_apart(self.scroll.read_untracked().top()) {
                    self.scroll.update(|scroll| scroll.scrolled(self.top.get_value()));
                }
            });
        }
    }

    fn read(self) {
        if let Some(scroller) = self.scroller.get_untracked() {
            self.top.set_value(scroller.scroll_top().into());
        }
    }

    fn move_to(self, intended: f64) {
        if let Some(scroller) = self.scroller.get_untracked().filter(|_| self.is_apart(intended)) {
            self.top.set_value(intended);
            scroller.set_scroll_top(intended as i32);
        }
    }

    fn is_apart(self, intended: f64) -> bool {
        (self.top.get_value() - intended).abs() >= 1.0
    }
}

/// Keeps the lines in the order of their rows, for screen readers: those that leave at one end move to the other. A
/// keyed list would move all of them.
fn keep_order(lines: NodeRef<Div>, scroll: RwSignal<VirtualScroll>) {
    let order = Memo::new(move |_| (scroll.read().drawn_row(), scroll.read().lines()));
    Effect::new(move |before: Option<u32>| {
        let (_, count) = order.get();
        if before.is_none_or(|before| before == count) {
            turn_lines(lines, order);
        } else {
            // The new lines are elements by then.
            request_animation_frame(move || turn_lines(lines, order));
        }
        count
    });
}

fn turn_lines(lines: NodeRef<Div>, order: Memo<(u32, u32)>) {
    let (drawn_row, count) = order.get_untracked();
    let Some(lines) = lines.get_untracked() else { return };
    let first = lines.first_element_child().and_then(|line| line.get_attribute(LINE_ATTRIBUTE));
    let Some(first) = first.and_then(|line| line.parse().ok()) else { return };
    let turned = turned_lines(first, drawn_row, count);
    // Only what cannot be a child is refused.
    for first in (0..turned).filter_map(|_| lines.first_element_child()) {
        let _ = lines.append_with_node_1(&first);
    }
    for last in (turned..0).filter_map(|_| lines.last_element_child()) {
        let _ = lines.prepend_with_node_1(&last);
    }
}

/// Handles a key; returns whether it has a function here.
fn apply_key(key: &str, is_extended: bool, scroll: RwSignal<VirtualScroll>, selection: RwSignal<RowSelection>) -> bool {
    let place = scroll.get_untracked();
    let next =
        selection.get_untracked().after_key(key, is_extended, place.first_row(), place.page_rows(), place.total_rows());
    if let Some(next) = next {
        selection.set(next);
        if let Some(row) = next.active() {
            scroll.update(|scroll| scroll.reveal(row));
        }
    }
    next.is_some()
}

fn cell_class(column: usize, measures: usize) -> String {
    format!("virtual-table__cell virtual-table__cell--{}", KIND_NAMES[kind_of(column, measures)])
}

fn row_id(row: u32) -> String {
    format!("history-row-{row}")
}
