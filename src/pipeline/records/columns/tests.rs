//! Columns become rows, and what is no form of columns is refused. How Arrow becomes rows is tested beside its decoder.

use super::{Buffers, Dictionary, Field, Int, Kind, Other, write_batch, write_dictionary, write_schema};
use crate::pipeline::Settings;
use crate::pipeline::records::{BodyError, Encoding, Format, Mapping, Rows, read};
use crate::time::Clock;

const LONG: Int = Int { bytes: 8, is_signed: true };

fn field(name: &str, kind: Kind) -> Field {
    Field { name: name.to_owned(), kind, dictionary: None }
}

fn rows(bytes: &[u8]) -> Result<Rows, BodyError> {
    read(bytes, Format::Columns, Encoding::Utf8, &Mapping::of(&Settings::default(), Clock::Utc))
}

fn fault(bytes: &[u8]) -> String {
    rows(bytes).expect_err("it is damaged").to_string()
}

fn words(numbers: &[i64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The ids a, b and a of a dictionary, and the values 1, none and 3, from this row on.
fn table(from: u64) -> Vec<u8> {
    let ids = Field {
        dictionary: Some(Dictionary { id: 7, index: Int { bytes: 1, is_signed: true } }),
        ..field("id", Kind::Text(4))
    };
    let mut out = Vec::new();
    write_schema(vec![ids, field("flag", Kind::Other(Other::Booleans)), field("value", Kind::Int(LONG))], &mut out);
    let ends: Vec<u8> = [0_i32, 1, 2].iter().flat_map(|end| end.to_le_bytes()).collect();
    write_dictionary(7, false, 2, &Buffers { present: None, cells: vec![&ends, b"ab"] }, &mut out);
    let ids = Buffers { present: None, cells: vec![&[0, 1, 0]] };
    let numbers = words(&[1, 2, 3]);
    let values = Buffers { present: Some(&[0b101]), cells: vec![&numbers] };
    write_batch(3, from, &[Some(ids), None, Some(values)], &mut out);
    out
}

#[test]
fn rows_are_made_of_the_columns_that_are_named() {
    let found = rows(&table(0)).unwrap();
    let drafts: Vec<_> = found.drafts.iter().map(|(place, draft)| (place.row, draft.values[0])).collect();
    assert_eq!(drafts, [(0, 1.0), (2, 3.0)]);
    let ids: Vec<_> = found.drafts.iter().map(|(_, draft)| draft.id.as_ref().unwrap().text().to_string()).collect();
    assert_eq!(ids, ["a", "a"]);
    assert_eq!(found.refusals.first()[0].input, ",b,");
    assert_eq!(found.ignored.names(), ["flag"]);
}

#[test]
fn the_rows_before_the_first_one_that_is_wanted_are_passed_over() {
    assert_eq!((rows(&table(1)).unwrap().count(), rows(&table(3)).unwrap().count()), (2, 0));
    assert!(fault(&table(4)).contains("does not fit the schema"));
}

#[test]
fn a_stream_that_is_damaged_is_refused() {
    let whole = table(0);
    assert!(fault(&[]).contains("at byte 0: they end early"));
    for end in 1..whole.len() {
        // Between two messages no end can be told.
        assert!(rows(&whole[..end]).is_ok_and(|rows| rows.count() == 0) || fault(&whole[..end]).contains("end early"));
    }
    assert!(fault(b"\xff\xff\xff\xff").contains("no message begins there"));
    assert!(fault(b"\x01\0\0\0\x09").contains("the head of a message is none"));
    assert!(fault(&[&whole[..], &whole].concat()).contains("a second schema follows"));
    let batch = |columns: &[Option<Buffers<'_>>], rows| {
        let mut out = Vec::new();
        write_schema(vec![field("value", Kind::Int(LONG))], &mut out);
        write_batch(rows, 0, columns, &mut out);
        out
    };
    let word = words(&[1]);
    let one = |present, cells: Vec<_>| [Some(Buffers { present, cells })];
    assert_eq!(rows(&batch(&one(None, vec![&word[..]]), 1)).unwrap().count(), 1);
    for (columns, count, part) in [
        (&one(None, vec![&word[..]])[..], 2, "is too short"),
        (&one(Some(&[][..]), vec![&word[..]]), 1, "is too short"),
        (&one(None, vec![]), 1, "lacks a part"),
        (&[None], 1, "is without the column \"value\""),
        (&[], 1, "does not fit the schema"),
        (&one(None, vec![&word[..]]), u64::MAX, "is too short"),
    ] {
        let fault = fault(&batch(columns, count));
        assert!(fault.contains(part) && fault.ends_with("read it again"), "{fault}");
    }
}

#[test]
fn cells_of_a_size_that_there_is_not_are_refused() {
    for kind in [Kind::Int(Int { bytes: 0, is_signed: false }), Kind::Float(3), Kind::Decimal(1, 0), Kind::Text(0)] {
        let mut out = Vec::new();
        write_schema(vec![field("value", kind)], &mut out);
        assert!(fault(&out).contains("the head of a message is none"), "{kind:?}");
    }
}
