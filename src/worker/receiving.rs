//! Requests whose bodies are read: received part by part where they are large, and read in slices.
//!
//! Read [`receive`] first. The head is judged at once; then each part is asked for and kept outside of this program's
//! memory; once all of them are there, the body is read in slices, between which the worker handles messages, heartbeats
//! and batches.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;

use super::bodies::{NextPart, Size};
use super::state::Shared;
use crate::api::{App, Body, Request, Response, Upload, UploadStep};
use crate::browser::message::{Body as Part, Target};
use crate::browser::spool::Spool;
use crate::browser::{clock, spawn_local};
use crate::protocol::{FromWorker, Role};
use crate::store::Durability;
use crate::time::Timestamp;

/// A sender that is asked for a part and sends none for this long has given up.
const PATIENCE_MILLIS: u32 = 30_000;
/// How long a body is read before others have their turn.
const SLICE_MILLIS: f64 = 16.0;
/// Bytes of a body that are read at a time.
const READ_BYTES: usize = 64 << 10;

/// Answers a request of which the head and the first part of the body have come: within this task, if it is answered in a
/// slice. `step` is called whenever it may have completed batches.
pub(super) fn receive(
    worker: &Shared,
    sender: &Target,
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
                sender.send_with_body(&FromWorker::Response { id, status, headers, stream: None }, &body);
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
    sender: &'a Target,
    id: u32,
    step: fn(&Shared),
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
        self.read(upload, &spool).await
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
    async fn read(&self, mut upload: Upload, spool: &Spool) -> Result<Response, Lost> {
        let (mut worked_millis, mut slice_millis) = (0.0, clock::monotonic_millis());
        loop {
            if let Err(lost) = self.check_sender() {
                self.with_app(|app, now| upload.break_off(app, now))?;
                return Err(lost);
            }
            let start_millis = clock::monotonic_millis();
            let step = self.with_app(|app, now| upload.step(app, now))?;
            worked_millis += clock::monotonic_millis() - start_millis;
            match step {
                UploadStep::Done(response) => {
                    return self.with_app(|app, _| {
                        app.observe_request(worked_millis / 1e3);
                        let is_taken_over = *app.service().store().durability() == Durability::TakenOver;
                        if is_taken_over { Err(Lost::Pipeline) } else { Ok(response) }
                    })?;
                }
                UploadStep::Read { from } => {
                    self.with_app(|app, _| upload.pause(app))?;
                    match spool.read(from, READ_BYTES).await {
                        Ok(bytes) if !bytes.is_empty() => upload.feed(&bytes),
                        Ok(_) => return self.break_off(upload, "the browser has lost the body; send it again"),
                        Err(reason) => return self.break_off(upload, &reason),
                    }
                }
                UploadStep::Busy => {}
            }
            if clock::monotonic_millis() - slice_millis >= SLICE_MILLIS {
                // Batches that were completed are written, and the store is maintained; then messages have their turn.
                self.with_app(|app, _| upload.pause(app))?;
                (self.step)(self.worker);
                TimeoutFuture::new(0).await;
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
