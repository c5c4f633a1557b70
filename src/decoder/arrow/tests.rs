//! What the writers of the arrow crates make reads back, and damage is refused.

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int64Array, ListArray, NullArray, RecordBatch, StringArray, StringViewArray, StructArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, UInt8Array,
};
use arrow_ipc::writer::{DictionaryHandling, FileWriter, IpcWriteOptions, StreamWriter};
use proptest::prelude::*;

use bytes::Bytes;

use super::messages::Messages;
use crate::decoder::Decoder;
use crate::pipeline::Settings;
use crate::pipeline::records::{Draft, Encoding, Format, Mapping, Reader, Rows};
use crate::protocol::Coding;
use crate::time::{Clock, Timestamp, Zone};

const NOON: i64 = 1_748_779_200_000_000_000; // 2025-06-01T12:00:00Z

fn mapping(changes: &[(&str, &str)]) -> Mapping {
    let changes = changes.iter().map(|(name, text)| (*name, Some(*text)));
    Mapping::of(&Settings::default().merged(changes).unwrap(), Clock::Utc)
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn column(name: &str, cells: impl Array + 'static) -> (&str, ArrayRef) {
    (name, Arc::new(cells))
}

fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn file(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

fn names(mapping: &Mapping) -> Vec<String> {
    mapping.names().map(str::to_owned).collect()
}

/// Reads rows of columns.
fn push(reader: &mut Reader, piece: &[u8], is_last: bool, rows: &mut Rows) -> Result<(), String> {
    reader.push(piece, is_last, rows).map_err(|error| error.to_string())?;
    while reader.has_more() {
        reader.push(&[], is_last, rows).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Adds the rows of a file, as far as it can be read.
fn read_to(rows: &mut Rows, bytes: &[u8], coding: Coding, mapping: &Mapping) -> Result<(), String> {
    let mut reader = Reader::new(Format::Columns, Encoding::Utf8, mapping.clone());
    let (file, from) = (Bytes::copy_from_slice(bytes), rows.count() as u64);
    let opened = Decoder::open(file, coding, Some(&names(mapping)), from);
    let (mut decoder, known) = opened.map_err(|error| error.to_string())?;
    let mut read = 0;
    while let Some((piece, done)) = decoder.next_piece().map_err(|error| error.to_string())? {
        assert!(known.is_columns && !piece.is_empty() && (read..=known.total).contains(&done));
        read = done;
        push(&mut reader, &piece, false, rows)?;
    }
    push(&mut reader, &[], true, rows)
}

fn read_all(bytes: &[u8], mapping: &Mapping) -> Result<Rows, String> {
    let mut rows = Rows::default();
    read_to(&mut rows, bytes, Coding::Arrow, mapping)?;
    Ok(rows)
}

/// The rows of bytes that come `step` at a time.
fn read_in_pieces(bytes: &[u8], mapping: &Mapping, step: usize) -> Result<Rows, String> {
    let mut messages = Messages::new(Some(&names(mapping)), 0);
    let mut reader = Reader::new(Format::Columns, Encoding::Utf8, mapping.clone());
    let mut rows = Rows::default();
    for piece in bytes.chunks(step) {
        messages.push(piece);
        let mut columns = Vec::new();
        while messages.read(&mut columns)? {
            columns.chunks(step).try_for_each(|piece| push(&mut reader, piece, false, &mut rows))?;
            columns.clear();
        }
    }
    messages.check_end()?;
    push(&mut reader, &[], true, &mut rows)?;
    Ok(rows)
}

/// Time, id and values of each accepted row; NaN as -1.
fn accepted(rows: &Rows) -> Vec<(Option<i64>, String, Vec<f64>)> {
    let of_draft = |draft: &Draft| {
        let id = draft.id.as_ref().map(|id| id.text().to_string()).unwrap_or_default();
        let values = draft.values.iter().map(|value| if value.is_nan() { -1.0 } else { *value }).collect();
        (draft.timestamp.map(Timestamp::as_nanos), id, values)
    };
    rows.drafts.iter().map(|(_, draft)| of_draft(draft)).collect()
}

fn reasons(rows: &Rows) -> Vec<(usize, usize, &str)> {
    rows.refusals.first().iter().map(|bad| (bad.place.row, bad.place.line, bad.reason.as_str())).collect()
}

fn expected(rows: &[(i64, &str, &[f64])]) -> Vec<(Option<i64>, String, Vec<f64>)> {
    rows.iter().map(|(time, id, values)| (Some(*time), (*id).to_owned(), values.to_vec())).collect()
}

/// Two rows of measures of many types, beside columns that are not read.
fn of_many_types() -> RecordBatch {
    let ids: DictionaryArray<Int8Type> = vec![Some("pump"), Some("fan")].into_iter().collect();
    let list =
        ListArray::from_iter_primitive::<arrow_array::types::Int64Type, _, _>(vec![Some(vec![Some(1), None]), None]);
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("x"), None]));
    let nested = StructArray::try_from(vec![("flag", flags.clone()), ("text", texts)]).unwrap();
    batch(vec![
        column("list", list),
        column("time", TimestampMicrosecondArray::from(vec![NOON / 1000, NOON / 1000 + 1]).with_timezone("UTC")),
        column("views", StringViewArray::from(vec!["short", "a text that is longer than a view"])),
        column("id", ids),
        column("nested", nested),
        column("double", Float64Array::from(vec![1.5, -0.25])),
        column("single", Float32Array::from(vec![0.5, 2.0])),
        column("whole", Int64Array::from(vec![-7, 1 << 40])),
        column("byte", UInt8Array::from(vec![0, 255])),
        column("flags", flags),
        column("money", Decimal128Array::from(vec![1234, -5]).with_precision_and_scale(10, 2).unwrap()),
        column("text", StringArray::from(vec!["2.5", " 1e3 "])),
        column("nothing", NullArray::new(2)),
    ])
}

#[test]
fn columns_of_every_type_are_read_and_others_are_passed_over() {
    let mapping = mapping(&[("timestamp_field", "time"), ("measures", "double,single,whole,byte,money,text")]);
    let rows = [
        (NOON, "pump", &[1.5, 0.5, -7.0, 0.0, 12.34, 2.5][..]),
        (NOON + 1000, "fan", &[-0.25, 2.0, 1_099_511_627_776.0, 255.0, -0.05, 1000.0][..]),
    ];
    for bytes in [stream(&[of_many_types()]), file(&[of_many_types()])] {
        let found = read_all(&bytes, &mapping).unwrap();
        assert_eq!(accepted(&found), expected(&rows));
        assert_eq!(found.ignored.names(), ["list", "views", "nested", "flags", "nothing"]);
        for step in [1, 7, 64, 1000] {
            assert_eq!(read_in_pieces(&bytes, &mapping, step).as_ref(), Ok(&found), "in pieces of {step}");
        }
    }
}

#[test]
fn ids_are_texts_whole_numbers_or_uuids() {
    let mapping = mapping(&[]);
    let uuid = [0x12_u8; 16];
    let ids: [(ArrayRef, &str); 3] = [
        (
            Arc::new(StringViewArray::from(vec!["a text that is longer than a view"])),
            "a text that is longer than a view",
        ),
        (Arc::new(Int64Array::from(vec![-5])), "-5"),
        (
            Arc::new(FixedSizeBinaryArray::try_from_iter([uuid].into_iter()).unwrap()),
            "12121212-1212-1212-1212-121212121212",
        ),
    ];
    for (ids, id) in ids {
        let bytes = stream(&[batch(vec![column("id", ids), column("value", Int64Array::from(vec![1]))])]);
        assert_eq!(accepted(&read_all(&bytes, &mapping).unwrap()), [(None::<i64>, id.to_owned(), vec![1.0])]);
    }
}

#[test]
fn a_dictionary_grows_or_is_replaced_by_the_next_one() {
    for handling in [DictionaryHandling::Resend, DictionaryHandling::Delta] {
        let made = [vec!["a", "b"], vec!["a", "b", "c"], vec!["a", "b", "c", "a"]].map(|ids| {
            let numbers: Vec<i64> = (0..ids.len() as i64).collect();
            let ids: DictionaryArray<Int8Type> = ids.into_iter().map(Some).collect();
            batch(vec![column("id", ids), column("value", Int64Array::from(numbers))])
        });
        let options = IpcWriteOptions::default().with_dictionary_handling(handling);
        let mut writer = StreamWriter::try_new_with_options(Vec::new(), &made[0].schema(), options).unwrap();
        made.iter().for_each(|batch| writer.write(batch).unwrap());
        let rows = read_in_pieces(&writer.into_inner().unwrap(), &mapping(&[]), 50).unwrap();
        let ids: String = accepted(&rows).into_iter().map(|(_, id, _)| id).collect();
        assert_eq!(ids, "ababcabca");
    }
}

#[test]
fn times_without_a_zone_are_read_on_the_clock() {
    let berlin = Mapping { clock: Clock::Local(Zone::new(7200, Vec::new())), ..mapping(&[]) };
    let two_hours = 7_200_000_000_000;
    let times: [(ArrayRef, i64); 6] = [
        (Arc::new(TimestampNanosecondArray::from(vec![NOON + 1])), NOON + 1 - two_hours),
        (Arc::new(TimestampNanosecondArray::from(vec![NOON + 1]).with_timezone("+02:00")), NOON + 1),
        (Arc::new(Date32Array::from(vec![20_240])), 20_240 * 86_400_000_000_000 - two_hours),
        (Arc::new(Int64Array::from(vec![NOON / 1_000_000])), NOON),
        (Arc::new(Float64Array::from(vec![1_748_779_200.5])), NOON + 500_000_000),
        (Arc::new(StringArray::from(vec!["2025-06-01 12:00"])), NOON - two_hours),
    ];
    for (times, nanos) in times {
        let bytes = stream(&[batch(vec![column("timestamp", times), column("value", Int64Array::from(vec![1]))])]);
        assert_eq!(read_all(&bytes, &berlin).unwrap().drafts[0].1.timestamp, Some(Timestamp::from_nanos(nanos)));
    }
}

#[test]
fn a_row_is_refused_by_its_number_and_all_others_count() {
    let columns = || {
        vec![
            column("id", StringArray::from(vec![Some("a"), Some(""), None, Some("d")])),
            column("value", Float64Array::from(vec![Some(1.0), Some(2.0), None, Some(f64::INFINITY)])),
            column("rpm", Int64Array::from(vec![Some(5), Some(6), None, None])),
        ]
    };
    let bytes = stream(&[batch(columns()), batch(columns())]);
    let rows = read_all(&bytes, &mapping(&[])).unwrap();
    assert_eq!((rows.count(), accepted(&rows).len()), (8, 2));
    assert_eq!(
        reasons(&rows)[..3],
        [
            (1, 2, "id is empty; leave the field out to get a random UUID"),
            (2, 3, "value is missing; send a finite number"),
            (3, 4, "value inf is not finite; send a finite number"),
        ]
    );
    assert_eq!(rows.refusals.first()[3].input, ",,2");
    let rows = read_all(&bytes, &mapping(&[("measures", "value,rpm"), ("missing", "allow")])).unwrap();
    assert_eq!(reasons(&rows)[1], (2, 3, "no measure is there; send a finite number as \"value\", \"rpm\""));
}

#[test]
fn a_missing_number_is_null_or_nan_where_it_may_be_missing() {
    let columns = vec![
        column("a", Float64Array::from(vec![Some(f64::NAN), None, Some(3.0)])),
        column("b", Int64Array::from(vec![1, 2, 3])),
    ];
    let rows = read_all(&stream(&[batch(columns)]), &mapping(&[("measures", "a,b"), ("missing", "allow")])).unwrap();
    let values: Vec<_> = accepted(&rows).into_iter().map(|(_, _, values)| values).collect();
    assert_eq!(values, [[-1.0, 1.0], [-1.0, 2.0], [3.0, 3.0]]);
}

#[test]
fn a_schema_that_cannot_be_events_is_named_with_the_mend() {
    let one = |name: &'static str, column: ArrayRef| {
        let whole: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        let columns = if name == "value" { vec![(name, column)] } else { vec![(name, column), ("value", whole)] };
        stream(&[batch(columns)])
    };
    let flags = || Arc::new(BooleanArray::from(vec![true])) as ArrayRef;
    for (bytes, sentence) in [
        (one("value", flags()), "the column \"value\" holds booleans, which are no numbers"),
        (one("value", Arc::new(NullArray::new(1))), "the column \"value\" holds nothing, and is the measure"),
        (one("timestamp", flags()), "the column \"timestamp\" holds booleans, which are no times"),
        (
            one("id", Arc::new(Float64Array::from(vec![1.0]))),
            "the column \"id\" holds numbers with a fraction, which are no ids",
        ),
        (stream(&[batch(vec![("x", flags())])]), "the schema has no column \"value\"; it has \"x\""),
        (b"PAR1\x15\x04\x15\x10".to_vec(), "no Arrow IPC stream but a Parquet file"),
        (b"timestamp,value\n1,2\n".to_vec(), "at byte 0: no message begins there"),
        (Vec::new(), "the body is empty"),
    ] {
        let error = read_all(&bytes, &mapping(&[])).unwrap_err();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn what_ends_early_or_goes_on_is_refused_and_the_batches_before_it_count() {
    let one = of_many_types();
    let mapping = mapping(&[("measures", "double"), ("timestamp_field", "time")]);
    let stream = stream(&[one.clone(), one.clone()]);
    let mut rows = Rows::default();
    let error = read_to(&mut rows, &stream[..stream.len() - 100], Coding::Arrow, &mapping).unwrap_err();
    assert!(error.contains("it ends early; send all of it"), "{error}");
    assert_eq!(rows.count(), 2);
    let twice = [&stream[..], &stream[..]].concat();
    let error = read_all(&twice, &mapping).unwrap_err();
    assert!(error.contains("bytes follow the end of the stream"), "{error}");
    // The mark of the end may be left out, as the format has it; a file without its footer was cut.
    assert_eq!(read_all(&stream[..stream.len() - 8], &mapping).map(|rows| rows.count()), Ok(4));
    let file = file(&[one]);
    assert!(read_all(&file[..file.len() / 2], &mapping).is_err());
}

#[test]
fn a_large_batch_is_read_in_steps() {
    let numbers: ArrayRef = Arc::new(Int64Array::from((0..100_000).collect::<Vec<i64>>()));
    let bytes = stream(&[batch(vec![("value", numbers)])]);
    let (mut decoder, _) = Decoder::open(Bytes::from(bytes), Coding::Arrow, None, 0).unwrap();
    let mut columns = Vec::new();
    while let Some((piece, _)) = decoder.next_piece().unwrap() {
        columns.extend(piece);
    }
    let mut reader = Reader::new(Format::Columns, Encoding::Utf8, mapping(&[]));
    let (mut rows, mut all, mut steps) = (Rows::default(), Vec::new(), 0);
    let mut piece = &columns[..];
    loop {
        reader.push(piece, true, &mut rows).unwrap();
        piece = &[];
        assert!(rows.drafts.len() <= 8192, "{}", rows.drafts.len());
        all.extend(rows.drafts.drain(..).map(|(place, draft)| (place.row as f64, draft.values[0])));
        steps += 1;
        if !reader.has_more() {
            break;
        }
    }
    assert!(all.iter().all(|(row, value)| row == value) && all.len() == 100_000);
    assert!((13..=14).contains(&steps), "{steps}");
}

#[test]
fn any_row_is_a_beginning() {
    let made = [3, 1, 0, 4].map(|rows| {
        let ids: DictionaryArray<Int8Type> = ["a", "b", "c", "d"][..rows].iter().map(|id| Some(*id)).collect();
        let numbers = Int64Array::from((0..rows as i64).collect::<Vec<_>>());
        batch(vec![column("id", ids), column("value", numbers)])
    });
    let options = IpcWriteOptions::default().with_dictionary_handling(DictionaryHandling::Delta);
    let mut writer = StreamWriter::try_new_with_options(Vec::new(), &made[0].schema(), options).unwrap();
    made.iter().for_each(|batch| writer.write(batch).unwrap());
    let bytes = writer.into_inner().unwrap();
    let all = accepted(&read_all(&bytes, &mapping(&[])).unwrap());
    assert_eq!(all.len(), 8);
    for from in 0..10 {
        let mut rows = Rows::from_row(from as u64);
        read_to(&mut rows, &bytes, Coding::Arrow, &mapping(&[])).unwrap();
        assert_eq!(accepted(&rows), all[from.min(8)..], "from row {from} on");
        assert!(rows.drafts.iter().zip(from..).all(|((place, _), row)| place.row == row));
    }
}

#[test]
fn what_is_packed_is_unpacked() {
    let mapping = mapping(&[("timestamp_field", "time"), ("measures", "double,money")]);
    let bytes = stream(&[of_many_types(), of_many_types()]);
    let rows = read_all(&bytes, &mapping).unwrap();
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&bytes, 6);
    let zstd = ruzstd::encoding::compress_to_vec(&bytes[..], ruzstd::encoding::CompressionLevel::Fastest);
    for (packed, coding) in [(&zlib, Coding::PackedArrow), (&zstd, Coding::Zstd)] {
        let mut found = Rows::default();
        read_to(&mut found, packed, coding, &mapping).unwrap();
        assert_eq!(found, rows);
    }
    let cut = read_to(&mut Rows::default(), &zlib[..zlib.len() - 100], Coding::PackedArrow, &mapping).unwrap_err();
    assert!(cut.contains("not whole: its deflate data is damaged, or ends too early, near byte"), "{cut}");
    let plain = read_to(&mut Rows::default(), &zlib, Coding::Arrow, &mapping).unwrap_err();
    assert!(plain.contains("at byte 0: no message begins there"), "a body is what its type says: {plain}");
}

#[test]
fn rows_without_a_cell_are_not_counted_for_ever() {
    let head = |rows: usize| {
        let texts: ArrayRef = Arc::new(BooleanArray::from(vec![true; rows]));
        stream(&[batch(vec![("flag", texts)])])
    };
    let (mut decoder, _) = Decoder::open(Bytes::from(head(5)), Coding::Arrow, None, 0).unwrap();
    assert!(decoder.next_piece().unwrap().is_some(), "the schema");
    assert_eq!(decoder.next_piece(), Ok(None));
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn tables_of_any_numbers_and_texts_read_back_in_pieces_of_any_size(
        batches in prop::collection::vec(
            prop::collection::vec((prop::option::of(-1e9_f64..1e9), prop::option::of("\\PC{1,20}")), 0..20),
            1..4,
        ),
        is_file in any::<bool>(),
        step in 1_usize..5000,
    ) {
        let made: Vec<RecordBatch> = batches
            .iter()
            .map(|rows| {
                let numbers: Float64Array = rows.iter().map(|(number, _)| *number).collect();
                let ids: StringViewArray = rows.iter().map(|(_, id)| id.as_deref()).collect();
                batch(vec![column("id", ids), column("value", numbers)])
            })
            .collect();
        let bytes = if is_file { file(&made) } else { stream(&made) };
        let rows = read_in_pieces(&bytes, &mapping(&[]), step).unwrap();
        let all: Vec<_> = batches.into_iter().flatten().collect();
        prop_assert_eq!(rows.count(), all.len());
        let expected = all.into_iter().filter_map(|(number, id)| {
            // What is longer than an id may be is refused by another test.
            Some((None::<i64>, id.unwrap_or_default(), vec![number?]))
        });
        prop_assert_eq!(accepted(&rows), expected.collect::<Vec<_>>());
    }

    #[test]
    fn damage_is_refused_or_read_and_never_more(
        changes in prop::collection::vec((0..4000_usize, any::<u8>()), 1..5),
        end in 0..4000_usize,
    ) {
        let mut bytes = stream(&[of_many_types(), of_many_types()]);
        for (at, byte) in changes {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        bytes.truncate(end.max(64));
        let mapping = mapping(&[("timestamp_field", "time"), ("measures", "double,money,text"), ("missing", "allow")]);
        let whole = read_all(&bytes, &mapping);
        let in_pieces = read_in_pieces(&bytes, &mapping, 100);
        prop_assert_eq!(whole.is_ok(), in_pieces.is_ok());
        if let (Ok(whole), Ok(in_pieces)) = (whole, in_pieces) {
            // NaN is not equal to itself.
            prop_assert_eq!(accepted(&whole), accepted(&in_pieces));
            prop_assert_eq!(whole.refusals, in_pieces.refusals);
        }
    }
}
