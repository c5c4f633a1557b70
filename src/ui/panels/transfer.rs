//! Export of the stored rows to files, and their import.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::MAX_BODY_BYTES;
use crate::browser::download::Growing;
use crate::browser::file::LargeFile;
use crate::browser::random::entropy;
use crate::client::{ConsoleRequest, ConsoleResponse};
use crate::ui::activity_state::{Activity, Job};
use crate::ui::components::outcome::OutcomeView;
use crate::ui::model::decimal::fixed;
use crate::ui::model::export_format::ExportFormat;
use crate::ui::model::export_share::share_of;
use crate::ui::model::history_table::Question;
use crate::ui::model::import::{Body, Import};
use crate::ui::model::payload::{ACCEPTED_FILES, Cut, FileFormat, Outcome, Receipt, refusal};
use crate::ui::model::quantity::bytes_text;
use crate::ui::model::slices::SLICE_BYTES;
use crate::ui::model::storage_text::percent_text;
use crate::ui::model::tar;
use crate::ui::store::Pipeline;

/// Pause before a slice is sent again, after the queue was full or no answer came; and how often that is done.
const RETRY_MILLIS: u32 = 500;
const MAX_RETRIES: u32 = 120;
const RAW_NAME: &str = "millrace-log.tar";
/// The formats in which all rows are offered.
const OFFERED: [ExportFormat; 4] =
    [ExportFormat::Ndjson, ExportFormat::Csv, ExportFormat::SpreadsheetCsv, ExportFormat::Arrow];

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
    /// The format.
    pub format: ExportFormat,
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
    /// Number of refused rows.
    rejected: u64,
}

impl TransferResult {
    /// Of what ended in one sentence.
    fn sentence(is_good: bool, title: String) -> Self {
        Self { is_good, title, reasons: Vec::new(), rejected: 0 }
    }

    /// Of an import.
    fn import(title: String, receipt: &Receipt) -> Self {
        let Receipt { accepted, rejected_count, .. } = *receipt;
        Self {
            is_good: accepted > 0 || rejected_count == 0,
            title,
            reasons: receipt.reasons(),
            rejected: rejected_count,
        }
    }
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
            Load::Export(export) => self.export(job, &export).await.map(|title| TransferResult::sentence(true, title)),
            Load::Raw => self.export_raw().await.map(|title| TransferResult::sentence(true, title)),
            Load::Import(file) => self.import(job, file).await,
        };
        job.end();
        let result = result.unwrap_or_else(|sentence| TransferResult::sentence(false, sentence));
        if result.is_good {
            self.activity.notify(&format!("{}{}", result.title, where_refused(result.rejected)));
        } else {
            self.activity.fail(&format!("{title}: {}{}", result.title, where_refused(result.rejected)));
        }
        self.result.set(Some(result));
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
            rows = rows.zip(export.format.rows_in(&part)).map(|(before, more)| before + more);
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
    async fn import(self, job: Job, file: LargeFile) -> Result<TransferResult, String> {
        let sample = file.read(0.0, (FileFormat::SAMPLE_BYTES as f64).min(file.len())).await?;
        let format = FileFormat::guess(&file.name(), &sample);
        let step = if format.cut() == Cut::Never { file.len() } else { SLICE_BYTES };
        if step > MAX_BODY_BYTES as f64 {
            return Err(format.too_large(&file.name()));
        }
        let (mut import, mut sender, mut at) = (Import::new(format.cut()), Sender::new(self, job, format), 0.0);
        while !self.is_cancelled(job) {
            let until = (at + step).min(file.len());
            let is_last = until == file.len();
            let fault = match file.read(at, until).await {
                Ok(bytes) => import.push(&bytes, is_last).err(),
                Err(sentence) => Some(sentence),
            };
            if fault.is_some() {
                // What was read before the fault waits for its successor, which does not come.
                import.end();
            }
            while let Some(body) = import.next_body() {
                let outcome = sender.send(body).await;
                match import.answer(outcome) {
                    // No answer says that the body was taken, even if it was the last one.
                    Err(_) if self.is_cancelled(job) => return Ok(cancelled(import.receipt())),
                    Err(sentences) => {
                        let reasons = fault.into_iter().chain(sentences).collect();
                        return Ok(stopped(import.receipt(), reasons));
                    }
                    Ok(()) if self.is_cancelled(job) && !is_last => break,
                    Ok(()) => {}
                }
            }
            if let Some(sentence) = fault {
                return Ok(stopped(import.receipt(), vec![sentence]));
            }
            if is_last {
                let receipt = import.receipt();
                return Ok(TransferResult::import(receipt.title(), receipt));
            }
            at = until;
            let share = at / file.len();
            self.say(job, percent_text(share), Some(share));
        }
        Ok(cancelled(import.receipt()))
    }
}

/// Sends the bodies of an import.
struct Sender {
    transfer: Transfer,
    job: Job,
    format: FileFormat,
    /// What the keys of its requests begin with: an answer that gets lost is asked for again, and takes nothing twice.
    /// `None` where the browser gives no random numbers.
    key: Option<String>,
    /// Number of bodies that were sent.
    sent: u32,
}

impl Sender {
    fn new(transfer: Transfer, job: Job, format: FileFormat) -> Self {
        let hex = |bytes: [u8; 32]| bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { transfer, job, format, key: entropy().map(hex).ok(), sent: 0 }
    }

    /// Sends a body, again and again while the queue is full or no answer comes.
    async fn send(&mut self, body: Body) -> Outcome {
        let key = self.key.as_ref().map(|key| ("Idempotency-Key".to_owned(), format!("import-{key}-{}", self.sent)));
        self.sent += 1;
        let request = ConsoleRequest {
            method: "POST".into(),
            target: body.target,
            content_type: Some(self.format.content_type.to_owned()),
            body: Some(body.bytes),
            more_headers: self.format.more_headers().into_iter().chain(key).collect(),
        };
        let mut retries = 0;
        loop {
            let answer = self.answer(&request).await;
            let is_final = match &answer {
                // The person who chooses what to do with a full disk sends the file again.
                Ok(response) => response.status < 500 || response.status == 507,
                Err(_) => self.key.is_none(),
            };
            retries += 1;
            if is_final || retries > MAX_RETRIES || self.transfer.is_cancelled(self.job) {
                return match answer {
                    Ok(response) => Outcome::read(response.status, &response.body),
                    Err(sentence) => Outcome::Refused(vec![sentence]),
                };
            }
            TimeoutFuture::new(RETRY_MILLIS).await;
        }
    }

    async fn answer(&self, request: &ConsoleRequest) -> Result<ConsoleResponse, String> {
        self.transfer.pipeline.ask(request).await?.whole().await
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
    #[prop(into)]
    text: String,
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
    let button = move |format: ExportFormat| {
        let export = move || Export {
            format,
            target: format.target(&Question::default()),
            rows: pipeline.peek(|page| page.history_rows.into()).unwrap_or(0),
        };
        view! { <ExportButton text=format!("Export {}", format.label()) export/> }
    };
    view! {
        <div class="transfer__buttons">{OFFERED.map(button).into_iter().collect_view()}</div>
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
                accept=ACCEPTED_FILES
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
    let outcome = |TransferResult { is_good, title, reasons, rejected }| {
        view! { <OutcomeView is_good test_id="transfer-result" title reasons count=rejected/> }
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

fn file_name(format: ExportFormat) -> String {
    format!("millrace.{}", format.name())
}

/// Of an import that was cancelled: what came in before.
fn cancelled(receipt: &Receipt) -> TransferResult {
    TransferResult::import(format!("Import cancelled: {}", receipt.title()), receipt)
}

/// Of an import that could not go on: what came in before, and why it stopped.
fn stopped(receipt: &Receipt, reasons: Vec<String>) -> TransferResult {
    let title = format!("{}, then stopped", receipt.title());
    TransferResult {
        is_good: false,
        title,
        reasons: [reasons, receipt.reasons()].concat(),
        rejected: receipt.rejected_count,
    }
}

/// The place of the refused rows.
fn where_refused(rejected: u64) -> &'static str {
    if rejected == 0 { "" } else { ": see Refused rows" }
}

fn save(file: &Growing, name: &str, len: u64) -> String {
    if len == 0 {
        return "There is nothing to export.".to_owned();
    }
    file.save(name);
    format!("{name} holds {}", bytes_text(len))
}
