//! What is typed into the form of a live source, and its way into the pipeline.

use leptos::prelude::*;

use crate::browser::source_sample::{SourceSample, sample};
use crate::pipeline::{Credentials, SettingError};
use crate::ui::model::live_credentials::{self, Given, options};
use crate::ui::model::live_form::{Typed, changes, is_live, missing, sample_name, text_of, type_in};
use crate::ui::model::quantity::counted;
use crate::ui::model::settings::plan;
use crate::ui::panels::files::{Files, LiveStart};
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const MARKED: &str = "Correct the fields that are marked.";
const SILENT: &str = "Connected, but no message came within 5 s. Test it again when some are sent, or start it without \
                      a preview.";

/// The form of a live source.
#[derive(Clone, Copy)]
pub(super) struct LiveForm {
    pub(super) pipeline: Pipeline,
    files: Files,
    /// What was typed into the fields.
    typed: RwSignal<Typed>,
    /// What is shown to the server, as it is typed.
    pub(super) login: RwSignal<live_credentials::Typed>,
    /// What was shown to a server last, for tests after the start.
    given: StoredValue<Option<Given>>,
    /// What the newest test or start brought, or why there was none.
    pub(super) outcome: RwSignal<Result<String, String>>,
    /// Whether a test or a start runs.
    pub(super) is_busy: RwSignal<bool>,
}

impl LiveForm {
    pub(super) fn new() -> Self {
        Self {
            pipeline: Pipeline::expect(),
            files: Files::expect(),
            typed: RwSignal::default(),
            login: RwSignal::default(),
            given: StoredValue::new(None),
            outcome: RwSignal::new(Ok(String::new())),
            is_busy: RwSignal::new(false),
        }
    }

    /// The text of a field; tracked.
    pub(super) fn text(self, name: &str) -> String {
        text_of(name, &self.typed.read(), &self.pipeline.page().settings().read())
    }

    /// Takes what was typed into a field.
    pub(super) fn type_in(self, name: &'static str, text: String) {
        self.typed.update(|typed| type_in(typed, name, text));
        self.outcome.set(Ok(String::new()));
    }

    /// The changes by which the source starts; tracked.
    fn changes(self) -> Typed {
        changes(&self.typed.read(), &self.pipeline.page().settings().read())
    }

    /// Why the settings refuse what is typed; tracked.
    pub(super) fn refusals(self) -> Vec<SettingError> {
        let changes = self.changes();
        let changes: Vec<(&str, Option<&str>)> =
            changes.iter().map(|(name, text)| (*name, Some(text.as_str()))).collect();
        plan("", &self.pipeline.page().settings().read(), &changes).err().unwrap_or_default()
    }

    /// What the source starts with, once nothing is refused.
    fn draft(self) -> Result<(Typed, Option<Credentials>), String> {
        untrack(|| {
            if !self.refusals().is_empty() {
                return Err(MARKED.to_owned());
            }
            // What was typed for a server that is not chosen any more is for nobody.
            let credentials = if is_live(&self.text("source")) { self.login.read().credentials()? } else { None };
            Ok((self.changes(), credentials))
        })
    }

    /// Runs a test or a start, one at a time, and shows what comes of it.
    pub(super) async fn run(self, work: impl Future<Output = Result<String, String>>) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.outcome.set(Ok(String::new()));
        let outcome = work.await;
        self.outcome.set(outcome);
        self.is_busy.set(false);
    }

    /// Connects to the source, and shows what its first messages would become. Nothing of them is taken.
    pub(super) async fn test(self) -> Result<String, String> {
        let (changes, credentials) = self.draft()?;
        if let Some(sentence) = missing(&changes) {
            return Err(sentence.to_owned());
        }
        let text = |name| text_of(name, &changes, &[]).trim().to_owned();
        let (source, address) = (text("source"), text("source_url"));
        let given = || self.given.with_value(|given| given.as_ref()?.for_address(&address).cloned());
        let shown = credentials.clone().or_else(given);
        let mut options = options(shown.as_ref(), &address);
        options.extend([("stream", text("nats_stream")), ("subject", text("nats_subject"))]);
        let SourceSample { file, messages } = sample(&source, &sample_name(&source, &address), &options).await?;
        if messages == 0 {
            return Ok(SILENT.to_owned());
        }
        self.files.add_sample(file, address, LiveStart { changes, credentials, messages });
        Ok(format!("Connected; {} came, and are shown under Your own events.", counted(messages, "message")))
    }

    /// Starts the source; its messages are read by the settings in force.
    pub(super) async fn start(self) -> Result<String, String> {
        let (changes, credentials) = self.draft()?;
        let started = self.pipeline.start_source(&changes, credentials.as_ref()).await;
        started.map_err(|sentences| sentences.join(" "))?;
        if let Some(credentials) = credentials {
            self.keep(Some(Given::new(credentials, text_of("source_url", &changes, &[]).trim())));
        }
        Ok("Started.".to_owned())
    }

    /// Ends the source: only what is posted comes in.
    pub(super) async fn stop(self) -> Result<String, String> {
        let step = self.pipeline.plan("Stop the live source", &[("source", Some("none"))]);
        let stopped = match step {
            Ok(step) => self.pipeline.take(step).await,
            Err(sentences) => Err(sentences),
        };
        stopped.map_err(|sentences| sentences.join(" "))?;
        Ok("Stopped; what came is kept. Started again, it goes on where it can.".to_owned())
    }

    /// Forgets what servers were shown: the source connects anew without it.
    pub(super) async fn forget(self) -> Result<String, String> {
        let forgotten = self.pipeline.give_credentials(None, "").await;
        forgotten.map_err(|sentences| sentences.join(" "))?;
        self.keep(None);
        Ok("The credentials are forgotten.".to_owned())
    }

    /// Keeps credentials for later tests of their server, and empties their fields.
    fn keep(self, given: Option<Given>) {
        self.given.set_value(given);
        self.login.set(live_credentials::Typed::default());
    }
}
