//! Framing of Server-Sent Events: `text/event-stream`, in pieces of any size.

use std::sync::Arc;

use memchr::{memchr, memchr2};

use super::MAX_MESSAGE_BYTES;

/// Bytes of an event that is too long that are kept.
const START_BYTES: usize = 1024;
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What an event stream brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamItem {
    /// An event: the lines of its data, joined by line ends; none of one that brings an id alone.
    Event {
        /// As bytes, since what is no UTF-8 spoils its row alone.
        data: Vec<u8>,
        /// The last event id, where the event has one of its own; it may be empty, and then there is none any more.
        id: Option<Arc<str>>,
    },
    /// An event of more than [`MAX_MESSAGE_BYTES`].
    TooLong {
        /// Its first bytes.
        start: Vec<u8>,
        /// As above.
        id: Option<Arc<str>>,
    },
    /// The time until a lost connection is made again, in milliseconds.
    Retry(u64),
}

/// Finds events, of a stream that comes in pieces.
///
/// Events of all types are data: a type tells listeners apart, and there is one. Comments, unknown fields and an event
/// that has not ended are dropped.
///
/// *Source*: HTML, "9.2.6 Interpreting an event stream".
///
/// ```
/// use millrace::pipeline::sources::live::{EventStream, StreamItem};
///
/// let (mut stream, mut items) = (EventStream::default(), Vec::new());
/// for piece in ["id: 7\ndata: {\"val", "ue\":1}\n", "\n: a comment\n"] {
///     stream.push(piece.as_bytes(), &mut items);
/// }
/// assert_eq!(items, [StreamItem::Event { data: b"{\"value\":1}".to_vec(), id: Some("7".into()) }]);
/// ```
#[derive(Debug, Default)]
pub struct EventStream {
    /// Whether the first line has ended, which may begin with a byte order mark.
    is_begun: bool,
    /// The line that has not ended.
    line: Vec<u8>,
    /// Whether the last byte was a `\r`: a `\n` that follows belongs to it.
    is_after_return: bool,
    data: Vec<u8>,
    has_data: bool,
    id: Option<Arc<str>>,
    is_long: bool,
}

impl EventStream {
    /// Reads the next piece; what ends in it is added to `items`, the same for pieces of any size.
    pub fn push(&mut self, piece: &[u8], items: &mut Vec<StreamItem>) {
        let mut rest = piece;
        if self.is_after_return && rest.first() == Some(&b'\n') {
            rest = &rest[1..];
        }
        self.is_after_return &= piece.is_empty();
        while let Some(end) = memchr2(b'\n', b'\r', rest) {
            if self.line.is_empty() {
                self.end_line(&rest[..end], items);
            } else {
                self.keep(&rest[..end]);
                let line = std::mem::take(&mut self.line);
                self.end_line(&line, items);
            }
            let is_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if is_return {
                self.is_after_return = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
        }
        self.keep(rest);
    }

    /// Keeps the part of a line that has not ended, as far as an event may have so many bytes.
    fn keep(&mut self, part: &[u8]) {
        let room = (MAX_MESSAGE_BYTES + START_BYTES).saturating_sub(self.line.len());
        self.is_long |= part.len() > room;
        self.line.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn end_line(&mut self, line: &[u8], items: &mut Vec<StreamItem>) {
        let line = if self.is_begun { line } else { line.strip_prefix(MARK).unwrap_or(line) };
        self.is_begun = true;
        if line.is_empty() {
            return self.end_event(items);
        }
        let (field, value) = match memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => self.add(value),
            // An id with a zero byte is ignored.
            b"id" if memchr(0, value).is_none() => self.id = Some(String::from_utf8_lossy(value).into()),
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                // More digits than a number has are a time that never comes.
                let millis = str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                items.push(StreamItem::Retry(millis.unwrap_or(u64::MAX)));
            }
            // A comment begins with a colon: its field has no name.
            _ => {}
        }
    }

    fn add(&mut self, value: &[u8]) {
        if self.data.len() + value.len() >= MAX_MESSAGE_BYTES {
            self.is_long = true;
        }
        let room = if self.is_long { START_BYTES.saturating_sub(self.data.len()) } else { value.len() };
        if self.has_data && !self.is_long {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(&value[..value.len().min(room)]);
        self.has_data = true;
    }

    fn end_event(&mut self, items: &mut Vec<StreamItem>) {
        let (data, id) = (std::mem::take(&mut self.data), self.id.take());
        let has_data = std::mem::take(&mut self.has_data);
        if std::mem::take(&mut self.is_long) {
            let start = data[..data.len().min(START_BYTES)].to_vec();
            items.push(StreamItem::TooLong { start, id });
        } else if has_data || id.is_some() {
            items.push(StreamItem::Event { data, id });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(pieces: &[&[u8]]) -> Vec<StreamItem> {
        let (mut stream, mut items) = (EventStream::default(), Vec::new());
        pieces.iter().for_each(|piece| stream.push(piece, &mut items));
        items
    }

    fn event(data: &str, id: Option<&str>) -> StreamItem {
        StreamItem::Event { data: data.as_bytes().to_vec(), id: id.map(Into::into) }
    }

    #[test]
    fn events_are_found_as_the_standard_says() {
        for (text, expected) in [
            ("data: a\ndata: b\n\n", vec![event("a\nb", None)]),
            ("data:  a\n\n", vec![event(" a", None)]),
            ("data\n\ndata\ndata\n\n", vec![event("", None), event("\n", None)]),
            ("event: batch\ndata: a\nid: 1\n\n", vec![event("a", Some("1"))]),
            ("id\n\n", vec![event("", Some(""))]),
            ("id: 1\0\ndata: a\n\n", vec![event("a", None)]),
            (": comment\n\n\n", vec![]),
            ("data: never ended", vec![]),
            ("retry: 250\nretry: soon\nretry:\n", vec![StreamItem::Retry(250)]),
            ("retry: 99999999999999999999\n", vec![StreamItem::Retry(u64::MAX)]),
            ("\u{feff}data: a\n\n", vec![event("a", None)]),
            ("data: a\r\ndata: b\r\r\ndata: c\n\r", vec![event("a\nb", None), event("c", None)]),
        ] {
            assert_eq!(items(&[text.as_bytes()]), expected, "{text:?}");
        }
    }

    #[test]
    fn an_event_that_is_too_long_is_told_and_the_next_one_is_read() {
        let line = vec![b'x'; 1 << 20];
        let (mut stream, mut items) = (EventStream::default(), Vec::new());
        stream.push(b"id: 5\n", &mut items);
        for _ in 0..=MAX_MESSAGE_BYTES >> 20 {
            stream.push(b"data: ", &mut items);
            stream.push(&line, &mut items);
            stream.push(b"\n", &mut items);
        }
        stream.push(b"\ndata: a\n\n", &mut items);
        assert_eq!(items.len(), 2);
        assert!(
            matches!(&items[0], StreamItem::TooLong { start, id: Some(id) } if start.len() == 1024 && &**id == "5")
        );
        assert_eq!(items[1], event("a", None));
    }

    /// Reads a whole stream line by line.
    fn naive(text: &str) -> Vec<StreamItem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        let (mut data, mut id, mut items) = (Vec::new(), None, Vec::new());
        // What follows the last line end has not ended.
        let ended: Vec<&str> = text.rfind('\n').map(|end| text[..end].split('\n').collect()).unwrap_or_default();
        for line in ended {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                _ if line.is_empty() && data.is_empty() && id.is_none() => {}
                _ if line.is_empty() => items.push(event(&std::mem::take(&mut data).join("\n"), id.take())),
                "data" => data.push(value),
                "id" => id = Some(value),
                "retry" => items.extend(value.parse().ok().map(StreamItem::Retry)),
                _ => {}
            }
        }
        items
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn events_are_the_same_in_pieces_of_any_size(
            lines in proptest::collection::vec(
                ("(data|id|event|retry|:|datum|)", "(: |:|)", "[a-z0-9 :äö]{0,6}", "(\n|\r|\r\n)"), 0..20),
            has_mark in any::<bool>(),
            step in 1_usize..9,
        ) {
            let mut text = String::from(if has_mark { "\u{feff}" } else { "" });
            for (field, colon, value, end) in lines {
                text.extend([field, colon, value, end]);
            }
            let pieces: Vec<&[u8]> = text.as_bytes().chunks(step).collect();
            let found = items(&pieces);
            prop_assert_eq!(&found, &items(&[text.as_bytes()]));
            prop_assert_eq!(found, naive(&text));
        }
    }
}
