//! The API's own state: what it counts, beside the pipeline that it serves.

use super::metrics::Metrics;
use super::rate_limit::{RateDecision, RateLimiter};
use super::router;
use super::{ApiError, Body, Request, Response};
use crate::frame::FrameError;
use crate::pipeline::Settings;
use crate::service::PipelineService;
use crate::store::Disk;
use crate::time::{Timestamp, Zone};

/// The HTTP surface of a running pipeline.
#[derive(Debug)]
pub struct App {
    service: PipelineService,
    requests: u64,
    /// The bucket of `rate_limit`, once a request was counted under it.
    limiter: Option<RateLimiter>,
    metrics: Metrics,
}

impl App {
    /// An app over a new pipeline that keeps its history in memory; see [`PipelineService::open`].
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn in_memory(settings: Settings, zone: Zone, entropy: [u8; 32], now: Timestamp) -> Result<Self, FrameError> {
        let disk = Disk::None("no files were given".to_owned());
        PipelineService::open(disk, settings, [true; 2], zone, entropy, now).map(Self::new)
    }

    /// An app over this pipeline.
    pub fn new(service: PipelineService) -> Self {
        Self { service, requests: 0, limiter: None, metrics: Metrics::default() }
    }

    /// Answers a request that arrived at `now`.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        self.requests += 1;
        let batches = self.service.engine().counters().batches;
        let mut response = router::dispatch(self, request, now).unwrap_or_else(ApiError::into_response);
        self.metrics.batches_of_request = self.service.engine().counters().batches.saturating_sub(batches);
        self.metrics.count_request(router::known_path(request), &request.method, response.status);
        // Refusals to HEAD have no body either.
        if request.method == "HEAD" {
            response.body = Body::Whole(Vec::new());
        }
        // A crash must not undo what an answer reports, and a power loss must not undo what was sent here.
        let is_change = !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
        match self.service.commit(is_change, now) {
            Err(error) if request.method == "POST" && response.status < 300 => {
                ApiError::InsufficientStorage { reason: error.to_string() }.into_response()
            }
            _ => response,
        }
    }

    /// The pipeline.
    pub fn service(&self) -> &PipelineService {
        &self.service
    }

    /// The pipeline, to let it go on.
    pub fn service_mut(&mut self) -> &mut PipelineService {
        &mut self.service
    }

    /// Records the seconds that the last request took, and with it the batches that it completed.
    pub fn observe_request(&mut self, seconds: f64) {
        self.metrics.request_duration.observe(seconds, 1);
        self.observe_batches(seconds, self.metrics.batches_of_request as usize);
    }

    /// Records the seconds that a number of batches took together.
    pub fn observe_batches(&mut self, seconds: f64, batches: usize) {
        self.metrics.batch_duration.observe(seconds, batches as u64);
    }

    /// Records the bytes of memory that the wasm module holds.
    pub fn set_memory_bytes(&mut self, bytes: u64) {
        self.metrics.memory_bytes = Some(bytes);
    }

    /// Records the number of bodies that are being read part by part.
    pub fn set_open_streams(&mut self, streams: usize) {
        self.metrics.open_streams = streams;
    }

    /// The paths that requests can name, relative to the base.
    pub fn paths() -> impl Iterator<Item = &'static str> {
        router::paths()
    }

    /// Requests answered.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Counts a request against `rate_limit`, if one is set; a new limit starts with a full bucket.
    pub(super) fn count_request(&mut self, now: Timestamp) -> Option<RateDecision> {
        let rate = self.service.engine().settings().rate_limit;
        if self.limiter.as_ref().map(RateLimiter::rate) != rate {
            self.limiter = rate.map(|rate| RateLimiter::new(rate, now));
        }
        self.limiter.as_mut().map(|limiter| limiter.take(now))
    }
}
