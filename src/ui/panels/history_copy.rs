//! Copies rows of the history table to the clipboard.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::history_state::History;
use crate::browser::clipboard::write_text;
use crate::browser::number::number_text;
use crate::protocol::KeptRow;
use crate::ui::model::history_table::tab_separated;
use crate::ui::model::quantity::{counted, grouped};

/// Maximum number of copied rows; an export has no limit.
const MAX_COPIED: u32 = 10_000;
/// Rows of one request.
const FETCHED_ROWS: u32 = 1_000;
/// Pause between two checks for fetched rows, and the maximum number of checks.
const CHECK_MILLIS: u32 = 30;
const MAX_CHECKS: u32 = 300;

/// Copies the selected rows, or those in view.
pub(super) fn copy_rows(history: History) {
    if !history.is_copying.get_untracked() {
        spawn_local(copy(history));
    }
}

async fn copy(history: History) {
    let scroll = history.scroll.get_untracked();
    let (first, last) = match history.selection.get_untracked().rows() {
        Some(rows) => rows.into_inner(),
        None => (scroll.first_row(), scroll.last_row()),
    };
    let wanted = (last - first + 1).min(scroll.total_rows());
    let Some(rows) = rows_of(history, first, wanted.min(MAX_COPIED)).await else {
        history.activity.fail("The rows to copy did not come; try again, or export them.");
        return;
    };
    let shown = history.columns.map(|column| column.get_untracked());
    let text = tab_separated(&rows, shown, &untrack(|| history.column_names()), number_text);
    let copied = counted(rows.len() as u64, "row");
    if !write_text(&text).await {
        history.activity.fail("The browser refused to copy; allow this page to use the clipboard.");
    } else if wanted > MAX_COPIED {
        let all = grouped(wanted.into());
        history.activity.notify(&format!("Copied the first {copied} of {all}; an export takes all."));
    } else {
        history.activity.notify(&format!("Copied {copied}"));
    }
}

/// Some rows: loaded ones, or rows fetched in parts while the table stays as it is.
async fn rows_of(history: History, first: u32, wanted: u32) -> Option<Vec<KeptRow>> {
    let loaded = loaded_rows(history, first, wanted);
    if loaded.len() as u32 == wanted {
        return Some(loaded);
    }
    history.is_copying.set(true);
    let fetched = fetch_rows(history, first, wanted).await;
    history.is_copying.set(false);
    fetched
}

async fn fetch_rows(history: History, first: u32, wanted: u32) -> Option<Vec<KeptRow>> {
    let mut rows = Vec::new();
    let mut checks = 0;
    while (rows.len() as u32) < wanted {
        let next = first + rows.len() as u32;
        let rest = (wanted - rows.len() as u32).min(FETCHED_ROWS);
        history.pipeline.look(|view| {
            if let Some(view) = &mut view.rows {
                (view.offset, view.rows) = (next, rest);
            }
        });
        TimeoutFuture::new(CHECK_MILLIS).await;
        let part = loaded_rows(history, next, rest);
        checks = if part.is_empty() { checks + 1 } else { 0 };
        if checks > MAX_CHECKS {
            return None;
        }
        rows.extend(part);
    }
    Some(rows)
}

/// The loaded rows of the range, up to the first that is not loaded.
fn loaded_rows(history: History, first: u32, wanted: u32) -> Vec<KeptRow> {
    let Some(answer) = history.newest_answer() else { return Vec::new() };
    let Some(skipped) = first.checked_sub(answer.slice.offset) else { return Vec::new() };
    answer.slice.rows.iter().skip(skipped as usize).take(wanted as usize).cloned().collect()
}
