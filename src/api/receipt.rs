//! What became of the rows of a body, as an answer lists it.

use serde::Serialize;

use crate::pipeline::records::{BadRow, Refusals};

/// What a listed row takes beside its reason, at most: the names and the numbers.
const ROW_BYTES: usize = 50;
/// What a listed name takes beside its text.
const NAME_BYTES: usize = 3;

/// The number of accepted and of refused rows, the first of the refused ones, and the fields that no row is made of.
#[derive(Debug, Serialize)]
pub(crate) struct Receipt<'a> {
    accepted: usize,
    rejected_count: usize,
    rejected: Vec<Rejected<'a>>,
    /// Left out when there are none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    ignored: &'a [String],
}

#[derive(Debug, Serialize)]
struct Rejected<'a> {
    row: usize,
    line: usize,
    reason: &'a str,
}

impl<'a> Receipt<'a> {
    /// Lists refused rows as long as they fit into `room` bytes beside the ignored fields, which becomes what is left of
    /// it. Only rows of unusual characters do not fit.
    pub(crate) fn new(accepted: usize, refusals: &'a Refusals, ignored: &'a [String], room: &mut usize) -> Self {
        let names = ignored.iter().map(|name| json_bytes(name) + NAME_BYTES);
        *room = room.saturating_sub(names.sum());
        let rejected = |bad: &'a BadRow| {
            *room = room.checked_sub(json_bytes(&bad.reason) + ROW_BYTES)?;
            Some(Rejected { row: bad.place.row, line: bad.place.line, reason: &bad.reason })
        };
        let rejected = refusals.first().iter().map_while(rejected).collect();
        Self { accepted, rejected_count: refusals.count(), rejected, ignored }
    }
}

/// The size of a text in JSON, in bytes, without the quotes around it; at most a few too many.
pub(crate) fn json_bytes(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_in_json_is_never_too_small() {
        for text in ["", "a", "\"\\\n\u{1}\u{7f}é😀"] {
            assert!(json_bytes(text) + 2 >= serde_json::to_string(text).unwrap().len(), "{text:?}");
        }
    }
}
