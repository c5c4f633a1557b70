//! Requests whose answers take work, and bodies that are made while they are read. All of them take turns.
//!
//! Read [`Streams::serve`] first. A round of turns is over after some milliseconds, and the next one goes on where it
//! stopped: between two rounds the worker handles messages, heartbeats and batches.

use std::collections::VecDeque;

use crate::api::{App, Body, Flow, MANY_ROWS, MAX_LARGE, MAX_WAITING_ROWS, Part, Pending, Response};
use crate::protocol::{FromWorker, PartKind, ResponseHead, ResponsePart, Role};
use crate::store::Durability;
use crate::time::{Duration, Timestamp};

/// A reader that sends neither `Pull` nor `Alive` for this long is gone: a stopped service worker does not cancel.
const PATIENCE_MILLIS: f64 = 60_000.0;
/// A reader that leaves a body of many rows for this long loses it, if others wait for their turn.
const STALL_MILLIS: f64 = 10_000.0;
/// A round of turns.
const SLICE_MILLIS: f64 = 8.0;
/// A turn, unless a single step takes longer.
const TURN_MILLIS: f64 = 2.0;
/// Shortest time between two rounds of batches: a round costs a write, and each part of a body two messages and a
/// wake-up of its reader, so fast batches are sent by the dozen.
const ROUND_MILLIS: f64 = 40.0;
/// An endless body that fills a part has more to send, which does not wait for the next round.
const FULL_BYTES: usize = 64 << 10;
/// How often the page is notified that there are readers, so that it keeps the service worker awake.
const REMIND_MILLIS: f64 = 10_000.0;

/// Where answers go.
pub(super) trait Reader: Clone + PartialEq {
    /// Sends a message.
    fn send(&self, message: &FromWorker);

    /// Sends a message with a body.
    fn send_with_body(&self, message: &FromWorker, body: &[u8]);
}

/// The answers that are being worked on or read.
pub(super) struct Streams<R> {
    /// In the order of their next turns.
    streams: VecDeque<Stream<R>>,
    /// Requests of many rows that wait for their first turn, in order of arrival.
    waiting: VecDeque<Stream<R>>,
    next_id: u32,
    reminded_millis: f64,
    /// When the last round of batches was, and the number of batches that are written.
    round_millis: f64,
    written_batches: u64,
}

struct Stream<R> {
    /// The number by which its reader pulls the body.
    id: u32,
    reader: R,
    work: Work,
    /// Whether its reader waits for the response or for a part.
    is_asked: bool,
    /// Whether the round of batches has still to reach this endless body.
    is_in_round: bool,
    /// The number of rows that it reads, about, 0 if they do not matter.
    rows: usize,
    /// When the reader's last message arrived, and when it was sent something, on the monotonic clock.
    heard_millis: f64,
    sent_millis: f64,
}

enum Work {
    /// What leads to the response of this request.
    Head { request: u32, pending: Pending, worked_millis: f64 },
    /// What is left of the body.
    Body(Box<dyn Flow>),
}

/// What came of a turn.
enum Turn {
    /// It needs another one.
    Busy,
    /// It needs another one at this instant, or when there is a batch.
    Waits(Timestamp),
    /// The response is known.
    Answered(u32, Response),
    /// A part was sent.
    Sent,
    /// The body has ended.
    Ended,
}

impl<R> Default for Streams<R> {
    fn default() -> Self {
        Self {
            streams: VecDeque::new(),
            waiting: VecDeque::new(),
            next_id: 0,
            reminded_millis: 0.0,
            round_millis: 0.0,
            written_batches: 0,
        }
    }
}

impl<R: Reader> Streams<R> {
    /// Answers that are being worked on or read.
    pub(super) fn len(&self) -> usize {
        self.streams.len() + self.waiting.len()
    }

    /// Sends a response, and keeps what is left of its body.
    pub(super) fn answer(
        &mut self,
        reader: &R,
        request: u32,
        response: Response,
        app: &App,
        (now, now_millis): (Timestamp, f64),
    ) {
        let id = self.new_id();
        if let Some(rest) = respond(app, reader, request, response, id, now) {
            self.streams.push_back(Stream::new(id, reader, Work::Body(rest), now_millis));
        }
    }

    /// Takes a request whose response takes work; refuses it when too many wait.
    pub(super) fn begin(
        &mut self,
        reader: &R,
        request: u32,
        pending: Pending,
        app: &mut App,
        (now, now_millis): (Timestamp, f64),
    ) {
        let rows = pending.rows(app);
        self.admit();
        let waiting: usize = self.waiting.iter().map(|stream| stream.rows).sum();
        if rows > MANY_ROWS && waiting > 0 && waiting + rows > MAX_WAITING_ROWS {
            let response = pending.refuse(app, now);
            return self.answer(reader, request, response, app, (now, now_millis));
        }
        let work = Work::Head { request, pending, worked_millis: 0.0 };
        let stream = Stream { is_asked: true, rows, ..Stream::new(self.new_id(), reader, work, now_millis) };
        let line = if stream.is_large() { &mut self.waiting } else { &mut self.streams };
        line.push_back(stream);
    }

    /// Records that a reader asks for the next part of a body.
    pub(super) fn pull(&mut self, id: u32, reader: &R, now_millis: f64) {
        let Some(stream) = self.streams.iter_mut().find(|stream| stream.id == id) else {
            reader.send(&lost(id));
            return;
        };
        (stream.is_asked, stream.heard_millis) = (true, now_millis);
    }

    /// Drops a body that its reader cancelled.
    pub(super) fn cancel(&mut self, id: u32) {
        self.streams.retain(|stream| stream.id != id);
    }

    /// Drops a request that its sender no longer waits for.
    pub(super) fn abandon(&mut self, reader: &R, request: u32) {
        let is_other = |stream: &Stream<R>| {
            !matches!(stream.work, Work::Head { request: known, .. } if known == request) || stream.reader != *reader
        };
        self.streams.retain(is_other);
        self.waiting.retain(is_other);
    }

    /// Drops the requests and the bodies of a reader that is gone.
    pub(super) fn leave(&mut self, reader: &R) {
        self.streams.retain(|stream| stream.reader != *reader);
        self.waiting.retain(|stream| stream.reader != *reader);
    }

    /// Records that a reader is alive.
    pub(super) fn keep(&mut self, reader: &R, now_millis: f64) {
        let own = self.streams.iter_mut().chain(&mut self.waiting).filter(|stream| stream.reader == *reader);
        own.for_each(|stream| stream.heard_millis = now_millis);
    }

    /// Drops everything, since another worker runs the pipeline; requests are sent there again.
    pub(super) fn lose(&mut self) {
        for stream in self.streams.drain(..).chain(self.waiting.drain(..)) {
            match stream.work {
                Work::Head { .. } => stream.reader.send(&FromWorker::Role(Role::Waiting)),
                Work::Body(_) => stream.reader.send(&lost(stream.id)),
            }
        }
    }

    /// Gives turns to the answers that somebody waits for, until each waits for something else or the slice is over;
    /// returns when to call it again at the latest. `clock_millis` reads the monotonic clock.
    pub(super) fn serve(
        &mut self,
        app: &mut App,
        now: Timestamp,
        clock_millis: &dyn Fn() -> f64,
        page: &R,
    ) -> Option<Timestamp> {
        let start_millis = clock_millis();
        self.drop_silent(start_millis);
        self.admit();
        if self.streams.is_empty() {
            return None;
        }
        if start_millis - self.reminded_millis > REMIND_MILLIS {
            self.reminded_millis = start_millis;
            page.send(&FromWorker::Reading);
        }
        let rest_millis = self.round(app, now, start_millis);
        let mut wake = after(now, REMIND_MILLIS);
        if rest_millis > 0.0 {
            wake = wake.min(after(now, rest_millis));
        }
        let mut idle = 0;
        while idle < self.streams.len() {
            if clock_millis() - start_millis >= SLICE_MILLIS {
                return Some(now);
            }
            let Some(mut stream) = self.streams.pop_front() else { break };
            idle += 1;
            if stream.is_due() {
                let has_more = match stream.take_turn(app, now, clock_millis) {
                    Turn::Busy => {
                        idle = 0;
                        true
                    }
                    Turn::Waits(until) => {
                        wake = wake.min(until);
                        true
                    }
                    Turn::Sent => true,
                    Turn::Answered(request, response) => {
                        stream.is_asked = false;
                        (stream.sent_millis, stream.heard_millis) = (clock_millis(), clock_millis());
                        let rest = respond(app, &stream.reader, request, response, stream.id, now);
                        rest.map(|rest| stream.work = Work::Body(rest)).is_some()
                    }
                    Turn::Ended => false,
                };
                if !has_more {
                    self.admit();
                    idle = 0;
                    continue;
                }
            }
            self.streams.push_back(stream);
        }
        Some(wake)
    }

    /// Lets requests of many rows begin while there are few of them.
    fn admit(&mut self) {
        let large = self.streams.iter().filter(|stream| stream.is_large()).count();
        let admitted = self.waiting.len().min(MAX_LARGE.saturating_sub(large));
        self.streams.extend(self.waiting.drain(..admitted));
    }

    /// Drops what nobody reads any more.
    fn drop_silent(&mut self, now_millis: f64) {
        let is_waited_for = !self.waiting.is_empty();
        let is_read = |stream: &Stream<R>| {
            let is_stalled = stream.is_large() && !stream.is_asked && now_millis - stream.sent_millis > STALL_MILLIS;
            // Whoever waits for a response has nothing to send meanwhile.
            let is_heard =
                now_millis - stream.heard_millis <= PATIENCE_MILLIS || matches!(stream.work, Work::Head { .. });
            is_heard && !(is_waited_for && is_stalled)
        };
        self.streams.retain(is_read);
    }

    /// Begins a round of batches if one is due, and writes them: an endless body sends a batch only after that, since
    /// the number of a batch that a reader has seen must never be given to another. Returns the milliseconds until the
    /// next round, 0 if it begins now.
    fn round(&mut self, app: &mut App, now: Timestamp, now_millis: f64) -> f64 {
        let waits = |stream: &Stream<R>| stream.is_asked && stream.is_endless();
        if !self.streams.iter().any(waits) {
            return 0.0;
        }
        let rest_millis = self.round_millis + ROUND_MILLIS - now_millis;
        if rest_millis <= 0.0 {
            self.streams.iter_mut().filter(|stream| waits(stream)).for_each(|stream| stream.is_in_round = true);
        }
        let batches = app.service().engine().counters().batches;
        if batches != self.written_batches && self.streams.iter().any(|stream| stream.is_in_round) {
            // The store reports a failure, and the pipeline goes on in memory.
            let _ = app.service_mut().commit(false, now);
            self.written_batches = batches;
            if rest_millis <= 0.0 {
                self.round_millis = now_millis;
            }
        }
        rest_millis.max(0.0)
    }

    fn new_id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        id
    }
}

/// Says that a stream is not known, or no longer.
pub(super) fn lost(stream: u32) -> FromWorker {
    FromWorker::Part(ResponsePart { stream, part: PartKind::Lost })
}

/// Sends the head of a response and the start of its body; returns the rest, which is pulled by this number.
fn respond<R: Reader>(
    app: &App,
    reader: &R,
    request: u32,
    response: Response,
    id: u32,
    now: Timestamp,
) -> Option<Box<dyn Flow>> {
    if *app.service().store().durability() == Durability::TakenOver {
        // The new owner of the files answers this request when it is sent again.
        reader.send(&FromWorker::Role(Role::Waiting));
        return None;
    }
    let Response { status, headers, body } = response;
    let (start, rest) = start_of(body, app, now);
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let stream = rest.as_ref().map(|_| id);
    reader.send_with_body(&FromWorker::Response(ResponseHead { id: request, status, headers, stream }), &start);
    rest
}

/// The start of a body that can be sent at once, and the rest, if there is more.
fn start_of(body: Body, app: &App, now: Timestamp) -> (Vec<u8>, Option<Box<dyn Flow>>) {
    let mut flow = match body {
        Body::Whole(bytes) => return (bytes, None),
        Body::Flow(flow) => flow,
    };
    let mut start = Vec::new();
    // Two parts: most bodies consist of one part and the end. The first part of an endless one takes no work.
    let parts = if flow.is_endless() { 1 } else { 2 };
    for _ in 0..parts {
        match flow.next(app.service(), now) {
            Part::Bytes(bytes) => start.extend_from_slice(&bytes),
            Part::Wait(_) => break,
            Part::End => return (start, None),
        }
    }
    (start, Some(flow))
}

fn after(now: Timestamp, millis: f64) -> Timestamp {
    now + Duration::from_nanos((millis * 1e6) as i64)
}

impl<R: Reader> Stream<R> {
    fn new(id: u32, reader: &R, work: Work, now_millis: f64) -> Self {
        Self {
            id,
            reader: reader.clone(),
            work,
            is_asked: false,
            is_in_round: false,
            rows: 0,
            heard_millis: now_millis,
            sent_millis: now_millis,
        }
    }

    fn is_large(&self) -> bool {
        self.rows > MANY_ROWS
    }

    fn is_endless(&self) -> bool {
        matches!(&self.work, Work::Body(flow) if flow.is_endless())
    }

    fn is_due(&self) -> bool {
        self.is_asked && (self.is_in_round || !self.is_endless())
    }

    /// Steps until there is something to send or the turn is over.
    fn take_turn(&mut self, app: &mut App, now: Timestamp, clock_millis: &dyn Fn() -> f64) -> Turn {
        let start_millis = clock_millis();
        loop {
            let part = |part| FromWorker::Part(ResponsePart { stream: self.id, part });
            match &mut self.work {
                Work::Head { request, pending, worked_millis } => {
                    let response = pending.step(app, now);
                    let turn_millis = clock_millis() - start_millis;
                    if let Some(response) = response {
                        app.observe_request((*worked_millis + turn_millis) / 1e3);
                        return Turn::Answered(*request, response);
                    }
                    if turn_millis >= TURN_MILLIS {
                        *worked_millis += turn_millis;
                        return Turn::Busy;
                    }
                }
                Work::Body(flow) => match flow.next(app.service(), now) {
                    Part::Bytes(bytes) => {
                        (self.is_asked, self.sent_millis) = (false, clock_millis());
                        self.is_in_round &= bytes.len() >= FULL_BYTES;
                        self.reader.send_with_body(&part(PartKind::Bytes), &bytes);
                        return Turn::Sent;
                    }
                    Part::Wait(until) if until > now => {
                        self.is_in_round = false;
                        return Turn::Waits(until);
                    }
                    // A flow that prepares its next part in steps would take a round for each.
                    Part::Wait(_) if clock_millis() - start_millis >= TURN_MILLIS => return Turn::Busy,
                    Part::Wait(_) => {}
                    Part::End => {
                        self.reader.send(&part(PartKind::Last));
                        return Turn::Ended;
                    }
                },
            }
        }
    }
}

#[cfg(target_arch = "wasm32")]
impl Reader for super::peer::Peer {
    fn send(&self, message: &FromWorker) {
        Self::send(self, message);
    }

    fn send_with_body(&self, message: &FromWorker, body: &[u8]) {
        Self::send_with_body(self, message, body);
    }
}

#[cfg(test)]
#[path = "streams_tests.rs"]
mod tests;
