//! Export of the stored rows to files, and their import.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::browser::download::Growing;
use crate::browser::file::LargeFile;
use crate::client::ConsoleRequest;
use crate::ui::activity_state::{Activity, Job};
use crate::ui::components::outcome::outcome;
use crate::ui::html::{button, div, input, label, span};
use crate::ui::live::{El, State};
use crate::ui::model::decimal::fixed;
use crate::ui::model::export_share::{rows_in, share_of};
use crate::ui::model::history_table::Question;
use crate::ui::model::payload::{Outcome, Receipt, guess_content_type, refusal};
use crate::ui::model::quantity::bytes_text;
use crate::ui::model::slices::{SLICE_BYTES, Slices};
use crate::ui::model::storage_text::percent_text;
use crate::ui::model::tar;
use crate::ui::state::Pipeline;

/// Bytes that are read to guess the type of a file.
const SAMPLE_BYTES: f64 = 4096.0;
/// Pause before a slice is sent again after the queue was full.
const FULL_MILLIS: u32 = 500;
const RAW_NAME: &str = "millrace-log.tar";

/// An export or import; one runs at a time.
#[derive(Clone, Copy)]
pub struct Transfer {
    pipeline: Pipeline,
    activity: Activity,
    is_running: State<bool>,
    /// Whether it was cancelled.
    is_stopped: State<bool>,
    /// The progress, as text.
    standing: State<String>,
    /// The progress, from 0 to 1; empty where the total is not known.
    share: State<String>,
    /// The result: whether it succeeded, its text, and what was refused.
    result: State<Option<(bool, String, Vec<String>)>>,
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

impl Transfer {
    /// Before the first transfer.
    #[must_use]
    pub fn new(pipeline: Pipeline, activity: Activity) -> Self {
        Self {
            pipeline,
            activity,
            is_running: State::new(false),
            is_stopped: State::new(false),
            standing: State::new(String::new()),
            share: State::new(String::new()),
            result: State::new(None),
        }
    }

    fn start(self, load: Load) {
        if !*self.is_running.peek() {
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
        self.is_stopped.set(false);
        self.result.set(None);
        self.say(job, String::new(), None);
        let result = match load {
            Load::Export(export) => self.export(job, &export).await.map(|said| (said, Vec::new())),
            Load::Raw => self.export_raw().await.map(|said| (said, Vec::new())),
            Load::Import(file) => self.import(job, file).await,
        };
        job.end();
        self.result.set(Some(match result {
            Ok((said, reasons)) => {
                self.activity.notify(&format!("{said}{}", where_refused(reasons.len())));
                (true, said, reasons)
            }
            Err(sentence) => {
                self.activity.fail(&format!("{title}: {sentence}"));
                (false, sentence, Vec::new())
            }
        }));
        self.is_running.set(false);
    }

    fn say(self, job: Job, standing: String, share: Option<f64>) {
        job.say(&standing, share);
        self.share.set(share.map_or_else(String::new, |share| fixed(share, 3)));
        self.standing.set(standing);
    }

    /// Whether it was cancelled, here or in the list of running work.
    fn is_cancelled(self, job: Job) -> bool {
        *self.is_stopped.peek() || job.is_stopped()
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

    /// The button that starts the export described by `export`.
    #[must_use]
    pub fn export_button(self, text: &str, export: impl Fn() -> Export + 'static) -> El {
        self.button(text, move || Load::Export(export()))
    }

    fn button(self, text: &str, load: impl Fn() -> Load + 'static) -> El {
        button("button", text).disabled_when(self.is_running).on_click(move || self.start(load()))
    }

    /// The buttons that export all rows.
    #[must_use]
    pub fn export_buttons(self) -> El {
        let export = |(text, format): (&str, &'static str)| {
            self.export_button(text, move || Export {
                format,
                target: Question::default().export_target(format),
                rows: self.pipeline.peek(|frame| u64::from(frame.snapshot.history_rows)).unwrap_or(0),
            })
        };
        let buttons = [("Export NDJSON", "ndjson"), ("Export Arrow", "arrow")].map(export);
        div("transfer__buttons").with(buttons)
    }

    /// The button that exports the raw files of the journal.
    #[must_use]
    pub fn raw_button(self) -> El {
        self.button("Export the raw files", || Load::Raw)
    }

    /// The button that imports.
    #[must_use]
    pub fn import_button(self) -> El {
        label("button file-button")
            .with([input("visually-hidden")
                .attr("type", "file")
                .attr("accept", ".csv,.ndjson,.jsonl,text/csv")
                .disabled_when(self.is_running)
                .on("change", move |event| {
                    if let Some(file) = LargeFile::chosen(&event) {
                        self.start(Load::Import(file));
                    }
                })])
            .text("Import a file\u{2026}")
    }

    /// The progress and the result.
    #[must_use]
    pub fn view(self) -> El {
        let bar = El::new("progress").label("Transfer").hidden_when(move || self.share.read().is_empty());
        div("transfer").with([
            div("transfer__progress").hidden_when(move || !*self.is_running.read()).with([
                bar.live_attr("value", self.share),
                span("transfer__standing").live(self.standing),
                button("button button--quiet", "Cancel").on_click(move || self.is_stopped.set(true)),
            ]),
            div("transfer__result").role("status").swap(move || {
                let result = self.result.read();
                let view = |(is_good, said, reasons): &(bool, String, Vec<String>)| {
                    outcome(*is_good, "transfer-result", said, reasons)
                };
                result.iter().map(view).collect()
            }),
        ])
    }
}

fn file_name(format: &str) -> String {
    format!("millrace.{format}")
}

/// The place of the refused rows.
fn where_refused(reasons: usize) -> &'static str {
    if reasons == 0 { "" } else { ": see Dead letters" }
}

fn save(file: &Growing, name: &str, len: u64) -> String {
    if len == 0 {
        return "There is nothing to export.".to_owned();
    }
    file.save(name);
    format!("{name} holds {}", bytes_text(len))
}
