//! `POST /events` accepts events; `DELETE /events` clears everything but the settings.

use std::vec::IntoIter;

use crate::api::active_keys::Claim;
use crate::api::encode::json;
use crate::api::extract::body::check_size;
use crate::api::extract::events::{BodyFormat, BodyReader, csv_options};
use crate::api::extract::query::{Query, cut};
use crate::api::idempotency::{Key, Recalled, Taken};
use crate::api::receipt::Receipt;
use crate::api::{ApiError, App, InvalidInput, MAX_BODY_BYTES, Problem, Request, Response};
use crate::frame::write_number;
use crate::pipeline::coding::Decoded;
use crate::pipeline::records::{BadRow, Mapping, Place, Refusals, Rows};
use crate::pipeline::{DeadLetter, Event, Id, Measures, PostError, Refused};
use crate::protocol::Coding;
use crate::service::ClearError;
use crate::time::{Clock, Timestamp};

const SOURCE: &str = "POST /events";
/// Maximum size of the list of refused rows, in bytes.
const LIST_BYTES: usize = 900_000;
/// Rows of a body that are held before the first is taken. A body that has no more, or can be read to its end, is taken
/// as a whole or not at all.
const HELD_ROWS: usize = 32_768;
/// Rows that are taken in one step: few, since the window of a row that is late is looked up in the history.
const ROWS_PER_STEP: usize = 64;
/// Bytes of a body that one step reads, as they were sent.
const BYTES_PER_STEP: usize = 64 << 10;

/// Accepts the usable rows and processes the batches that they complete; the others become dead letters. With
/// `complete=true` the events that still wait are processed too, as a smaller batch: no more will follow.
pub(crate) fn post(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    let mut posting = Posting::from_head(request, app)?;
    posting.open(request.body.len())?;
    loop {
        match posting.step(app, now)? {
            Step::Read { from } => {
                let until = request.body.len().min(from + BYTES_PER_STEP);
                posting.feed(&request.body[from..until]);
            }
            Step::Decode(_) => {
                let reason =
                    "the program that reads such bodies is not at hand; send the rows as CSV or JSON".to_owned();
                return Err(ApiError::Unavailable { reason });
            }
            Step::Busy => {}
            Step::Done(response) => return Ok(response),
        }
    }
}

/// What a request whose body comes in pieces needs next.
pub(crate) enum Step {
    /// Bytes of the body from this one on.
    Read {
        /// The first of them.
        from: usize,
    },
    /// The columns of a body in this coding, to be read instead of it: [`Posting::decoded`] tells how long they are.
    Decode(Coding),
    /// Time: there is work left.
    Busy,
    /// Nothing: this is the answer.
    Done(Response),
}

/// A `POST /events` whose body is read piece by piece, some of it twice.
///
/// Its memory does not grow with the body: it holds up to [`HELD_ROWS`] and takes [`ROWS_PER_STEP`] of them at a time.
/// What refuses a body as a whole is found before the first of its rows is taken: JSON and compressed bodies of more
/// rows than are held are read to their end first, and then once more.
pub(crate) struct Posting {
    format: BodyFormat,
    /// What its rows are made of: by the settings when it began, also if they change meanwhile.
    mapping: Mapping,
    /// Whether what waits afterwards is processed too.
    is_complete: bool,
    /// Of a large file that is sent in slices: its dead letters name their places in the file.
    rows_before: usize,
    lines_before: usize,
    key: Option<Key>,
    /// Keeps the key to this request.
    claim: Option<Claim>,
    /// What the body is of which columns have to be made; `None` once they are.
    coding: Option<Coding>,
    /// Its length, or that of the columns.
    body_bytes: usize,
    /// The next byte of the body that is read.
    at: usize,
    pass: Pass,
    reader: BodyReader,
    /// Whether the reader has come to the end of the body.
    is_read: bool,
    rows: Rows,
    /// The events that are taken at present.
    events: IntoIter<(Place, Event)>,
    taken: Taken,
    /// Rows of which the receipt knows that they were taken.
    noted_rows: usize,
}

/// What the body is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// For the digest beside its key.
    Digest,
    /// For its first rows, which are held.
    Hold,
    /// To see that all of it can be read.
    Check,
    /// To take its rows.
    Take,
}

impl Posting {
    /// Reads the head of a request.
    ///
    /// # Errors
    /// 415 and 422 for what can be refused without the body.
    pub(crate) fn from_head(head: &Request, app: &App) -> Result<Self, ApiError> {
        let key = Key::from_head(head)?;
        let mut query = Query::parse(&head.query);
        let is_complete = query.truth("complete").unwrap_or(false);
        let options = csv_options(&mut query);
        let [rows_before, lines_before] = ["rows_before", "lines_before"].map(|name| query.count(name).unwrap_or(0));
        query.finish()?;
        let format = BodyFormat::from_head(head, options)?;
        let mapping = app.service().mapping().map_err(|error| {
            let given = InvalidInput::Text(app.service().engine().settings().timestamp_zone.to_string());
            ApiError::Unprocessable(vec![Problem::value("settings", "timestamp_zone", error.to_string(), given)])
        })?;
        let coding = format.coding();
        let (reader, pass) = (format.reader(&mapping)?, if key.is_some() { Pass::Digest } else { Pass::Hold });
        Ok(Self {
            format,
            mapping,
            is_complete,
            rows_before,
            lines_before,
            key,
            claim: None,
            coding,
            body_bytes: 0,
            at: 0,
            pass,
            reader,
            is_read: false,
            rows: Rows::default(),
            events: Vec::new().into_iter(),
            taken: Taken::default(),
            noted_rows: 0,
        })
    }

    /// The columns that are needed.
    pub(crate) fn columns(&self) -> Vec<String> {
        self.mapping.names().map(str::to_owned).collect()
    }

    /// Sets the size of the columns that were made of the body, which are read instead of it.
    pub(crate) fn decoded(&mut self, bytes: usize) {
        (self.coding, self.body_bytes) = (None, bytes);
        self.reader.push(&[], bytes == 0);
    }

    /// Sets the size of the body, before the first step.
    ///
    /// # Errors
    /// 413.
    pub(crate) fn open(&mut self, body_bytes: usize) -> Result<(), ApiError> {
        check_size(body_bytes, MAX_BODY_BYTES)?;
        self.body_bytes = body_bytes;
        if let Some(key) = &mut self.key {
            key.add_size(body_bytes);
        }
        if body_bytes == 0 && self.coding.is_none() {
            self.reader.push(&[], true);
        }
        Ok(())
    }

    /// Takes bytes that [`Step::Read`] asked for, at least one.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.at += bytes.len();
        match &mut self.key {
            Some(key) if self.pass == Pass::Digest => key.add(bytes),
            _ => self.reader.push(bytes, self.at == self.body_bytes),
        }
    }

    /// Does some of the work: some ten thousand bytes of text, or [`ROWS_PER_STEP`] rows.
    ///
    /// # Errors
    /// As the contract has them. What is refused after rows were taken says how many.
    pub(crate) fn step(&mut self, app: &mut App, now: Timestamp) -> Result<Step, ApiError> {
        if self.pass == Pass::Digest {
            return self.recall(app);
        }
        if let Some(coding) = self.coding {
            return Ok(Step::Decode(coding));
        }
        if self.events.as_slice().is_empty() {
            if let Some(from) = self.read()? {
                return Ok(Step::Read { from });
            }
            match self.pass {
                Pass::Check if self.is_read => self.begin(Pass::Take)?,
                Pass::Hold | Pass::Take if self.is_read || self.rows.drafts.len() > HELD_ROWS => self.hold(app, now)?,
                _ => {}
            }
        }
        if !self.events.as_slice().is_empty() {
            self.take_some(app, now)?;
        }
        let is_over = self.pass == Pass::Take && self.is_read && self.rows.drafts.is_empty();
        if is_over && self.events.as_slice().is_empty() {
            return Ok(Step::Done(self.finish(app, now)));
        }
        Ok(Step::Busy)
    }

    /// Notes how far the rows were taken, before something else may write them.
    pub(crate) fn pause(&mut self, app: &mut App) {
        if self.taken.rows > self.noted_rows
            && let Some(key) = &self.key
        {
            key.keep_progress(app, self.taken);
            self.noted_rows = self.taken.rows;
        }
    }

    /// Answers a request that was sent before, once its digest is known, or begins to read the rows.
    fn recall(&mut self, app: &mut App) -> Result<Step, ApiError> {
        if self.at < self.body_bytes {
            return Ok(Step::Read { from: self.at });
        }
        match self.key.as_ref().map(|key| key.recall(app)).transpose()? {
            Some(Recalled::Answer(response)) => return Ok(Step::Done(response)),
            Some(Recalled::Resume(taken, claim)) => {
                (self.taken, self.noted_rows, self.claim) = (taken, taken.rows, Some(claim));
            }
            None => {}
        }
        self.begin(Pass::Hold)?;
        Ok(Step::Busy)
    }

    /// Goes back to the start of the body.
    fn begin(&mut self, pass: Pass) -> Result<(), ApiError> {
        (self.pass, self.at, self.is_read) = (pass, 0, false);
        (self.reader, self.rows) = (self.format.reader(&self.mapping)?, Rows::default());
        if self.body_bytes == 0 && self.coding.is_none() {
            self.reader.push(&[], true);
        }
        Ok(())
    }

    /// Reads on; returns the byte from which on more of the body is needed, if it is.
    fn read(&mut self) -> Result<Option<usize>, ApiError> {
        if self.is_read {
            return Ok(None);
        }
        let decoded = self.reader.read(&mut self.rows)?;
        self.is_read = decoded == Decoded::End;
        if self.pass == Pass::Check {
            self.rows.drafts.clear();
        }
        Ok((decoded == Decoded::NeedsMore && self.at < self.body_bytes).then_some(self.at))
    }

    /// Makes events of the rows that were read, and reserves room for all of them; or reads on, where the body may turn
    /// out to be unreadable.
    fn hold(&mut self, app: &mut App, now: Timestamp) -> Result<(), ApiError> {
        if self.pass == Pass::Hold && !self.is_read && self.format.can_fail_late() {
            self.pass = Pass::Check;
            self.reader.check_rest();
            self.rows.drafts.clear();
            return Ok(());
        }
        self.pass = Pass::Take;
        // Rows that an earlier attempt took, see `idempotency`.
        let taken = self.taken.rows;
        let drafts = self.rows.drafts.drain(..).filter(|(place, _)| place.row >= taken);
        let (places, events): (Vec<Place>, Vec<Event>) = drafts
            .map(|(place, draft)| {
                let event = Event {
                    timestamp: draft.timestamp.unwrap_or(now),
                    id: draft.id.unwrap_or_else(|| Id::Uuid(app.service_mut().random_uuid())),
                    values: draft.values,
                };
                (place, event)
            })
            .unzip();
        app.service_mut().reserve(&events, self.rows.refusals.count(), now).map_err(|error| {
            let taken = self.taken_text();
            let reason = format!("{error}; {taken}: choose on the page what to do, or send this again later");
            ApiError::InsufficientStorage { reason }
        })?;
        self.events = places.into_iter().zip(events).collect::<Vec<_>>().into_iter();
        Ok(())
    }

    /// Takes the next events, and processes the batches that they complete.
    fn take_some(&mut self, app: &mut App, now: Timestamp) -> Result<(), ApiError> {
        let (places, events): (Vec<Place>, Vec<Event>) = self.events.by_ref().take(ROWS_PER_STEP).unzip();
        let (sent, last) = (events.len(), places.last().map_or(0, |place| place.row));
        let (engine, store) = app.service_mut().engine_and_store();
        if self.taken.rows > 0 {
            // A body that was begun is not refused for the events that others sent meanwhile.
            engine.make_room(now, store);
        }
        let refused =
            engine.post(events, &self.mapping.measures, now, store).map_err(|PostError::QueueFull { capacity }| {
                let taken = self.taken_text();
                let reason = format!("the queue is full: {capacity} events wait; {taken}; send this again later");
                ApiError::Unavailable { reason }
            })?;
        self.taken = Taken { rows: last + 1, accepted: self.taken.accepted + sent - refused.len() };
        if !refused.is_empty() {
            let clock = app.service().clock();
            self.rows.refusals.extend(refused.into_iter().map(|Refused { position, event, reason }| BadRow {
                place: places[position],
                reason,
                input: shown(&event, clock),
            }));
        }
        Ok(())
    }

    /// Keeps the refused ones among the rows that were taken so far, when the others will not be. With a key they are
    /// kept when the request is repeated.
    pub(crate) fn break_off(&mut self, app: &mut App, now: Timestamp) {
        if self.key.is_some() || self.taken.rows == 0 {
            return;
        }
        let Taken { rows, accepted } = self.taken;
        let refusals = std::mem::take(&mut self.rows.refusals).before(rows, rows - accepted);
        self.bury(app, &refusals, now);
    }

    /// What a refusal says of the rows before it.
    fn taken_text(&self) -> String {
        match self.taken {
            Taken { rows: 0, .. } => "nothing was taken".to_owned(),
            Taken { rows, accepted } if rows == accepted => format!("its first {rows} rows were taken"),
            Taken { rows, accepted } => {
                format!("of its first {rows} rows {accepted} were taken and {} refused", rows - accepted)
            }
        }
    }

    /// Turns the refused rows into dead letters, and answers.
    fn finish(&mut self, app: &mut App, now: Timestamp) -> Response {
        let (accepted, mut refusals) = (self.taken.accepted, std::mem::take(&mut self.rows.refusals));
        // Those that an earlier attempt found too late are known by their number alone.
        refusals.count_unknown(self.rows.count().saturating_sub(accepted + refusals.count()));
        self.bury(app, &refusals, now);
        if self.is_complete {
            app.service_mut().complete(now);
        }
        let has_left_something = accepted > 0 || refusals.count() > 0;
        let response = match (accepted, refusals.count()) {
            (0, 0) => {
                let msg =
                    format!("the body holds no events; send at least one with {}", wanted(&self.mapping.measures));
                let problem = Problem::body("missing", None, msg, InvalidInput::Nothing);
                ApiError::Unprocessable(vec![problem]).into_response()
            }
            (0, _) => ApiError::NoneAccepted(refusals).into_response(),
            _ => {
                let receipt = Receipt::new(accepted, &refusals, self.rows.ignored.names(), &mut { LIST_BYTES });
                Response::new(202, "application/json", json::to_vec(&receipt))
            }
        };
        if let Some(key) = self.key.as_ref().filter(|_| has_left_something) {
            key.keep(app, &response);
        }
        response
    }

    /// Keeps the newest refused rows as dead letters, and counts the others.
    fn bury(&self, app: &mut App, refusals: &Refusals, now: Timestamp) {
        let (engine, _) = app.service_mut().engine_and_store();
        let newest = refusals.newest();
        engine.count_refused(refusals.count() - newest.len());
        for BadRow { place, reason, input } in newest {
            let row = Some(self.rows_before.saturating_add(place.row));
            let line = Some(self.lines_before.saturating_add(place.line) as u64);
            engine.refuse(DeadLetter { arrived: now, source: SOURCE.into(), row, line, reason, input });
        }
    }
}

/// Clears results, history, dead letters, rolling state and batch numbers; the settings stay.
pub(crate) fn delete(app: &mut App, _: &Request, now: Timestamp) -> Result<Response, ApiError> {
    app.service_mut().clear(now).map_err(|error| match error {
        ClearError::Frame(error) => error.into(),
        ClearError::Store(error) => ApiError::InsufficientStorage { reason: error.to_string() },
        ClearError::Unread(error) => ApiError::InsufficientStorage {
            reason: format!(
                "the stored rows could not be read, and nothing was removed: {error}; to remove them unread, erase all in \
                 the Storage view"
            ),
        },
    })?;
    Ok(Response::new(204, "", Vec::new()))
}

/// What an event has to have, as a refusal says it.
fn wanted(measures: &Measures) -> String {
    match measures.count() {
        1 => format!("a \"{}\"", measures.first()),
        _ => format!("the measures {}", cut(&measures.to_string())),
    }
}

/// The text of an event that was read but not accepted, in which its sender recognises it.
fn shown(event: &Event, clock: &Clock) -> String {
    let mut text = format!("{},{}", event.timestamp.to_text(clock), &*event.id.text());
    for value in &event.values {
        text.push(',');
        if !value.is_nan() {
            text.push_str(&write_number(*value));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Settings;
    use crate::time::Zone;

    const NOON: Timestamp = Timestamp::from_nanos(1_748_779_200_000_000_000);

    /// The largest number of rows that are held at once while a body is read, and the number of accepted ones.
    fn most_held(content_type: &str, body: &str) -> (usize, usize) {
        let mut app = App::in_memory(Settings::default(), Zone::UTC, [0; 32], NOON).unwrap();
        let head = Request::new("POST", "events").with_body(content_type, "");
        let mut posting = Posting::from_head(&head, &app).unwrap();
        posting.open(body.len()).unwrap();
        let mut most = 0;
        loop {
            let before = posting.taken.rows;
            match posting.step(&mut app, NOON).unwrap() {
                Step::Read { from } => posting.feed(&body.as_bytes()[from..body.len().min(from + BYTES_PER_STEP)]),
                Step::Decode(_) | Step::Busy => {}
                Step::Done(_) => return (most, posting.taken.accepted),
            }
            assert!(posting.taken.rows - before <= ROWS_PER_STEP, "{} rows at once", posting.taken.rows - before);
            most = most.max(posting.rows.drafts.len() + posting.events.len());
        }
    }

    #[test]
    fn the_number_of_rows_that_are_held_does_not_grow_with_the_body() {
        let rows = 200_000;
        for (content_type, body) in [
            ("text/csv", format!("value\n{}", "1\n".repeat(rows))),
            ("application/x-ndjson", "{\"value\":1}\n".repeat(rows)),
            ("application/json", format!("[{}{{\"value\":1}}]", "{\"value\":1},".repeat(rows - 1))),
        ] {
            let (most, accepted) = most_held(content_type, &body);
            assert_eq!(accepted, rows, "{content_type}");
            // What one step reads comes on top.
            assert!(most <= HELD_ROWS + (16 << 10), "{content_type}: {most} rows");
        }
    }
}
