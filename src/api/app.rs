//! What requests work on: engine, history and what is needed to print them.

use std::rc::Rc;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use uuid::Uuid;

use super::metrics::Metrics;
use super::rate_limit::{RateDecision, RateLimiter};
use super::router;
use super::sort_cache::SortCache;
use super::{ApiError, Body, Request, Response};
use crate::frame::{Frame, FrameError};
use crate::pipeline::{Batch, ClockKind, Engine, Event, Id, Input, Output, Settings, Store};
use crate::store::{Archive, Chart, CheckpointSource, Disk, Durability, History, RowQuery, Sorted, StoreError};
use crate::time::{Clock, Timestamp, Zone};

/// The pipeline and its HTTP surface; the only state that there is.
#[derive(Debug)]
pub struct App {
    engine: Engine,
    kept: DurableStore,
    zone: Zone,
    clock: Clock,
    /// The source of ids for posted events that have none.
    rng: ChaCha8Rng,
    started: Timestamp,
    requests: u64,
    /// The bucket of `rate_limit`, once a request was counted under it.
    limit: Option<RateLimiter>,
    metrics: Metrics,
    /// Orders of the history that tables show.
    sort_cache: SortCache,
    opening_millis: f64,
}

/// What can be done about a full disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageChoice {
    /// See whether there is room again.
    Retry,
    /// Let go of the oldest quarter of the rows.
    DropOldest,
    /// Go on in memory.
    Memory,
}

/// Processed rows.
#[derive(Debug)]
pub(super) struct DurableStore {
    pub(super) history: History,
    /// What makes all of it outlive the program.
    archive: Archive,
}

impl Store for DurableStore {
    fn append(&mut self, rows: &Frame, rolling: &[f64]) {
        self.history.append(rows, rolling);
    }

    fn look_back(&self, from: Timestamp, until: Timestamp, visit: &mut dyn FnMut(i64, f64)) {
        self.history.look_back(from, until, visit);
    }

    fn queued(&mut self, event: &Event, now: Timestamp) {
        self.archive.queued(event, now);
    }

    fn dropped_oldest(&mut self) {
        self.archive.dropped_oldest();
    }

    fn processed(&mut self, batch: &Batch, settings: &Settings) {
        self.archive.processed(batch, settings);
    }
}

impl App {
    /// An app that starts at `now` in this time zone and keeps its history in memory; `entropy` is the chance behind ids
    /// and unseeded runs.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn new(settings: Settings, zone: Zone, entropy: [u8; 32], now: Timestamp) -> Result<Self, FrameError> {
        Self::open(Disk::None("nobody asked for files".to_owned()), settings, [true; 2], zone, entropy, now)
    }

    /// An app that goes on from what an earlier one left on this disk, and keeps there what comes: rows, waiting events,
    /// batch numbers, counters, refused rows, and the rolling state, which is made of the rows. `history_rows` and
    /// `memory_rows` are as they were, unless `are_named` says that somebody asked for others now.
    ///
    /// A disk that cannot be used stops nothing: [`Self::archive`] tells why the history is in memory.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn open(
        disk: Disk,
        mut settings: Settings,
        are_named: [bool; 2],
        zone: Zone,
        entropy: [u8; 32],
        now: Timestamp,
    ) -> Result<Self, FrameError> {
        let mut history = History::new(settings.history_rows);
        let (archive, past) = Archive::open(disk, &mut settings, are_named, &mut history);
        let mut rng = ChaCha8Rng::from_seed(entropy);
        // The engine's own generator starts from the same seed; another stream keeps posted ids apart from its ids.
        rng.set_stream(2);
        let mut kept = DurableStore { history, archive };
        let clock = clock(&settings, &zone);
        let mut engine = Engine::new(settings, entropy, now)?;
        let newest_row = kept.history.span().map(|(_, newest)| newest);
        engine.restore(past, newest_row, &kept)?;
        if *kept.archive.durability() == Durability::Durable {
            // Whatever was replayed is written anew, into files of our own.
            kept.archive.resume(CheckpointSource { engine: &engine, history: &kept.history }, now);
        }
        Ok(Self {
            kept,
            clock,
            engine,
            zone,
            rng,
            started: now,
            requests: 0,
            limit: None,
            metrics: Metrics::default(),
            sort_cache: SortCache::default(),
            opening_millis: 0.0,
        })
    }

    /// Answers a request that arrived at `now`.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        self.requests += 1;
        let batches = self.engine.counters().batches;
        let mut response = router::dispatch(self, request, now).unwrap_or_else(ApiError::into_response);
        self.metrics.batches_of_request = self.engine.counters().batches.saturating_sub(batches);
        self.metrics.count_request(router::known_path(request), &request.method, response.status);
        // Refusals too: whoever asks for the head alone gets it alone.
        if request.method == "HEAD" {
            response.body = Body::Whole(Vec::new());
        }
        // What is told to have happened must not be undone by a crash; what was sent must not be undone by a power loss.
        let is_change = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        match self.commit(is_change, now) {
            Err(error) if request.method == "POST" && response.status < 300 => {
                ApiError::InsufficientStorage { reason: error.to_string() }.into_response()
            }
            _ => response,
        }
    }

    /// Writes what happened, so that a killed program leaves it there; with `is_durable` from a power loss as well.
    ///
    /// # Errors
    /// What went wrong; the pipeline goes on in memory, and [`Self::archive`] tells so.
    pub fn commit(&mut self, is_durable: bool, now: Timestamp) -> Result<(), StoreError> {
        let standing = CheckpointSource { engine: &self.engine, history: &self.kept.history };
        self.kept.archive.commit(standing, is_durable, now)
    }

    /// Does what keeping the history takes by itself; when to call this again.
    pub fn maintain(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.kept.archive.maintain(&self.engine, &mut self.kept.history, now)
    }

    /// How the history is kept.
    pub fn archive(&self) -> &Archive {
        &self.kept.archive
    }

    /// Tells how many milliseconds opening the files took.
    pub fn set_opening_millis(&mut self, millis: f64) {
        self.opening_millis = millis;
    }

    /// How many milliseconds opening the files took.
    pub fn opening_millis(&self) -> f64 {
        self.opening_millis
    }

    /// Tells something remarkable to whoever looks at how the history is kept.
    pub fn note(&mut self, sentence: String) {
        self.kept.archive.note(sentence);
    }

    /// Somebody chose what to do about a full disk; see [`Archive`].
    pub fn choose_storage(&mut self, choice: StorageChoice, now: Timestamp) {
        let DurableStore { archive, history } = &mut self.kept;
        match choice {
            StorageChoice::Retry => archive.resume(CheckpointSource { engine: &self.engine, history }, now),
            StorageChoice::DropOldest => archive.drop_oldest(&self.engine, history, now),
            StorageChoice::Memory => archive.give_up(),
        }
    }

    /// Tells how many seconds the request handled last took, and with it the batches that it completed.
    pub fn observe_request(&mut self, seconds: f64) {
        self.metrics.request_duration.observe(seconds, 1);
        self.observe_batches(seconds, self.metrics.batches_of_request as usize);
    }

    /// Tells how many seconds so many batches took together.
    pub fn observe_batches(&mut self, seconds: f64, batches: usize) {
        self.metrics.batch_duration.observe(seconds, batches as u64);
    }

    /// Tells how many bytes of memory the wasm module holds.
    pub fn set_memory_bytes(&mut self, bytes: u64) {
        self.metrics.memory_bytes = Some(bytes);
    }

    /// Tells how many bodies are being read part by part.
    pub fn set_open_streams(&mut self, streams: usize) {
        self.metrics.open_streams = streams;
    }

    /// The paths that requests can name, relative to the base.
    pub fn paths() -> impl Iterator<Item = &'static str> {
        router::paths()
    }

    /// Lets the pipeline go on; see [`Engine::step`].
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn step(&mut self, input: Input, now: Timestamp) -> Result<Output, FrameError> {
        let output = self.engine.step(input, now, &mut self.kept)?;
        if let Some(slept) = output.slept {
            self.kept.archive.note_sleep(slept, &self.clock);
        }
        Ok(output)
    }

    /// Puts settings in force.
    ///
    /// # Errors
    /// As [`Engine::step`]; nothing changes then.
    pub fn configure(&mut self, settings: Settings, now: Timestamp) -> Result<(), FrameError> {
        let before = self.engine.settings();
        let (window, scope) = (before.rolling_window(), before.rolling_scope);
        self.engine.step(Input::Configure(Box::new(settings)), now, &mut self.kept)?;
        let settings = self.engine.settings();
        if (window, scope) != (settings.rolling_window(), settings.rolling_scope) {
            self.kept.history.forget_moving();
        }
        self.clock = clock(settings, &self.zone);
        self.kept.history.set_capacity(settings.history_rows);
        self.kept.history.set_memory_rows(settings.memory_rows);
        Ok(())
    }

    /// Forgets everything but the settings, on disk too.
    ///
    /// # Errors
    /// As [`Engine::new`], and [`ApiError::InsufficientStorage`] when the files could not be cleared.
    pub(super) fn reset(&mut self, now: Timestamp) -> Result<(), ApiError> {
        self.engine.reset(now)?;
        // What is forgotten is not to stay in files because a table shows it.
        self.sort_cache.clear();
        let DurableStore { archive, history } = &mut self.kept;
        history.clear();
        archive
            .forget(CheckpointSource { engine: &self.engine, history }, now)
            .map_err(|error| ApiError::InsufficientStorage { reason: error.to_string() })
    }

    /// Takes room for what is about to be taken in; see [`Archive::reserve`].
    pub(super) fn reserve(&mut self, events: &[Event], dead_letters: usize, now: Timestamp) -> Result<(), ApiError> {
        let id_bytes = events.iter().map(|event| match &event.id {
            Id::Uuid(_) => 16,
            Id::Text(text) => text.len(),
        });
        let reserved = self.kept.archive.reserve(events.len(), id_bytes.sum(), dead_letters, now);
        reserved.map_err(|error| ApiError::InsufficientStorage {
            reason: format!("{error}; nothing was taken: choose on the page what to do, or send this again later"),
        })
    }

    /// Processes what waits as a last batch, though it may be smaller than others.
    pub(super) fn complete(&mut self, now: Timestamp) {
        self.engine.complete(now, &mut self.kept);
    }

    /// What a chart from one instant to another draws, and the rolling aggregate of its columns; see [`History::chart`].
    pub fn chart(&mut self, from: Timestamp, until: Timestamp, columns: usize, ids: &[Id]) -> (Chart, Vec<f64>) {
        let (settings, history) = (self.engine.settings(), &mut self.kept.history);
        history.remember_moving(settings, &mut self.engine.recent().latest());
        let chart = history.chart(from, until, columns, ids);
        let rolling = history.rolling_of_chart(&chart, from, until, settings);
        (chart, rolling)
    }

    /// Rows of the history in this order, and how many have come since they were looked up: those of the moment at which
    /// the number `as_of` was named first, or else of now, or of a moment ago where they are many.
    pub fn sort_cache(&mut self, wanted: &RowQuery, as_of: Option<u32>, now: Timestamp) -> (Rc<Sorted>, u64) {
        let window = self.engine.settings().window;
        self.sort_cache.get(&self.kept.history, wanted, window, as_of, now)
    }

    /// The pipeline.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The kept rows.
    pub fn history(&self) -> &History {
        &self.kept.history
    }

    /// How naive text is read and instants are printed.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// When the app started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Requests answered.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Seconds since the app started; zero when the clock was set back before that.
    pub(super) fn uptime_secs(&self, now: Timestamp) -> f64 {
        ((now - self.started).as_millis() / 1e3).max(0.0)
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Counts a request against `rate_limit`, if one is set; a new limit starts with a full bucket.
    pub(super) fn count_request(&mut self, now: Timestamp) -> Option<RateDecision> {
        let rate = self.engine.settings().rate_limit;
        if self.limit.as_ref().map(RateLimiter::rate) != rate {
            self.limit = rate.map(|rate| RateLimiter::new(rate, now));
        }
        self.limit.as_mut().map(|limit| limit.take(now))
    }

    pub(super) fn engine_and_store(&mut self) -> (&mut Engine, &mut dyn Store) {
        (&mut self.engine, &mut self.kept)
    }

    pub(super) fn random_uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

fn clock(settings: &Settings, zone: &Zone) -> Clock {
    match settings.clock {
        ClockKind::Utc => Clock::Utc,
        ClockKind::Local => Clock::Local(zone.clone()),
    }
}
