//! Events from a body: JSON, NDJSON or CSV. An unusable row is refused with its reason; the others are kept.

use super::body::{is_json, media_type};
use super::json::Json;
use crate::api::{ApiError, InvalidInput, Problem, Request};
use crate::pipeline::{EventError, Id};
use crate::time::{Clock, Timestamp};

/// A row as sent; timestamp and id may be missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// Missing: the time of arrival.
    pub(crate) timestamp: Option<Timestamp>,
    /// Missing: a random UUID.
    pub(crate) id: Option<Id>,
    /// Always finite.
    pub(crate) value: f64,
}

/// A row that cannot become an event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BadRow {
    /// Its number, from 0.
    pub(crate) row: usize,
    /// Why.
    pub(crate) reason: String,
    /// The row as sent.
    pub(crate) input: String,
}

/// The rows of a body.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Rows {
    /// Usable rows, with their numbers.
    pub(crate) drafts: Vec<(usize, Draft)>,
    /// Refused rows.
    pub(crate) bad: Vec<BadRow>,
}

impl Rows {
    fn push(&mut self, row: usize, draft: Result<Draft, EventError>, input: impl FnOnce() -> String) {
        match draft {
            Ok(draft) => self.drafts.push((row, draft)),
            Err(error) => self.bad.push(BadRow { row, reason: error.to_string(), input: input() }),
        }
    }
}

/// Reads the rows of a body by its content type.
///
/// # Errors
/// 415 for another content type, 422 for a body that is not of its content type.
pub(crate) fn read(request: &Request, clock: &Clock) -> Result<Rows, ApiError> {
    let media_type = media_type(request);
    let refuse = |kind, msg: String| {
        let start: String = String::from_utf8_lossy(&request.body[..request.body.len().min(80)]).into_owned();
        Err(ApiError::Unprocessable(vec![Problem::body(kind, None, msg, InvalidInput::Text(start))]))
    };
    if media_type == "text/csv" {
        return match read_csv(&request.body, clock) {
            Ok(rows) => Ok(rows),
            Err(sentence) => refuse("csv_invalid", sentence),
        };
    }
    if !is_json(&media_type) && media_type != "application/x-ndjson" {
        let accepted = "application/json, application/x-ndjson or text/csv";
        return Err(ApiError::UnsupportedMediaType { given: media_type, accepted });
    }
    let Ok(text) = str::from_utf8(&request.body) else {
        return refuse("json_invalid", "the body is not UTF-8 text; encode it as UTF-8".to_owned());
    };
    let text = text.trim_start_matches('\u{feff}');
    if media_type == "application/x-ndjson" {
        return Ok(read_ndjson(text, clock));
    }
    read_json(text, clock).or_else(|error| refuse("json_invalid", format!("the body is not JSON: {error}")))
}

fn read_json(text: &str, clock: &Clock) -> Result<Rows, serde_json::Error> {
    let mut rows = Rows::default();
    match Json::read(text)? {
        Json::Array(elements) => {
            for (row, element) in elements.into_iter().enumerate() {
                rows.push(row, from_json(element.get(), clock), || element.get().to_owned());
            }
        }
        _ => rows.push(0, from_json(text, clock), || text.trim().to_owned()),
    }
    Ok(rows)
}

fn read_ndjson(text: &str, clock: &Clock) -> Rows {
    let mut rows = Rows::default();
    for (row, line) in text.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        rows.push(row, from_json(line, clock), || line.to_owned());
    }
    rows
}

fn from_json(text: &str, clock: &Clock) -> Result<Draft, EventError> {
    let fields = match Json::read(text) {
        Ok(Json::Object(fields)) => fields,
        Ok(_) => return unreadable(format!("{} is not an object with a \"value\"", brief(text))),
        Err(error) => return unreadable(format!("not JSON: {error}")),
    };
    let field = |name: &str| {
        let mut named = fields.iter().filter(|(other, _)| other == name).map(|(_, raw)| raw.get());
        match (named.next(), named.next()) {
            (_, Some(_)) => unreadable(format!("\"{name}\" occurs twice; send it once")),
            (raw, None) => Ok(raw.filter(|raw| *raw != "null")),
        }
    };
    let timestamp = match field("timestamp")? {
        None => None,
        Some(raw) => match string(raw) {
            Some(text) => Some(instant(&text, clock)?),
            None => return unreadable(format!("timestamp {} is not text; send ISO 8601", brief(raw))),
        },
    };
    let id = match field("id")? {
        None => None,
        Some(raw) => match string(raw) {
            Some(text) => Some(Id::parse(&text)?),
            None => return unreadable(format!("id {} is not text; put it in quotes", brief(raw))),
        },
    };
    let value = match field("value")? {
        None => return Err(EventError::MissingValue),
        // The number is read from the text, to the last digit: serde_json's own floats may be off by one.
        Some(raw) => number(&string(raw).unwrap_or_else(|| raw.to_owned()))?,
    };
    Ok(Draft { timestamp, id, value })
}

/// The text of a JSON string.
fn string(raw: &str) -> Option<String> {
    if let Ok(Json::Text(text)) = Json::read(raw) { Some(text) } else { None }
}

/// The positions of the columns in a CSV body.
struct CsvColumns {
    timestamp: Option<usize>,
    id: Option<usize>,
    value: usize,
    count: usize,
}

fn read_csv(body: &[u8], clock: &Clock) -> Result<Rows, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(body);
    let headers = reader.byte_headers().map_err(|_| "the header row cannot be read".to_owned())?;
    let place = |name: &str| headers.iter().position(|header| header == name.as_bytes());
    let columns = CsvColumns {
        timestamp: place("timestamp"),
        id: place("id"),
        value: place("value").ok_or_else(|| {
            let names: Vec<_> = headers.iter().map(String::from_utf8_lossy).collect();
            format!("the header row has no column \"value\"; it has \"{}\"", names.join("\", \""))
        })?,
        count: headers.len(),
    };
    let mut rows = Rows::default();
    let mut record = csv::ByteRecord::new();
    let mut row = 0;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(rows),
            Ok(true) => rows.push(row, from_csv(&record, &columns, clock), || {
                let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
                fields.join(",")
            }),
            // Reading flexible rows of bytes from memory cannot fail; report it if it does.
            Err(_) => rows.push(row, unreadable("the row cannot be read".to_owned()), String::new),
        }
        if reader.is_done() && record.is_empty() {
            return Ok(rows);
        }
        row += 1;
    }
}

fn from_csv(record: &csv::ByteRecord, columns: &CsvColumns, clock: &Clock) -> Result<Draft, EventError> {
    if record.len() != columns.count {
        return unreadable(format!("the row has {} fields where the header has {}", record.len(), columns.count));
    }
    let field = |place: usize| match str::from_utf8(&record[place]) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(_) => unreadable("the row is not UTF-8 text; encode it as UTF-8".to_owned()),
    };
    let timestamp = match columns.timestamp.map(field).transpose()?.flatten() {
        Some(text) => Some(instant(text, clock)?),
        None => None,
    };
    let id = columns.id.map(field).transpose()?.flatten().map(Id::parse).transpose()?;
    let value = number(field(columns.value)?.ok_or(EventError::MissingValue)?)?;
    Ok(Draft { timestamp, id, value })
}

fn instant(text: &str, clock: &Clock) -> Result<Timestamp, EventError> {
    Timestamp::parse(text.trim(), clock).map_err(|error| EventError::Unreadable(format!("timestamp {error}")))
}

fn number(text: &str) -> Result<f64, EventError> {
    match text.trim().parse::<f64>().ok() {
        Some(number) if number.is_finite() => Ok(number),
        Some(_) => Err(EventError::NotFinite),
        None => unreadable(format!("value {} is not a number", brief(text))),
    }
}

fn unreadable<T>(sentence: String) -> Result<T, EventError> {
    Err(EventError::Unreadable(sentence))
}

/// The start of a text, for a message.
fn brief(text: &str) -> String {
    if text.chars().count() > 60 {
        format!("{}…", text.chars().take(60).collect::<String>())
    } else {
        text.to_owned()
    }
}
