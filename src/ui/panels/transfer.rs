//! Taking what is stored out of the browser, and bringing it back.

use gloo_timers::future::TimeoutFuture;
use leptos::task::spawn_local;

use crate::browser::download::Growing;
use crate::browser::file::LargeFile;
use crate::client::ConsoleRequest;
use crate::ui::components::outcome::outcome;
use crate::ui::html::{button, div, input, label, span};
use crate::ui::live::{El, State};
use crate::ui::model::decimal::fixed;
use crate::ui::model::payload::{Outcome, Receipt, guess_content_type, refusal};
use crate::ui::model::quantity::bytes_text;
use crate::ui::model::slices::{SLICE_BYTES, Slices};
use crate::ui::model::storage_text::percent_text;
use crate::ui::model::tar;
use crate::ui::state::Pipeline;

/// All that is stored: from the first instant on.
const EVERYTHING: &str = "query?start=1677-09-21T00:12:43.145224193Z&views=latest&format=";
/// Bytes that tell of which type a file is.
const SAMPLE_BYTES: f64 = 4096.0;
/// Rest before a slice is sent again that found the queue full.
const FULL_MILLIS: u32 = 500;
const RAW_NAME: &str = "millrace-log.tar";

/// An export or import, one at a time.
#[derive(Clone, Copy)]
pub struct Transfer {
    pipeline: Pipeline,
    is_running: State<bool>,
    /// Whether somebody cancelled it.
    is_stopped: State<bool>,
    /// How far it is, in words.
    standing: State<String>,
    /// How far it is, from 0 to 1; empty where the whole is not known.
    share: State<String>,
    /// What became of it: whether that is good, in words, and what was refused.
    result: State<Option<(bool, String, Vec<String>)>>,
}

/// What is to be transferred.
enum Load {
    Export(&'static str),
    Raw,
    Import(LargeFile),
}

impl Transfer {
    /// None yet.
    #[must_use]
    pub fn new(pipeline: Pipeline) -> Self {
        Self {
            pipeline,
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
        self.is_running.set(true);
        self.is_stopped.set(false);
        self.result.set(None);
        self.say(String::new(), None);
        let result = match load {
            Load::Export(format) => self.export(format).await.map(|said| (said, Vec::new())),
            Load::Raw => self.export_raw().await.map(|said| (said, Vec::new())),
            Load::Import(file) => self.import(file).await,
        };
        self.result.set(Some(match result {
            Ok((said, reasons)) => (true, said, reasons),
            Err(sentence) => (false, sentence, Vec::new()),
        }));
        self.is_running.set(false);
    }

    fn say(self, standing: String, share: Option<f64>) {
        self.share.set(share.map_or_else(String::new, |share| fixed(share, 3)));
        self.standing.set(standing);
    }

    /// Reads all that is stored straight from the worker: a link with `download` goes past the service worker.
    async fn export(self, format: &str) -> Result<String, String> {
        let target = format!("{EVERYTHING}{format}");
        let reading = self.pipeline.ask(&ConsoleRequest { method: "GET".into(), target, ..Default::default() }).await?;
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
            self.say(bytes_text(len as u64), None);
            if *self.is_stopped.peek() {
                reading.stop();
                return Ok("Export cancelled.".to_owned());
            }
        }
        Ok(save(&file, &format!("millrace.{format}"), len))
    }

    async fn export_raw(self) -> Result<String, String> {
        let files = self.pipeline.raw_files().await?;
        let (archive, mut len) = (Growing::default(), 0);
        for file in &files {
            for part in [&tar::header(&file.name, file.bytes.len()), &file.bytes, &tar::padding(file.bytes.len())] {
                archive.push(part);
            }
            len += file.bytes.len();
        }
        archive.push(&tar::end());
        Ok(save(&archive, RAW_NAME, len))
    }

    /// Sends a file slice by slice, so that one of any size goes through.
    async fn import(self, file: LargeFile) -> Result<(String, Vec<String>), String> {
        let sample = file.read(0.0, SAMPLE_BYTES).await?;
        let content_type = guess_content_type(&file.name(), &String::from_utf8_lossy(&sample));
        if content_type == "application/json" {
            return Err("JSON cannot be cut; choose NDJSON or CSV, or send it under \"Your own events\".".to_owned());
        }
        let (mut slices, mut receipt, mut at) = (Slices::new(content_type), Receipt::default(), 0.0);
        while at < file.len() && !*self.is_stopped.peek() {
            let until = (at + SLICE_BYTES).min(file.len());
            let body = slices.next(&file.read(at, until).await?, until == file.len());
            at = until;
            if !body.is_empty() {
                match self.post(content_type, body, at == file.len()).await? {
                    Outcome::Taken(next) => receipt.append(next),
                    Outcome::Refused(reasons) => return Ok((format!("{}, then stopped", receipt.title()), reasons)),
                }
            }
            let share = at / file.len();
            self.say(percent_text(share), Some(share));
        }
        let title = receipt.title();
        Ok((if at < file.len() { format!("Import cancelled: {title}") } else { title }, receipt.reasons()))
    }

    async fn post(self, content_type: &str, body: Vec<u8>, is_last: bool) -> Result<Outcome, String> {
        // What waits after the last slice is processed as a smaller batch.
        let request = ConsoleRequest {
            method: "POST".into(),
            target: if is_last { "events?complete=true" } else { "events" }.into(),
            content_type: Some(content_type.to_owned()),
            body: Some(body),
            ..Default::default()
        };
        loop {
            let response = self.pipeline.ask(&request).await?.whole().await?;
            if response.status != 503 || *self.is_stopped.peek() {
                return Ok(Outcome::read(response.status, &response.body));
            }
            TimeoutFuture::new(FULL_MILLIS).await;
        }
    }

    fn button(self, text: &str, load: fn() -> Load) -> El {
        button("button", text).disabled_when(self.is_running).on_click(move || self.start(load()))
    }

    /// The buttons that export.
    #[must_use]
    pub fn export_buttons(self) -> El {
        div("transfer__buttons").with([
            self.button("Export NDJSON", || Load::Export("ndjson")),
            self.button("Export Arrow", || Load::Export("arrow")),
        ])
    }

    /// The button that exports the log as it is.
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

    /// How far it is, and what became of it.
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

fn save(file: &Growing, name: &str, len: usize) -> String {
    if len == 0 {
        return "There is nothing to export.".to_owned();
    }
    file.save(name);
    format!("{name} holds {}", bytes_text(len as u64))
}
