//! Which handler answers which path and method.

use super::handlers::{config, docs, events, health, latest, metrics, query, rejected, stream, trigger};
use super::{ApiError, App, Body, Request, Response, auth, idempotency, openapi};
use crate::time::Timestamp;

/// Answers one method of one path.
type Handler = fn(&mut App, &Request, Timestamp) -> Result<Response, ApiError>;

/// A path and the handler of each of its methods.
struct Route {
    path: &'static str,
    methods: &'static [(&'static str, Handler)],
}

const ROUTES: [Route; 11] = [
    Route { path: "latest", methods: &[("GET", latest::get)] },
    Route { path: "query", methods: &[("GET", query::get)] },
    Route { path: "stream", methods: &[("GET", stream::get)] },
    Route { path: "trigger", methods: &[("GET", trigger::get)] },
    Route { path: "events", methods: &[("POST", post_once), ("DELETE", events::delete)] },
    Route { path: "rejected", methods: &[("GET", rejected::get)] },
    Route { path: "metrics", methods: &[("GET", metrics::get)] },
    Route { path: "health", methods: &[("GET", health::get)] },
    Route { path: "config", methods: &[("GET", config::get), ("PATCH", config::patch)] },
    Route { path: "openapi.json", methods: &[("GET", describe)] },
    Route { path: "docs", methods: &[("GET", docs::get)] },
];

impl Route {
    fn allow(&self) -> String {
        let mut methods: Vec<&str> = self.methods.iter().map(|(method, _)| *method).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.join(", ")
    }
}

impl App {
    /// Answers a request that arrived at `now`.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        self.requests += 1;
        let batches = self.service.engine().counters().batches;
        let mut response = dispatch(self, request, now).unwrap_or_else(ApiError::into_response);
        self.metrics.batches_of_request = self.service.engine().counters().batches.saturating_sub(batches);
        self.metrics.count_request(known_path(request), &request.method, response.status);
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

    /// The paths that requests can name, relative to the base.
    pub fn paths() -> impl Iterator<Item = &'static str> {
        paths()
    }
}

/// `GET /openapi.json`: the description of the API, for programs and for the console.
fn describe(_: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    Ok(Response::json(openapi::document(routes())))
}

/// `POST /events`, once for each `Idempotency-Key`.
fn post_once(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    idempotency::once(app, request, now, events::post)
}

/// The paths that requests can name; all others belong to the static host.
fn paths() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.path)
}

/// The path of a request if it is one of these, with or without a slash at the end.
fn known_path(request: &Request) -> Option<&'static str> {
    paths().find(|path| *path == request.path.trim_matches('/'))
}

/// The paths with the methods that have a handler, the everyday ones first: what `openapi.json` lists.
pub(super) fn routes() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    ROUTES.iter().map(|route| (route.path, route.methods.iter().map(|(method, _)| *method).collect()))
}

/// Finds the handler and lets it answer. HEAD is handled as GET, and loses its body later; OPTIONS names the methods; a
/// slash at the end leads to the path without it, as in FastAPI.
fn dispatch(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let path = request.path.trim_start_matches('/');
    if let Some(stem) = path.strip_suffix('/')
        && paths().any(|path| path == stem)
    {
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        return Ok(Response::new(307, "", Vec::new()).with_header("Location", format!("../{stem}{query}")));
    }
    let route = ROUTES.iter().find(|route| route.path == path).ok_or(ApiError::NotFound)?;
    if request.method == "OPTIONS" {
        return Ok(Response::new(204, "", Vec::new()).with_header("Allow", route.allow()));
    }
    let method = if request.method == "HEAD" { "GET" } else { &request.method };
    let (_, handler) = route
        .methods
        .iter()
        .find(|(name, _)| *name == method)
        .ok_or_else(|| ApiError::MethodNotAllowed { allow: route.allow() })?;
    let decision = auth::count(app, request, now);
    let allowed = auth::authorize(app, request, decision);
    let response = allowed.and_then(|()| handler(app, request, now)).unwrap_or_else(ApiError::into_response);
    Ok(auth::with_rate_limit(response, decision))
}
