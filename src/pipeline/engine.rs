//! The pipeline as one state machine: `step(input)` is told what happened and when, and says when it wants to be called
//! again.

use std::sync::Arc;

use super::transform::transform;
use super::{
    Batch, Counters, DeadLetter, DeadLetters, Event, Late, Offer, Overflow, Processor, Queue, Recent, Settings,
    Simulated, SourceKind, Store,
};
use crate::frame::ops::Agg;
use crate::frame::{Frame, FrameError};
use crate::time::{Clock, Duration, Timestamp};

/// Events that one step produces and batches that it processes at most, so that requests need not wait long.
const EVENTS_PER_STEP: usize = 4096;
const BATCHES_PER_STEP: usize = 1024;
/// The shortest time between two wakes; faster sources produce several events a tick.
const TICK: Duration = Duration::from_nanos(4_000_000);
/// A tick counts as late when it comes this much after the wake that was asked for, or an interval if that is longer.
const LATE_AFTER: Duration = Duration::from_nanos(50_000_000);

/// How far ahead of its arrival an event may be stamped and still move the watermark. One event of a clock that runs
/// wrong would otherwise make all that follow late; a day forgives wrong time zones. Under `late=reject` events beyond are
/// refused; under `late=accept`, where lateness keeps nobody out, they are taken as the original takes them.
pub const MAX_AHEAD: Duration = Duration::from_secs(86_400);

/// A tick that comes this much after the wake that was asked for tells that the machine slept, or that its clock was set
/// forward: no timer is that late otherwise. Then nothing is made up for: what was not measured is not invented.
pub const ASLEEP_AFTER: Duration = Duration::from_secs(10);

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Time passed.
    Tick,
    /// Somebody asks for one simulated event now, also while the source is paused.
    Step,
    /// These settings hold from now on.
    Configure(Box<Settings>),
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Output {
    /// Batches that this step processed.
    pub batches: usize,
    /// When to call `step(Tick)` next; `None`: not before something else happens. In the state when work is left.
    pub next_wake: Option<Timestamp>,
    /// From when to when the source should have produced and did not, since the machine slept.
    pub slept: Option<(Timestamp, Timestamp)>,
}

/// What an engine goes on from, as another one left it.
#[derive(Debug, Clone, Default)]
pub struct EngineState {
    /// What had happened.
    pub counters: Counters,
    /// The newest timestamp of any accepted event that moved the watermark.
    pub newest: Option<Timestamp>,
    /// Events that waited, oldest first, with the time of their arrival.
    pub waiting: Vec<(Timestamp, Event)>,
    /// The newest batches by number, oldest first: the table `latest`, what the pivot computed, and when.
    pub batches: Vec<BatchState>,
    /// Refused rows that were kept, oldest first.
    pub dead_letters: Vec<DeadLetter>,
    /// How many were refused.
    pub rejected: u64,
    /// The seed of the source and how far its generator got.
    pub source: Option<(u64, u64)>,
}

/// A batch of the state.
#[derive(Debug, Clone)]
pub struct BatchState {
    /// Its number.
    pub number: u64,
    /// When it was processed.
    pub processed_at: Timestamp,
    /// Its table `latest`.
    pub latest: Frame,
    /// What the pivot computed.
    pub aggfunc: Agg,
}

/// Why posted events were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostError {
    /// The queue is full and the policy is to refuse.
    QueueFull {
        /// Events that it holds.
        capacity: usize,
    },
}

/// A posted event that was not taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Its place among the posted ones, from 0.
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
    /// When the next simulated event is due.
    next_due: Timestamp,
    /// The wake that was asked for last.
    asked_wake: Option<Timestamp>,
    queue: Queue,
    processor: Processor,
    /// The newest instant of any accepted event.
    newest: Option<Timestamp>,
    latest: Option<Arc<Batch>>,
    recent: Recent,
    dead_letters: DeadLetters,
    counters: Counters,
}

impl Engine {
    /// A pipeline whose first simulated event is due at `now`; `entropy` is the chance behind unseeded runs.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn new(settings: Settings, entropy: [u8; 32], now: Timestamp) -> Result<Self, FrameError> {
        Ok(Self {
            source: Simulated::new(&settings, entropy),
            entropy,
            next_due: to_micros(now),
            asked_wake: None,
            queue: Queue::new(settings.queue_capacity, settings.overflow),
            processor: Processor::new(&settings)?,
            newest: None,
            latest: None,
            recent: Recent::default(),
            dead_letters: DeadLetters::default(),
            counters: Counters::default(),
            settings,
        })
    }

    /// Takes in what happened at `now`, processes what that completed and hands it to `store`.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when `Configure` brings a window that the rolling verb refuses; nothing changes
    /// then.
    pub fn step(&mut self, input: Input, now: Timestamp, store: &mut dyn Store) -> Result<Output, FrameError> {
        let is_tick = input == Input::Tick;
        let mut slept = None;
        match input {
            Input::Tick => slept = self.produce(now, store),
            Input::Step => {
                if self.settings.source == SourceKind::Simulated && !self.is_source_blocked() {
                    let event = self.source.event(to_micros(now));
                    self.offer_produced(event, now, store);
                }
            }
            Input::Configure(settings) => self.configure(*settings, now, store)?,
        }
        let batches = self.process(now, BATCHES_PER_STEP, store)?;
        if is_tick && batches == BATCHES_PER_STEP {
            // More than this step can process: what is due goes on filling the queue, so that others see that it is full.
            self.produce(now, store);
        }
        Ok(Output { batches, next_wake: self.ask_wake(), slept })
    }

    /// Takes posted events and processes every batch that they complete. Under `late=reject`, events too late and those
    /// more than [`MAX_AHEAD`] ahead of `now` are returned, for the caller to [`refuse`](Self::refuse).
    ///
    /// # Errors
    /// [`PostError::QueueFull`] under `overflow=reject`; then none is taken.
    pub fn post(
        &mut self,
        events: Vec<Event>,
        now: Timestamp,
        store: &mut dyn Store,
    ) -> Result<Vec<Refused>, PostError> {
        if self.settings.overflow == Overflow::Reject && self.queue.is_full() {
            return Err(PostError::QueueFull { capacity: self.queue.capacity() });
        }
        let mut refused = Vec::new();
        for (position, event) in events.into_iter().enumerate() {
            if let Some(reason) = self.reason_to_refuse(&event, now) {
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
        Ok(refused)
    }

    /// Keeps a row that was refused before it became an event.
    pub fn refuse(&mut self, dead_letter: DeadLetter) {
        self.dead_letters.push(dead_letter);
    }

    /// Processes what waits as a last batch, though it may be smaller than others.
    pub fn complete(&mut self, now: Timestamp, store: &mut dyn Store) {
        if !self.queue.is_empty()
            && let Err(error) = self.process_one(now, store)
        {
            self.refuse_batch(&error, now);
        }
    }

    /// Goes on from what another engine left behind, whose rows `store` keeps.
    ///
    /// # Errors
    /// None for what an engine leaves behind.
    pub fn restore(
        &mut self,
        state: EngineState,
        newest_row: Option<Timestamp>,
        store: &dyn Store,
    ) -> Result<(), FrameError> {
        self.counters = state.counters;
        self.newest = state.newest;
        self.dead_letters = DeadLetters::restored(state.dead_letters, state.rejected);
        self.queue.refill(state.waiting);
        if let Some((_, position)) = state.source.filter(|(seed, _)| self.settings.seed == Some(*seed)) {
            self.source.set_position(position);
        }
        if let Some(BatchState { number, processed_at, latest, aggfunc }) = state.batches.last().cloned() {
            self.latest = Some(Arc::new(Batch { number, processed_at, tables: transform(latest, aggfunc)? }));
        }
        for BatchState { number, latest, aggfunc, .. } in state.batches {
            self.recent.keep(number, latest, aggfunc);
        }
        self.processor.restore(newest_row, store)
    }

    /// The seed of the source and how far its generator got; `None` for a random run, which nobody expects to go on.
    pub fn source_position(&self) -> Option<(u64, u64)> {
        Some((self.settings.seed?, self.source.position()))
    }

    /// The newest timestamp of any accepted event that moved the watermark.
    pub fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Forgets everything but the settings, and starts anew at `now`. The store is the caller's to clear.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn reset(&mut self, now: Timestamp) -> Result<(), FrameError> {
        *self = Self::new(self.settings.clone(), self.entropy, now)?;
        Ok(())
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The newest processed batch.
    pub fn latest(&self) -> Option<&Arc<Batch>> {
        self.latest.as_ref()
    }

    /// The newest batches, up to that one.
    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    /// What waits.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// What was refused.
    pub fn dead_letters(&self) -> &DeadLetters {
        &self.dead_letters
    }

    /// What happened so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The newest timestamp of any accepted event less `lateness`: what is older is late. `None` before the first event.
    pub fn watermark(&self) -> Option<Timestamp> {
        Some(self.newest? - self.settings.lateness)
    }

    /// How far the source is behind its schedule at `now`; zero when it keeps up or rests.
    pub fn lag(&self, now: Timestamp) -> Duration {
        if self.is_producing() && self.next_due < now { now - self.next_due } else { Duration::default() }
    }

    fn is_producing(&self) -> bool {
        self.settings.source == SourceKind::Simulated && !self.settings.paused
    }

    /// Whether the source has to wait for room.
    fn is_source_blocked(&self) -> bool {
        self.queue.is_full() && matches!(self.settings.overflow, Overflow::Block | Overflow::Reject)
    }

    /// Produces the events that are due by `now`, no more and no less, as far as queue and budget allow; the rest stays
    /// due.
    fn produce(&mut self, now: Timestamp, store: &mut dyn Store) -> Option<(Timestamp, Timestamp)> {
        if !self.is_producing() {
            return None;
        }
        let slept = self
            .asked_wake
            .filter(|wake| now - *wake >= ASLEEP_AFTER.max(self.settings.interval))
            .map(|wake| (wake, now));
        if slept.is_some() {
            self.next_due = to_micros(now);
        }
        // A clock set back must not make the source wait until it has caught up.
        if self.next_due - now > self.settings.interval {
            self.next_due = to_micros(now);
        }
        let is_late =
            slept.is_none() && self.asked_wake.is_some_and(|wake| now - wake >= LATE_AFTER.max(self.settings.interval));
        let mut produced = 0;
        while self.next_due <= now && produced < EVENTS_PER_STEP {
            if self.is_source_blocked() {
                break;
            }
            let event = self.source.event(self.next_due);
            self.offer_produced(event, now, store);
            self.next_due = self.next_due + self.settings.interval;
            produced += 1;
        }
        if is_late && produced > 0 {
            let usual = (TICK.as_nanos() / self.settings.interval.as_nanos()).max(1) as u64;
            self.counters.late_ticks += 1;
            self.counters.caught_up += (produced as u64).saturating_sub(usual);
        }
        slept
    }

    fn offer_produced(&mut self, event: Event, now: Timestamp, store: &mut dyn Store) {
        self.counters.produced += 1;
        if let Some(reason) = self.reason_to_refuse(&event, now) {
            let input = event.timestamp.to_text(&Clock::Utc);
            self.refuse(DeadLetter { arrived: now, source: "simulated".into(), row: None, reason, input });
            return;
        }
        self.offer(event, now, store);
    }

    /// Puts an event into the queue, and counts what is dropped for it; whether it got in. Only then it moves the
    /// watermark, and only if it is not far ahead: neither must make others late.
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
        if is_queued && let Some(event) = self.queue.newest(1).next() {
            store.queued(event, now);
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

    /// Processes complete batches, and an incomplete one whose wait is over; returns how many.
    fn process(&mut self, now: Timestamp, most: usize, store: &mut dyn Store) -> Result<usize, FrameError> {
        let mut batches = 0;
        while batches < most && (self.queue.len() >= self.settings.batch_size || self.is_wait_over(now)) {
            self.process_one(now, store)?;
            batches += 1;
        }
        Ok(batches)
    }

    /// Makes a batch of what waits longest.
    fn process_one(&mut self, now: Timestamp, store: &mut dyn Store) -> Result<(), FrameError> {
        let waiting: Vec<_> = self.queue.take(self.settings.batch_size).collect();
        let tables = self.processor.process(waiting.iter().map(|(_, event)| event), &self.settings, store)?;
        self.counters.processed += waiting.len() as u64;
        self.counters.batches += 1;
        let batch = Batch { number: self.counters.batches, processed_at: now, tables };
        store.processed(&batch, &self.settings);
        self.recent.push(&batch, self.settings.aggfunc);
        self.latest = Some(Arc::new(batch));
        Ok(())
    }

    /// As `process`, for callers whose own answer does not depend on it: a refused batch becomes a dead letter.
    fn process_counting_errors(&mut self, now: Timestamp, most: usize, store: &mut dyn Store) {
        if let Err(error) = self.process(now, most, store) {
            self.refuse_batch(&error, now);
        }
    }

    fn refuse_batch(&mut self, error: &FrameError, now: Timestamp) {
        let reason = error.to_string();
        self.refuse(DeadLetter { arrived: now, source: "processor".into(), row: None, reason, input: String::new() });
    }

    fn is_wait_over(&self, now: Timestamp) -> bool {
        self.wait_ends().is_some_and(|end| end <= now)
    }

    /// When the batch that is being gathered is processed though incomplete.
    fn wait_ends(&self) -> Option<Timestamp> {
        Some(self.queue.oldest_arrival()? + self.settings.batch_wait?)
    }

    fn configure(&mut self, settings: Settings, now: Timestamp, store: &dyn Store) -> Result<(), FrameError> {
        self.processor.configure(&settings, store)?;
        if (settings.seed, settings.distinct_ids) != (self.settings.seed, self.settings.distinct_ids) {
            self.source = Simulated::new(&settings, self.entropy);
        }
        self.source.set_range(settings.min_value, settings.max_value);
        self.queue.set_limits(settings.queue_capacity, settings.overflow);
        let was_producing = self.is_producing();
        let old_interval = self.settings.interval;
        self.settings = settings;
        if !was_producing {
            self.next_due = to_micros(now);
        } else if self.settings.interval != old_interval {
            // Counted from the last event, but never in the state: a shorter interval owes nothing.
            let last_due = self.next_due - old_interval;
            self.next_due = (last_due + self.settings.interval).max(to_micros(now));
        }
        Ok(())
    }

    fn ask_wake(&mut self) -> Option<Timestamp> {
        let due = self.is_producing().then_some(self.next_due);
        let has_batch = self.queue.len() >= self.settings.batch_size;
        let wait = if has_batch { self.queue.oldest_arrival() } else { self.wait_ends() };
        self.asked_wake = due;
        [due, wait].into_iter().flatten().min()
    }
}

/// Simulated events happen on whole microseconds, as the original's do.
fn to_micros(now: Timestamp) -> Timestamp {
    Timestamp::from_nanos(now.as_nanos() - now.as_nanos().rem_euclid(1000))
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
