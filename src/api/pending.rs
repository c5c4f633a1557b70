//! Requests whose answer takes work: done step by step, so that nothing that a request asks for holds the pipeline up.
//!
//! Read [`Reply`] first. A [`Job`] reads a bounded number of rows in a step; whoever drives it decides how many steps
//! it does before others have their turn.

use std::fmt;

use super::rate_limit::RateDecision;
use super::{ApiError, App, Response};
use crate::service::PipelineService;
use crate::time::Timestamp;

/// Requests of many rows that are worked on at once: a pivot takes some twenty megabytes, more for a median.
pub const MAX_LARGE: usize = 2;
/// A request that reads more rows than this is one of many rows; few in tests.
pub const MANY_ROWS: usize = if cfg!(test) { 200 } else { 1 << 12 };
/// Rows of the requests that wait for their turn; what comes beyond is refused with 503. Browsers end a service worker
/// whose answer takes five minutes, and the last one that waits has its turn long before.
pub const MAX_WAITING_ROWS: usize = if cfg!(test) { 12_800 } else { 40_000_000 };

/// What becomes of a request; see [`App::begin`].
#[derive(Debug)]
pub enum Reply {
    /// The response.
    Ready(Response),
    /// Work that ends in the response.
    Later(Pending),
}

/// Work that ends in a response.
pub(super) trait Job {
    /// The number of rows that the work and the body of its response read, about. A few blocks are read for it at most.
    fn rows(&self, service: &PipelineService) -> usize;

    /// One step, which reads a bounded number of rows; the response once it is known.
    fn step(&mut self, service: &PipelineService) -> Option<Result<Response, ApiError>>;
}

/// A request whose response is not known yet. It holds nothing of the history before its first step: the response is of
/// the rows at that time, whatever arrives or leaves meanwhile.
pub struct Pending {
    pub(super) job: Box<dyn Job>,
    pub(super) path: Option<&'static str>,
    pub(super) method: String,
    pub(super) decision: Option<RateDecision>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("path", &self.path).field("method", &self.method).finish_non_exhaustive()
    }
}

impl Pending {
    pub(super) fn new(job: Box<dyn Job>) -> Self {
        Self { job, path: None, method: String::new(), decision: None }
    }

    /// The number of rows that it reads, about. Of requests of more than [`MANY_ROWS`] at most [`MAX_LARGE`] should be
    /// worked on at once, while the others wait, with [`MAX_WAITING_ROWS`] altogether.
    pub fn rows(&self, app: &App) -> usize {
        self.job.rows(app.service())
    }

    /// Does one step, of some milliseconds at most; returns the response once it is known.
    pub fn step(&mut self, app: &mut App, now: Timestamp) -> Option<Response> {
        let response = self.job.step(app.service())?.unwrap_or_else(ApiError::into_response);
        Some(self.finish(app, response, now))
    }

    /// The refusal, as 503, when it would wait behind too many rows.
    pub fn refuse(&self, app: &mut App, now: Timestamp) -> Response {
        let reason =
            format!("queries of {MAX_WAITING_ROWS} rows wait already; ask again later, or for fewer rows at once");
        self.finish(app, ApiError::Unavailable { reason }.into_response(), now)
    }

    fn finish(&self, app: &mut App, response: Response, now: Timestamp) -> Response {
        let response = super::auth::with_rate_limit(response, self.decision);
        // A query completes none, whatever others did meanwhile.
        app.metrics.batches_of_request = 0;
        app.finish(self.path, &self.method, response, now)
    }
}
