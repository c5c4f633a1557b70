//! Counters of the pipeline.

/// Counters since the pipeline started or was reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Events that the simulated source produced.
    pub produced: u64,
    /// Events accepted from requests, files and live sources.
    pub posted: u64,
    /// Events that left the queue in a batch.
    pub processed: u64,
    /// Events older than the newest timestamp less the lateness, whether accepted or refused.
    pub late: u64,
    /// Events dropped by the overflow policy.
    pub dropped: u64,
    /// Batches processed.
    pub batches: u64,
    /// Ticks of the source that came at least one interval and 50 ms late.
    pub late_ticks: u64,
    /// Events that late ticks produced beyond those of a punctual tick.
    pub caught_up: u64,
}
