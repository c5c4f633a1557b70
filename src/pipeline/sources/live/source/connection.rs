//! Connections: they are made, judged by how they begin and end, and tried again.

use std::sync::Arc;

use super::{AT_ONCE, LiveSource, Phase};
use crate::pipeline::sources::backoff::{LONGEST, retry_after};
use crate::pipeline::sources::live::event_stream::EventStream;
use crate::pipeline::sources::live::inbox::Message;
use crate::pipeline::sources::live::messages::Body;
use crate::pipeline::sources::live::validator::Validator;
use crate::pipeline::sources::live::{CRC64, Closing, LiveAsk, LiveKind, Opened, Request, problems};
use crate::pipeline::sources::{Fed, SourceState};
use crate::time::{Duration, Timestamp};

/// Time until a connection is there, and until a part of an answer has come.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Time until a stream begins: some servers send its head with the first event.
const STREAM_TIMEOUT: Duration = Duration::from_secs(300);

impl LiveSource {
    /// Makes a connection. The rows that come of it are numbered from the place where the other end goes on.
    pub(super) fn connect(&mut self, now: Timestamp, fed: &mut Fed<LiveAsk>) {
        if self.progress.error.is_some() || self.lost_at.is_some() {
            self.progress.retries += 1;
        }
        self.next_row = if self.is_resumed() { self.cursor.rows } else { self.cursor.taken };
        let mut headers = Vec::new();
        match self.head.kind {
            LiveKind::WebSocket => {}
            LiveKind::Sse => {
                headers.push(("accept", "text/event-stream".to_owned()));
                if self.is_resumed() {
                    headers.push(("last-event-id", self.cursor.token.to_string()));
                }
            }
            LiveKind::Poll => {
                let accept = "application/json, application/x-ndjson, text/csv, */*;q=0.5";
                headers.push(("accept", accept.to_owned()));
                // Of an answer that was taken in part, the rest is wanted.
                let is_whole = self.cursor.rows == self.cursor.taken;
                let condition = Validator::condition(&self.cursor.token);
                let condition = condition.filter(|_| is_whole && !self.conditions.is_left_out);
                self.conditions.is_sent = condition.is_some();
                headers.extend(condition);
            }
        }
        self.phase = Phase::Connecting { since: now };
        let (kind, url) = (self.head.kind, Arc::clone(&self.head.url));
        fed.asks.extend([LiveAsk::Connect(Request { kind, url, headers }), LiveAsk::Wake(now + self.timeout())]);
    }

    /// Whether the other end is told where to go on.
    pub(super) fn is_resumed(&self) -> bool {
        self.head.kind == LiveKind::Sse && !self.cursor.token.is_empty()
    }

    /// The connection is there: looks whether it is one that is read.
    pub(super) fn open(&mut self, opened: &Opened, now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        let header =
            |name: &str| opened.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let (kind, url) = (self.head.kind, Arc::clone(&self.head.url));
        self.retry_after = retry_after(header("retry-after"), now);
        self.conditions.answered();
        match (kind, opened.status) {
            (LiveKind::WebSocket, _) => self.begin(now),
            (LiveKind::Sse, 200) => {
                let content_type = header("content-type");
                let media_type = content_type.split(';').next().unwrap_or_default().trim_ascii();
                if media_type.eq_ignore_ascii_case("text/event-stream") {
                    return self.begin(now);
                }
                self.fail(problems::content_type(content_type, &url), now, chance);
                fed.asks.push(LiveAsk::Close);
            }
            // As the standard has it: the server wants no further connection.
            (LiveKind::Sse, 204) => {
                (self.phase, self.cursor.is_done, fed.has_moved) = (Phase::Ended(SourceState::Done), true, true);
                fed.asks.push(LiveAsk::Close);
            }
            (LiveKind::Poll, 304) => {
                self.rest(now);
                fed.asks.push(LiveAsk::Close);
            }
            (LiveKind::Poll, 200..=299) => {
                self.validator = Validator::new(header("etag"), header("last-modified"));
                self.begin(now);
            }
            (_, status) => {
                self.fail(problems::status(kind, status, &url), now, chance);
                fed.asks.push(LiveAsk::Close);
            }
        }
    }

    /// Reads a connection from its beginning.
    fn begin(&mut self, now: Timestamp) {
        let since = if let Phase::Connecting { since } = self.phase { since } else { now };
        self.phase = Phase::Open { since, heard: now, is_reading: false };
        (self.events, self.body) = (EventStream::default(), Vec::new());
        let lost_at = self.lost_at.take();
        if self.head.kind == LiveKind::Poll {
            return;
        }
        // Nothing was missed before the first connection, and nothing where the other end was told where to go on.
        let is_first = !self.has_connected && self.cursor.taken == 0;
        if !is_first && !self.is_resumed() {
            self.progress.gaps += 1;
            let lasted = lost_at.map_or(AT_ONCE, |lost_at| (now - lost_at).max(AT_ONCE));
            self.progress.gap_time =
                Duration::from_nanos(self.progress.gap_time.as_nanos().saturating_add(lasted.as_nanos()));
        }
        (self.has_connected, self.progress.error) = (true, None);
    }

    /// The connection has ended, or there was none.
    pub(super) fn close(&mut self, closing: &Closing, now: Timestamp, chance: f64) {
        let (kind, url) = (self.head.kind, Arc::clone(&self.head.url));
        match (closing, &self.phase) {
            (Closing::Refused(sentence), _) => {
                self.progress.error = Some(sentence.clone());
                self.phase = Phase::Ended(SourceState::Failed(sentence.clone()));
            }
            (Closing::End { .. }, Phase::Open { .. }) if kind == LiveKind::Poll => self.end_answer(now),
            (_, Phase::Open { since, .. }) => {
                // One that lived for so long was a good one.
                if now - *since >= LONGEST {
                    self.backoff.reset();
                }
                self.lost_at = Some(now);
                self.fail(problems::lost(kind, closing, &url), now, chance);
            }
            (Closing::Broken(reason), _) => {
                self.conditions.failed();
                self.fail(problems::unreachable(kind, reason, &url), now, chance);
            }
            (Closing::End { code, .. }, _) => {
                let reason = format!("it ended with code {code} before it began");
                self.fail(problems::unreachable(kind, &reason, &url), now, chance);
            }
        }
    }

    /// The answer of a poll is whole: it is one message.
    fn end_answer(&mut self, now: Timestamp) {
        let bytes = std::mem::take(&mut self.body);
        let token = std::mem::take(&mut self.validator).token(CRC64.checksum(&bytes));
        self.inbox.push(Message { body: Body::Sent(bytes), token: Some(token), arrived: now });
        self.rest(now);
    }

    /// An answer of a poll came, also if it was that nothing is new: the next one is asked for an interval after it was.
    fn rest(&mut self, now: Timestamp) {
        let asked_at = match self.phase {
            Phase::Connecting { since } | Phase::Open { since, .. } if since <= now => since,
            _ => now,
        };
        let least = self.retry_after.take().map_or(AT_ONCE, |wait| (now + wait) - asked_at);
        self.phase = Phase::Idle { since: Some(asked_at), wait: self.head.poll_interval.max(least) };
        self.backoff.reset();
        self.progress.error = None;
    }

    /// Waits before it connects again.
    pub(super) fn fail(&mut self, sentence: String, now: Timestamp, chance: f64) {
        let mut wait = self.backoff.next(chance).max(self.retry_after.take().unwrap_or(AT_ONCE));
        if self.head.kind == LiveKind::Poll {
            // What is asked every hour is tried again sooner, but what is asked every ten seconds is not.
            wait = wait.max(self.head.poll_interval.min(LONGEST));
        }
        self.phase = Phase::Idle { since: Some(now), wait };
        self.progress.error = Some(sentence);
    }

    /// How long an answer is waited for.
    pub(super) fn timeout(&self) -> Duration {
        if self.head.kind == LiveKind::Sse { STREAM_TIMEOUT } else { TIMEOUT }
    }

    pub(super) fn time_out(&mut self, now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        let reason = format!("nothing came for {} s", self.timeout().as_millis() / 1e3);
        self.fail(problems::unreachable(self.head.kind, &reason, &self.head.url), now, chance);
        fed.asks.extend([LiveAsk::Close, LiveAsk::Wake(now)]);
    }
}
