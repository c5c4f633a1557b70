//! Which handler answers which path and method.

use super::handlers::{
    config, credentials, docs, events, health, latest, metrics, query, rejected, source, stream, trigger,
};
use super::pending::{Job, Pending, Reply};
use super::{ApiError, App, Body, Request, Response, auth, openapi};
use crate::time::Timestamp;

use Handler::{Later, Now};

/// Answers one method of one path.
#[derive(Clone, Copy)]
enum Handler {
    /// At once.
    Now(fn(&mut App, &Request, Timestamp) -> Result<Response, ApiError>),
    /// After work that is done step by step.
    Later(fn(&App, &Request) -> BeginJob),
}

/// The work that a request asks for, unless it is refused.
type BeginJob = Result<Box<dyn Job>, ApiError>;

/// A path and the handler of each of its methods.
struct Route {
    path: &'static str,
    methods: &'static [(&'static str, Handler)],
}

const ROUTES: [Route; 16] = [
    Route { path: "latest", methods: &[("GET", Now(latest::get))] },
    Route { path: "query", methods: &[("GET", Later(query::get))] },
    Route { path: "stream", methods: &[("GET", Now(stream::get))] },
    Route { path: "trigger", methods: &[("GET", Now(trigger::get))] },
    Route { path: "events", methods: &[("POST", Now(events::post)), ("DELETE", Now(events::delete))] },
    Route { path: "rejected", methods: &[("GET", Now(rejected::get))] },
    Route { path: "metrics", methods: &[("GET", Now(metrics::get))] },
    Route { path: "health", methods: &[("GET", Now(health::get))] },
    Route { path: "config", methods: &[("GET", Now(config::get)), ("PATCH", Now(config::patch))] },
    Route { path: "source", methods: &[("GET", Now(source::get))] },
    Route { path: "source/pause", methods: &[("POST", Now(source::pause))] },
    Route { path: "source/resume", methods: &[("POST", Now(source::resume))] },
    Route { path: "source/seek", methods: &[("POST", Now(source::seek))] },
    Route { path: "credentials", methods: &[("PUT", Now(credentials::put))] },
    Route { path: "openapi.json", methods: &[("GET", Now(describe))] },
    Route { path: "docs", methods: &[("GET", Now(docs::get))] },
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
    /// Answers a request that arrived at `now`, and does all work for it at once; see [`Self::begin`].
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Response {
        let mut pending = match self.begin(request, now) {
            Reply::Ready(response) => return response,
            Reply::Later(pending) => pending,
        };
        loop {
            if let Some(response) = pending.step(self, now) {
                return response;
            }
        }
    }

    /// Answers a request that arrived at `now`, or begins the work that leads to the answer.
    pub fn begin(&mut self, request: &Request, now: Timestamp) -> Reply {
        self.requests += 1;
        let batches = self.service.engine().counters().batches;
        let reply = dispatch(self, request, now).unwrap_or_else(|error| Reply::Ready(error.into_response()));
        self.metrics.batches_of_request = self.service.engine().counters().batches.saturating_sub(batches);
        let path = known_path(request);
        match reply {
            Reply::Ready(response) => Reply::Ready(self.finish(path, &request.method, response, now)),
            Reply::Later(pending) => Reply::Later(Pending { path, method: request.method.clone(), ..pending }),
        }
    }

    /// Counts a response and writes what it reports.
    pub(super) fn finish(
        &mut self,
        path: Option<&'static str>,
        method: &str,
        mut response: Response,
        now: Timestamp,
    ) -> Response {
        self.metrics.count_request(path, method, response.status);
        // Refusals to HEAD have no body either.
        if method == "HEAD" {
            response.body = Body::Whole(Vec::new());
        }
        // What is only answered again was written before, and is acknowledged on a full disk too.
        if response.header("Idempotency-Replayed").is_some() {
            return response;
        }
        // A crash must not undo what an answer reports, and a power loss must not undo what was sent here.
        let is_change = !matches!(method, "GET" | "HEAD" | "OPTIONS");
        match self.service.commit(is_change, now) {
            Err(error) if method == "POST" && response.status < 300 => {
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
fn describe(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    Ok(Response::json(openapi::document(routes(), app.service().engine().settings())))
}

/// The paths that requests can name; all others belong to the static host.
fn paths() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|route| route.path)
}

/// The path of a request if it is one of these, with or without a slash at the end.
pub(super) fn known_path(request: &Request) -> Option<&'static str> {
    paths().find(|path| *path == request.path.trim_matches('/'))
}

/// The paths with the methods that have a handler, the everyday ones first: what `openapi.json` lists.
pub(super) fn routes() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    ROUTES.iter().map(|route| (route.path, route.methods.iter().map(|(method, _)| *method).collect()))
}

/// Finds the handler and lets it answer. HEAD is handled as GET, and loses its body later; OPTIONS names the methods; a
/// slash at the end leads to the path without it, as in FastAPI.
fn dispatch(app: &mut App, request: &Request, now: Timestamp) -> Result<Reply, ApiError> {
    let path = request.path.trim_start_matches('/');
    if let Some(stem) = path.strip_suffix('/')
        && paths().any(|path| path == stem)
    {
        let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
        // Relative to the address with the slash, which is one folder deeper than its last name.
        let name = stem.rsplit('/').next().unwrap_or(stem);
        let location = format!("../{name}{query}");
        return Ok(Reply::Ready(Response::new(307, "", Vec::new()).with_header("Location", location)));
    }
    let route = ROUTES.iter().find(|route| route.path == path).ok_or(ApiError::NotFound)?;
    if request.method == "OPTIONS" {
        return Ok(Reply::Ready(Response::new(204, "", Vec::new()).with_header("Allow", route.allow())));
    }
    let method = if request.method == "HEAD" { "GET" } else { &request.method };
    let (_, handler) = route
        .methods
        .iter()
        .find(|(name, _)| *name == method)
        .ok_or_else(|| ApiError::MethodNotAllowed { allow: route.allow() })?;
    let decision = auth::count(app, request, now);
    let allowed = auth::authorize(app, request, decision);
    let reply = allowed.and_then(|()| match handler {
        Now(handler) => handler(app, request, now).map(Reply::Ready),
        Later(handler) => handler(app, request).map(|job| Reply::Later(Pending::new(job))),
    });
    Ok(match reply.unwrap_or_else(|error| Reply::Ready(error.into_response())) {
        Reply::Ready(response) => Reply::Ready(auth::with_rate_limit(auth::guarded(response, request), decision)),
        Reply::Later(pending) => Reply::Later(Pending { decision, ..pending }),
    })
}
