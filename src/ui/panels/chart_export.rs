//! Exports of the visible span: as a picture, or as its stored rows.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::task::spawn_local;

use super::chart::ChartContext;
use crate::browser::download::Growing;
use crate::client::ConsoleRequest;
use crate::ui::components::chart_picture::Picture;
use crate::ui::html::{button, div, span};
use crate::ui::live::{El, State};
use crate::ui::model::chart_export::{file_name, rows_target};
use crate::ui::model::chart_range::Span;
use crate::ui::model::payload::refusal;
use crate::ui::model::quantity::bytes_text;

/// The buttons, and the progress of an export.
pub(super) fn export(context: ChartContext, picture: Rc<RefCell<Picture>>) -> El {
    let (is_running, standing) = (State::new(false), State::new(String::new()));
    let save_rows = move || {
        let Some(span) = context.shown() else { return };
        is_running.set(true);
        spawn_local(async move {
            let said = rows(context, span, is_running, standing).await;
            standing.set(said.unwrap_or_else(|sentence| sentence));
            is_running.set(false);
        });
    };
    let save_picture = move || {
        if let Some(span) = context.shown() {
            picture.borrow().save(file_name(span, "png"));
        }
    };
    div("chart-panel__export").role("group").label("Export what is visible").with([
        span("chart-panel__standing").role("status").test_id("chart-export").live(standing),
        button("button button--quiet", "Cancel")
            .hidden_when(move || !is_running.get())
            .on_click(move || is_running.set(false)),
        button("button", "PNG").attr("title", "The picture").on_click(save_picture),
        button("button", "CSV").attr("title", "The rows").disabled_when(is_running).on_click(save_rows),
    ])
}

/// Reads the rows of the visible span until the export is cancelled.
async fn rows(
    context: ChartContext,
    span: Span,
    is_running: State<bool>,
    standing: State<String>,
) -> Result<String, String> {
    let target = rows_target(span, &context.focus.ids.peek());
    let request = ConsoleRequest { method: "GET".into(), target, ..ConsoleRequest::default() };
    let reading = context.pipeline.ask(&request).await?;
    if reading.response.status != 200 {
        let body = reading.whole().await?.body;
        return Err(refusal(reading.response.status, &body).join(" "));
    }
    let (file, mut len) = (Growing::default(), 0);
    loop {
        let part = reading.next().await?;
        if part.is_empty() {
            break;
        }
        len += part.len();
        file.push(&part);
        standing.set(bytes_text(len as u64));
        if !*is_running.peek() {
            reading.stop();
            return Ok("Cancelled.".to_owned());
        }
    }
    let name = file_name(span, "csv");
    file.save(&name);
    Ok(format!("{name}: {}", bytes_text(len as u64)))
}
