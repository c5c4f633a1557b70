//! Exports of the visible span: as a picture, or as its stored rows.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::chart::ChartContext;
use crate::browser::download::Growing;
use crate::client::ConsoleRequest;
use crate::ui::model::chart_export::{file_name, rows_target};
use crate::ui::model::chart_range::Span;
use crate::ui::model::chart_reading::titles;
use crate::ui::model::export_format::ExportFormat;
use crate::ui::model::payload::refusal;
use crate::ui::model::quantity::bytes_text;

/// How long the outcome of an export is shown.
const OUTCOME_MILLIS: u32 = 10_000;

/// The buttons.
#[component]
pub(super) fn ChartExport(
    /// The state of the panel.
    context: ChartContext,
    /// The export of the rows.
    rows: RowsExport,
) -> impl IntoView {
    let save_picture = move |_| {
        if let Some(span) = context.shown() {
            let measure = untrack(|| context.measure());
            let title = format!("{}, {}", titles(&measure)[0], span.tidy().text(context.clock()));
            let rolling = format!("moving {}", context.aggregate.read_untracked());
            context.picture.save(file_name(span, "png"), title, [&measure, &rolling]);
        }
    };
    view! {
        <div class="chart-panel__export" role="group" aria-label="Export what is visible">
            <button type="button" class="button" title="The picture" on:click=save_picture>"PNG"</button>
            <button
                type="button"
                class="button"
                title="The rows"
                disabled=rows.is_running
                on:click=move |_| rows.start(ExportFormat::Csv)
            >
                "CSV"
            </button>
            <button
                type="button"
                class="button"
                title="The rows, as CSV for spreadsheets"
                disabled=rows.is_running
                on:click=move |_| rows.start(ExportFormat::SpreadsheetCsv)
            >
                "Spreadsheet"
            </button>
        </div>
    }
}

/// The progress of an export, then its outcome for a while.
#[component]
pub(super) fn ExportNote(
    /// The export of the rows.
    rows: RowsExport,
) -> impl IntoView {
    view! {
        <div class="chart-panel__note" class=("chart-panel__note--empty", move || rows.status.read().is_empty())>
            <span role="status" data-testid="chart-export">{rows.status}</span>
            <button
                type="button"
                class="button button--quiet"
                hidden=move || !rows.is_running.get()
                on:click=move |_| rows.cancel()
            >
                "Cancel"
            </button>
        </div>
    }
}

/// The export of the rows.
#[derive(Clone, Copy)]
pub(super) struct RowsExport {
    context: ChartContext,
    is_running: RwSignal<bool>,
    /// Its progress, then its outcome.
    status: RwSignal<String>,
}

impl RowsExport {
    pub(super) fn new(context: ChartContext) -> Self {
        Self { context, is_running: RwSignal::new(false), status: RwSignal::default() }
    }

    /// Saves the rows of the visible span, as CSV or as CSV for spreadsheets.
    fn start(self, format: ExportFormat) {
        let Some(span) = self.context.shown() else { return };
        self.is_running.set(true);
        spawn_local(async move {
            let outcome = self.save(span, format).await;
            let text = outcome.unwrap_or_else(|sentence| sentence);
            self.status.set(text.clone());
            self.is_running.set(false);
            TimeoutFuture::new(OUTCOME_MILLIS).await;
            if *self.status.read_untracked() == text {
                self.status.set(String::new());
            }
        });
    }

    fn cancel(self) {
        self.is_running.set(false);
    }

    /// Reads the rows of a span until the export is cancelled.
    async fn save(self, span: Span, format: ExportFormat) -> Result<String, String> {
        let target = format.finish(rows_target(span, &self.context.focus.ids.read_untracked()));
        let request = ConsoleRequest { method: "GET".into(), target, ..ConsoleRequest::default() };
        let reading = self.context.pipeline.ask(&request).await?;
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
            self.status.set(bytes_text(len as u64));
            if !self.is_running.get_untracked() {
                reading.stop();
                return Ok("Cancelled.".to_owned());
            }
        }
        let name = file_name(span, format.name());
        file.save(&name);
        Ok(format!("{name}: {}", bytes_text(len as u64)))
    }
}
