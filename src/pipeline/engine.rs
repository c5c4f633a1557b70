//! The pipeline as one state machine: `step(input)` takes an input and the current time, and returns the time of the
//! next wake.

use std::borrow::Cow;
use std::sync::Arc;

use super::records::brief;
use super::schedule::{Schedule, Tick, events_per_tick, to_micros};
use super::{
    Batch, BatchState, Counters, Cursor, Cursors, DeadLetter, DeadLetters, EngineState, Event, Late, Measures, Missing,
    Offer, Overflow, Processor, Queue, Receipt, Receipts, Recent, Settings, Simulated, SourceKind, Store, Transcript,
    Values,
};
use crate::frame::FrameError;
use crate::time::{Clock, Duration, Timestamp};

/// Maximum number of events that one step produces and of batches that it processes, so that requests do not wait long.
const EVENTS_PER_STEP: usize = 4096;
const BATCHES_PER_STEP: usize = 1024;

/// How far ahead of its arrival an event may be stamped and still move the watermark. Otherwise one event from a wrong
/// clock would make all later events late; a day tolerates wrong time zones. Under `late=reject` events further ahead
/// are refused; under `late=accept`, where lateness refuses no event, they are accepted as in the original.
pub const MAX_AHEAD: Duration = Duration::from_secs(86_400);

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Time passed.
    Tick,
    /// A request for one simulated event now, also while the source is paused.
    Step,
    /// New settings, in force from now on.
    Configure(Box<Settings>),
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Output {
    /// Batches that this step processed.
    pub batches: usize,
    /// When to call `step(Tick)` next; `None`: not before another input. In the past when work is left.
    pub next_wake: Option<Timestamp>,
    /// The span in which the source should have produced but did not, since the machine slept.
    pub slept: Option<(Timestamp, Timestamp)>,
}

/// Why posted events were not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostError {
    /// The queue is full and the overflow policy is `reject`.
    QueueFull {
        /// Number of events that it can hold.
        capacity: usize,
    },
}

/// A posted event that was not accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Its position among the posted events, from 0.
    pub position: usize,
    /// The event.
    pub event: Event,
    /// Why, in one sentence.
    pub reason: String,
}

/// Sources, queue, batches and results.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    entropy: [u8; 32],
    source: Simulated,
    /// When simulated events are due.
    schedule: Schedule,
    queue: Queue,
    /// The measures of the waiting events. Those of the settings, but between a change of these and the batches that it
    /// makes of what waits.
    queued_measures: Measures,
    processor: Processor,
    /// The newest timestamp of any accepted event that moved the watermark.
    newest: Option<Timestamp>,
    latest: Option<Arc<Batch>>,
    recent: Recent,
    dead_letters: DeadLetters,
    counters: Counters,
    transcript: Transcript,
    receipts: Receipts,
    cursors: Cursors,
}

impl Engine {
    /// A pipeline whose first simulated event is due at `now`; `entropy` names its transcript and seeds runs whose
    /// settings have no seed.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn new(settings: Settings, entropy: [u8; 32], now: Timestamp) -> Result<Self, FrameError> {
        Ok(Self {
            source: Simulated::new(&settings, entropy),
            entropy,
            schedule: Schedule::new(now),
            queue: Queue::new(settings.queue_capacity, settings.overflow),
            queued_measures: settings.measures.clone(),
            processor: Processor::new(&settings)?,
            newest: None,
            latest: None,
            recent: Recent::default(),
            dead_letters: DeadLetters::default(),
            counters: Counters::default(),
            transcript: Transcript::new(entropy),
            receipts: Receipts::default(),
            cursors: Cursors::default(),
            settings,
        })
    }

    /// Applies an input at `now`, processes the batches that it completes and appends their rows to `store`.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when `Configure` brings a window that the rolling verb refuses; nothing changes
    /// then.
    pub fn step(&mut self, input: Input, now: Timestamp, store: &mut dyn Store) -> Result<Output, FrameError> {
        let is_tick = input == Input::Tick;
        let mut slept = None;
        let mut settled = self.settle_measures(now, store);
        match input {
            Input::Tick => slept = self.produce(now, store),
            Input::Step => {
                if self.settings.source == SourceKind::Simulated && !self.is_source_blocked() {
                    let event = self.source.event(to_micros(now));
                    self.offer_produced(event, now, store);
                }
            }
            Input::Configure(settings) => {
                self.configure(*settings, now)?;
                settled += self.settle_measures(now, store);
            }
        }
        let batches = self.process(now, BATCHES_PER_STEP, store)?;
        if is_tick && batches == BATCHES_PER_STEP {
            // One step cannot process all batches: due events still fill the queue, so that a full queue is visible.
            self.produce(now, store);
        }
        self.retain(now, store);
        Ok(Output { batches: settled + batches, next_wake: self.ask_wake(), slept })
    }

    /// Accepts posted events, whose values are of these measures, and processes every batch that they complete. Under
    /// `late=reject`, events that are too late or more than [`MAX_AHEAD`] ahead of `now` are returned, for the caller to
    /// [`refuse`](Self::refuse). So are events that lack a measure since the setting `measures` has changed after they were
    /// read, unless `missing=allow` and they have another one.
    ///
    /// # Errors
    /// [`PostError::QueueFull`] under `overflow=reject`; no event is accepted then.
    pub fn post(
        &mut self,
        events: impl IntoIterator<Item = Event>,
        measures: &Measures,
        now: Timestamp,
        store: &mut dyn Store,
    ) -> Result<Vec<Refused>, PostError> {
        self.post_with(Self::reason_to_refuse, events, measures, now, store)
    }

    /// As [`post`](Self::post), for events that come late since a server delivered them again: `late=reject` refuses none
    /// of them for that.
    ///
    /// # Errors
    /// As [`post`](Self::post).
    pub fn post_again(
        &mut self,
        events: impl IntoIterator<Item = Event>,
        measures: &Measures,
        now: Timestamp,
        store: &mut dyn Store,
    ) -> Result<Vec<Refused>, PostError> {
        let reason = |engine: &mut Self, event: &Event, now| {
            if engine.watermark().is_some_and(|watermark| event.timestamp < watermark) {
                engine.counters.late += 1;
                return None;
            }
            engine.reason_to_refuse(event, now)
        };
        self.post_with(reason, events, measures, now, store)
    }

    fn post_with(
        &mut self,
        reason_to_refuse: impl Fn(&mut Self, &Event, Timestamp) -> Option<String>,
        events: impl IntoIterator<Item = Event>,
        measures: &Measures,
        now: Timestamp,
        store: &mut dyn Store,
    ) -> Result<Vec<Refused>, PostError> {
        if self.settings.overflow == Overflow::Reject && self.queue.is_full() {
            return Err(PostError::QueueFull { capacity: self.queue.capacity() });
        }
        self.settle_measures(now, store);
        let places = (*measures != self.settings.measures).then(|| measures.places_of(&self.settings.measures));
        let mut refused = Vec::new();
        for (position, mut event) in events.into_iter().enumerate() {
            let lacks = places.as_ref().and_then(|places| self.change_measures(&mut event, places));
            if let Some(reason) = lacks.or_else(|| reason_to_refuse(self, &event, now)) {
                refused.push(Refused { position, event, reason });
                continue;
            }
            // A full queue holds at least one batch (`batch_size` never exceeds `queue_capacity`), so this makes room.
            if self.queue.is_full() {
                self.process_counting_errors(now, usize::MAX, store);
            }
            if self.offer(event, now, store) {
                self.counters.posted += 1;
            }
        }
        self.process_counting_errors(now, usize::MAX, store);
        self.retain(now, store);
        Ok(refused)
    }

    /// Processes every complete batch, so that the queue has room for more of what was posted in part.
    pub fn make_room(&mut self, now: Timestamp, store: &mut dyn Store) {
        self.process_counting_errors(now, usize::MAX, store);
    }

    /// Records a refused row as a dead letter.
    pub fn refuse(&mut self, dead_letter: DeadLetter) {
        self.dead_letters.push(dead_letter);
    }

    /// Counts refused rows that are older than the dead letters that are kept.
    pub fn count_refused(&mut self, rows: usize) {
        self.dead_letters.count(rows);
    }

    /// Counts events that a source dropped, since a buffer of its own was full.
    pub fn count_dropped(&mut self, events: usize) {
        self.counters.dropped += events as u64;
    }

    /// Processes the waiting events as a last batch, which may be smaller than others.
    pub fn complete(&mut self, now: Timestamp, store: &mut dyn Store) {
        if !self.queue.is_empty()
            && let Err(error) = self.process_one(now, store)
        {
            self.refuse_batch(&error, now);
        }
        self.retain(now, store);
    }

    /// Drops the rows of `store` that are older than `history_age` allows. The age is counted back from
    /// [`newest`](Self::newest), so that a stream that rests keeps its rows, or from `now` if that is earlier, so that
    /// one event from a wrong clock takes none away. A late event that is older still is processed, and its row is
    /// dropped at once.
    pub fn retain(&self, now: Timestamp, store: &mut dyn Store) {
        let newest = self.newest.map(|newest| newest.min(now));
        let oldest = newest.zip(self.settings.history_age).map(|(newest, age)| newest - age);
        store.retain_from(oldest.unwrap_or(Timestamp::MIN));
    }

    /// Resumes from the state of another engine, whose rows are in `store`.
    ///
    /// # Errors
    /// None for a state that an engine produced.
    pub fn restore(
        &mut self,
        state: EngineState,
        newest_row: Option<Timestamp>,
        store: &dyn Store,
    ) -> Result<(), FrameError> {
        self.counters = state.counters;
        self.newest = state.newest;
        self.dead_letters = DeadLetters::restored(state.dead_letters, state.rejected);
        self.transcript = state.transcript.unwrap_or(self.transcript);
        self.receipts = state.receipts;
        self.cursors = state.cursors;
        self.queue.refill(state.waiting);
        self.queued_measures = state.measures.unwrap_or_else(|| self.settings.measures.clone());
        if let Some((_, position)) = state.source.filter(|(seed, _)| self.settings.seed == Some(*seed)) {
            self.source.set_position(position);
        }
        if let Some(BatchState { number, processed_at, latest, aggfunc }) = state.batches.last().cloned() {
            self.latest = Some(Arc::new(Batch::new(number, processed_at, latest, aggfunc)));
        }
        for BatchState { number, latest, aggfunc, .. } in state.batches {
            self.recent.keep(number, latest, aggfunc);
        }
        self.processor.restore(newest_row, store)
    }

    /// Seed of the source and position of its generator; `None` for a run without a seed, which need not be resumed.
    pub fn source_position(&self) -> Option<(u64, u64)> {
        Some((self.settings.seed?, self.source.position()))
    }

    /// The newest timestamp of any accepted event that moved the watermark.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Clears everything but the settings and restarts at `now`, with a new transcript. The caller clears the store.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn reset(&mut self, now: Timestamp) -> Result<(), FrameError> {
        let transcript = self.transcript.anew(self.entropy);
        *self = Self { transcript, ..Self::new(self.settings.clone(), self.entropy, now)? };
        Ok(())
    }

    /// Continues with a transcript that shares only the batches up to this one with the present one: an engine that is
    /// restored from the store may go on from there with other batches.
    pub fn branch(&mut self, batch: u64) {
        self.transcript = self.transcript.branch(batch, self.entropy);
    }

    /// The transcript that the batches belong to.
    pub fn transcript(&self) -> Transcript {
        self.transcript
    }

    /// Keeps the answer to a post with an idempotency key.
    pub fn keep_receipt(&mut self, receipt: Receipt) {
        self.receipts.keep(receipt);
    }

    /// The answers to posts with an idempotency key.
    pub fn receipts(&self) -> &Receipts {
        &self.receipts
    }

    /// Moves the cursor of a source past the events that were posted just now: what is written next has both.
    pub fn advance(&mut self, cursor: Cursor) {
        self.cursors.advance(cursor);
    }

    /// How far the sources were read.
    pub fn cursors(&self) -> &Cursors {
        &self.cursors
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The newest processed batch.
    pub fn latest(&self) -> Option<&Arc<Batch>> {
        self.latest.as_ref()
    }

    /// The newest batches, up to [`latest`](Self::latest).
    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    /// The waiting events.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The measures of the waiting events.
    pub fn queued_measures(&self) -> &Measures {
        &self.queued_measures
    }

    /// The refused rows.
    pub fn dead_letters(&self) -> &DeadLetters {
        &self.dead_letters
    }

    /// Counters since the start or the last reset.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// [`newest`](Self::newest) less `lateness`: older events are late. `None` before the first event.
    pub fn watermark(&self) -> Option<Timestamp> {
        Some(self.newest? - self.settings.lateness)
    }

    /// How far the source is behind its schedule at `now`; zero when it keeps up or is paused.
    pub fn lag(&self, now: Timestamp) -> Duration {
        if self.is_producing() { self.schedule.lag(now) } else { Duration::default() }
    }

    fn is_producing(&self) -> bool {
        self.settings.source == SourceKind::Simulated && !self.settings.paused
    }

    /// Whether the source has to wait for room.
    fn is_source_blocked(&self) -> bool {
        self.queue.is_full() && matches!(self.settings.overflow, Overflow::Block | Overflow::Reject)
    }

    /// Produces the events due by `now`, as far as queue and budget allow; the rest stays due. Returns the span in
    /// which the machine slept, if it did.
    fn produce(&mut self, now: Timestamp, store: &mut dyn Store) -> Option<(Timestamp, Timestamp)> {
        if !self.is_producing() {
            return None;
        }
        let interval = self.settings.interval;
        let Tick { slept, is_late } = self.schedule.tick(now, interval);
        let mut produced = 0;
        while produced < EVENTS_PER_STEP
            && !self.is_source_blocked()
            && let Some(due) = self.schedule.next(now, interval)
        {
            let event = self.source.event(due);
            self.offer_produced(event, now, store);
            produced += 1;
        }
        if is_late && produced > 0 {
            self.counters.late_ticks += 1;
            self.counters.caught_up += (produced as u64).saturating_sub(events_per_tick(interval));
        }
        slept
    }

    fn offer_produced(&mut self, event: Event, now: Timestamp, store: &mut dyn Store) {
        self.counters.produced += 1;
        if let Some(reason) = self.reason_to_refuse(&event, now) {
            let input = event.timestamp.to_text(&Clock::Utc);
            self.refuse(DeadLetter { arrived: now, source: "simulated".into(), row: None, line: None, reason, input });
            return;
        }
        self.offer(event, now, store);
    }

    /// Puts an event into the queue, counts the event dropped for it and returns whether it was queued. It moves the
    /// watermark only if it was queued and is not far ahead: other events must not make later ones late.
    fn offer(&mut self, event: Event, now: Timestamp, store: &mut dyn Store) -> bool {
        let timestamp = event.timestamp;
        let offer = self.queue.offer(event, now);
        if offer == Offer::DroppedOldest {
            store.dropped_oldest();
        }
        if offer != Offer::Queued {
            self.counters.dropped += 1;
        }
        let is_queued = matches!(offer, Offer::Queued | Offer::DroppedOldest);
        if is_queued && let Some(event) = self.queue.last() {
            store.queued(event, &self.queued_measures, now);
        }
        if is_queued && timestamp <= now + MAX_AHEAD {
            self.newest = self.newest.max(Some(timestamp));
        }
        is_queued
    }

    /// Why an event is refused, if it is; counts a late one either way.
    fn reason_to_refuse(&mut self, event: &Event, now: Timestamp) -> Option<String> {
        if event.timestamp > now + MAX_AHEAD && self.settings.late == Late::Reject {
            let text = event.timestamp.to_text(&Clock::Utc);
            return Some(format!(
                "timestamp \"{text}\" is more than {MAX_AHEAD} ahead of the time of arrival; set the clock that it comes from, or late to accept"
            ));
        }
        let newest = self.newest?;
        if event.timestamp >= newest - self.settings.lateness {
            return None;
        }
        self.counters.late += 1;
        (self.settings.late == Late::Reject).then(|| {
            let behind = newest - event.timestamp;
            format!("{behind} older than the newest event; lateness allows {}", self.settings.lateness)
        })
    }

    /// Processes complete batches, and an incomplete one whose wait is over; returns the number of batches.
    fn process(&mut self, now: Timestamp, most: usize, store: &mut dyn Store) -> Result<usize, FrameError> {
        let mut batches = 0;
        while batches < most && (self.queue.len() >= self.settings.batch_size || self.is_wait_over(now)) {
            self.process_one(now, store)?;
            batches += 1;
        }
        Ok(batches)
    }

    /// Makes a batch of the oldest waiting events.
    fn process_one(&mut self, now: Timestamp, store: &mut dyn Store) -> Result<(), FrameError> {
        let settings = if self.queued_measures == self.settings.measures {
            Cow::Borrowed(&self.settings)
        } else {
            Cow::Owned(Settings { measures: self.queued_measures.clone(), ..self.settings.clone() })
        };
        let processed = self.processor.process(self.queue.oldest(settings.batch_size), &settings, store);
        let rows = self.queue.drop_oldest(settings.batch_size);
        let latest = processed?;
        self.counters.processed += rows as u64;
        self.counters.batches += 1;
        let batch = Batch::new(self.counters.batches, now, latest, settings.aggfunc);
        store.processed(&batch, &settings);
        self.recent.push(&batch);
        self.latest = Some(Arc::new(batch));
        Ok(())
    }

    /// Makes batches of all waiting events where `measures` has changed since they came, and returns their number: the rows
    /// of a batch have the same measures, and events keep theirs.
    fn settle_measures(&mut self, now: Timestamp, store: &mut dyn Store) -> usize {
        if self.queued_measures == self.settings.measures {
            return 0;
        }
        let mut batches = 0;
        while !self.queue.is_empty() {
            match self.process_one(now, store) {
                Ok(()) => batches += 1,
                Err(error) => self.refuse_batch(&error, now),
            }
        }
        self.queued_measures = self.settings.measures.clone();
        batches
    }

    /// Gives an event the measures of the settings, each from its place among the values, or missing; returns why the event
    /// is refused instead, if it is.
    fn change_measures(&self, event: &mut Event, places: &[Option<usize>]) -> Option<String> {
        let value = |place: &Option<usize>| event.values.get((*place)?).copied();
        let values: Values = places.iter().map(|place| value(place).unwrap_or(f64::NAN)).collect();
        let is_enough = match self.settings.missing {
            Missing::Reject => values.iter().all(|value| value.is_finite()),
            Missing::Allow => values.iter().any(|value| value.is_finite()),
        };
        if is_enough {
            event.values = values;
            return None;
        }
        let measures = self.settings.measures.to_string();
        let measures = brief(&measures);
        Some(format!("the row was read before measures became \"{measures}\", and lacks one of them; send it again"))
    }

    /// As `process`, for callers whose own result does not depend on it: a refused batch becomes a dead letter.
    fn process_counting_errors(&mut self, now: Timestamp, most: usize, store: &mut dyn Store) {
        if let Err(error) = self.process(now, most, store) {
            self.refuse_batch(&error, now);
        }
    }

    fn refuse_batch(&mut self, error: &FrameError, now: Timestamp) {
        let reason = error.to_string();
        let (source, input) = ("processor".into(), String::new());
        self.refuse(DeadLetter { arrived: now, source, row: None, line: None, reason, input });
    }

    fn is_wait_over(&self, now: Timestamp) -> bool {
        self.wait_ends().is_some_and(|end| end <= now)
    }

    /// When the incomplete batch is processed.
    fn wait_ends(&self) -> Option<Timestamp> {
        Some(self.queue.oldest_arrival()? + self.settings.batch_wait?)
    }

    fn configure(&mut self, settings: Settings, now: Timestamp) -> Result<(), FrameError> {
        self.processor.configure(&settings)?;
        if (settings.seed, settings.distinct_ids) != (self.settings.seed, self.settings.distinct_ids) {
            self.source = Simulated::new(&settings, self.entropy);
        }
        self.source.set_values(&settings);
        self.queue.set_limits(settings.queue_capacity, settings.overflow);
        let was_producing = self.is_producing();
        let old_interval = self.settings.interval;
        self.settings = settings;
        if !was_producing {
            self.schedule.restart(now);
        } else if self.settings.interval != old_interval {
            self.schedule.change_interval(old_interval, self.settings.interval, now);
        }
        Ok(())
    }

    fn ask_wake(&mut self) -> Option<Timestamp> {
        let due = self.schedule.ask_wake(self.is_producing());
        let has_batch = self.queue.len() >= self.settings.batch_size;
        let wait = if has_batch { self.queue.oldest_arrival() } else { self.wait_ends() };
        [due, wait].into_iter().flatten().min()
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
