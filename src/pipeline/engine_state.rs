//! What a checkpoint restores of an engine.

use super::{Counters, Cursors, DeadLetter, Event, Measures, Receipts, Transcript};
use crate::frame::Frame;
use crate::frame::ops::Agg;
use crate::time::Timestamp;

/// The state from which [`Engine::restore`](super::Engine::restore) resumes, as another engine left it.
#[derive(Debug, Clone, Default)]
pub struct EngineState {
    /// Its counters.
    pub counters: Counters,
    /// The newest timestamp of any accepted event that moved the watermark.
    pub newest: Option<Timestamp>,
    /// Waiting events, oldest first, each with its time of arrival.
    pub waiting: Vec<(Timestamp, Event)>,
    /// The measures of the waiting events; `None`: those of the settings.
    pub measures: Option<Measures>,
    /// The newest batches by number, oldest first.
    pub batches: Vec<BatchState>,
    /// Retained refused rows, oldest first.
    pub dead_letters: Vec<DeadLetter>,
    /// Number of refused rows, retained or not.
    pub rejected: u64,
    /// Seed of the source and position of its generator.
    pub source: Option<(u64, u64)>,
    /// The transcript that the batches belong to; `None`: a new one begins.
    pub transcript: Option<Transcript>,
    /// The answers to posts with an idempotency key.
    pub receipts: Receipts,
    /// How far the sources were read.
    pub cursors: Cursors,
}

/// A batch of an [`EngineState`].
#[derive(Debug, Clone)]
pub struct BatchState {
    /// Its number.
    pub number: u64,
    /// When it was processed.
    pub processed_at: Timestamp,
    /// Its table `latest`.
    pub latest: Frame,
    /// The aggregate of its pivot.
    pub aggfunc: Agg,
}
