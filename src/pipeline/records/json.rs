//! Rows of JSON: an object, an array of objects, or an object a line (NDJSON).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use memchr::{memchr, memchr2};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use smallvec::{SmallVec, smallvec};

use super::encoding::Encoding;
use super::error::BodyError;
use super::fields::{brief, unreadable};
use super::ignored::Ignored;
use super::mapping::{Mapping, Role};
use super::row::{Draft, Explain, INPUT_BYTES, MAX_ROW_BYTES, Rows, start_of, too_long};
use crate::pipeline::{Decimal, EventError};

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
        mapping: &Mapping,
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
                None if is_plain(line) => rows.push_unexplained(self.ended, line, explain_line(mapping)),
                None => {
                    let draft = read_row(line, encoding, mapping, rows);
                    rows.push(self.ended, draft, line);
                }
            }
        }
    }

    /// The lines before the text that is not done with; `None` within a line of which the start is gone.
    pub(super) fn boundary(&self) -> Option<usize> {
        self.long.is_none().then_some(self.ended)
    }

    /// Goes on between two rows, behind so many lines.
    pub(super) fn jump(&mut self, lines: usize) {
        *self = Self { ended: lines, ..Self::default() };
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

/// A value that has ended.
enum Value<'a> {
    Whole(&'a [u8]),
    /// The start of one that is too long.
    TooLong(Vec<u8>),
}

/// Checks that a value is JSON.
fn check_value(value: &[u8]) -> Result<(), serde_json::Error> {
    serde_json::from_slice::<IgnoredAny>(value).map(|_| ())
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
        mapping: &Mapping,
        rows: &mut Rows,
    ) -> Result<usize, BodyError> {
        self.each(text, is_last, |line, value| match value {
            Value::TooLong(start) => {
                rows.push(line, too_long(), &start);
                Ok(())
            }
            Value::Whole(value) if is_plain(value) => {
                check_value(value)?;
                rows.push_unexplained(line, value, explain_value(mapping));
                Ok(())
            }
            Value::Whole(value) => {
                let known = rows.ignored.names().len();
                let draft = read_row(value, encoding, mapping, rows);
                // What was read to its end is JSON. What is not refuses the body, not the row.
                if draft.is_err()
                    && let Err(error) = check_value(value)
                {
                    rows.ignored.forget_from(known);
                    return Err(error);
                }
                rows.push(line, draft, value);
                Ok(())
            }
        })
    }

    /// Looks in the next piece of a text for what refuses it as a whole; returns as [`read`](Self::read) does.
    pub(super) fn check(&mut self, text: &[u8], is_last: bool) -> Result<usize, BodyError> {
        self.each(text, is_last, |_, value| match value {
            Value::TooLong(_) => Ok(()),
            Value::Whole(value) => check_value(value),
        })
    }

    /// Calls `take` with each value that ends in `text`, and the line where it begins; returns how many bytes of `text` are
    /// done with.
    fn each(
        &mut self,
        text: &[u8],
        is_last: bool,
        mut take: impl FnMut(usize, Value<'_>) -> Result<(), serde_json::Error>,
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
            let long = open.long.take().or_else(|| (value.len() > MAX_ROW_BYTES).then(|| start_of(value)));
            let found = long.map_or(Value::Whole(value), Value::TooLong);
            take(open.line, found).map_err(|error| self.line.fault_within(&error))?;
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
    /// One for each measure.
    measures: SmallVec<[Slot<'a>; 4]>,
}

#[derive(Clone, Copy, Default)]
struct Slot<'a> {
    raw: Option<&'a str>,
    is_repeated: bool,
}

/// Reads the fields of an object that a mapping names, and notes the names of the others.
struct FieldsReader<'m> {
    mapping: &'m Mapping,
    ignored: &'m mut Ignored,
}

impl<'de> DeserializeSeed<'de> for FieldsReader<'_> {
    type Value = Fields<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsReader<'_> {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let Self { mapping, ignored } = self;
        let slots = smallvec![Slot::default(); mapping.measures.count()];
        let mut fields = Fields { measures: slots, ..Fields::default() };
        while let Some(role) = members.next_key_seed(NameReader { mapping, ignored: &mut *ignored })? {
            let slot = match role {
                Some(Role::Timestamp) => &mut fields.timestamp,
                Some(Role::Id) => &mut fields.id,
                Some(Role::Measure(position)) => &mut fields.measures[position],
                None => {
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

/// Reads the name of a member: what it is, and `None` if it is ignored.
struct NameReader<'m> {
    mapping: &'m Mapping,
    ignored: &'m mut Ignored,
}

impl<'de> DeserializeSeed<'de> for NameReader<'_> {
    type Value = Option<Role>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameReader<'_> {
    type Value = Option<Role>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let role = self.mapping.role(name);
        if role.is_none() {
            self.ignored.add(name);
        }
        Ok(role)
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

/// Why a row that is no object was refused; `is_default`: as under the default measures.
fn not_an_object(row: &str, is_default: bool) -> EventError {
    let what = if is_default { "an object with a \"value\"" } else { "an object with the measures" };
    EventError::Unreadable(format!("{} is not {what}", brief(row)))
}

/// Why a row cannot be read as JSON.
fn not_json(error: &serde_json::Error) -> EventError {
    // The parser sees this row alone: its line would contradict that of the row in the body.
    let (sentence, byte) = (error.to_string(), error.column());
    let fault = sentence.split(" at line ").next().unwrap_or_default();
    EventError::Unreadable(format!("not JSON: {fault} at byte {byte} of the row"))
}

/// Whether a row is no object, whatever else it is, and short enough to be kept as it is.
fn is_plain(row: &[u8]) -> bool {
    !row.starts_with(b"{") && row.len() <= INPUT_BYTES && row.is_ascii()
}

/// What says why a line that is no object was refused.
fn explain_line(mapping: &Mapping) -> Explain {
    fn explain<const IS_DEFAULT: bool>(line: &[u8]) -> String {
        match serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(line) {
            Err(error) if !error.is_data() => not_json(&error).to_string(),
            _ => not_an_object(&String::from_utf8_lossy(line), IS_DEFAULT).to_string(),
        }
    }
    if mapping.measures.is_default() { explain::<true> } else { explain::<false> }
}

/// What says why a value of JSON that is no object was refused.
fn explain_value(mapping: &Mapping) -> Explain {
    fn explain<const IS_DEFAULT: bool>(value: &[u8]) -> String {
        not_an_object(&String::from_utf8_lossy(value), IS_DEFAULT).to_string()
    }
    if mapping.measures.is_default() { explain::<true> } else { explain::<false> }
}

/// Reads a row; what its fields name goes to `rows`, to which the draft is not added yet.
fn read_row(row: &[u8], encoding: Encoding, mapping: &Mapping, rows: &mut Rows) -> Result<Draft, EventError> {
    let text = text_of_row(row, encoding)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let fields = FieldsReader { mapping, ignored: &mut rows.ignored }.deserialize(&mut deserializer);
    let fields = match fields.and_then(|fields| deserializer.end().map(|()| fields)) {
        Ok(fields) => fields,
        Err(error) if error.is_data() => return Err(not_an_object(text, mapping.measures.is_default())),
        Err(error) => return Err(not_json(&error)),
    };
    let timestamp = match fields.timestamp.raw(&mapping.timestamp_name())? {
        None => None,
        Some(raw) => Some(match kind(raw) {
            Kind::Text => mapping.timestamp(&text_of(&mapping.timestamp_name(), raw)?)?,
            Kind::Number => mapping.timestamp_of_number(raw)?,
            Kind::Other(kind) => {
                let (name, raw) = (mapping.timestamp_name(), brief(raw));
                return unreadable(format!("{name} {raw} is {kind}; send ISO 8601 text, or a number since the epoch"));
            }
        }),
    };
    let id = match fields.id.raw(&mapping.id_name())? {
        None => None,
        Some(raw) => match kind(raw) {
            Kind::Text => Some(rows.ids.parse(&text_of(&mapping.id_name(), raw)?)?),
            Kind::Number => {
                let (name, raw) = (mapping.id_name(), brief(raw));
                return unreadable(format!("{name} {raw} is not text but a number; put it in quotes"));
            }
            Kind::Other(kind) => {
                let (name, raw) = (mapping.id_name(), brief(raw));
                return unreadable(format!("{name} {raw} is not text but {kind}; send text"));
            }
        },
    };
    mapping.draft(timestamp, id, |position, name| match fields.measures[position].raw(name)? {
        None => Ok(None),
        Some(raw) => match kind(raw) {
            Kind::Text => mapping.number(name, &text_of(name, raw)?, Decimal::Point),
            // The number is read from the text, to the last digit: serde_json's own floats may be off by one.
            Kind::Number => mapping.number(name, raw, Decimal::Point),
            Kind::Other(kind) => {
                unreadable(format!("{name} {} is not a number but {kind}; send a finite number", brief(raw)))
            }
        },
    })
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
