//! Rows of JSON: an object, an array of objects, or an object a line (NDJSON).

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr2};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::encoding::Encoding;
use super::error::BodyError;
use super::fields::{brief, number, timestamp, unreadable};
use super::row::{Draft, INPUT_BYTES, MAX_ROW_BYTES, Rows, start_of, too_long};
use crate::pipeline::{EventError, Id};
use crate::time::{Clock, Timestamp};

/// Reads an object a line, of text that comes in pieces. Lines end with `\n`; a `\r` is a blank of JSON, before the line
/// end as anywhere else.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Number of lines that have ended.
    ended: usize,
    /// Bytes of the line so far in which no line end is.
    scanned: usize,
    /// The start of a line that is too long, of which the rest is skipped.
    long: Option<Vec<u8>>,
}

impl Lines {
    /// Reads the rows that end in `text`, which once was in `encoding` and now is UTF-8, as far as it is text; returns how
    /// many bytes of it are done with.
    pub(super) fn read(
        &mut self,
        text: &[u8],
        is_last: bool,
        encoding: Encoding,
        clock: &Clock,
        rows: &mut Rows,
    ) -> usize {
        let mut at = 0;
        loop {
            let rest = &text[at..];
            let length = match memchr(b'\n', &rest[self.scanned..]) {
                Some(length) => self.scanned + length + 1,
                None if is_last && (!rest.is_empty() || self.long.is_some()) => rest.len(),
                None => return at + self.skip(rest),
            };
            (self.scanned, self.ended, at) = (0, self.ended + 1, at + length);
            let line = rest[..length].trim_ascii_start();
            let long = self.long.take().or_else(|| (line.len() > MAX_ROW_BYTES).then(|| start_of(line)));
            let line = line.trim_ascii_end();
            match long {
                Some(start) => rows.push(self.ended, too_long(), &start),
                None if line.is_empty() => {}
                None if is_plain(line) => rows.push_unexplained(self.ended, line, explain_line),
                None => rows.push(self.ended, read_row(line, encoding, clock), line),
            }
        }
    }

    /// Returns how many bytes of a line that has not ended need not be kept: blanks, and a line that is too long.
    fn skip(&mut self, text: &[u8]) -> usize {
        let line = text.trim_ascii_start();
        if self.long.is_none() && line.len() > MAX_ROW_BYTES {
            self.long = Some(start_of(line));
        }
        let skipped = if self.long.is_some() { text.len() } else { text.len() - line.len() };
        self.scanned = text.len() - skipped;
        skipped
    }
}

/// Reads the elements of an array one by one, or the value that the text is, of text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Values {
    due: Due,
    line: LineCount,
    is_array: bool,
    /// The value that has begun and not ended.
    open: Option<Open>,
}

/// What is due next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Due {
    /// The bracket that opens the array, or a value.
    #[default]
    Start,
    /// The first element, or the bracket that closes the array.
    First,
    /// A value.
    Value,
    /// A comma, or the bracket that closes the array.
    Behind,
    /// Nothing.
    End,
}

/// A value that has begun.
#[derive(Debug)]
struct Open {
    /// Its first byte.
    first: u8,
    /// The line where it begins.
    line: usize,
    /// Its bytes that were looked at.
    scanned: usize,
    /// Brackets and braces that are open.
    depth: usize,
    is_in_text: bool,
    is_escaped: bool,
    /// The start of a value that is too long, of which the rest is skipped.
    long: Option<Vec<u8>>,
}

impl Values {
    /// Reads the rows that end in `text`, which once was in `encoding` and now is UTF-8, as far as it is text; returns how
    /// many bytes of it are done with.
    pub(super) fn read(
        &mut self,
        text: &[u8],
        is_last: bool,
        encoding: Encoding,
        clock: &Clock,
        rows: &mut Rows,
    ) -> Result<usize, BodyError> {
        let mut at = 0;
        loop {
            let rest = &text[at..];
            let Some(open) = &mut self.open else {
                let Some(blanks) = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) else {
                    self.line.pass(rest);
                    return if is_last { self.end().map(|()| text.len()) } else { Ok(text.len()) };
                };
                self.line.pass(&rest[..blanks]);
                at += blanks;
                at += self.take(rest[blanks])?;
                continue;
            };
            let Some(length) = open.end(rest, is_last) else {
                if is_last {
                    return Err(self.fault("EOF while parsing a value"));
                }
                let skipped = open.skip(rest);
                self.line.pass(&rest[..skipped]);
                return Ok(at + skipped);
            };
            let value = &rest[..length];
            match open.long.take().or_else(|| (value.len() > MAX_ROW_BYTES).then(|| start_of(value))) {
                Some(start) => rows.push(open.line, too_long(), &start),
                None => {
                    // What is wrong with a value as JSON refuses the body, not the row.
                    serde_json::from_slice::<IgnoredAny>(value).map_err(|error| self.line.fault_within(&error))?;
                    match is_plain(value) {
                        true => rows.push_unexplained(open.line, value, explain_value),
                        false => rows.push(open.line, read_row(value, encoding, clock), value),
                    }
                }
            }
            self.line.pass(value);
            at += length;
            self.open = None;
            self.due = if self.is_array { Due::Behind } else { Due::End };
        }
    }

    /// Handles a byte between the values; returns 1 if it is done with.
    fn take(&mut self, byte: u8) -> Result<usize, BodyError> {
        self.due = match (self.due, byte) {
            (Due::Start, b'[') => {
                self.is_array = true;
                Due::First
            }
            (Due::First | Due::Behind, b']') => Due::End,
            (Due::Behind, b',') => Due::Value,
            (Due::Behind, _) => return Err(self.fault("expected `,` or `]`")),
            (Due::End, _) => return Err(self.fault("trailing characters")),
            (_, b',' | b']' | b'}') => return Err(self.fault("expected value")),
            (_, first) => {
                self.open = Some(Open::new(first, self.line.number()));
                return Ok(0);
            }
        };
        self.line.pass(&[byte]);
        Ok(1)
    }

    /// Checks that the text may end here.
    fn end(&self) -> Result<(), BodyError> {
        match self.due {
            Due::End => Ok(()),
            Due::Start => Err(self.fault("EOF while parsing a value")),
            Due::First | Due::Value | Due::Behind => Err(self.fault("EOF while parsing a list")),
        }
    }

    /// A fault at the present place, in the words of the parser.
    fn fault(&self, what: &str) -> BodyError {
        BodyError::Json(format!("{what} at line {} column {}", self.line.number(), self.line.column()))
    }
}

impl Open {
    fn new(first: u8, line: usize) -> Self {
        Self { first, line, scanned: 0, depth: 0, is_in_text: false, is_escaped: false, long: None }
    }

    /// The length of the value in `text`, which begins with what is left of it; `None` when it does not end there.
    fn end(&mut self, text: &[u8], is_last: bool) -> Option<usize> {
        if matches!(self.first, b'{' | b'[' | b'"') {
            return self.end_of_nested(text);
        }
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
        let length = text[self.scanned..].iter().position(ends);
        let end = self.scanned + length.unwrap_or(text.len() - self.scanned);
        self.scanned = end;
        (length.is_some() || is_last).then_some(end)
    }

    /// The same for an object, an array or a text: brackets are counted, of whichever sort, and the parser then says
    /// whether they match.
    fn end_of_nested(&mut self, text: &[u8]) -> Option<usize> {
        let mut at = self.scanned;
        while let Some(&byte) = text.get(at) {
            if self.is_in_text && !self.is_escaped && !matches!(byte, b'"' | b'\\') {
                at += memchr2(b'"', b'\\', &text[at..]).unwrap_or(text.len() - at);
                continue;
            }
            at += 1;
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = self.is_in_text,
                b'"' => self.is_in_text = !self.is_in_text,
                _ if self.is_in_text => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => continue,
            }
            if self.depth == 0 && !self.is_in_text {
                return Some(at);
            }
        }
        self.scanned = at;
        None
    }

    /// Returns how many bytes of a value that has not ended need not be kept: all of one that is too long.
    fn skip(&mut self, text: &[u8]) -> usize {
        if self.long.is_none() && text.len() > MAX_ROW_BYTES {
            self.long = Some(start_of(text));
        }
        let skipped = if self.long.is_some() { text.len() } else { 0 };
        self.scanned -= skipped;
        skipped
    }
}

/// Counts lines as an editor does: they end with `\n`, `\r\n` or a lone `\r`.
#[derive(Debug, Default)]
struct LineCount {
    ended: usize,
    /// Bytes since the last line end.
    bytes: usize,
    is_after_return: bool,
}

impl LineCount {
    /// The present line, from 1.
    fn number(&self) -> usize {
        self.ended + 1
    }

    /// The column of the next byte, from 1.
    fn column(&self) -> usize {
        self.bytes + 1
    }

    fn pass(&mut self, mut text: &[u8]) {
        while let Some(length) = memchr2(b'\n', b'\r', text) {
            let is_second = text[length] == b'\n' && length == 0 && self.is_after_return;
            self.ended += usize::from(!is_second);
            (self.bytes, self.is_after_return) = (0, text[length] == b'\r');
            text = &text[length + 1..];
        }
        self.bytes += text.len();
        self.is_after_return &= text.is_empty();
    }

    /// A fault that the parser found in the value that begins here.
    fn fault_within(&self, error: &serde_json::Error) -> BodyError {
        let sentence = error.to_string();
        let what = sentence.split(" at line ").next().unwrap_or_default();
        let column = if error.line() > 1 { error.column() } else { self.bytes + error.column() };
        let line = self.ended + error.line().max(1);
        BodyError::Json(format!("{what} at line {line} column {column}"))
    }
}

/// The fields of an object that are read, as JSON; the last of each name, and whether it is the second one.
#[derive(Default)]
struct Fields<'a> {
    timestamp: Slot<'a>,
    id: Slot<'a>,
    value: Slot<'a>,
}

#[derive(Default)]
struct Slot<'a> {
    raw: Option<&'a str>,
    is_repeated: bool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Name {
    Timestamp,
    Id,
    Value,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        while let Some(name) = members.next_key::<Name>()? {
            let slot = match name {
                Name::Timestamp => &mut fields.timestamp,
                Name::Id => &mut fields.id,
                Name::Value => &mut fields.value,
                Name::Other => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let raw: &RawValue = members.next_value()?;
            slot.is_repeated = slot.raw.replace(raw.get()).is_some();
        }
        Ok(fields)
    }
}

impl<'a> Slot<'a> {
    /// The value as JSON, if it is there and not null.
    fn raw(self, name: &str) -> Result<Option<&'a str>, EventError> {
        if self.is_repeated {
            return unreadable(format!("\"{name}\" occurs twice; send it once"));
        }
        Ok(self.raw.filter(|raw| *raw != "null"))
    }
}

fn text_of_row(row: &[u8], encoding: Encoding) -> Result<&str, EventError> {
    str::from_utf8(row).or_else(|_| {
        let name = encoding.name();
        unreadable(format!("the row is not {name} text; encode it as {name}"))
    })
}

fn not_an_object<T>(row: &str) -> Result<T, EventError> {
    unreadable(format!("{} is not an object with a \"value\"", brief(row)))
}

/// Whether a row is no object, whatever else it is, and short enough to be kept as it is.
fn is_plain(row: &[u8]) -> bool {
    !row.starts_with(b"{") && row.len() <= INPUT_BYTES && row.is_ascii()
}

/// Why a line that is no object was refused.
fn explain_line(line: &[u8]) -> String {
    read_row(line, Encoding::Utf8, &Clock::Utc).err().map(|error| error.to_string()).unwrap_or_default()
}

/// Why a value of JSON that is no object was refused.
fn explain_value(value: &[u8]) -> String {
    let row = text_of_row(value, Encoding::Utf8).and_then(not_an_object::<()>);
    row.err().map(|error| error.to_string()).unwrap_or_default()
}

fn read_row(row: &[u8], encoding: Encoding, clock: &Clock) -> Result<Draft, EventError> {
    let text = text_of_row(row, encoding)?;
    // From bytes: the reader of `str` links tables of printable characters, for slicing errors that never happen.
    let fields: Fields<'_> = match serde_json::from_slice(row) {
        Ok(fields) => fields,
        Err(error) if error.is_data() => return not_an_object(text),
        Err(error) => {
            // The parser sees this row alone: its line would contradict that of the row in the body.
            let (sentence, byte) = (error.to_string(), error.column());
            let fault = sentence.split(" at line ").next().unwrap_or_default();
            return unreadable(format!("not JSON: {fault} at byte {byte} of the row"));
        }
    };
    let timestamp = match fields.timestamp.raw("timestamp")? {
        None => None,
        Some(raw) => Some(match kind(raw) {
            Kind::Text => timestamp(&text_of("timestamp", raw)?, clock)?,
            Kind::Number => {
                Timestamp::parse_number(raw).map_err(|error| EventError::Unreadable(format!("timestamp {error}")))?
            }
            Kind::Other(kind) => {
                let raw = brief(raw);
                return unreadable(format!(
                    "timestamp {raw} is {kind}; send ISO 8601 text, or a number since the epoch"
                ));
            }
        }),
    };
    let id = match fields.id.raw("id")? {
        None => None,
        Some(raw) => match kind(raw) {
            Kind::Text => Some(Id::parse(&text_of("id", raw)?)?),
            Kind::Number => return unreadable(format!("id {} is not text but a number; put it in quotes", brief(raw))),
            Kind::Other(kind) => return unreadable(format!("id {} is not text but {kind}; send text", brief(raw))),
        },
    };
    let value = match fields.value.raw("value")? {
        None => return Err(EventError::MissingValue),
        Some(raw) => match kind(raw) {
            Kind::Text => number(&text_of("value", raw)?)?,
            // The number is read from the text, to the last digit: serde_json's own floats may be off by one.
            Kind::Number => number(raw)?,
            Kind::Other(kind) => {
                return unreadable(format!("value {} is not a number but {kind}; send a finite number", brief(raw)));
            }
        },
    };
    Ok(Draft { timestamp, id, value })
}

/// What a value is.
enum Kind {
    Text,
    Number,
    /// Its name with the article.
    Other(&'static str),
}

/// The kind of a value of JSON, which its first byte shows.
fn kind(raw: &str) -> Kind {
    match raw.as_bytes() {
        [b'"', ..] => Kind::Text,
        [b'[', ..] => Kind::Other("an array"),
        [b'{', ..] => Kind::Other("an object"),
        [b't' | b'f', ..] => Kind::Other("a boolean"),
        _ => Kind::Number,
    }
}

/// The text of a JSON string.
fn text_of<'a>(name: &str, raw: &'a str) -> Result<Cow<'a, str>, EventError> {
    let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or_default();
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Ok(inner.into());
    }
    serde_json::from_slice(raw.as_bytes()).map(Cow::Owned).or_else(|error| match lone_surrogate(inner) {
        Some(escape) => unreadable(format!("{name} has a lone surrogate {escape}, which is no character")),
        None => unreadable(format!("{name} is not JSON text: {error}")),
    })
}

/// The first escape of a surrogate without its other half.
fn lone_surrogate(text: &str) -> Option<&str> {
    let code = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut at = 0;
    while let Some(step) = memchr(b'\\', text.as_bytes().get(at..)?) {
        at += step;
        at += match (code(at), code(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => return text.get(at..at + 6),
            (Some(_), _) => 6,
            (None, _) => 2,
        };
    }
    None
}
