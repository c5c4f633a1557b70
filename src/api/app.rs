//! The API's own state: what it counts, beside the pipeline that it serves.

use super::active_keys::ActiveKeys;
use super::metrics::Metrics;
use super::rate_limit::{RateDecision, RateLimiter};
use crate::frame::FrameError;
use crate::pipeline::Settings;
use crate::service::PipelineService;
use crate::store::Disk;
use crate::time::{Timestamp, Zone};

/// The HTTP surface of a running pipeline.
///
/// ```
/// use millrace::api::{App, Request};
/// use millrace::pipeline::Settings;
/// use millrace::time::{Timestamp, Zone};
///
/// let now = Timestamp::from_nanos(1_748_779_200_000_000_000);
/// let mut app = App::in_memory(Settings::default(), Zone::UTC, [0; 32], now)?;
/// let response = app.handle(&Request::new("GET", "trigger"), now);
/// assert_eq!(response.status, 200);
/// let body = response.into_bytes(app.service(), now);
/// assert_eq!(body, br#"{"message":"Data pipeline triggered (auto-started on app launch)"}"#);
/// # Ok::<(), millrace::frame::FrameError>(())
/// ```
#[derive(Debug)]
pub struct App {
    pub(super) service: PipelineService,
    pub(super) requests: u64,
    /// The bucket of `rate_limit`, once a request was counted under it.
    limiter: Option<RateLimiter>,
    pub(super) metrics: Metrics,
    /// The keys of requests whose rows are being taken.
    pub(super) active_keys: ActiveKeys,
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
        Self { service, requests: 0, limiter: None, metrics: Metrics::default(), active_keys: ActiveKeys::default() }
    }

    /// The pipeline.
    pub fn service(&self) -> &PipelineService {
        &self.service
    }

    /// The pipeline, to step or change it.
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

    /// Records the number of ports over which other pages and the service worker are connected.
    pub fn set_open_ports(&mut self, ports: usize) {
        self.metrics.open_ports = ports;
    }

    /// Requests answered.
    pub fn requests(&self) -> u64 {
        self.requests
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
