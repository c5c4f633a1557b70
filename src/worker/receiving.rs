//! Requests whose bodies are read: received part by part where they are large, and read in slices.
//!
//! Read [`receive`] first. The head is judged at once; then each part is asked for and kept outside of this program's
//! memory; once all of them are there, the body is read in slices, between which the worker handles messages,
//! heartbeats and batches. Of a body of Arrow or Parquet another program makes columns, which are read instead.

use std::rc::Rc;

use gloo_timers::callback::Timeout;

use super::bodies::{NextPart, Size};
use super::peer::Peer;
use super::state::Shared;
use crate::api::{
    ApiError, App, Body, EncodedBody, MAX_BODY_BYTES, Request, Response, Upload, UploadStep, refuse_coding,
};
use crate::browser::file_decoder::{DecodeFailure, FileDecoder};
use crate::browser::message::Body as Part;
use crate::browser::spool::Spool;
use crate::browser::{clock, spawn_local, yield_now};
use crate::pipeline::coding::{Decoded, Decoding};
use crate::protocol::{FromWorker, ResponseHead, Role};
use crate::store::Durability;
use crate::time::Timestamp;

/// A sender that is asked for a part and sends none for this long has given up.
const PATIENCE_MILLIS: u32 = 30_000;
/// How long a body is read before others have their turn.
const SLICE_MILLIS: f64 = 16.0;
/// Bytes of a body that are read at a time.
const READ_BYTES: usize = 64 << 10;
/// Bytes of a body without its codings that are kept at a time.
const PLAIN_BYTES: usize = 1 << 20;

/// Answers a request of which the head and the first part of the body have come: within this task, if it is answered in a
/// slice. `step` is called whenever it may have completed batches.
pub(super) fn receive(
    worker: &Shared,
    sender: &Peer,
    id: u32,
    head: Request,
    (first, has_more): NextPart,
    step: fn(&Shared),
) {
    let (worker, sender) = (Rc::clone(worker), sender.clone());
    spawn_local(async move {
        let receiving = Receiving { worker: &worker, sender: &sender, id, step };
        let answer = receiving.answer(head, first, has_more).await;
        worker.borrow_mut().bodies.close(&sender, id);
        match answer {
            Ok(Response { status, headers, body }) => {
                // What answers a body is small, and whole.
                let body = if let Body::Whole(body) = body { body } else { Vec::new() };
                let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                sender.send_with_body(&FromWorker::Response(ResponseHead { id, status, headers, stream: None }), &body);
            }
            // The owner of the files answers the request when it is sent again.
            Err(Lost::Pipeline) => sender.send(&FromWorker::Role(Role::Waiting)),
            Err(Lost::Sender) => {}
        }
        step(&worker);
    });
}

/// A request that is being received.
struct Receiving<'a> {
    worker: &'a Shared,
    sender: &'a Peer,
    id: u32,
    step: fn(&Shared),
}

/// Why a body is not read.
enum Stop {
    /// Nobody waits for the answer, or somebody else gives it.
    Lost(Lost),
    /// This is the answer.
    Answer(Response),
}

impl From<Lost> for Stop {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

/// Why a request is not answered here.
enum Lost {
    /// This worker does not run the pipeline, or no longer.
    Pipeline,
    /// Nobody waits for the answer.
    Sender,
}

impl Receiving<'_> {
    async fn answer(&self, head: Request, first: Part, has_more: bool) -> Result<Response, Lost> {
        let mut upload = match self.with_app(|app, now| app.begin_upload(head, now))? {
            Ok(upload) => upload,
            Err(response) => return Ok(response),
        };
        let is_open = self.worker.borrow_mut().bodies.open(self.sender, self.id, has_more);
        if !is_open {
            return self.refuse(&upload, "too many bodies are sent at once; send this again later");
        }
        let (mut spool, mut bytes, mut next) = (Spool::default(), 0, Some((first, has_more)));
        while let Some((part, has_more)) = next {
            bytes += part.byte_length();
            let received = self.with_app(|app, now| upload.receive(part.byte_length(), app, now))?;
            if let Err(response) = received {
                return Ok(response);
            }
            if let Err(reason) = spool.push(part, !has_more) {
                return self.refuse(&upload, &reason);
            }
            next = if has_more { self.next_part().await } else { None };
            if has_more && next.is_none() {
                self.check_sender()?;
                return self.refuse(&upload, "the body stopped coming; send it again");
            }
        }
        let _turn = Turn::wait(self.worker, Size::of(bytes)).await;
        match self.read(upload, spool).await {
            Ok(response) | Err(Stop::Answer(response)) => Ok(response),
            Err(Stop::Lost(lost)) => Err(lost),
        }
    }

    /// The columns of a body.
    async fn decode(&self, upload: &mut Upload, body: &EncodedBody, spool: &Spool) -> Result<Spool, Stop> {
        let plain = self.without_codings(upload, &body.codings, spool).await?;
        let file = plain.as_ref().unwrap_or(spool).to_blob();
        let file = file.map_err(|reason| self.unavailable(upload, &reason))?;
        let decoders = self.worker.borrow().decoders.clone();
        let opened = FileDecoder::open(&decoders, &file, body.coding, Some(body.columns.clone()), 0).await;
        let (mut decoder, _) = opened.map_err(|failure| self.undecoded(upload, body, failure))?;
        let (mut columns, mut bytes) = (Spool::default(), 0);
        loop {
            self.check_sender()?;
            let piece = decoder.next_piece().await.map_err(|failure| self.undecoded(upload, body, failure))?;
            let piece = piece.map(|piece| piece.bytes);
            bytes += piece.as_ref().map_or(0, Vec::len);
            self.with_app(|app, now| upload.decoded(body, bytes, app, now))?.map_err(Stop::Answer)?;
            let kept = columns.push_bytes(piece.as_deref().unwrap_or_default(), piece.is_none());
            kept.map_err(|reason| self.unavailable(upload, &reason))?;
            if piece.is_none() {
                return Ok(columns);
            }
        }
    }

    /// The body without its codings, if it has any.
    async fn without_codings(&self, upload: &Upload, codings: &str, spool: &Spool) -> Result<Option<Spool>, Stop> {
        let refused = |error| self.rejected(upload, refuse_coding(error, MAX_BODY_BYTES));
        let mut decoding = Decoding::new(codings, MAX_BODY_BYTES).map_err(refused)?;
        if !decoding.is_coded() {
            return Ok(None);
        }
        let (mut plain, mut at) = (Spool::default(), 0);
        loop {
            let (mut bytes, mut decoded) = (Vec::new(), Decoded::More);
            while decoded == Decoded::More && bytes.len() < PLAIN_BYTES {
                decoded = decoding.read(&mut bytes).map_err(refused)?;
            }
            let kept = plain.push_bytes(&bytes, decoded == Decoded::End);
            kept.map_err(|reason| self.unavailable(upload, &reason))?;
            match decoded {
                Decoded::End => return Ok(Some(plain)),
                Decoded::More => {}
                Decoded::NeedsMore => {
                    let piece = spool.read(at, READ_BYTES).await;
                    let piece = piece.map_err(|reason| self.unavailable(upload, &reason))?;
                    at += piece.len();
                    // The end is told by a piece without bytes.
                    decoding.push(&piece, piece.is_empty());
                }
            }
        }
    }

    fn undecoded(&self, upload: &Upload, body: &EncodedBody, failure: DecodeFailure) -> Stop {
        match failure {
            DecodeFailure::File(reason) => self.rejected(upload, body.refusal(reason)),
            DecodeFailure::Program(reason) => self.unavailable(upload, &reason),
        }
    }

    fn unavailable(&self, upload: &Upload, reason: &str) -> Stop {
        self.refuse(upload, reason).map_or_else(Stop::Lost, Stop::Answer)
    }

    fn rejected(&self, upload: &Upload, error: ApiError) -> Stop {
        self.with_app(|app, now| upload.reject(error, app, now)).map_or_else(Stop::Lost, Stop::Answer)
    }

    /// The next part; `None` when none comes.
    async fn next_part(&self) -> Option<NextPart> {
        let part = self.worker.borrow_mut().bodies.expect(self.sender, self.id);
        self.sender.send(&FromWorker::More { id: self.id });
        let (worker, sender, id) = (Rc::clone(self.worker), self.sender.clone(), self.id);
        let patience = Timeout::new(PATIENCE_MILLIS, move || worker.borrow_mut().bodies.give_up(&sender, id));
        let part = part.await.ok();
        drop(patience);
        part
    }

    /// Reads the body slice by slice.
    async fn read(&self, mut upload: Upload, mut spool: Spool) -> Result<Response, Stop> {
        let (mut worked_millis, mut slice_millis) = (0.0, clock::monotonic_millis());
        loop {
            if let Err(lost) = self.check_sender() {
                self.with_app(|app, now| upload.break_off(app, now))?;
                return Err(lost.into());
            }
            let start_millis = clock::monotonic_millis();
            let step = self.with_app(|app, now| upload.step(app, now))?;
            worked_millis += clock::monotonic_millis() - start_millis;
            match step {
                UploadStep::Done(response) => {
                    let is_taken_over = self.with_app(|app, _| {
                        app.observe_request(worked_millis / 1e3);
                        *app.service().store().durability() == Durability::TakenOver
                    })?;
                    return if is_taken_over { Err(Lost::Pipeline.into()) } else { Ok(response) };
                }
                UploadStep::Read { from } => {
                    self.with_app(|app, _| upload.pause(app))?;
                    match spool.read(from, READ_BYTES).await {
                        Ok(bytes) if !bytes.is_empty() => upload.feed(&bytes),
                        Ok(_) => return Ok(self.break_off(upload, "the browser has lost the body; send it again")?),
                        Err(reason) => return Ok(self.break_off(upload, &reason)?),
                    }
                }
                UploadStep::Decode(body) => {
                    spool = self.decode(&mut upload, &body, &spool).await?;
                    slice_millis = clock::monotonic_millis();
                }
                UploadStep::Busy => {}
            }
            if clock::monotonic_millis() - slice_millis >= SLICE_MILLIS {
                // Batches that were completed are written, and the store is maintained; then messages have their turn.
                self.with_app(|app, _| upload.pause(app))?;
                (self.step)(self.worker);
                yield_now().await;
                slice_millis = clock::monotonic_millis();
            }
        }
    }

    fn with_app<T>(&self, work: impl FnOnce(&mut App, Timestamp) -> T) -> Result<T, Lost> {
        let mut worker = self.worker.borrow_mut();
        let app = worker.app.as_mut().ok_or(Lost::Pipeline)?;
        Ok(work(app, clock::now()))
    }

    fn check_sender(&self) -> Result<(), Lost> {
        let is_open = self.worker.borrow().bodies.is_open(self.sender, self.id);
        if is_open { Ok(()) } else { Err(Lost::Sender) }
    }

    fn break_off(&self, mut upload: Upload, reason: &str) -> Result<Response, Lost> {
        self.with_app(|app, now| upload.break_off(app, now))?;
        self.refuse(&upload, reason)
    }

    fn refuse(&self, upload: &Upload, reason: &str) -> Result<Response, Lost> {
        self.with_app(|app, now| upload.refuse(reason, app, now))
    }
}

/// A turn to read a body, until it is dropped.
struct Turn(Shared, Size);

impl Turn {
    async fn wait(worker: &Shared, size: Size) -> Self {
        let before = worker.borrow_mut().bodies.take_turn(size);
        if let Some(before) = before {
            // A turn that ends always passes on.
            let _ = before.await;
        }
        Self(Rc::clone(worker), size)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.borrow_mut().bodies.end_turn(self.1);
    }
}
