//! The tools of the history table: visible columns, copy, export.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use super::history::History;
use super::transfer::{Export, Transfer};
use crate::browser::clipboard::write_text;
use crate::browser::number::number_text;
use crate::protocol::KeptRow;
use crate::ui::html::{button, details, div, input, label, span};
use crate::ui::live::{El, State};
use crate::ui::model::history_table::tab_separated;
use crate::ui::model::quantity::{counted, grouped};

/// Maximum number of copied rows; an export has no limit.
const MAX_COPIED: u32 = 10_000;
/// Rows of one request.
const FETCHED_ROWS: u32 = 1_000;
/// Pause between two checks for fetched rows, and the maximum number of checks.
const LOOK_MILLIS: u32 = 30;
const MAX_LOOKS: u32 = 300;
const FORMATS: [(&str, &str); 4] = [("NDJSON", "ndjson"), ("CSV", "csv"), ("Arrow", "arrow"), ("JSON", "json")];

/// The buttons between filter and table.
pub(super) fn tools(history: History, transfer: Transfer) -> El {
    let (selection, columns) = (history.selection, history.columns);
    let copy_text = move || match selection.read().len() {
        0 => "Copy rows in view".to_owned(),
        rows => format!("Copy {}", counted(u64::from(rows), "row")),
    };
    let column = |column: usize| {
        let state = move || columns.read()[column];
        let name = ["timestamp", "id", "value", "moving aggregate"][column];
        check(name, state, move || columns.update(|columns| columns[column] = !columns[column]))
    };
    let is_whole = history.has_whole_ids;
    let export = |(name, format): (&str, &'static str)| {
        transfer
            .export_button(name, move || Export {
                format,
                target: history.question().export_target(format),
                rows: u64::from(history.scroll.peek().total_rows()),
            })
            .label(&format!("Export as {name}"))
    };
    div("history__tools").with([
        details("history__columns")
            .with([El::new("summary").text("Columns"), div("history__checks").with([0, 1, 2, 3].map(column))]),
        check("Full ids", move || is_whole.get(), move || is_whole.update(|is_whole| *is_whole = !*is_whole)),
        button("button", "").live(copy_text).disabled_when(history.is_copying).on_click(move || copy_rows(history)),
        history.newer_button(),
        div("history__exports")
            .role("group")
            .label("Export these rows")
            .with([span("").text("Export")])
            .with(FORMATS.map(export)),
    ])
}

fn check(name: &str, is_checked: impl Fn() -> bool + 'static, toggle: impl Fn() + 'static) -> El {
    label("check")
        .with([input("check__box").attr("type", "checkbox").checked_when(is_checked).on("change", move |_| toggle())])
        .text(name)
}

/// Copies the selected rows, or those in view.
pub(super) fn copy_rows(history: History) {
    if !*history.is_copying.peek() {
        spawn_local(copy(history));
    }
}

async fn copy(history: History) {
    let scroll = *history.scroll.peek();
    let (first, last) = match history.selection.peek().rows() {
        Some(rows) => rows.into_inner(),
        None => (scroll.first_row(), scroll.last_row()),
    };
    let wanted = (last - first + 1).min(scroll.total_rows());
    let Some(rows) = rows_of(history, first, wanted.min(MAX_COPIED)).await else {
        history.activity.fail("The rows to copy did not come; try again, or export them.");
        return;
    };
    let text = tab_separated(&rows, *history.columns.peek(), &history.rolling_name(), number_text);
    let copied = counted(rows.len() as u64, "row");
    if !write_text(&text).await {
        history.activity.fail("The browser refused to copy; allow this page to use the clipboard.");
    } else if wanted > MAX_COPIED {
        let all = grouped(u64::from(wanted));
        history.activity.notify(&format!("Copied the first {copied} of {all}; an export takes all."));
    } else {
        history.activity.notify(&format!("Copied {copied}"));
    }
}

/// Some rows: loaded ones, or rows fetched in parts while the table stays as it is.
async fn rows_of(history: History, first: u32, wanted: u32) -> Option<Vec<KeptRow>> {
    let mut rows = Vec::new();
    at_hand(history, first, wanted, &mut rows);
    if rows.len() as u32 == wanted {
        return Some(rows);
    }
    let _copying = Copying::begin(history.is_copying);
    rows.clear();
    let mut looks = 0;
    while (rows.len() as u32) < wanted {
        let next = first + rows.len() as u32;
        let rest = (wanted - rows.len() as u32).min(FETCHED_ROWS);
        history.pipeline.look(|view| {
            if let Some(view) = &mut view.rows {
                (view.offset, view.rows) = (next, rest);
            }
        });
        TimeoutFuture::new(LOOK_MILLIS).await;
        let before = rows.len();
        at_hand(history, next, rest, &mut rows);
        looks = if rows.len() > before { 0 } else { looks + 1 };
        if looks > MAX_LOOKS {
            return None;
        }
    }
    Some(rows)
}

/// Appends the loaded rows of the range, up to the first that is not loaded.
fn at_hand(history: History, first: u32, wanted: u32, rows: &mut Vec<KeptRow>) {
    let answer = history.pipeline.rows().get();
    let Some(answer) = answer.filter(|answer| history.fits(&answer.asked).0) else { return };
    let known = &answer.slice;
    let Some(place) = first.checked_sub(known.offset) else { return };
    rows.extend(known.rows.iter().skip(place as usize).take(wanted as usize).cloned());
}

/// While it exists, the table stays as it is.
struct Copying(State<bool>);

impl Copying {
    fn begin(is_copying: State<bool>) -> Self {
        is_copying.set(true);
        Self(is_copying)
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        self.0.set(false);
    }
}
