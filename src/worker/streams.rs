//! Response bodies that are made while they are read: each part is sent when its reader pulls it.

use crate::api::{App, Flow, Part};
use crate::browser::clock;
use crate::browser::message::Target;
use crate::protocol::{FromWorker, PartKind};
use crate::time::{Duration, Timestamp};

/// A reader that sends neither `Pull` nor `Alive` for this long is gone: a stopped service worker does not cancel.
const PATIENCE_MILLIS: f64 = 60_000.0;
/// Work on one body before others have their turn.
const SLICE_MILLIS: f64 = 8.0;
/// Shortest time between two rounds of batches: a round costs a write, and each part of a body two messages and a
/// wake-up of its reader, so fast batches are sent by the dozen.
const ROUND_MILLIS: f64 = 40.0;
/// How often the page is notified that there are readers, so that it keeps the service worker awake.
const REMIND_MILLIS: f64 = 10_000.0;

/// The bodies that are being read.
#[derive(Default)]
pub(super) struct Streams {
    streams: Vec<Stream>,
    next_id: u32,
    reminded_millis: f64,
    /// When the last round was, and the number of batches at that time.
    round_millis: f64,
    round_batches: u64,
}

struct Stream {
    id: u32,
    reader: Target,
    flow: Box<dyn Flow>,
    /// Whether its reader waits for a part.
    is_asked: bool,
    /// When the reader's last message arrived, on the monotonic clock.
    heard_millis: f64,
}

impl Streams {
    /// Bodies that are being read.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Adds a body; returns the number by which its reader pulls it.
    pub(super) fn open(&mut self, reader: &Target, flow: Box<dyn Flow>, now_millis: f64) -> u32 {
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        let reader = reader.clone();
        self.streams.push(Stream { id, reader, flow, is_asked: false, heard_millis: now_millis });
        id
    }

    /// Handles a pull: sends the next part now, or in the next round if the body is endless.
    pub(super) fn pull(&mut self, id: u32, reader: &Target, app: &App, now: Timestamp, now_millis: f64) {
        let Some(at) = self.streams.iter().position(|stream| stream.id == id) else {
            reader.send(&FromWorker::Part { stream: id, part: PartKind::Lost });
            return;
        };
        let stream = &mut self.streams[at];
        stream.is_asked = true;
        stream.heard_millis = now_millis;
        if !stream.flow.is_endless() && stream.serve(app, now) == Served::Ended {
            self.streams.swap_remove(at);
        }
    }

    /// Drops a body that its reader cancelled.
    pub(super) fn cancel(&mut self, id: u32) {
        self.streams.retain(|stream| stream.id != id);
    }

    /// Records that a reader is alive.
    pub(super) fn keep(&mut self, reader: &Target, now_millis: f64) {
        let own = self.streams.iter_mut().filter(|stream| stream.reader.is_same(reader));
        own.for_each(|stream| stream.heard_millis = now_millis);
    }

    /// Sends the parts that are ready to waiting readers; returns when to call it again at the latest.
    pub(super) fn serve(&mut self, app: &mut App, now: Timestamp, now_millis: f64, page: &Target) -> Option<Timestamp> {
        let rest_millis = self.round(app, now, now_millis);
        let is_round = rest_millis <= 0.0;
        let mut wake = None;
        self.streams.retain_mut(|stream| {
            if now_millis - stream.heard_millis > PATIENCE_MILLIS {
                return false;
            }
            if !stream.is_asked || (stream.flow.is_endless() && !is_round) {
                return true;
            }
            match stream.serve(app, now) {
                Served::Ended => return false,
                Served::Waits(until) => wake = [wake, Some(until)].into_iter().flatten().min(),
                Served::Sent => {}
            }
            true
        });
        if self.streams.is_empty() {
            return None;
        }
        if now_millis - self.reminded_millis > REMIND_MILLIS {
            self.reminded_millis = now_millis;
            page.send(&FromWorker::Reading);
        }
        let reminder = after(now, REMIND_MILLIS);
        let round = (!is_round).then(|| after(now, rest_millis));
        [wake, round, Some(reminder)].into_iter().flatten().min()
    }

    /// Begins a round if one is due, and writes its batches: an endless body sends a batch only after it is written,
    /// since the number of a batch that a reader has seen must never be given to another. Returns the milliseconds
    /// until the next round, 0 if it begins now.
    fn round(&mut self, app: &mut App, now: Timestamp, now_millis: f64) -> f64 {
        let is_waited_for = self.streams.iter().any(|stream| stream.is_asked && stream.flow.is_endless());
        let rest_millis = self.round_millis + ROUND_MILLIS - now_millis;
        let batches = app.service().engine().counters().batches;
        if is_waited_for && rest_millis <= 0.0 && batches != self.round_batches {
            // The store reports a failure, and the pipeline goes on in memory.
            let _ = app.service_mut().commit(false, now);
            (self.round_millis, self.round_batches) = (now_millis, batches);
        }
        if is_waited_for { rest_millis.max(0.0) } else { 0.0 }
    }
}

fn after(now: Timestamp, millis: f64) -> Timestamp {
    now + Duration::from_nanos((millis * 1e6) as i64)
}

/// What a reader that waited for a part got.
#[derive(PartialEq)]
enum Served {
    Sent,
    Waits(Timestamp),
    Ended,
}

impl Stream {
    fn serve(&mut self, app: &App, now: Timestamp) -> Served {
        let part = |part| FromWorker::Part { stream: self.id, part };
        let start_millis = clock::monotonic_millis();
        // A flow that prepares its next part in steps would take a timer for each, of four milliseconds in browsers.
        let next = loop {
            match self.flow.next(app.service(), now) {
                Part::Wait(until) if until <= now && clock::monotonic_millis() - start_millis < SLICE_MILLIS => {}
                next => break next,
            }
        };
        match next {
            Part::Bytes(bytes) => {
                self.is_asked = false;
                self.reader.send_with_body(&part(PartKind::Bytes), &bytes);
                Served::Sent
            }
            Part::Wait(until) => Served::Waits(until),
            Part::End => {
                self.reader.send(&part(PartKind::Last));
                Served::Ended
            }
        }
    }
}
