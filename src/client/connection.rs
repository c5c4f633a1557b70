//! A connection to the worker that runs the pipeline: requests out, answers back.

use std::cell::{Cell, RefCell};

use futures_channel::oneshot::{self, Receiver, Sender};

use super::{ConsoleRequest, ConsoleResponse, Drawing, RawFile};
use crate::browser::message::{ListenerGuard, Received, Target};
use crate::browser::source_file::SourceFile;
use crate::browser::{location, spawn_local};
use crate::protocol::{
    FilePreview, FileRequest, FromWorker, PartKind, RawFileEntry, RequestHead, ResponseHead, ResponsePart, ToWorker,
    View,
};

/// This tab's worker or a port to another tab's, with the requests that wait for an answer.
pub(super) struct WorkerConnection {
    target: Target,
    /// Listens to the port; `None` for this tab's own worker, whose messages arrive elsewhere.
    guard: RefCell<Option<ListenerGuard>>,
    next_id: Cell<u32>,
    requests: RefCell<Vec<(u32, Sender<Head>)>>,
    /// Bodies of which a part was requested.
    parts: RefCell<Vec<(u32, Sender<BodyPart>)>>,
    snapshot: RefCell<Option<Sender<Box<Drawing>>>>,
    raw_files: RefCell<Option<Sender<Vec<RawFile>>>>,
    previews: RefCell<Vec<(u32, Sender<Preview>)>>,
    loads: RefCell<Vec<(u32, Sender<Loading>)>>,
}

/// The head of an answer, the start of its body, and the stream that has the rest.
type Head = (ConsoleResponse, Vec<u8>, Option<u32>);

/// What a part of a body is, and its bytes.
type BodyPart = (PartKind, Vec<u8>);

/// What a file would become, or why that is not known.
type Preview = Result<Box<FilePreview>, String>;

/// The number of a file that is being loaded, or why it is not.
type Loading = Result<u32, Vec<String>>;

pub(super) const GONE: &str = "the pipeline does not answer; it may be restarting";

impl WorkerConnection {
    pub(super) fn new(target: Target) -> Self {
        Self {
            target,
            guard: RefCell::default(),
            next_id: Cell::new(0),
            requests: RefCell::default(),
            parts: RefCell::default(),
            snapshot: RefCell::default(),
            raw_files: RefCell::default(),
            previews: RefCell::default(),
            loads: RefCell::default(),
        }
    }

    /// Keeps the listener of this connection for as long as the connection exists.
    pub(super) fn keep(&self, guard: ListenerGuard) {
        *self.guard.borrow_mut() = Some(guard);
    }

    pub(super) fn send(&self, message: &ToWorker) {
        self.target.send(message);
    }

    /// Requests a snapshot; an earlier request for one that is still open fails.
    pub(super) async fn snapshot(&self, view: &View) -> Result<Drawing, String> {
        let (sender, answer) = oneshot::channel();
        self.snapshot.replace(Some(sender));
        self.send(&ToWorker::View(view.clone()));
        answer.await.map(|drawing| *drawing).map_err(|_| GONE.to_owned())
    }

    fn new_id(&self) -> u32 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        id
    }

    /// Sends a request; returns the head of the response, the start of its body, and the stream that has the rest.
    pub(super) async fn request(&self, request: &ConsoleRequest) -> Result<Head, String> {
        let id = self.new_id();
        let (sender, answer) = oneshot::channel();
        self.requests.borrow_mut().push((id, sender));
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let message = ToWorker::Request(RequestHead {
            id,
            method: request.method.clone(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: request.headers(),
            // The page has it in memory, and transfers a copy.
            has_more: false,
        });
        match &request.body {
            Some(body) => self.target.send_with_body(&message, body),
            None => self.send(&message),
        }
        answer.await.map_err(|_| GONE.to_owned())
    }

    /// The next part of a body; empty at its end.
    pub(super) async fn part(&self, stream: u32) -> Result<Vec<u8>, String> {
        let (sender, part) = oneshot::channel();
        self.parts.borrow_mut().push((stream, sender));
        self.send(&ToWorker::Pull { stream });
        match part.await {
            Ok((PartKind::Bytes | PartKind::Last, bytes)) => Ok(bytes),
            Ok((PartKind::Lost, _)) | Err(_) => Err(GONE.to_owned()),
        }
    }

    /// Cancels a body; an open request for a part of it fails.
    pub(super) fn cancel(&self, stream: u32) {
        self.send(&ToWorker::Cancel { stream });
        drop(take(&self.parts, stream));
    }

    /// The journal's files as they are; an earlier request for them that is still open fails.
    pub(super) async fn raw_files(&self, base: String) -> Result<Vec<RawFile>, String> {
        let (sender, answer) = oneshot::channel();
        self.raw_files.replace(Some(sender));
        self.send(&ToWorker::RawFiles { base });
        answer.await.map_err(|_| GONE.to_owned())
    }

    /// Requests the preview of a file.
    pub(super) fn preview_file(
        &self,
        file: &SourceFile,
        request: impl FnOnce(u32) -> FileRequest,
    ) -> Receiver<Preview> {
        let (id, (sender, answer)) = (self.new_id(), oneshot::channel());
        self.previews.borrow_mut().push((id, sender));
        self.target.send_with_file(&ToWorker::File(request(id)), file);
        answer
    }

    /// Requests that a file is loaded.
    pub(super) fn load_file(&self, file: &SourceFile, request: impl FnOnce(u32) -> FileRequest) -> Receiver<Loading> {
        let (id, (sender, answer)) = (self.new_id(), oneshot::channel());
        self.loads.borrow_mut().push((id, sender));
        self.target.send_with_file(&ToWorker::File(request(id)), file);
        answer
    }

    /// Passes an answer to the request that waits for it, unless that request was dropped meanwhile.
    pub(super) fn on_message(&self, received: Received<FromWorker>) {
        let Received { message, encoded, body, .. } = received;
        match message {
            FromWorker::Response(ResponseHead { id, status, headers, stream }) => {
                let response = ConsoleResponse { status, headers, ..ConsoleResponse::default() };
                drop(take(&self.requests, id).map(|sender| sender.send((response, body.bytes(), stream))));
            }
            FromWorker::Part(ResponsePart { stream, part }) => {
                drop(take(&self.parts, stream).map(|sender| sender.send((part, body.bytes()))));
            }
            FromWorker::Snapshot(snapshot) => {
                let drawing = Drawing { snapshot: *snapshot, encoded, chart: body.floats() };
                drop(self.snapshot.take().map(|sender| sender.send(Box::new(drawing))));
            }
            FromWorker::RawFiles(entries) => {
                drop(self.raw_files.take().map(|sender| sender.send(split(entries, &body.bytes()))));
            }
            FromWorker::FilePreview { id, preview } => {
                drop(take(&self.previews, id).map(|sender| sender.send(preview)));
            }
            FromWorker::FileLoading { id, number } => {
                drop(take(&self.loads, id).map(|sender| sender.send(number)));
            }
            FromWorker::Erased => location::start_over(),
            _ => {}
        }
    }

    /// Fails the open request for a snapshot; the others go on waiting.
    pub(super) fn skip_snapshot(&self) {
        self.snapshot.take();
    }

    /// Fails every open request, and closes the port: the worker at its other end forgets it. The listener of a port
    /// keeps the connection, so that only this ends both.
    pub(super) fn give_up(&self) {
        self.requests.take();
        self.parts.take();
        self.snapshot.take();
        self.raw_files.take();
        self.previews.take();
        self.loads.take();
        if let Some(guard) = self.guard.take() {
            self.send(&ToWorker::Goodbye);
            self.target.close();
            // The listener may be what calls this.
            spawn_local(async move { drop(guard) });
        }
    }
}

/// Removes the sender that waits under this number.
fn take<T>(waiting: &RefCell<Vec<(u32, Sender<T>)>>, id: u32) -> Option<Sender<T>> {
    let mut waiting = waiting.borrow_mut();
    waiting.iter().position(|(known, _)| *known == id).map(|at| waiting.swap_remove(at).1)
}

/// The files whose contents lie one after the other in `body`.
fn split(entries: Vec<RawFileEntry>, body: &[u8]) -> Vec<RawFile> {
    let mut rest = body;
    let file = |RawFileEntry { name, len }| {
        let (bytes, others) = rest.split_at((len as usize).min(rest.len()));
        rest = others;
        RawFile { name, bytes: bytes.to_vec() }
    };
    entries.into_iter().map(file).collect()
}
