//! The checks before every handler: the key, and the rate limit.
//!
//! As in FastAPI, an unknown path or method is reported before the key is checked, and `OPTIONS` needs no key. Requests
//! of the app's own page need no key and do not count, else a limit could lock its user out of the control that lifts
//! it.

use constant_time_eq::constant_time_eq;

use super::rate_limit::RateDecision;
use super::{ApiError, App, Body, Flow, Part, Request, Response};
use crate::pipeline::Settings;
use crate::service::PipelineService;
use crate::time::Timestamp;

/// The paths that describe the API need no key, as in FastAPI.
const OPEN_PATHS: [&str; 2] = ["openapi.json", "docs"];

/// Counts a request against the rate limit, if one is set. The page's own requests are not counted.
pub(super) fn count(app: &mut App, request: &Request, now: Timestamp) -> Option<RateDecision> {
    if request.is_own { None } else { app.count_request(now) }
}

/// Checks what [`count`] decided, then the key.
///
/// # Errors
/// [`ApiError::TooManyRequests`] and [`ApiError::Unauthorized`].
pub(super) fn authorize(app: &App, request: &Request, decision: Option<RateDecision>) -> Result<(), ApiError> {
    match decision {
        Some(RateDecision { burst, retry_secs: Some(retry_secs), .. }) => {
            Err(ApiError::TooManyRequests { burst, retry_secs })
        }
        _ => check_key(app, request),
    }
}

/// Adds what is left of the rate limit: the answer to every counted request has it, refusals too.
pub(super) fn with_rate_limit(response: Response, decision: Option<RateDecision>) -> Response {
    let Some(decision) = decision else { return response };
    response
        .with_header("RateLimit-Limit", decision.burst.to_string())
        .with_header("RateLimit-Remaining", decision.remaining.to_string())
        .with_header("RateLimit-Reset", decision.reset_secs.to_string())
}

/// Lets an endless answer end when a key is set that its request did not bring; the reader's next request is refused.
pub(super) fn guarded(response: Response, request: &Request) -> Response {
    match response.body {
        Body::Flow(flow) if flow.is_endless() && !request.is_own => {
            let key = bearer(request).map(str::to_owned);
            Response { body: Body::Flow(Box::new(Guarded { flow, key })), ..response }
        }
        _ => response,
    }
}

/// An endless body, and the key that its request brought.
struct Guarded {
    flow: Box<dyn Flow>,
    key: Option<String>,
}

impl Flow for Guarded {
    fn next(&mut self, service: &PipelineService, now: Timestamp) -> Part {
        let is_allowed = is_key(service.engine().settings(), self.key.as_deref());
        if is_allowed { self.flow.next(service, now) } else { Part::End }
    }

    fn is_endless(&self) -> bool {
        true
    }
}

fn check_key(app: &App, request: &Request) -> Result<(), ApiError> {
    if request.is_own || OPEN_PATHS.contains(&request.path.trim_start_matches('/')) {
        return Ok(());
    }
    let given = bearer(request);
    if is_key(app.service().engine().settings(), given) {
        return Ok(());
    }
    Err(ApiError::Unauthorized { is_key_given: given.is_some() })
}

/// Whether a request that gives this key is let in; without a key in the settings each is.
fn is_key(settings: &Settings, given: Option<&str>) -> bool {
    let Some(key) = &settings.api_key else { return true };
    // The time of this comparison may reveal the key's length, but not its characters.
    given.is_some_and(|given| constant_time_eq(given.as_bytes(), key.as_bytes()))
}

/// The key that a request carries; the name of the scheme may be in any case.
fn bearer(request: &Request) -> Option<&str> {
    let (scheme, key) = request.header("Authorization")?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim_start())
}
