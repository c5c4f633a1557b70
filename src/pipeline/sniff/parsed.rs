//! Reads the rows of a sample as they would be taken, by the reader of all rows.

use super::preview::{MAX_REASONS, ParsedRow, RefusedReason};
use super::reading::Resolved;
use crate::pipeline::records::{Draft, Encoding, Reader, Refusals, Rows};
use crate::time::Clock;

/// The rows of a sample.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) rows: Rows,
    /// Why the rest cannot be read.
    pub(super) fault: Option<String>,
}

/// Reads a sample: its last row may be cut, unless it is whole.
pub(super) fn parse(bytes: &[u8], is_whole: bool, resolved: &Resolved) -> Parsed {
    let mut parsed = Parsed::default();
    let mut reader = Reader::new(resolved.format, Encoding::Utf8, resolved.mapping.clone());
    let mut piece = bytes;
    loop {
        if let Err(error) = reader.push(piece, is_whole, &mut parsed.rows) {
            parsed.fault = Some(error.to_string());
            break;
        }
        if !reader.has_more() {
            break;
        }
        piece = &[];
    }
    parsed
}

/// The event that a draft becomes.
pub(super) fn event(draft: &Draft, clock: &Clock) -> ParsedRow {
    ParsedRow {
        timestamp: draft.timestamp.map(|at| at.to_text(clock)),
        id: draft.id.as_ref().map(|id| id.text().to_string()),
        values: draft.values.iter().map(|value| Some(*value).filter(|value| value.is_finite())).collect(),
    }
}

/// The reasons of refusals, the first ones of each sort.
pub(super) fn reasons(refusals: &Refusals) -> Vec<RefusedReason> {
    let mut reasons: Vec<(String, RefusedReason)> = Vec::new();
    for bad in refusals.first() {
        let sort = sort(&bad.reason);
        if let Some((_, reason)) = reasons.iter_mut().find(|(known, _)| *known == sort) {
            reason.rows += 1;
        } else if reasons.len() < MAX_REASONS {
            reasons.push((sort, RefusedReason { reason: bad.reason.clone(), line: bad.place.line, rows: 1 }));
        }
    }
    reasons.into_iter().map(|(_, reason)| reason).collect()
}

/// A reason without the value that it names, which stands in quotes, or has digits, or precedes what is wrong with it.
fn sort(reason: &str) -> String {
    let mut sort = String::new();
    for (position, part) in reason.split('"').enumerate() {
        if position % 2 == 0 {
            sort.extend(part.chars().filter(|character| !character.is_ascii_digit()));
        }
    }
    let fault =
        [" is not ", " is no ", " is missing", " is empty", " has "].iter().filter_map(|verb| sort.find(*verb)).min();
    match fault {
        // The first word names the field.
        Some(at) => [sort.split(' ').next().unwrap_or_default(), &sort[at..]].concat(),
        None => sort,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_in_their_value_alone_are_one_sort() {
        for (first, second, is_same) in [
            ("x n/a is not a number; send one", "x 1.2.3 is not a number; send one", true),
            ("x n/a is not a number; send one", "y n/a is not a number; send one", false),
            ("at \"a\" is out of range", "at \"b\" is out of range", true),
            ("the row has 3 fields where the header has 4", "the row has 5 fields where the header has 4", true),
            ("x is missing; send it", "x ? is not a number", false),
        ] {
            assert_eq!(sort(first) == sort(second), is_same, "{first} | {second}");
        }
    }
}
