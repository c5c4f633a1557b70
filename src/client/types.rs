//! The types that the page sends to the client and receives from it.

use crate::browser::message::Floats;
use crate::protocol::{HeldSetting, ProtocolError, Snapshot};
use crate::time::Timestamp;

/// The page and the worker that runs the pipeline are of different builds.
pub(super) const OTHER_BUILD: &str =
    "This tab and the one that runs the pipeline are of different versions. Reload all tabs, or close the others.";

/// The other side's messages are of another version.
pub(super) fn other_version(error: &ProtocolError) -> String {
    format!("{OTHER_BUILD} ({error})")
}

/// What the page is connected to. Each state is shown, none is silent.
#[derive(Debug, Clone, PartialEq)]
pub enum Connection {
    /// The worker is loading, or this tab waits to learn which tab runs the pipeline.
    Connecting,
    /// This tab's worker runs the pipeline.
    Owner,
    /// Another tab runs the pipeline; this one shows it.
    Attached,
    /// It cannot work; the sentence says why and what to do.
    Failed(String),
}

/// Whether `fetch("latest")`, links and other tabs reach the pipeline.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiAccess {
    /// Not known yet.
    Pending,
    /// The service worker relays real requests.
    Live,
    /// Only this page's console reaches the pipeline; the sentence says why.
    ConsoleOnly(String),
}

/// A change that the client reports to the page.
#[derive(Debug, Clone, PartialEq)]
pub enum ClientEvent {
    /// The connection changed.
    Connection(Connection),
    /// The reach of the API changed.
    Api(ApiAccess),
    /// A setting in the address was refused; the sentence names it and the remedy.
    Problem(String),
    /// Settings in the address were not applied, since they would take stored rows away.
    HeldSettings(Vec<HeldSetting>),
    /// The pipeline worker failed.
    Failure(Failure),
    /// The recovery mode changed, after too many failures.
    RecoveryMode(RecoveryMode),
    /// Whether a newer version waits to be taken.
    Update(bool),
}

/// A pipeline worker that ended without a request to end.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// What the browser says about it, a panic with its stack.
    pub reason: String,
    /// When it was noticed.
    pub at: Timestamp,
    /// Whether it was one too many: no other worker was started to run the pipeline.
    pub is_last: bool,
}

impl Failure {
    /// The reason's first line.
    #[must_use]
    pub fn headline(&self) -> &str {
        self.reason.lines().next().unwrap_or_default()
    }
}

/// What is still available of a pipeline; a worker is started for one of these, and when it fails, the next worker for
/// the next of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecoveryMode {
    /// Everything: the pipeline runs, or is about to.
    #[default]
    Unneeded,
    /// Requests: a worker opens the journal and answers them, and runs no pipeline.
    Requests,
    /// Files: a worker sends those of the journal, without opening the journal.
    Files,
    /// Nothing, in this page.
    Nothing,
}

/// A file of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct RawFile {
    /// Its name.
    pub name: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// A request that the console sends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsoleRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// Path and query relative to the app's base, such as `query?start=2025-06-01`.
    pub target: String,
    /// Content type of the body, if there is one.
    pub content_type: Option<String>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
    /// Further headers.
    pub more_headers: Vec<(String, String)>,
}

impl ConsoleRequest {
    /// All headers.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        let content_type = self.content_type.iter().map(|value| ("Content-Type".to_owned(), value.clone()));
        content_type.chain(self.more_headers.iter().cloned()).collect()
    }
}

/// The response to a [`ConsoleRequest`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConsoleResponse {
    /// HTTP status.
    pub status: u16,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether there is more of the body, which was not read.
    pub is_cut: bool,
    /// Milliseconds from sending the request to the last byte.
    pub elapsed_millis: f64,
    /// Whether it went through the service worker, as any page's `fetch` does, or straight to the pipeline worker.
    pub is_through_fetch: bool,
}

/// A snapshot with the chart's columns: see `protocol::CHART_COLUMNS`.
pub struct Drawing {
    /// What to show.
    pub snapshot: Snapshot,
    /// Its encoding: two snapshots of the same bytes show the same.
    pub encoded: Vec<u8>,
    /// Chart columns laid end to end.
    pub chart: Floats,
}
