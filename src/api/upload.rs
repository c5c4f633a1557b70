//! Requests whose body comes later, in pieces, and is never held as a whole.
//!
//! The head is judged first: path, method, key, rate limit, content type. Then the body is received, which only counts
//! it; whoever receives it keeps it outside of this program's memory. Once all of it is there, it is read piece by
//! piece, some of it twice.

use super::auth;
use super::extract::body::{MAX_BODY_BYTES, check_size, codings};
use super::handlers::config::{self, MAX_SETTINGS_BYTES};
use super::handlers::credentials::{self, MAX_CREDENTIALS_BYTES};
use super::handlers::events::{Posting, Step};
use super::handlers::source::{self, MAX_SEEK_BYTES};
use super::rate_limit::RateDecision;
use super::router::known_path;
use super::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::protocol::Coding;
use crate::time::Timestamp;

/// Maximum size of the columns of an Arrow body: it may be compressed, and is kept on disk.
const MAX_ARROW_BYTES: usize = 1 << 30;

/// A request of which the head was accepted.
pub struct Upload {
    /// The request, without its body.
    head: Request,
    decision: Option<RateDecision>,
    body_bytes: usize,
    is_open: bool,
    reader: Reader,
    /// Batches that it completed so far.
    batches: u64,
}

/// What reads the body.
enum Reader {
    Events(Box<Posting>),
    /// Settings are short, and kept whole.
    Settings(Vec<u8>),
    /// So is where a source goes on.
    Seek(Vec<u8>),
    /// So are credentials.
    Credentials(Vec<u8>),
}

/// A body that is not read as it is: columns are made of it before, and read instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedBody {
    /// The codings that are undone first, as the head names them.
    pub codings: String,
    /// What it is then.
    pub coding: Coding,
    /// The columns whose values are needed.
    pub columns: Vec<String>,
}

impl EncodedBody {
    /// Maximum size of what is made of it. Arrow is not larger than its buffers without their compression; it is a bomb
    /// beyond that.
    pub fn max_bytes(&self) -> usize {
        match self.coding {
            Coding::Arrow | Coding::PackedArrow => MAX_ARROW_BYTES,
            Coding::Parquet | Coding::Zstd => MAX_BODY_BYTES,
        }
    }

    /// The refusal of one that cannot be read, for this reason.
    pub fn refusal(&self, reason: String) -> ApiError {
        let kind = match self.coding {
            Coding::Parquet => "parquet_invalid",
            Coding::Arrow | Coding::PackedArrow | Coding::Zstd => "arrow_invalid",
        };
        ApiError::Unprocessable(vec![Problem::body(kind, None, reason, InvalidInput::Nothing)])
    }
}

/// What an [`Upload`] needs next.
#[derive(Debug)]
pub enum UploadStep {
    /// Bytes of the body from this one on: [`Upload::feed`] takes them.
    Read {
        /// The first of them, from 0.
        from: usize,
    },
    /// The columns of the body: [`Upload::decoded`] takes their size, and bytes of them are asked for from then on.
    Decode(EncodedBody),
    /// Another step: there is work left.
    Busy,
    /// Nothing: this is the answer.
    Done(Response),
}

impl App {
    /// Whether an endpoint reads the body of a request with this head. All other bodies are left alone.
    pub fn reads_body(head: &Request) -> bool {
        matches!(
            (head.method.as_str(), path(head)),
            ("POST", "events" | "source/seek") | ("PATCH", "config") | ("PUT", "credentials")
        )
    }

    /// Judges the head of a request that arrived at `now`, whose body comes later.
    ///
    /// # Errors
    /// The answer, when it needs no body.
    pub fn begin_upload(&mut self, head: Request, now: Timestamp) -> Result<Upload, Response> {
        if !Self::reads_body(&head) {
            return Err(self.handle(&head, now));
        }
        self.requests += 1;
        self.metrics.batches_of_request = 0;
        let decision = auth::count(self, &head, now);
        let allowed = auth::authorize(self, &head, decision);
        match allowed.and_then(|()| Reader::from_head(&head, self)) {
            Ok(reader) => Ok(Upload { head, decision, body_bytes: 0, is_open: false, reader, batches: 0 }),
            Err(error) => Err(self.answer(&head, decision, error.into_response(), now)),
        }
    }

    fn answer(
        &mut self,
        head: &Request,
        decision: Option<RateDecision>,
        response: Response,
        now: Timestamp,
    ) -> Response {
        self.finish(known_path(head), &head.method, auth::with_rate_limit(response, decision), now)
    }
}

/// The path without the slashes before it.
fn path(head: &Request) -> &str {
    head.path.trim_start_matches('/')
}

impl Reader {
    fn from_head(head: &Request, app: &App) -> Result<Self, ApiError> {
        if path(head) == "events" {
            return Ok(Self::Events(Box::new(Posting::from_head(head, app)?)));
        }
        if path(head) == "source/seek" {
            return Ok(Self::Seek(Vec::new()));
        }
        config::check_head(head)?;
        Ok(if path(head) == "credentials" { Self::Credentials(Vec::new()) } else { Self::Settings(Vec::new()) })
    }

    fn max_bytes(&self) -> usize {
        match self {
            Self::Events(_) => MAX_BODY_BYTES,
            Self::Settings(_) => MAX_SETTINGS_BYTES,
            Self::Seek(_) => MAX_SEEK_BYTES,
            Self::Credentials(_) => MAX_CREDENTIALS_BYTES,
        }
    }
}

impl Upload {
    /// Counts bytes of the body as they come.
    ///
    /// # Errors
    /// The answer, 413, as soon as there are too many.
    pub fn receive(&mut self, bytes: usize, app: &mut App, now: Timestamp) -> Result<(), Response> {
        self.body_bytes = self.body_bytes.saturating_add(bytes);
        check_size(self.body_bytes, self.reader.max_bytes())
            .map_err(|error| app.answer(&self.head, self.decision, error.into_response(), now))
    }

    /// The refusal of a body that is not read: there are too many others, or it does not come.
    pub fn refuse(&self, reason: &str, app: &mut App, now: Timestamp) -> Response {
        self.reject(ApiError::Unavailable { reason: reason.to_owned() }, app, now)
    }

    /// The refusal of a body for any other reason.
    pub fn reject(&self, error: ApiError, app: &mut App, now: Timestamp) -> Response {
        app.answer(&self.head, self.decision, error.into_response(), now)
    }

    /// Notes how many bytes were made so far of a body that [`UploadStep::Decode`] asked for.
    ///
    /// # Errors
    /// The answer, 413, as soon as there are too many.
    pub fn decoded(&mut self, body: &EncodedBody, bytes: usize, app: &mut App, now: Timestamp) -> Result<(), Response> {
        let max_bytes = body.max_bytes();
        if bytes > max_bytes {
            return Err(self.reject(ApiError::DecodedBodyTooLarge { max_bytes }, app, now));
        }
        if let Reader::Events(posting) = &mut self.reader {
            posting.decoded(bytes);
        }
        Ok(())
    }

    /// Reads some of the body, once all of it was received: a few milliseconds of work.
    pub fn step(&mut self, app: &mut App, now: Timestamp) -> UploadStep {
        let batches = app.service().engine().counters().batches;
        let read = self.read(app, now);
        self.batches += app.service().engine().counters().batches.saturating_sub(batches);
        app.metrics.batches_of_request = self.batches;
        match read {
            Ok(Step::Read { from }) => UploadStep::Read { from },
            Ok(Step::Decode(coding)) => UploadStep::Decode(self.encoded(coding)),
            Ok(Step::Busy) => UploadStep::Busy,
            Ok(Step::Done(response)) => UploadStep::Done(app.answer(&self.head, self.decision, response, now)),
            Err(error) => {
                self.break_off(app, now);
                UploadStep::Done(app.answer(&self.head, self.decision, error.into_response(), now))
            }
        }
    }

    fn encoded(&self, coding: Coding) -> EncodedBody {
        let columns = if let Reader::Events(posting) = &self.reader { posting.columns() } else { Vec::new() };
        EncodedBody { codings: codings(&self.head).to_owned(), coding, columns }
    }

    fn read(&mut self, app: &mut App, now: Timestamp) -> Result<Step, ApiError> {
        let is_opened = std::mem::replace(&mut self.is_open, true);
        match &mut self.reader {
            Reader::Events(posting) => {
                if !is_opened {
                    posting.open(self.body_bytes)?;
                }
                posting.step(app, now)
            }
            Reader::Settings(body) | Reader::Seek(body) | Reader::Credentials(body) if body.len() < self.body_bytes => {
                Ok(Step::Read { from: body.len() })
            }
            Reader::Settings(body) => {
                let request = Request { body: std::mem::take(body), ..self.head.clone() };
                config::patch(app, &request, now).map(Step::Done)
            }
            Reader::Seek(body) => {
                let request = Request { body: std::mem::take(body), ..self.head.clone() };
                source::seek(app, &request, now).map(Step::Done)
            }
            Reader::Credentials(body) => {
                let request = Request { body: std::mem::take(body), ..self.head.clone() };
                credentials::put(app, &request, now).map(Step::Done)
            }
        }
    }

    /// Has to be called before anything else has its turn: what is written then says how far a keyed request came.
    pub fn pause(&mut self, app: &mut App) {
        if let Reader::Events(posting) = &mut self.reader {
            posting.pause(app);
        }
    }

    /// Has to be called when the rest of the body will not be read: what was taken stays, and is not taken again when a
    /// keyed request is repeated; what was refused is kept.
    pub fn break_off(&mut self, app: &mut App, now: Timestamp) {
        self.pause(app);
        if let Reader::Events(posting) = &mut self.reader {
            posting.break_off(app, now);
        }
    }

    /// Takes bytes that [`UploadStep::Read`] asked for: at least one, up to the end of the body at most.
    pub fn feed(&mut self, bytes: &[u8]) {
        match &mut self.reader {
            Reader::Events(posting) => posting.feed(bytes),
            Reader::Settings(body) | Reader::Seek(body) | Reader::Credentials(body) => body.extend_from_slice(bytes),
        }
    }
}
