//! What is written as an Arrow IPC stream reads back, through the reader of the arrow crates, as the frame that it was.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampNanosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use millrace::api::ArrowWriter;
use millrace::frame::{Cell, Column, Dtype, Frame, NAT, Strings};
use millrace::pipeline::{Measures, Settings, rows_frame, tables};
use millrace::time::{Clock, Timestamp, Zone};

const IDS: [&str; 2] = ["6da8b7df-c541-498f-90ef-01d5730ef236", "00000000-0000-4000-8000-000000000000"];

/// The stream of these frames, in the pieces that a body is sent in.
fn pieces(frames: &[Frame], clock: &Clock) -> Vec<Vec<u8>> {
    let mut writer = ArrowWriter::new(clock.clone());
    let mut piece = |write: &dyn Fn(&mut ArrowWriter, &mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut writer, &mut out);
        out
    };
    let mut pieces = vec![piece(&|writer, out| writer.start(&frames[0], out))];
    pieces.extend(frames.iter().map(|frame| piece(&|writer, out| writer.frame(frame, out))));
    pieces.push(piece(&|writer, out| writer.finish(out)));
    pieces
}

/// Names, types and record batches of a stream.
fn read(stream: &[u8]) -> (Vec<(String, String)>, Vec<RecordBatch>) {
    let mut stream = stream;
    let mut reader = StreamReader::try_new(&mut stream, None).unwrap();
    let fields = reader
        .schema()
        .fields()
        .iter()
        .map(|field| {
            assert!(field.is_nullable(), "{field}");
            (field.name().clone(), field.data_type().to_string())
        })
        .collect();
    let batches = reader.by_ref().collect::<Result<_, _>>().unwrap();
    drop(reader);
    assert!(stream.is_empty(), "{} bytes after the end", stream.len());
    (fields, batches)
}

/// The cells of a column that was read.
fn cells(array: &dyn Array) -> Vec<Cell> {
    let cell = |row: usize| match array.data_type().to_string().as_str() {
        _ if array.is_null(row) => Cell::Null,
        "Float64" => Cell::Float(array.as_primitive::<Float64Type>().value(row)),
        "Int64" => Cell::Int(array.as_primitive::<Int64Type>().value(row)),
        "Boolean" => Cell::Bool(array.as_boolean().value(row)),
        "Utf8" => Cell::Str(array.as_string::<i32>().value(row).into()),
        _ => Cell::Datetime(Timestamp::from_nanos(array.as_primitive::<TimestampNanosecondType>().value(row))),
    };
    (0..array.len()).map(cell).collect()
}

/// The cells of each column through a stream and back.
fn through(frames: &[Frame]) -> Vec<Vec<Cell>> {
    let (fields, batches) = read(&pieces(frames, &Clock::Utc).concat());
    let column = |index: usize| batches.iter().flat_map(|batch| cells(batch.column(index))).collect();
    (0..fields.len()).map(column).collect()
}

/// The cells that a frame has.
fn of(frame: &Frame) -> Vec<Vec<Cell>> {
    frame.columns().iter().map(|(_, column)| column.values().map(Cell::from).collect()).collect()
}

fn texts(texts: &[Option<&str>]) -> Vec<Cell> {
    texts.iter().map(|text| text.map_or(Cell::Null, |text| Cell::Str(text.into()))).collect()
}

/// A frame of every type with gaps where a type has them.
fn every_type(rows: usize) -> Frame {
    let nth = |row: usize| row as i64 * 1_234_567_891 - 5_000_000_000;
    let names = ["pump", "", "Zürich \"42\" 水", "valve"];
    let text = |row: usize| (row % 5 != 4).then(|| names[row % 5]);
    Frame::new(vec![
        ("at".into(), Column::Datetime((0..rows).map(|row| if row % 3 == 1 { NAT } else { nth(row) }).collect())),
        ("name".into(), Column::String((0..rows).map(text).collect())),
        (
            "float".into(),
            Column::Float((0..rows).map(|row| if row % 4 == 2 { f64::NAN } else { 0.1 + row as f64 }).collect()),
        ),
        ("int".into(), Column::Int((0..rows).map(nth).collect())),
        ("truth".into(), Column::Bool((0..rows).map(|row| row % 3 == 0).collect())),
        (
            "id".into(),
            Column::String((0..rows).map(|row| Some(format!("6da8b7df-c541-498f-90ef-{row:012}"))).collect()),
        ),
    ])
    .unwrap()
}

#[test]
fn every_type_reads_back_at_every_length_around_whole_bytes() {
    for rows in (1..=17).chain([63, 64, 65, 1000]) {
        let frame = every_type(rows);
        assert_eq!(through(std::slice::from_ref(&frame)), of(&frame), "{rows} rows");
    }
}

#[test]
fn the_schema_names_instants_of_utc_whatever_the_clock() {
    let berlin = Clock::Local(Zone::new(7200, Vec::new()));
    let (fields, _) = read(&pieces(&[every_type(1)], &berlin).concat());
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, data_type)| (&**name, &**data_type)).collect();
    assert_eq!(
        fields,
        [
            ("at", "Timestamp(ns, \"UTC\")"),
            ("name", "Utf8"),
            ("float", "Float64"),
            ("int", "Int64"),
            ("truth", "Boolean"),
            ("id", "Utf8"),
        ]
    );
}

#[test]
fn floats_keep_every_bit_and_infinities_but_nan_is_null() {
    let numbers = [5e-324, f64::MAX, -0.0, 57.54999999999999, f64::INFINITY, f64::NEG_INFINITY];
    let frame = Frame::new(vec![("x".into(), numbers.iter().chain(&[f64::NAN]).copied().collect::<Vec<_>>().into())]);
    let cells = through(&[frame.unwrap()]).remove(0);
    for (number, cell) in numbers.iter().zip(&cells) {
        assert!(matches!(cell, Cell::Float(read) if read.to_bits() == number.to_bits()), "{number} became {cell:?}");
    }
    assert_eq!(cells[numbers.len()..], [Cell::Null]);
}

#[test]
fn the_first_and_the_last_instant_are_not_missing() {
    let frame = Frame::new(vec![("at".into(), Column::Datetime(vec![i64::MIN + 1, i64::MAX, NAT].into()))]).unwrap();
    let [first, last] = [Timestamp::MIN, Timestamp::MAX].map(Cell::Datetime);
    assert_eq!(through(&[frame]), [[first, last, Cell::Null]]);
}

#[test]
fn frames_become_one_stream_of_a_batch_each() {
    let whole = every_type(100);
    let parts = [whole.slice(0..7), whole.slice(7..7), whole.slice(7..64), whole.slice(64..100)];
    let stream = pieces(&parts, &Clock::Utc);
    assert_eq!(read(&stream.concat()).1.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [7, 57, 36]);
    assert!(stream[2].is_empty(), "no rows, no message");
    assert!(stream.iter().all(|piece| piece.len() % 8 == 0), "a reader maps what follows without copying it");
    assert_eq!(through(&parts), of(&whole));
}

#[test]
fn no_rows_and_no_columns_are_streams_too() {
    let (fields, batches) = read(&pieces(&[every_type(0)], &Clock::Utc).concat());
    assert_eq!((fields.len(), batches.len()), (6, 0));
    let (fields, batches) = read(&pieces(&[Frame::default()], &Clock::Utc).concat());
    assert_eq!((fields.len(), batches.len()), (0, 0));
}

#[test]
fn mixed_cells_are_the_text_of_json_without_quotes() {
    let cells = vec![
        Cell::Datetime(Timestamp::from_nanos(1_500_000_000)),
        Cell::Float(57.54999999999999),
        Cell::Float(42.0),
        Cell::Float(f64::NAN),
        Cell::Float(f64::INFINITY),
        Cell::Int(-7),
        Cell::Bool(false),
        Cell::Str("a \"b\"".into()),
        Cell::Null,
    ];
    let frame = Frame::new(vec![("val".into(), Column::Mixed(cells.into()))]).unwrap();
    let [at, exact, whole] = ["1970-01-01T00:00:01.500000Z", "57.54999999999999", "42.0"].map(Some);
    let expected = [at, exact, whole, None, None, Some("-7"), Some("false"), Some("a \"b\""), None];
    assert_eq!(through(&[frame]), [texts(&expected)]);
}

#[test]
fn the_three_tables_of_a_batch_read_back() {
    let ids: Strings = IDS.map(Some).into_iter().collect();
    let rows = rows_frame(vec![0, 1_500_000_000], ids, &Measures::default(), vec![vec![1.5, 2.0]]).unwrap();
    let tables = tables(rows, vec![vec![1.5, 1.75]], &Settings::default()).unwrap();
    for frame in [&tables.latest, &tables.pivoted] {
        assert_eq!(through(std::slice::from_ref(frame)), of(frame));
    }
    let [first, second] = IDS.map(Some);
    let [instant, number] = ["timestamp", "value"].map(Some);
    let val = [Some("1970-01-01T00:00:00Z"), Some("1970-01-01T00:00:01.500000Z"), Some("1.5"), Some("2.0")];
    let expected =
        [[first, second, first, second], [instant, instant, number, number], val].map(|column| texts(&column));
    assert_eq!(through(std::slice::from_ref(&tables.melted)), expected);
    // As parts of a long answer, where a view was cut into columns of one type.
    let parts = [tables.melted.slice(0..1), tables.melted.slice(1..3), tables.melted.slice(3..4)];
    assert_eq!(through(&parts), expected);
}

#[test]
fn a_cell_of_another_type_than_promised_is_missing() {
    let promised = every_type(2).select(&["float", "int", "name"]).unwrap();
    let other = Frame::new(vec![
        ("float".into(), Column::Int(vec![3].into())),
        ("int".into(), Column::Float(vec![3.5].into())),
        ("name".into(), Column::Mixed(vec![Cell::Bool(true)].into())),
    ]);
    let through = through(&[promised, other.unwrap()]);
    assert_eq!(
        through.iter().map(|column| column[2].clone()).collect::<Vec<_>>(),
        [Cell::Float(3.0), Cell::Null, Cell::Null]
    );
}

#[test]
fn views_are_followed() {
    let column = Arc::new(every_type(3).column("name").unwrap().clone());
    let stacked = [every_type(2).column("float").unwrap().clone(), every_type(4).column("float").unwrap().clone()];
    let frame = Frame::new(vec![
        ("tiled".into(), Column::Tiled { column: Arc::clone(&column), times: 2 }),
        ("runs".into(), Column::Runs { column, run: 2 }),
        ("stacked".into(), Column::Stacked(Arc::new(stacked.to_vec()))),
    ])
    .unwrap();
    assert_eq!(frame.column("stacked").unwrap().dtype(), Dtype::Float);
    assert_eq!(through(std::slice::from_ref(&frame)), of(&frame));
}
