//! Rows of JSON: an object, an array of objects, or an object a line (NDJSON).

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::encoding::Encoding;
use super::error::BodyError;
use super::fields::{brief, number, timestamp, unreadable};
use super::framing::line_ends;
use super::row::{Draft, Rows};
use crate::pipeline::{EventError, Id};
use crate::time::{Clock, Timestamp};

/// Reads an object a line. Lines end with `\n`; a `\r` is a blank of JSON, before the line end as anywhere else.
pub(super) fn read_lines(text: &[u8], encoding: Encoding, clock: &Clock) -> Rows {
    let mut rows = Rows::default();
    let (mut rest, mut number) = (text, 0);
    while !rest.is_empty() {
        number += 1;
        let (line, next) = rest.split_at(memchr(b'\n', rest).map_or(rest.len(), |end| end + 1));
        let line = line.trim_ascii();
        if !line.is_empty() {
            rows.push(number, read_row(line, encoding, clock), line);
        }
        rest = next;
    }
    rows
}

/// Reads the elements of an array one by one, or the value that the text is.
pub(super) fn read(text: &[u8], encoding: Encoding, clock: &Clock) -> Result<Rows, BodyError> {
    let mut rows = Rows::default();
    let push = |line, value: &[u8]| rows.push(line, read_row(value, encoding, clock), value);
    match for_each_value(text, push) {
        Some(()) => Ok(rows),
        // What is wrong is found again, for the parser's own words on it.
        None => Err(BodyError::Json(match serde_json::from_slice::<IgnoredAny>(text) {
            Err(error) => error.to_string(),
            Ok(_) => "its values cannot be told apart".to_owned(),
        })),
    }
}

/// Calls `push` with the line and the text of each element of an array, or of the value that the text is; `None` where
/// the text is not JSON.
fn for_each_value(text: &[u8], mut push: impl FnMut(usize, &[u8])) -> Option<()> {
    let mut values = Values { text, at: 0, line: 1, counted: 0 };
    let is_array = values.take(b'[');
    if is_array && values.take(b']') {
        return values.end();
    }
    loop {
        let (line, value) = values.next()?;
        push(line, value);
        if !is_array || values.take(b']') {
            return values.end();
        }
        if !values.take(b',') {
            return None;
        }
    }
}

/// Values of JSON, one behind the other.
struct Values<'a> {
    text: &'a [u8],
    at: usize,
    /// The line of the byte up to which line ends are counted.
    line: usize,
    counted: usize,
}

impl<'a> Values<'a> {
    /// The next value, as text, with its line; `None` if there is none.
    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let mut stream = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        stream.next()?.ok()?;
        let length = stream.byte_offset();
        self.line += line_ends(&self.text[self.counted..self.at]);
        self.counted = self.at;
        self.at += length;
        Some((self.line, &rest[..length]))
    }

    /// Whether this byte follows; it is skipped then.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let is_next = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Succeeds when nothing follows.
    fn end(&mut self) -> Option<()> {
        self.skip_blanks();
        (self.at == self.text.len()).then_some(())
    }

    fn skip_blanks(&mut self) {
        let blanks = self.text[self.at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.at += blanks.count();
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

fn read_row(row: &[u8], encoding: Encoding, clock: &Clock) -> Result<Draft, EventError> {
    let Ok(text) = str::from_utf8(row) else {
        let name = encoding.name();
        return unreadable(format!("the row is not {name} text; encode it as {name}"));
    };
    // From bytes: the reader of `str` links tables of printable characters, for slicing errors that never happen.
    let fields: Fields<'_> = match serde_json::from_slice(row) {
        Ok(fields) => fields,
        Err(error) if error.is_data() => {
            return unreadable(format!("{} is not an object with a \"value\"", brief(text)));
        }
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
