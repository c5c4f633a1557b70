//! Export of the stored rows to files, and their import.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::download::Growing;
use crate::browser::file::LargeFile;
use crate::client::ConsoleRequest;
use crate::ui::activity_state::{Activity, Job};
use crate::ui::components::outcome::OutcomeView;
use crate::ui::model::decimal::fixed;
use crate::ui::model::export_share::{rows_in, share_of};
use crate::ui::model::history_table::Question;
use crate::ui::model::payload::{Outcome, Receipt, guess_content_type, refusal};
use crate::ui::model::quantity::bytes_text;
use crate::ui::model::slices::{SLICE_BYTES, Slices};
use crate::ui::model::storage_text::percent_text;
use crate::ui::model::tar;
use crate::ui::store::Pipeline;

/// Bytes that are read to guess the type of a file.
const SAMPLE_BYTES: f64 = 4096.0;
/// Pause before a slice is sent again after the queue was full.
const FULL_MILLIS: u32 = 500;
const RAW_NAME: &str = "millrace-log.tar";

/// An export or import; one runs at a time. A context that `app` provides.
#[derive(Clone, Copy)]
pub struct Transfer {
    pipeline: Pipeline,
    activity: Activity,
    is_running: RwSignal<bool>,
    /// Whether it was cancelled.
    is_stopped: StoredValue<bool>,
    /// The progress, as text.
    standing: RwSignal<String>,
    /// The progress, from 0 to 1; `None` where the total is not known.
    share: RwSignal<Option<f64>>,
    result: RwSignal<Option<TransferResult>>,
}

/// The kind of transfer.
enum Load {
    Export(Export),
    Raw,
    Import(LargeFile),
}

/// The rows to export, and their format.
pub struct Export {
    /// The name of the format.
    pub format: &'static str,
    /// The request.
    pub target: String,
    /// Number of rows.
    pub rows: u64,
}

/// How a transfer ended.
#[derive(Clone)]
struct TransferResult {
    is_good: bool,
    title: String,
    /// Why rows were refused.
    reasons: Vec<String>,
}

impl Transfer {
    /// Before the first transfer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            pipeline: Pipeline::expect(),
            activity: Activity::expect(),
            is_running: RwSignal::new(false),
            is_stopped: StoredValue::new(false),
            standing: RwSignal::default(),
            share: RwSignal::default(),
            result: RwSignal::default(),
        }
    }

    /// The transfer that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    fn start(self, load: Load) {
        if !self.is_running.get_untracked() {
            spawn_local(self.run(load));
        }
    }

    async fn run(self, load: Load) {
        let title = match &load {
            Load::Export(export) => format!("Exporting {}", file_name(export.format)),
            Load::Raw => format!("Exporting {RAW_NAME}"),
            Load::Import(file) => format!("Importing {}", file.name()),
        };
        let job = self.activity.begin(&title, !matches!(load, Load::Raw));
        self.is_running.set(true);
        self.is_stopped.set_value(false);
        self.result.set(None);
        self.say(job, String::new(), None);
        let result = match load {
            Load::Export(export) => self.export(job, &export).await.map(|title| (title, Vec::new())),
            Load::Raw => self.export_raw().await.map(|title| (title, Vec::new())),
            Load::Import(file) => self.import(job, file).await,
        };
        job.end();
        self.result.set(Some(match result {
            Ok((title, reasons)) => {
                self.activity.notify(&format!("{title}{}", where_refused(reasons.len())));
                TransferResult { is_good: true, title, reasons }
            }
            Err(sentence) => {
                self.activity.fail(&format!("{title}: {sentence}"));
                TransferResult { is_good: false, title: sentence, reasons: Vec::new() }
            }
        }));
        self.is_running.set(false);
    }

    fn say(self, job: Job, standing: String, share: Option<f64>) {
        job.say(&standing, share);
        self.share.set(share);
        self.standing.set(standing);
    }

    /// Whether it was cancelled, here or in the list of running work.
    fn is_cancelled(self, job: Job) -> bool {
        self.is_stopped.get_value() || job.is_stopped()
    }

    /// Reads rows straight from the worker: a link with `download` bypasses the service worker.
    async fn export(self, job: Job, export: &Export) -> Result<String, String> {
        let request = ConsoleRequest { method: "GET".into(), target: export.target.clone(), ..Default::default() };
        let reading = self.pipeline.ask(&request).await?;
        if reading.response.status != 200 {
            let body = reading.whole().await?.body;
            return Err(refusal(reading.response.status, &body).join(" "));
        }
        let (file, mut len, mut rows) = (Growing::default(), 0, Some(0));
        loop {
            let part = reading.next().await?;
            if part.is_empty() {
                break;
            }
            len += part.len() as u64;
            rows = rows.zip(rows_in(export.format, &part)).map(|(before, more)| before + more);
            file.push(&part);
            self.say(job, bytes_text(len), rows.map(|rows| share_of(rows, export.rows)));
            if self.is_cancelled(job) {
                reading.stop();
                return Ok("Export cancelled.".to_owned());
            }
        }
        Ok(save(&file, &file_name(export.format), len))
    }

    async fn export_raw(self) -> Result<String, String> {
        let files = self.pipeline.raw_files().await?;
        let (archive, mut len) = (Growing::default(), 0_u64);
        for file in &files {
            for part in [&tar::header(&file.name, file.bytes.len()), &file.bytes, &tar::padding(file.bytes.len())] {
                archive.push(part);
            }
            len += file.bytes.len() as u64;
        }
        archive.push(&tar::end());
        Ok(save(&archive, RAW_NAME, len))
    }

    /// Sends a file slice by slice, so that its size is not limited.
    async fn import(self, job: Job, file: LargeFile) -> Result<(String, Vec<String>), String> {
        let sample = file.read(0.0, SAMPLE_BYTES).await?;
        let content_type = guess_content_type(&file.name(), &String::from_utf8_lossy(&sample));
        if content_type == "application/json" {
            return Err("JSON cannot be cut; choose NDJSON or CSV, or send it under \"Your own events\".".to_owned());
        }
        let (mut slices, mut receipt, mut at) = (Slices::new(content_type), Receipt::default(), 0.0);
        while at < file.len() && !self.is_cancelled(job) {
            let until = (at + SLICE_BYTES).min(file.len());
            let body = slices.next(&file.read(at, until).await?, until == file.len());
            at = until;
            if !body.is_empty() {
                match self.post(job, content_type, body, at == file.len()).await? {
                    Outcome::Taken(next) => receipt.append(next),
                    Outcome::Refused(reasons) => return Ok((format!("{}, then stopped", receipt.title()), reasons)),
                }
            }
            let share = at / file.len();
            self.say(job, percent_text(share), Some(share));
        }
        let title = receipt.title();
        Ok((if at < file.len() { format!("Import cancelled: {title}") } else { title }, receipt.reasons()))
    }

    async fn post(self, job: Job, content_type: &str, body: Vec<u8>, is_last: bool) -> Result<Outcome, String> {
        // Events that wait after the last slice are processed as a smaller batch.
        let request = ConsoleRequest {
            method: "POST".into(),
            target: if is_last { "events?complete=true" } else { "events" }.into(),
            content_type: Some(content_type.to_owned()),
            body: Some(body),
            ..Default::default()
        };
        loop {
            let response = self.pipeline.ask(&request).await?.whole().await?;
            if response.status != 503 || self.is_cancelled(job) {
                return Ok(Outcome::read(response.status, &response.body));
            }
            TimeoutFuture::new(FULL_MILLIS).await;
        }
    }
}

impl Default for Transfer {
    fn default() -> Self {
        Self::new()
    }
}

/// The button that starts an export.
#[component]
pub fn ExportButton(
    /// The text.
    text: &'static str,
    /// The rows to export; called on each click.
    #[prop(into)]
    export: Callback<(), Export>,
    /// The label for screen readers, where the text is too short.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let transfer = Transfer::expect();
    view! {
        <button
            type="button"
            class="button"
            aria-label=label
            disabled=transfer.is_running
            on:click=move |_| transfer.start(Load::Export(export.run(())))
        >
            {text}
        </button>
    }
}

/// The buttons that export all rows.
#[component]
pub fn ExportButtons() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let all = move |format: &'static str| {
        move || Export {
            format,
            target: Question::default().export_target(format),
            rows: pipeline.peek(|page| page.history_rows.into()).unwrap_or(0),
        }
    };
    view! {
        <div class="transfer__buttons">
            <ExportButton text="Export NDJSON" export=all("ndjson")/>
            <ExportButton text="Export Arrow" export=all("arrow")/>
        </div>
    }
}

/// The button that exports the raw files of the journal.
#[component]
pub fn RawButton() -> impl IntoView {
    let transfer = Transfer::expect();
    view! {
        <button
            type="button"
            class="button"
            disabled=transfer.is_running
            on:click=move |_| transfer.start(Load::Raw)
        >
            "Export the raw files"
        </button>
    }
}

/// The button that imports a file.
#[component]
pub fn ImportButton() -> impl IntoView {
    let transfer = Transfer::expect();
    view! {
        <label class="button file-button">
            <input
                class="visually-hidden"
                type="file"
                accept=".csv,.ndjson,.jsonl,text/csv"
                disabled=transfer.is_running
                on:change=move |event| {
                    if let Some(file) = LargeFile::chosen(&event) {
                        transfer.start(Load::Import(file));
                    }
                }
            />
            "Import a file\u{2026}"
        </label>
    }
}

/// The progress and the result.
#[component]
pub fn TransferView() -> impl IntoView {
    let Transfer { is_running, is_stopped, standing, share, result, .. } = Transfer::expect();
    let outcome = |TransferResult { is_good, title, reasons }| {
        view! { <OutcomeView is_good test_id="transfer-result" title reasons/> }
    };
    view! {
        <div class="transfer">
            <div class="transfer__progress" hidden=move || !is_running.get()>
                <progress
                    aria-label="Transfer"
                    value=move || share.get().map(|share| fixed(share, 3))
                    hidden=move || share.get().is_none()
                ></progress>
                <span class="transfer__standing">{standing}</span>
                <button
                    type="button"
                    class="button button--quiet"
                    on:click=move |_| is_stopped.set_value(true)
                >
                    "Cancel"
                </button>
            </div>
            <div class="transfer__result" role="status">
                {move || result.get().map(outcome)}
            </div>
        </div>
    }
}

fn file_name(format: &str) -> String {
    format!("millrace.{format}")
}

/// The place of the refused rows.
fn where_refused(reasons: usize) -> &'static str {
    if reasons == 0 { "" } else { ": see Refused rows" }
}

fn save(file: &Growing, name: &str, len: u64) -> String {
    if len == 0 {
        return "There is nothing to export.".to_owned();
    }
    file.save(name);
    format!("{name} holds {}", bytes_text(len))
}
