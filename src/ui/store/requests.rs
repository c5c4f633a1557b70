//! Requests and commands of the page: API requests, settings with undo, storage.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::{IDLE_MILLIS, PageSnapshotStoreFields, Pipeline};
use crate::browser::source_file::SourceFile;
use crate::client::{ConsoleRequest, ConsoleResponse, RawFile, Reading};
use crate::pipeline::sniff::{self, Choices};
use crate::pipeline::{API_KEY, Credentials};
use crate::protocol::{FilePace, FilePreview, FileSeek, StorageAction};
use crate::ui::model::destructive::{FRAMED, takes_away};
use crate::ui::model::endpoints::{Endpoint, endpoints};
use crate::ui::model::held_settings::held_changes;
use crate::ui::model::live_credentials;
use crate::ui::model::payload::reasons;
use crate::ui::model::settings::{patch, plan};
use crate::ui::model::undo::{Step, Undo};

/// Time limit for the settings in force to arrive.
const KNOWN_WITHIN_MILLIS: u32 = 5_000;
const KEY_TAKEN: &str = "The API key in the address is in force now, and was taken out of the address.";
const STARTED: &str = "This source is in force already; stop it first to begin it anew.";
const NOT_KNOWN: &str = "The settings in force are not known yet; try again in a moment.";

impl Pipeline {
    /// Refuses a request that takes something stored away, in a frame of another site.
    fn check_frame(self, request: &ConsoleRequest) -> Result<(), String> {
        let ConsoleRequest { method, target, body, .. } = request;
        let body = body.as_deref().unwrap_or_default();
        let is_refused = self.is_framed() && takes_away(method, target, body, &self.page.settings().read_untracked());
        if is_refused { Err(FRAMED.to_owned()) } else { Ok(()) }
    }

    /// Sends a request to the API.
    ///
    /// # Errors
    /// A sentence, when there is no response, or in a frame of another site for a request that takes something away.
    pub async fn request(self, request: ConsoleRequest) -> Result<ConsoleResponse, String> {
        self.check_frame(&request)?;
        self.client().request(request).await
    }

    /// The same, but returns as soon as the head of the response is there.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn open(self, request: &ConsoleRequest) -> Result<Reading, String> {
        self.check_frame(request)?;
        self.client().open(request).await
    }

    /// Sends a request straight to the pipeline worker, and returns as soon as the head of the response is there.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn ask(self, request: &ConsoleRequest) -> Result<Reading, String> {
        self.check_frame(request)?;
        self.client().ask(request).await
    }

    /// Sends the user's choice of action for a full disk; in a frame of another site only another attempt.
    pub fn decide(self, action: StorageAction) {
        if !self.is_framed() || action == StorageAction::Retry {
            self.client().decide(action);
        }
    }

    /// What a file would become: what these choices leave open is guessed. Nothing of it is taken.
    ///
    /// # Errors
    /// A sentence, when the file cannot be read or no worker answers.
    pub async fn preview_file(self, file: &SourceFile, choices: Choices) -> Result<FilePreview, String> {
        self.client().preview_file(file, choices).await
    }

    /// Loads a file as it is read in its preview, after those that are being loaded; returns its number.
    ///
    /// # Errors
    /// Sentences that say why it is not loaded; nothing of it was taken.
    pub async fn load_file(
        self,
        file: &SourceFile,
        reading: sniff::Reading,
        pace: FilePace,
        is_continued: bool,
    ) -> Result<u32, Vec<String>> {
        self.client().load_file(file, reading, pace, is_continued).await
    }

    /// Lets the file that is read rest, or go on.
    pub fn rest_file(self, is_resting: bool) {
        if is_resting {
            self.client().pause_file();
        } else {
            self.client().resume_file();
        }
    }

    /// Lets it go on elsewhere.
    pub fn seek_file(self, seek: FileSeek) {
        self.client().seek_file(seek);
    }

    /// Changes the speed of its replay; `None`: the rest of it at once.
    pub fn set_file_speed(self, speed: Option<f64>) {
        self.client().set_file_speed(speed);
    }

    /// Whether its replay begins anew at its end.
    pub fn set_file_loop(self, is_looped: bool) {
        self.client().set_file_loop(is_looped);
    }

    /// Ends a file, or takes it from those that wait; what was taken of it stays.
    pub fn cancel_file(self, number: u32) {
        self.client().cancel_file(number);
    }

    /// Removes the files that have ended from the page.
    pub fn clear_ended_files(self) {
        self.client().clear_ended_files();
    }

    /// Gives what servers are shown to the pipeline, and to each worker that runs it while this page lives; `None` forgets
    /// what was given before.
    ///
    /// # Errors
    /// Sentences that repeat nothing of it.
    pub async fn give_credentials(self, credentials: Option<&Credentials>, address: &str) -> Result<(), Vec<String>> {
        let answer = self.client().give_credentials(live_credentials::body(credentials, address)).await;
        let response = answer.map_err(|sentence| vec![sentence])?;
        if response.status == 204 { Ok(()) } else { Err(reasons(response.status, &response.body)) }
    }

    /// Changes settings in one step, by which a live source starts, once its server's credentials are given.
    ///
    /// # Errors
    /// One sentence for each refused value, or for the credentials: then nothing was changed. Also one when there is nothing
    /// to change.
    pub async fn start_source(
        self,
        changes: &[(&'static str, String)],
        credentials: Option<&Credentials>,
    ) -> Result<(), Vec<String>> {
        let changes: Vec<(&str, Option<&str>)> =
            changes.iter().map(|(name, text)| (*name, Some(text.as_str()))).collect();
        let address = changes.iter().find(|(name, _)| *name == "source_url").and_then(|(_, text)| *text);
        let address = address.unwrap_or_default().trim();
        let step = self.plan("Live source", &changes)?;
        if credentials.is_some() {
            self.give_credentials(credentials, address).await?;
        } else if step.changes.is_empty() {
            return Err(vec![STARTED.to_owned()]);
        }
        self.take(step).await
    }

    /// The raw files of the journal.
    ///
    /// # Errors
    /// A sentence, when no worker returns them.
    pub async fn raw_files(self) -> Result<Vec<RawFile>, String> {
        self.client().raw_files().await
    }

    /// Removes all data of the app in this browser, then reloads the page; not in a frame of another site.
    pub fn start_over(self) {
        if !self.is_framed() {
            self.client().start_over();
        }
    }

    /// The endpoints in `openapi.json` of the worker that runs the pipeline.
    ///
    /// # Errors
    /// A sentence, when the document cannot be loaded.
    pub async fn endpoints(self) -> Result<Vec<Endpoint>, String> {
        let request =
            ConsoleRequest { method: "GET".into(), target: "openapi.json".into(), ..ConsoleRequest::default() };
        let response = self.client().command(&request).await?;
        serde_json::from_slice(&response.body)
            .map(|document| endpoints(&document))
            .ok()
            .filter(|list| !list.is_empty())
            .ok_or_else(|| "openapi.json cannot be read".into())
    }

    /// The step from the settings in force to the same with these changes; an empty text is the default.
    ///
    /// # Errors
    /// One sentence for each refused value; also one while the settings in force are not known.
    pub fn plan(self, title: &'static str, changes: &[(&str, Option<&str>)]) -> Result<Step, Vec<String>> {
        if !self.page.is_known().get_untracked() {
            // Compared with guessed settings, a change could be left out as already in force.
            return Err(vec![NOT_KNOWN.to_owned()]);
        }
        self.plan_from_known(title, changes)
    }

    /// Waits until the settings in force are known, a moment after the page was opened, or for a few seconds.
    pub async fn until_known(self) {
        let mut millis = 0;
        while !self.page.is_known().get_untracked() && millis < KNOWN_WITHIN_MILLIS {
            TimeoutFuture::new(IDLE_MILLIS).await;
            millis += IDLE_MILLIS;
        }
    }

    /// Why these changes would be refused: combined with the settings in force, or with the defaults until those are
    /// known.
    #[must_use]
    pub fn refusals(self, changes: &[(&str, Option<&str>)]) -> Vec<String> {
        self.plan_from_known("", changes).err().unwrap_or_default()
    }

    fn plan_from_known(self, title: &'static str, changes: &[(&str, Option<&str>)]) -> Result<Step, Vec<String>> {
        let in_force = self.page.settings().read_untracked();
        plan(title, &in_force, changes).map_err(|errors| errors.into_iter().map(|error| error.message).collect())
    }

    /// Applies a step, which can be undone.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub async fn take(self, step: Step) -> Result<(), Vec<String>> {
        if step.changes.is_empty() {
            return Ok(());
        }
        self.send_settings(step.body(false)).await?;
        self.steps().update(|undo| undo.push(step));
        Ok(())
    }

    /// Undoes the newest step, or redoes the one undone last.
    ///
    /// # Errors
    /// As [`Self::configure`].
    pub async fn shift(self, is_back: bool) -> Result<(), Vec<String>> {
        let mut next = None;
        self.steps().update(|undo| next = undo.shift(is_back));
        let Some(step) = next else { return Ok(()) };
        let outcome = self.send_settings(step.body(is_back)).await;
        if outcome.is_err() {
            self.steps().update(|undo| drop(undo.shift(!is_back)));
        }
        outcome
    }

    /// The steps to undo and to redo.
    #[must_use]
    pub fn steps(self) -> RwSignal<Undo> {
        self.signals().undo
    }

    /// Changes one setting and waits until a snapshot can show it; it cannot be undone.
    ///
    /// # Errors
    /// One sentence for each refused value.
    pub async fn configure(self, name: &str, value: &str) -> Result<(), Vec<String>> {
        self.send_settings(patch([(name, Some(value))])).await
    }

    /// Sets the API key that an address brought while the page is shown, and says so.
    pub async fn set_key(self, key: &str) {
        let outcome = self.configure(API_KEY, key).await;
        let sentences = outcome.err().unwrap_or_else(|| vec![KEY_TAKEN.to_owned()]);
        self.problems().update(|all| all.extend(sentences));
    }

    async fn send_settings(self, body: String) -> Result<(), Vec<String>> {
        let request = ConsoleRequest {
            method: "PATCH".to_owned(),
            target: "config".to_owned(),
            content_type: Some("application/json".to_owned()),
            body: Some(body.into_bytes()),
            ..ConsoleRequest::default()
        };
        self.check_frame(&request).map_err(|sentence| vec![sentence])?;
        let response = self.client().command(&request).await.map_err(|sentence| vec![sentence])?;
        if response.status != 200 {
            return Err(reasons(response.status, &response.body));
        }
        let version = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("ETag"));
        if let Some(version) = version.and_then(|(_, version)| version.trim_matches('"').parse().ok()) {
            self.until_config(version).await;
        }
        Ok(())
    }

    /// Applies the settings of the address that were held back, in one step.
    ///
    /// # Errors
    /// As [`Self::configure`]; they stay held back then.
    pub async fn apply_held_settings(self) -> Result<(), Vec<String>> {
        // The notice can be there before the first snapshot.
        self.until_known().await;
        let held = self.held_settings().get_untracked();
        let step = self.plan("", &held_changes(&held))?;
        self.take(step).await?;
        self.held_settings().set(Vec::new());
        Ok(())
    }

    /// Produces one event now.
    pub fn step(self) {
        self.client().step();
    }

    /// Clears results, history, dead letters and rolling state.
    ///
    /// # Errors
    /// A sentence, when the request failed.
    pub async fn clear_everything(self) -> Result<(), String> {
        let request = ConsoleRequest { method: "DELETE".into(), target: "events".into(), ..ConsoleRequest::default() };
        let response = self.request(request).await?;
        if response.status < 300 { Ok(()) } else { Err(format!("the answer was {}", response.status)) }
    }
}
