//! The subject to which batches are published: the outbox that the settings ask for, and how far it has come.
//!
//! Whoever holds the connection asks [`PipelineService::sink_run`] what is to be published, and then feeds what came of it
//! with [`feed_sink`](PipelineService::feed_sink), until the number of the run is over. `App::batch_body` has the bytes of
//! a batch.

use super::PipelineService;
use crate::pipeline::sources::nats::{Batches, Outbox, OutboxAsk, OutboxInput, OutboxProgress};
use crate::pipeline::{Cursor, Position, Settings, SourceUrl};
use crate::time::Timestamp;

impl PipelineService {
    /// The number of the outbox that is to be fed; `None`: nothing is published. It is begun anew when the subject, the
    /// address or the credentials have changed.
    pub fn sink_run(&mut self) -> Option<u32> {
        if self.sink.seen_version != Some(self.config_version) {
            self.sink.seen_version = Some(self.config_version);
            let settings = self.engine.settings();
            let url = settings.sink_url().map(|url| url.as_str().to_owned());
            let subject = settings.sink_subject.as_ref().map(|subject| subject.as_str().to_owned());
            let wanted = (url.zip(subject), self.live.credentials_version);
            if wanted != self.sink.wanted {
                self.sink.wanted = wanted;
                self.begin_sink();
            }
        }
        self.sink.outbox.as_ref().map(|_| self.sink.number)
    }

    fn begin_sink(&mut self) {
        self.sink.number = self.sink.number.wrapping_add(1);
        let (Some((_, subject)), Some(server)) =
            (&self.sink.wanted.0, self.engine.settings().sink_url().map(SourceUrl::server))
        else {
            self.sink.outbox = None;
            return;
        };
        let source = Outbox::source_of(subject);
        let transcript = self.engine.transcript();
        let of_subject = |cursor: &&Cursor| cursor.is_of(&source, cursor.epoch);
        let mut cursor = self.engine.cursors().newest_first().find(of_subject).cloned();
        // Of a transcript that this one goes on from, the batches up to the position are the same.
        if let Some(cursor) = cursor.as_mut().filter(|cursor| transcript.contains(position(cursor))) {
            cursor.epoch = transcript.epoch.into();
        }
        self.sink.outbox = Some(Outbox::new(subject, &server, self.batches(), cursor));
        // Batches that come before it is fed for the first time are published too, also after a crash.
        self.store_sink_cursor();
    }

    /// Whether nothing is published with these settings, or batches were published there before.
    pub(super) fn is_known_sink(&self, settings: &Settings) -> bool {
        let Some(subject) = &settings.sink_subject else { return true };
        let Some(server) = settings.sink_url().map(SourceUrl::server) else { return false };
        let source = Outbox::source_of(subject.as_str());
        let is_there = |cursor: &Cursor| cursor.is_of(&source, cursor.epoch) && *cursor.token == *server;
        self.engine.cursors().newest_first().any(is_there)
    }

    /// The batches that can be published: what is published once is not to be made anew after a crash.
    fn batches(&self) -> Batches {
        let last = self.store.flushed_batch(&self.engine);
        let first = match self.engine.recent().first() {
            // None is kept: the next one will be the first.
            0 => self.engine.counters().batches + 1,
            first => first,
        };
        Batches { epoch: self.engine.transcript().epoch, first, last }
    }

    /// Tells the outbox what it asked for, and returns what it asks for next; `None`: this run is over. How far it has come
    /// is written with what is written next.
    pub fn feed_sink(
        &mut self,
        number: u32,
        input: OutboxInput,
        now: Timestamp,
        chance: f64,
    ) -> Option<Vec<OutboxAsk>> {
        if self.sink_run()? != number {
            return None;
        }
        let batches = self.batches();
        let is_branched = self.sink.outbox.as_ref().is_some_and(|outbox| {
            let at = position(outbox.cursor());
            at.epoch != batches.epoch && self.engine.transcript().contains(at)
        });
        if is_branched {
            // The same batches under another name: they are not published again.
            self.store_sink_cursor();
            self.begin_sink();
            return None;
        }
        let outbox = self.sink.outbox.as_mut()?;
        let (has_moved, asks) = outbox.feed(input, batches, now, chance);
        if has_moved {
            self.store_sink_cursor();
        }
        Some(asks)
    }

    fn store_sink_cursor(&mut self) {
        if let Some(cursor) = self.sink.outbox.as_ref().map(|outbox| outbox.cursor().clone()) {
            self.engine.advance(cursor);
        }
    }

    /// What was published; `None` without a sink.
    pub fn sink_status(&self) -> Option<SinkStatus> {
        let subject = self.engine.settings().sink_subject.as_ref()?.as_str().to_owned();
        let Some(outbox) = &self.sink.outbox else {
            let problem = self.engine.settings().source_url.is_none().then(|| {
                "sink_subject has no server to publish to; set source_url to the address of one, wss://…".to_owned()
            });
            return Some(SinkStatus { subject, problem, ..SinkStatus::default() });
        };
        let OutboxProgress { published, lost, retries, error, retry_at } = outbox.progress().clone();
        let problem = error.map(|sentence| self.without_secret(sentence));
        let batches = self.engine.counters().batches;
        let waiting = batches.saturating_sub(outbox.cursor().position);
        Some(SinkStatus { subject, published, lost, waiting, retries, next_try: retry_at, problem })
    }
}

/// How far a cursor of a sink is in the stream of batches.
fn position(cursor: &Cursor) -> Position {
    Position { epoch: cursor.epoch.into(), batch: cursor.position }
}

/// What a sink has done since it was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SinkStatus {
    /// The subject.
    pub subject: String,
    /// Batches that were published.
    pub published: u64,
    /// Batches that were trimmed before they were published.
    pub lost: u64,
    /// Batches that wait.
    pub waiting: u64,
    /// How often it was tried anew.
    pub retries: u64,
    /// When it is tried anew.
    pub next_try: Option<Timestamp>,
    /// Why nothing is published, with the mend.
    pub problem: Option<String>,
}
