//! Every message between a page and a pipeline worker, one enum a direction.

use serde::{Deserialize, Serialize};

use super::http::{RequestHead, RequestPart, ResponseHead, ResponsePart};
use super::{FilePreview, FileRequest, Snapshot, View};

/// From a page, its own or another tab's, to a pipeline worker; what the service worker says becomes one of these, see
/// [`FromRelay`](super::FromRelay).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// The first message of each connection; the answer is [`FromWorker::Welcome`], [`FromWorker::Refused`] or
    /// [`FromWorker::Role`].
    Hello {
        /// The build of a page, named by its script: pages of another build are refused. The service worker names none.
        build: Option<String>,
        /// From the worker's own page: what to start with.
        start: Option<Start>,
    },
    /// From the worker's own page: a transferred port to another sender.
    Port {
        /// Whether the service worker brokered it for another page of the app; else the service worker itself speaks on
        /// it, for anybody, by [`FromRelay`](super::FromRelay).
        is_page: bool,
    },
    /// From the worker's own page, once that worker runs the pipeline: a transferred port to `browser::heartbeat_worker`.
    Heartbeats,
    /// From the worker's own page, about a decoder that [`FromWorker::NeedsDecoder`] asked for: a transferred port to it.
    Decoder {
        /// The decoder's.
        number: u32,
        /// Instead of a port, at any time: what the browser says of why it cannot be loaded, or has stopped.
        failure: Option<String>,
    },
    /// An HTTP request; its body, or the first part of it, is the envelope's.
    Request(RequestHead),
    /// The next part of a request's body, which is the envelope's: the answer to [`FromWorker::More`].
    Body(RequestPart),
    /// The sender no longer waits for the answer to a request.
    Abandon {
        /// The request's.
        id: u32,
    },
    /// Requests the next part of a body.
    Pull {
        /// [`ResponseHead::stream`].
        stream: u32,
    },
    /// Cancels the rest of a body.
    Cancel {
        /// The stream.
        stream: u32,
    },
    /// The sender still reads its streams: those of silent readers are dropped.
    Alive,
    /// The sender of this port holds a lock for as long as it lives: whoever gets the lock knows that it is gone.
    Holding {
        /// The name of the lock, see `browser::locks::hold_for_life`.
        lock: String,
    },
    /// The sender of this port is about to close it.
    Goodbye,
    /// Requests a snapshot.
    View(View),
    /// Requests a heartbeat at once.
    Ping,
    /// Produce one simulated event now.
    Step,
    /// The settings in force elsewhere, as the query of an address: to start with if this worker takes over.
    Address {
        /// The query.
        query: String,
    },
    /// The user chose what to do about the files.
    Storage(StorageAction),
    /// About a file of a person's own, which travels beside the message.
    File(FileRequest),
    /// Requests the journal's files as they are.
    RawFiles {
        /// The base path, which names them.
        base: String,
    },
}

/// What a worker starts with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// The settings, as the query of an address.
    pub query: String,
    /// The folder that serves the page: it names lock, channel and files.
    pub base: String,
    /// Whether the pipeline runs.
    pub mode: Mode,
    /// Whether the history was in memory alone when a page last showed it, by the setting `persist`.
    pub is_memory_only: bool,
}

/// What a worker is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// To run the pipeline, when this worker owns it.
    Run,
    /// To open the journal and answer requests, and write nothing.
    Rescue,
}

/// What the user can do about the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageAction {
    /// The disk was full: try to write again.
    Retry,
    /// The disk is full: drop the oldest quarter of the rows.
    DropOldest,
    /// The disk is full: go on in memory.
    Memory,
    /// Remove all files and start anew.
    Erase,
}

/// From a pipeline worker to its page and to the senders of [`ToWorker`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// To its page: the worker listens.
    Ready,
    /// This worker runs the pipeline.
    Welcome,
    /// The other side is of another version or build; the envelope has this side's version.
    Refused,
    /// Which worker runs the pipeline.
    Role(Role),
    /// The worker lives.
    Heartbeat {
        /// How long it may be silent from now on; `None`: as long as usual, see `client::supervision`.
        busy_millis: Option<f64>,
    },
    /// The answer to a request; the start of its body is the envelope's.
    Response(ResponseHead),
    /// Requests the next part of a request's body. A response may come at any time instead, and the rest is not sent.
    More {
        /// The request's.
        id: u32,
    },
    /// The answer to [`ToWorker::Pull`].
    Part(ResponsePart),
    /// The answer to [`ToWorker::View`]; the columns of the chart are the envelope's body, see
    /// [`CHART_COLUMNS`](super::CHART_COLUMNS).
    Snapshot(Box<Snapshot>),
    /// To pages: the settings in force, key included, to start with when their own worker takes over or starts anew.
    Settings {
        /// The query of an address.
        query: String,
    },
    /// To its page: start a decoder, see `browser::decoder_worker`. [`ToWorker::Decoder`] answers.
    NeedsDecoder {
        /// Returned in the answers.
        number: u32,
    },
    /// To its page: end that decoder.
    EndsDecoder {
        /// The decoder's.
        number: u32,
    },
    /// To its page: bodies are being read, so that the service worker has to be kept awake.
    Reading,
    /// The pipeline could not be started, for this reason.
    Failed(String),
    /// The answer to [`FileRequest::Preview`].
    FilePreview {
        /// The request's.
        id: u32,
        /// The preview, or a sentence that says why there is none.
        preview: Result<Box<FilePreview>, String>,
    },
    /// The answer to [`FileRequest::Load`].
    FileLoading {
        /// The request's.
        id: u32,
        /// [`FileView::number`](super::FileView::number), or sentences that say why the file is not loaded.
        number: Result<u32, Vec<String>>,
    },
    /// After [`StorageAction::Erase`]: nothing is stored any more.
    Erased,
    /// The journal's files, whose contents are the envelope's body, one after the other.
    RawFiles(Vec<RawFileEntry>),
}

/// Which worker runs the pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Role {
    /// This one, from now on.
    Owner {
        /// Since then, in milliseconds since the epoch.
        since_millis: f64,
        /// Settings in the address that were refused.
        problems: Vec<String>,
        /// Settings in the address that were not applied, since they would take stored rows away, or send to others
        /// what comes in.
        held: Vec<HeldSetting>,
    },
    /// Another tab's, or none yet. Requests that were sent here are not answered.
    Waiting,
    /// Another tab's since just now: connections to the previous worker are dead.
    Replaced {
        /// Since then, in milliseconds since the epoch.
        since_millis: f64,
    },
}

/// A setting of an address that waits for a person's consent, since less would be kept with it, or what comes in would be
/// sent to others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldSetting {
    /// Its name.
    pub name: String,
    /// Its value in the address, as text.
    pub value: String,
    /// The value in force, as text; `None` for unset.
    pub in_force: Option<String>,
    /// The server that batches would be published to; `None` for other settings, and while there is none.
    pub server: Option<String>,
    /// Rows that it would remove at once.
    pub removed_rows: u64,
    /// Rows that are stored, and events that wait to be.
    pub stored_rows: u64,
}

/// A file among [`FromWorker::RawFiles`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawFileEntry {
    /// Its name.
    pub name: String,
    /// Its bytes within the body.
    pub len: u32,
}

/// Between the pipeline workers of all tabs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum WorkerBroadcast {
    /// A thread of the owner runs, see `worker::watch`.
    Heartbeat {
        /// Which thread.
        thread: OwnerThread,
        /// Which owner: when it opened the files, in milliseconds since the epoch. The latest one counts.
        claim_millis: f64,
        /// Until then its event loop may be silent, in milliseconds since the epoch.
        busy_until_millis: f64,
    },
    /// Asks the owner for a heartbeat: the sender hears none, and steals the lock if none follows.
    Question,
    /// The sender owns the pipeline from now on.
    Owner {
        /// Since then, in milliseconds since the epoch.
        since_millis: f64,
    },
}

/// The threads of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnerThread {
    /// The pipeline worker's own: it is late while the worker computes.
    EventLoop,
    /// The one of `browser::heartbeat_worker`, which does nothing else.
    Heartbeat,
}

/// From a page to the service worker, about itself. A plain object of `kind` and `at` without an envelope: a page also
/// speaks to the service worker of the next build, so these names never change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ToServiceWorker {
    /// Control this page, which was loaded past the service worker.
    Claim,
    /// Hand the transferred port to the page whose worker runs the pipeline.
    Attach,
    /// Bodies are being read through the service worker: stay awake.
    KeepAwake,
    /// The page ended its worker and started another: ports of the old one are dead.
    Restarted,
    /// Another worker runs the pipeline.
    Owner {
        /// Since then, in milliseconds since the epoch.
        at: f64,
    },
    /// End the streams: a newer service worker waits for it.
    GiveWay,
    /// Become active now.
    TakeOver,
    /// Delete the app's caches and unregister.
    Forget,
}
