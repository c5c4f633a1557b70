//! Bodies that are made while they are read: each part goes out when its reader asks for it.

use js_sys::Uint8Array;

use crate::api::{App, Flow, Part};
use crate::browser::message::{Message, Target};
use crate::time::{Duration, Timestamp};

/// A reader that neither asks nor says that it is there for so long is gone: a stopped service worker says no goodbye.
const PATIENCE_MILLIS: f64 = 60_000.0;
/// How often the page is told that there are readers, so that it keeps the service worker awake.
const REMIND_MILLIS: f64 = 10_000.0;

/// The bodies that somebody reads.
#[derive(Default)]
pub(super) struct Streams {
    streams: Vec<Stream>,
    next_id: u32,
    reminded_millis: f64,
}

struct Stream {
    id: u32,
    reader: Target,
    flow: Box<dyn Flow>,
    /// Whether its reader waits for a part.
    is_asked: bool,
    /// When the reader was heard last, on the monotonic clock.
    heard_millis: f64,
}

impl Streams {
    /// Bodies that are being read.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Adds a body; the number that its reader names it by.
    pub(super) fn open(&mut self, reader: &Target, flow: Box<dyn Flow>, now_millis: f64) -> u32 {
        let id = self.next_id;
        self.next_id = id.wrapping_add(1);
        let reader = reader.clone();
        self.streams.push(Stream { id, reader, flow, is_asked: false, heard_millis: now_millis });
        id
    }

    /// A reader asks for the next part: it goes out now, or once there is one.
    pub(super) fn pull(&mut self, id: u32, reader: &Target, app: &App, now: Timestamp, now_millis: f64) {
        let Some(at) = self.streams.iter().position(|stream| stream.id == id) else {
            reader.send(&Message::new("part").with("stream", id).with("is_lost", true));
            return;
        };
        let stream = &mut self.streams[at];
        stream.is_asked = true;
        stream.heard_millis = now_millis;
        if stream.serve(app, now) == Served::Ended {
            self.streams.swap_remove(at);
        }
    }

    /// A reader wants no more.
    pub(super) fn cancel(&mut self, id: u32) {
        self.streams.retain(|stream| stream.id != id);
    }

    /// A reader says that it is still there.
    pub(super) fn keep(&mut self, reader: &Target, now_millis: f64) {
        let own = self.streams.iter_mut().filter(|stream| stream.reader.is_same(reader));
        own.for_each(|stream| stream.heard_millis = now_millis);
    }

    /// Hands on what those who wait can have by now; when to look again at the latest.
    pub(super) fn serve(&mut self, app: &App, now: Timestamp, now_millis: f64, page: &Target) -> Option<Timestamp> {
        let mut wake = None;
        self.streams.retain_mut(|stream| {
            if now_millis - stream.heard_millis > PATIENCE_MILLIS {
                return false;
            }
            match stream.is_asked.then(|| stream.serve(app, now)) {
                Some(Served::Ended) => return false,
                Some(Served::Waits(until)) => wake = [wake, Some(until)].into_iter().flatten().min(),
                Some(Served::Sent) | None => {}
            }
            true
        });
        if self.streams.is_empty() {
            return None;
        }
        if now_millis - self.reminded_millis > REMIND_MILLIS {
            self.reminded_millis = now_millis;
            page.send(&Message::new("reading"));
        }
        let reminder = now + Duration::from_nanos((REMIND_MILLIS * 1e6) as i64);
        Some(wake.map_or(reminder, |wake| wake.min(reminder)))
    }
}

/// What a reader who asked got.
#[derive(PartialEq)]
enum Served {
    Sent,
    Waits(Timestamp),
    Ended,
}

impl Stream {
    fn serve(&mut self, app: &App, now: Timestamp) -> Served {
        let part = Message::new("part").with("stream", self.id);
        match self.flow.next(app, now) {
            Part::Bytes(bytes) => {
                self.is_asked = false;
                let body = Uint8Array::from(bytes.as_slice()).buffer();
                self.reader.send_with(&part.with("body", &body), &[&body]);
                Served::Sent
            }
            Part::Wait(until) => Served::Waits(until),
            Part::End => {
                self.reader.send(&part.with("is_last", true));
                Served::Ended
            }
        }
    }
}
