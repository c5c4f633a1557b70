//! A connection to the worker that runs the pipeline: questions out, answers back.

use std::cell::{Cell, RefCell};

use futures_channel::oneshot::{self, Sender};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;

use super::{ConsoleRequest, ConsoleResponse, Drawing};
use crate::browser::location;
use crate::browser::message::{ListenerGuard, Message, Target, pairs};
use crate::protocol::{View, pack, unpack};

/// A worker of our own or a port to another tab's, with the questions that wait for an answer.
pub(super) struct WorkerConnection {
    target: Target,
    guard: RefCell<Option<ListenerGuard>>,
    next_id: Cell<u32>,
    requests: RefCell<Vec<(u32, Sender<Message>)>>,
    /// Bodies of which a part was asked for.
    parts: RefCell<Vec<(u32, Sender<Message>)>>,
    snapshot: RefCell<Option<Sender<Message>>>,
    /// The kind of message that somebody waits for.
    other: RefCell<Option<(&'static str, Sender<Message>)>>,
}

const GONE: &str = "the pipeline does not answer; it may be restarting";
const GARBLED: &str = "the pipeline's answer cannot be read";

impl WorkerConnection {
    pub(super) fn new(target: Target) -> Self {
        Self {
            target,
            guard: RefCell::default(),
            next_id: Cell::new(0),
            requests: RefCell::default(),
            parts: RefCell::default(),
            snapshot: RefCell::default(),
            other: RefCell::default(),
        }
    }

    /// Keeps what hears this connection for as long as the connection is kept.
    pub(super) fn keep(&self, guard: ListenerGuard) {
        *self.guard.borrow_mut() = Some(guard);
    }

    pub(super) fn send(&self, message: &Message) {
        self.target.send(message);
    }

    /// Asks what to draw; a question that was still open fails.
    pub(super) async fn snapshot(&self, view: &View) -> Result<Drawing, String> {
        let (sender, answer) = oneshot::channel();
        self.snapshot.replace(Some(sender));
        self.send(&Message::new("view").with("bytes", Uint8Array::from(pack(view).as_slice())));
        let message = answer.await.map_err(|_| GONE.to_owned())?;
        let (bytes, chart) = (message.bytes("bytes"), message.get("chart").dyn_into().ok());
        let (snapshot, chart) = unpack(&bytes).zip(chart).ok_or(GARBLED)?;
        Ok(Drawing { snapshot, bytes, chart })
    }

    /// Sends a request; answers the head of what comes back, the start of its body, and where the rest is read.
    pub(super) async fn request(
        &self,
        request: &ConsoleRequest,
    ) -> Result<(ConsoleResponse, Vec<u8>, Option<u32>), String> {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        let (sender, answer) = oneshot::channel();
        self.requests.borrow_mut().push((id, sender));
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let message = Message::new("request")
            .with("id", id)
            .with("method", request.method.as_str())
            .with("path", path)
            .with("query", query)
            .with("headers", pairs(request.headers()))
            .with("is_own", true);
        match &request.body {
            Some(body) => {
                let body = Uint8Array::from(body.as_slice()).buffer();
                self.target.send_with(&message.with("body", &body), &[&body]);
            }
            None => self.send(&message),
        }
        let message = answer.await.map_err(|_| GONE.to_owned())?;
        let response = ConsoleResponse {
            status: message.number("status").unwrap_or_default() as u16,
            headers: message.pairs("headers"),
            ..ConsoleResponse::default()
        };
        Ok((response, message.bytes("body"), message.number("stream").map(|stream| stream as u32)))
    }

    /// The next part of a body; empty at its end.
    pub(super) async fn part(&self, stream: u32) -> Result<Vec<u8>, String> {
        let (sender, part) = oneshot::channel();
        self.parts.borrow_mut().push((stream, sender));
        self.send(&Message::new("pull").with("stream", stream));
        let part = part.await.map_err(|_| GONE.to_owned())?;
        let bytes = part.bytes("body");
        if bytes.is_empty() && !part.get("is_last").is_truthy() { Err(GONE.to_owned()) } else { Ok(bytes) }
    }

    /// No more of a body; whoever waits for a part of it hears that it is gone.
    pub(super) fn cancel(&self, stream: u32) {
        self.send(&Message::new("cancel").with("stream", stream));
        drop(take(&self.parts, stream));
    }

    /// Sends a message that is answered by one of the given kind; a question of this sort that was still open fails.
    pub(super) async fn ask(&self, message: &Message, answer_kind: &'static str) -> Result<Message, String> {
        let (sender, answer) = oneshot::channel();
        self.other.replace(Some((answer_kind, sender)));
        self.send(message);
        answer.await.map_err(|_| GONE.to_owned())
    }

    /// Takes in an answer.
    pub(super) fn on_message(&self, message: Message) {
        let sender = match message.kind().as_str() {
            "response" => take(&self.requests, message.number("id").unwrap_or(-1.0) as u32),
            "part" => take(&self.parts, message.number("stream").unwrap_or(-1.0) as u32),
            "snapshot" => self.snapshot.take(),
            "erased" => return location::start_over(),
            kind => self.other.borrow_mut().take_if(|(awaited, _)| *awaited == kind).map(|(_, sender)| sender),
        };
        if let Some(sender) = sender {
            // Whoever asked may have gone meanwhile.
            let _ = sender.send(message);
        }
    }

    /// Lets the question what to draw fail; the others go on waiting.
    pub(super) fn skip_snapshot(&self) {
        self.snapshot.take();
    }

    /// Lets every open question fail.
    pub(super) fn give_up(&self) {
        self.requests.take();
        self.parts.take();
        self.snapshot.take();
        self.other.take();
    }
}

/// The sender that waits under this number.
fn take(waiting: &RefCell<Vec<(u32, Sender<Message>)>>, id: u32) -> Option<Sender<Message>> {
    let mut waiting = waiting.borrow_mut();
    waiting.iter().position(|(known, _)| *known == id).map(|at| waiting.swap_remove(at).1)
}
