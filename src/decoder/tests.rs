//! Files that pyarrow and polars wrote read as pyarrow reads them, from any row on; files that are cut off, encrypted
//! or something else end with a sentence. `tests/fixtures/parquet/make.py` made them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type as Int64Column};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use serde_json::Value;

use super::{Decoder, DecoderError, FileRows, Next, file_facts, preview};
use crate::pipeline::Settings;
use crate::pipeline::records::columns::{Field, Head, Int, Kind, Lengths, Other};
use crate::pipeline::sniff::{Choices, Reading, Zones};
use crate::pipeline::sources::{ReadFrom, RowBlock};
use crate::protocol::{Coding, DecodedFile};
use crate::time::{Clock, Zone};

/// Name, type and values of each column.
type Columns = Vec<(String, String, Vec<Value>)>;

fn fixture(name: &str) -> Bytes {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet");
    fs::read(folder.join(name)).expect("the fixture is there").into()
}

/// What pyarrow reads in each file.
fn expected() -> BTreeMap<String, Columns> {
    let mut expected: BTreeMap<String, Columns> = serde_json::from_slice(&fixture("expected.json")).unwrap();
    for (_, _, values) in expected.values_mut().flatten().filter(|(_, dtype, _)| dtype == "Float64") {
        for value in values.iter_mut().filter(|value| !value.is_null()) {
            *value = double(value.as_str().unwrap().parse().unwrap());
        }
    }
    expected
}

/// A number that is equal to another one when all of its bits are, or when both are NaN.
fn double(number: f64) -> Value {
    Value::String(format!("{number:?}"))
}

fn open(file: &Bytes, columns: Option<&[&str]>, from: u64) -> Result<(Decoder<Bytes>, DecodedFile), DecoderError> {
    let columns = columns.map(|columns| columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let coding = Coding::of(file).unwrap_or(Coding::Parquet);
    Decoder::open(file.clone(), coding, columns.as_deref(), from)
}

/// All pieces end to end; each says how much of the file is read.
fn decode(file: &Bytes, columns: Option<&[&str]>, from: u64) -> Result<Vec<u8>, DecoderError> {
    let (mut decoder, known) = open(file, columns, from)?;
    let (mut all, mut read) = (Vec::new(), 0);
    while let Some((piece, done)) = decoder.next_piece()? {
        assert!(!piece.is_empty() && (read..=known.total).contains(&done), "{read}, {done} of {}", known.total);
        read = done;
        all.extend(piece);
    }
    assert!(all.is_empty() || read == known.total, "{read} of {}", known.total);
    assert_eq!(decoder.next_piece(), Ok(None));
    Ok(all)
}

fn reason(file: &Bytes, columns: Option<&[&str]>) -> String {
    decode(file, columns, 0).expect_err("it cannot be read").to_string()
}

/// The columns of what was handed on, with the names that Arrow has for their types.
fn read(mut columns: &[u8]) -> Columns {
    let mut fields: Vec<Field> = Vec::new();
    let mut all = Columns::new();
    while let Some((length, rest)) = columns.split_first_chunk::<4>() {
        let (head, mut body) = rest.split_at(u32::from_le_bytes(*length) as usize);
        match postcard::from_bytes(head).unwrap() {
            Head::Schema(schema) => {
                all = schema.iter().map(|field| (field.name.clone(), dtype(field.kind), Vec::new())).collect();
                fields = schema;
            }
            Head::Batch { rows, from: 0, columns } => {
                for (((_, _, values), field), lengths) in all.iter_mut().zip(&fields).zip(columns) {
                    values.extend(cells(field.kind, rows as usize, lengths, &mut body));
                }
            }
            other => panic!("{other:?}"),
        }
        columns = body;
    }
    all
}

fn dtype(kind: Kind) -> String {
    match kind {
        Kind::Null => "Null".to_owned(),
        Kind::Other(Other::Objects) => "Struct()".to_owned(),
        Kind::Other(Other::Booleans) => "Boolean".to_owned(),
        Kind::Int(Int { bytes: 8, is_signed: true }) => "Int64".to_owned(),
        Kind::Int(Int { bytes: 8, is_signed: false }) => "UInt64".to_owned(),
        Kind::Float(8) => "Float64".to_owned(),
        Kind::Text(4) => "Utf8".to_owned(),
        Kind::Time { unit_nanos, is_naive } => {
            let unit = match unit_nanos {
                1_000_000 => "ms",
                1_000 => "us",
                _ => "ns",
            };
            format!("Timestamp({unit}{})", if is_naive { "" } else { ", UTC" })
        }
        other => panic!("{other:?}"),
    }
}

/// The next cells of a column.
fn cells(kind: Kind, rows: usize, lengths: Option<Lengths>, body: &mut &[u8]) -> Vec<Value> {
    let Some(Lengths { has_missing, buffers }) = lengths else { return vec![Value::Null; rows] };
    let mut buffers = buffers.into_iter().map(|length| body.split_off(..length as usize).unwrap());
    let present = has_missing.then(|| buffers.next().unwrap());
    let (first, second) = (buffers.next().unwrap(), buffers.next());
    assert!(buffers.next().is_none());
    let bit = |bits: &[u8], row: usize| bits[row / 8] >> (row % 8) & 1 == 1;
    let word = |row: usize| *first[8 * row..].first_chunk::<8>().unwrap();
    let end = |row: usize| u32::from_le_bytes(*first[4 * row..].first_chunk::<4>().unwrap()) as usize;
    let cell = |row: usize| match kind {
        _ if present.is_some_and(|present| !bit(present, row)) => Value::Null,
        Kind::Other(_) => bit(first, row).into(),
        Kind::Int(Int { is_signed: false, .. }) => u64::from_le_bytes(word(row)).into(),
        Kind::Float(_) => double(f64::from_le_bytes(word(row))),
        Kind::Text(_) => str::from_utf8(&second.unwrap()[end(row)..end(row + 1)]).unwrap().into(),
        _ => i64::from_le_bytes(word(row)).into(),
    };
    (0..rows).map(cell).collect()
}

#[test]
fn files_read_as_pyarrow_reads_them() {
    for (name, columns) in expected() {
        let (_, known) = open(&fixture(&name), None, 0).unwrap();
        assert_eq!((known.total, known.column_count), (columns[0].2.len() as u64, columns.len() as u32), "{name}");
        let stream = decode(&fixture(&name), None, 0).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (found, column) in read(&stream).iter().zip(&columns) {
            assert_eq!(found, column, "{name}");
        }
    }
}

#[test]
fn columns_that_are_not_needed_stand_in_the_schema_alone() {
    let (name, needed) = ("pyarrow_delta_v2.parquet", ["PRICE ", "timestamp", "value"]);
    let columns = read(&decode(&fixture(name), Some(&needed), 0).unwrap());
    for ((found, (name, dtype, values)), is_needed) in
        columns.iter().zip(&expected()[name]).zip([true, false, false, true, false])
    {
        let dtype = if is_needed { dtype.clone() } else { "Null".to_owned() };
        let values = if is_needed { values.clone() } else { vec![Value::Null; values.len()] };
        assert_eq!(*found, (name.clone(), dtype, values));
    }
}

#[test]
fn columns_that_cannot_be_read_are_named_with_a_mend() {
    let kinds = fixture("pyarrow_kinds.parquet");
    let (_, known) = open(&kinds, None, 0).unwrap();
    let reasons: Vec<_> = known.unreadable.iter().map(|column| column.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "column \"time\" has times of day without a date; write it as a timestamp, or as a number",
            "column \"fixed\" has binary values; write it as text or as a number",
            "column \"decimal76\" has decimals of more than 38 digits; write it as float64",
            "column \"list\" is nested (a list, a map or a structure); write its parts as columns of their own",
            "column \"struct\" is nested (a list, a map or a structure); write its parts as columns of their own",
        ]
    );
    assert_eq!(reason(&kinds, Some(&["int8", "list"])), reasons[3]);
    assert_eq!(
        reason(&fixture("pyarrow_none.parquet"), Some(&["value"])),
        "the file has no column \"value\"; it has \"timestamp\", \"id\", \"note\", \"price\", \"size\": set measures, \
         timestamp_field and id_field to columns that it has"
    );
}

#[test]
fn encrypted_files_and_columns_are_named() {
    let encrypted = fixture("pyarrow_encrypted.parquet");
    assert_eq!(reason(&encrypted, None), "the Parquet file is encrypted; write it without encryption");
    let column = fixture("pyarrow_encrypted_column.parquet");
    let sentence = "column \"price\" is encrypted; write it without encryption";
    assert_eq!(reason(&column, Some(&["price"])), sentence);
    let (_, known) = open(&column, None, 0).unwrap();
    assert_eq!((known.unreadable.len(), &*known.unreadable[0].reason), (1, sentence));
}

#[test]
fn what_is_no_whole_file_says_so() {
    let whole = fixture("pyarrow_snappy.parquet");
    for (file, part) in [
        (Bytes::new(), "the file is empty"),
        (Bytes::from_static(b"PAR"), "is not Parquet"),
        (Bytes::from_static(b"PAR1"), "cut off"),
        (Bytes::from_static(b"timestamp,id,value\n1,a,2\n"), "is not Parquet"),
        (Bytes::from_static(b"PAR1\x00\x00\x00\x00PAR1"), "the list of columns"),
        (Bytes::from_static(b"PAR1\xff\xff\xff\xffPAR1"), "it would have 4294967295 bytes, of a file of 12"),
        (whole.slice(..whole.len() - 1), "cut off"),
        (whole.slice(..whole.len() / 2), "cut off"),
    ] {
        let reason = reason(&file, None);
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn a_page_that_was_changed_is_placed() {
    for name in ["pyarrow_dictionary_v1.parquet", "pyarrow_delta_v2.parquet"] {
        let mut bytes = fixture(name).to_vec();
        // The mark of a frame in the second half of the file.
        let half = bytes.len() / 2;
        let mark = bytes[half..].windows(4).position(|bytes| bytes == [0x28, 0xb5, 0x2f, 0xfd]).unwrap();
        bytes[half + mark] = 0;
        let reason = reason(&bytes.into(), None);
        assert!(reason.starts_with("column \"") && reason.contains("\" from row "), "{reason}");
        let end = "on: it is damaged (a page cannot be decompressed); copy it again, or write it again";
        assert!(reason.ends_with(end), "{reason}");
    }
}

/// The text in `two_frames.csv.zst`.
fn plain() -> String {
    let row = |row: u32| format!("2025-06-01T21:15:{:02}Z,sensor {},{:?}\n", row % 60, row % 7, f64::from(row) / 8.0);
    "timestamp,id,value\n".to_owned() + &(0..500).map(row).collect::<String>()
}

#[test]
fn frames_are_read_one_after_the_other() {
    let file = fixture("two_frames.csv.zst");
    assert_eq!(String::from_utf8(decode(&file, None, 0).unwrap()).unwrap(), plain());
}

#[test]
fn a_frame_that_was_changed_is_told_by_its_checksum() {
    let mut bytes = fixture("two_frames.csv.zst").to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let reason = reason(&bytes.into(), None);
    assert!(reason.contains("checksum") && reason.contains("copy it again"), "{reason}");
    let garbage = [fixture("two_frames.csv.zst").to_vec(), b"timestamp".to_vec()].concat();
    assert!(decode(&garbage.into(), None, 0).is_err());
}

/// A file of these groups of rows: a number, another one with gaps, and a text with gaps.
fn written(groups: &[Vec<Option<i64>>]) -> Bytes {
    let schema = "message rows { required int64 row; optional double value; optional binary name (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    for rows in groups {
        let levels: Vec<i16> = rows.iter().map(|row| i16::from(row.is_some())).collect();
        let whole: Vec<i64> = rows.iter().map(|row| row.unwrap_or(-1)).collect();
        let values: Vec<f64> = rows.iter().flatten().map(|row| *row as f64).collect();
        let names: Vec<ByteArray> = rows.iter().flatten().map(|row| row.to_string().as_str().into()).collect();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Column>().write_batch(&whole, None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&names, Some(&levels), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes.into()
}

/// The columns of [`written`].
fn columns_of(rows: &[Option<i64>]) -> Columns {
    let column = |name: &str, dtype: &str, cell: &dyn Fn(Option<i64>) -> Value| {
        (name.to_owned(), dtype.to_owned(), rows.iter().map(|row| cell(*row)).collect())
    };
    vec![
        column("row", "Int64", &|row| row.unwrap_or(-1).into()),
        column("value", "Float64", &|row| row.map_or(Value::Null, |row| double(row as f64))),
        column("name", "Utf8", &|row| row.map_or(Value::Null, |row| row.to_string().into())),
    ]
}

#[test]
fn a_group_of_many_rows_is_several_batches() {
    let rows: Vec<_> = (0..40_000).map(|row| (row % 3 != 0).then_some(row)).collect();
    let file = written(std::slice::from_ref(&rows));
    assert_eq!(read(&decode(&file, None, 0).unwrap()), columns_of(&rows));
    assert_eq!(read(&decode(&file, None, 17_000).unwrap()), columns_of(&rows[17_000..]));
    let (mut decoder, _) = open(&file, None, 0).unwrap();
    let mut done = Vec::new();
    while let Some((_, rows)) = decoder.next_piece().unwrap() {
        done.push(rows);
    }
    assert_eq!(done, [0, 16_384, 32_768, 40_000]);
}

fn groups() -> impl Strategy<Value = Vec<Vec<Option<i64>>>> {
    prop::collection::vec(prop::collection::vec(prop::option::of(-5..50_i64), 1..40), 0..6)
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn any_row_is_a_beginning(groups in groups(), from in 0..200_usize) {
        let all = groups.concat();
        let stream = decode(&written(&groups), None, from as u64).unwrap();
        prop_assert_eq!(read(&stream), columns_of(&all[from.min(all.len())..]));
    }

    #[test]
    fn any_row_of_pages_is_a_beginning(which in 0..3_usize, from in 0..310_usize) {
        let name = ["pyarrow_delta_v2.parquet", "pyarrow_dictionary_v1.parquet", "polars_zstd.parquet"][which];
        let mut columns = expected().remove(name).unwrap();
        for (_, _, values) in &mut columns {
            values.drain(..from.min(values.len()));
        }
        let stream = decode(&fixture(name), None, from as u64).unwrap();
        prop_assert_eq!(read(&stream), columns);
    }

    #[test]
    fn any_byte_of_what_was_compressed_is_a_beginning(from in 0..20_000_usize) {
        let plain = plain();
        let file = fixture("two_frames.csv.zst");
        let found = decode(&file, None, from as u64).unwrap();
        prop_assert_eq!(found, &plain.as_bytes()[from.min(plain.len())..]);
    }

    #[test]
    fn a_file_of_frames_that_is_cut_says_so_unless_a_frame_ends_there(cut in 4..3000_usize) {
        let (file, plain) = (fixture("two_frames.csv.zst"), plain());
        let cut = cut.min(file.len());
        match decode(&file.slice(..cut), None, 0) {
            Ok(found) => prop_assert!([plain.len() / 2, plain.len()].contains(&found.len()), "{}", found.len()),
            Err(error) => prop_assert_eq!(error, DecoderError::ZstdCut(cut as u64)),
        }
    }
}

/// Bytes of a file that are read at a time.
const PIECE_BYTES: usize = 300_000;

/// Reads the rows of a file of two columns, `id` and `value`, from a place on.
fn rows_of(file: &Bytes, from: ReadFrom) -> Vec<RowBlock> {
    let reading = Reading {
        source_format: "csv".to_owned(),
        header: Some(true),
        timestamp_format: "auto".to_owned(),
        timestamp_zone: "utc".to_owned(),
        id_field: Some("id".to_owned()),
        measures: vec!["value".to_owned()],
        missing: "reject".to_owned(),
        ..Reading::default()
    };
    let zones = Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &|_| None };
    let (mut rows, facts) = FileRows::open(file.clone(), &reading, &Settings::default(), zones, from).unwrap();
    assert_eq!(facts.bytes, file.len() as u64);
    let mut blocks = Vec::new();
    loop {
        match rows.advance().unwrap() {
            Next::Rows(block, file_bytes) => {
                assert!(file_bytes <= facts.bytes, "{file_bytes} of {}", facts.bytes);
                blocks.push(*block);
            }
            Next::Bytes(from) => {
                let (from, end) = (from as usize, file.len().min(from as usize + PIECE_BYTES));
                rows.push(file[from..end].to_vec(), end == file.len());
            }
            Next::End => break,
        }
    }
    assert!(blocks.last().is_some_and(|block| block.info.is_last));
    blocks
}

#[test]
fn a_file_has_the_same_rows_packed_or_not_and_from_any_place_on() {
    let lines: String = (0..200_000).map(|row| format!("sensor-{},{row}\n", row % 7)).collect();
    let text = format!("id,value\n{lines}");
    let plain = Bytes::from(text.clone());
    let values = |blocks: &[RowBlock]| -> Vec<f64> {
        blocks.iter().flat_map(|block| block.drafts.clone()).map(|(_, draft)| draft.values[0]).collect()
    };
    let all = rows_of(&plain, ReadFrom::default());
    assert!(all.len() > 2, "{} blocks", all.len());
    let expected: Vec<f64> = (0..200_000).map(f64::from).collect();
    assert_eq!(values(&all), expected);
    let packed = Bytes::from(miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6));
    assert_eq!(values(&rows_of(&packed, ReadFrom::default())), expected);
    for block in &all[..all.len() - 1] {
        let from = ReadFrom { place: block.info.checkpoint, ..ReadFrom::default() };
        let rest = rows_of(&plain, from);
        let info = &block.info;
        let left = expected[info.end_row as usize..].to_vec();
        assert_eq!((rest[0].info.first_row, values(&rest)), (info.end_row, left));
    }
}

#[test]
fn a_preview_shows_columns_and_what_tells_the_content() {
    let file = Bytes::from("at;T\n2026-06-01 12:00:00;1,5\n2026-06-01 12:00:01;2,5\n2026-06-01 12:00:02;1,75\n");
    let zones = Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &|_| None };
    let (epoch, preview) = preview(file.clone(), "a.csv", &Choices::default(), &Settings::default(), zones).unwrap();
    assert_eq!((epoch, preview.bytes, preview.packing), (file_facts(&file).unwrap().epoch, file.len() as u64, None));
    assert_eq!(preview.preview.columns.iter().map(|column| &*column.name).collect::<Vec<_>>(), ["at", "T"]);
    let damaged = Bytes::from_static(b"\x1f\x8b\x08\x00broken");
    let sentence = super::preview(damaged, "a.csv.gz", &Choices::default(), &Settings::default(), zones).unwrap_err();
    assert!(sentence.contains("gzip"), "{sentence}");
}
