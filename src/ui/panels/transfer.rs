//! Export of the stored rows to files.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::download::Growing;
use crate::client::ConsoleRequest;
use crate::ui::activity_state::{Activity, Job};
use crate::ui::components::outcome::OutcomeView;
use crate::ui::model::decimal::fixed;
use crate::ui::model::export_format::ExportFormat;
use crate::ui::model::export_share::share_of;
use crate::ui::model::history_table::Question;
use crate::ui::model::payload::refusal;
use crate::ui::model::quantity::bytes_text;
use crate::ui::model::tar;
use crate::ui::store::Pipeline;

const RAW_NAME: &str = "millrace-log.tar";
/// The formats in which all rows are offered.
const OFFERED: [ExportFormat; 4] =
    [ExportFormat::Ndjson, ExportFormat::Csv, ExportFormat::SpreadsheetCsv, ExportFormat::Arrow];

/// An export; one runs at a time. A context that `app` provides.
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
    /// How it ended: a sentence either way.
    result: RwSignal<Option<Result<String, String>>>,
}

/// What is exported.
enum Load {
    Rows(Export),
    Raw,
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
        let name = match &load {
            Load::Rows(export) => file_name(export.format),
            Load::Raw => RAW_NAME.to_owned(),
        };
        let title = format!("Exporting {name}");
        let job = self.activity.begin(&title, !matches!(load, Load::Raw));
        self.is_running.set(true);
        self.is_stopped.set_value(false);
        self.result.set(None);
        self.say(job, String::new(), None);
        let result = match load {
            Load::Rows(export) => self.export(job, &export).await,
            Load::Raw => self.export_raw().await,
        };
        job.end();
        match &result {
            Ok(sentence) => self.activity.notify(sentence),
            Err(sentence) => self.activity.fail(&format!("{title}: {sentence}")),
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
            on:click=move |_| transfer.start(Load::Rows(export.run(())))
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

/// The progress and the result.
#[component]
pub fn TransferView() -> impl IntoView {
    let Transfer { is_running, is_stopped, standing, share, result, .. } = Transfer::expect();
    let outcome = |result: Result<String, String>| {
        let (is_good, title) = (result.is_ok(), result.unwrap_or_else(|sentence| sentence));
        view! { <OutcomeView is_good test_id="transfer-result" title/> }
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

fn save(file: &Growing, name: &str, len: u64) -> String {
    if len == 0 {
        return "There is nothing to export.".to_owned();
    }
    file.save(name);
    format!("{name} holds {}", bytes_text(len))
}
