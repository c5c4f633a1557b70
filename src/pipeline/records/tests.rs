//! What people send, and what damage does to it.

use proptest::prelude::*;

use super::*;
use crate::pipeline::{Decimal, Header, Id, Settings};
use crate::time::{Clock, Timestamp, Zone};

const CSV: Format = Format::Csv(CsvOptions::FOUND);

/// The mapping of the default settings but for these.
fn mapping(changes: &[(&str, &str)]) -> Mapping {
    let changes = changes.iter().map(|(name, text)| (*name, Some(*text)));
    Mapping::of(&Settings::default().merged(changes).unwrap(), Clock::Utc)
}

/// Number of rows, ids and values of the accepted ones, and row, line and reason of the refused ones.
#[derive(Debug, PartialEq)]
struct Found {
    rows: usize,
    accepted: Vec<(String, f64)>,
    refused: Vec<(usize, usize, String)>,
}

fn id_text(draft: &Draft) -> String {
    draft.id.as_ref().map(|id: &Id| id.text().to_string()).unwrap_or_default()
}

fn found(text: impl AsRef<[u8]>, format: Format) -> Found {
    let rows = read(text.as_ref(), format, Encoding::Utf8, &mapping(&[])).unwrap();
    Found {
        rows: rows.count(),
        accepted: rows.drafts.iter().map(|(_, draft)| (id_text(draft), draft.values[0])).collect(),
        refused: rows.refusals.first().iter().map(|bad| (bad.place.row, bad.place.line, bad.reason.clone())).collect(),
    }
}

fn accepted(text: impl AsRef<[u8]>, format: Format) -> Vec<(String, f64)> {
    let Found { accepted, refused, .. } = found(text, format);
    assert_eq!(refused, []);
    accepted
}

/// The one reason why the one row of a text is refused.
fn reason(text: &str, format: Format) -> String {
    let found = found(text, format);
    assert_eq!((found.rows, found.accepted), (1, vec![]), "{text}");
    found.refused.into_iter().next().map(|(_, _, reason)| reason).unwrap()
}

fn error(text: &str, format: Format) -> String {
    read(text.as_bytes(), format, Encoding::Utf8, &mapping(&[])).expect_err(text).to_string()
}

fn rows(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
    pairs.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    let text = text.trim_start_matches('\u{feff}');
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

#[test]
fn an_open_quote_is_refused_by_its_row_and_line_and_the_rows_before_it_count() {
    let found = found("timestamp,value,id\n,1,a\n\n,2,\"b\n,3,c\n,4,d\n", CSV);
    assert_eq!((found.rows, found.accepted), (2, rows(&[("a", 1.0)])));
    let [(1, 4, reason)] = &found.refused[..] else { panic!("{:?}", found.refused) };
    assert!(reason.contains("quote that never ends"), "{reason}");
}

#[test]
fn a_quote_that_another_row_closes_is_refused_by_the_text_behind_it() {
    let found = found("value,id\n1,a\n2,\"b\n3,c\n4,\"d\"\n5,e\n", CSV);
    assert_eq!((found.rows, found.accepted), (3, rows(&[("a", 1.0), ("e", 5.0)])));
    let [(1, 3, reason)] = &found.refused[..] else { panic!("{:?}", found.refused) };
    assert!(reason.contains("behind a closing quote"), "{reason}");
}

#[test]
fn ids_are_kept_to_the_letter() {
    let ids = [" a ", "a", "3/4\" pipe", "\tä\u{a0}"];
    let csv = format!("id,value\n{}", ids.map(|id| format!("{id},1\n")).concat());
    let ndjson = ids.map(|id| format!("{{\"id\":{},\"value\":1}}\n", serde_json::to_string(id).unwrap())).concat();
    assert_eq!(accepted(csv, CSV), ids.map(|id| (id.to_owned(), 1.0)));
    assert_eq!(accepted(ndjson, Format::Ndjson), ids.map(|id| (id.to_owned(), 1.0)));
    assert_eq!(accepted("id,value\n\"a\r\n,\"\"b\"\"\", 1 \n", CSV), rows(&[("a\r\n,\"b\"", 1.0)]));
}

#[test]
fn csv_of_other_dialects_is_read() {
    let expected = rows(&[("a", 1.5), ("b", -2.0)]);
    for text in [
        "id;value\na;1,5\nb;-2\n",
        "id\tvalue\na\t1,5\nb\t-2\n",
        "id|value\r\na|1.5\r\nb|-2",
        "sep=;\nid;value\na;1,5\nb;-2\n",
        "SEP=^\r\nid^value\r\na^1,5\r\nb^-2\r\n",
        "Timestamp,ID,Value\n,a,1.5\n,b,-2\n",
        " id , VALUE \na,1.5\nb, -2 \n",
        "\u{feff}id,value\na,1.5\nb,-2\n",
        "ID,id,value\nx,a,1.5\nx,b,-2\n",
        "id,value\ra,1.5\rb,-2\r",
    ] {
        assert_eq!(accepted(text, CSV), expected, "{text:?}");
        assert_eq!(accepted(utf16(text), CSV), expected, "{text:?} in UTF-16");
    }
    let semicolons = Format::Csv(CsvOptions { delimiter: Some(b';'), ..CsvOptions::FOUND });
    assert_eq!(accepted("id,x;value\na;1,5\n", semicolons).len(), 1);
}

#[test]
fn a_column_that_occurs_twice_is_named() {
    for (text, name) in [
        ("timestamp,id,value,value\n,a,1,2\n", "\"value\" twice"),
        ("ID,Id,value\na,b,1\n", "\"id\" twice"),
        ("timestamp,timestamp,value\n,,1\n", "\"timestamp\" twice"),
    ] {
        assert!(error(text, CSV).contains(name), "{text}");
    }
    for (text, part) in [
        ("", "no header row"),
        ("timestamp,id\n,a\n", "no column \"value\""),
        ("\"value\n1\n", "never ends"),
        ("\"value\"x\n1\n", "behind a closing quote"),
    ] {
        assert!(error(text, CSV).contains(part), "{text}");
    }
}

#[test]
fn what_is_no_text_refuses_its_row_alone() {
    let latin = b"id,value\na,1\n\xe9,2\nc,3\n";
    let expected = |line| (2, vec![(1, line)]);
    for (text, format, line) in [
        (&latin[..], CSV, 3),
        (&b"{\"value\":1}\n{\"id\":\"\xe9\",\"value\":2}\r\n{\"value\":3}"[..], Format::Ndjson, 2),
        (&b"[{\"value\":1},\n{\"id\":\"\xe9\",\"value\":2},{\"value\":3}]"[..], Format::Json, 2),
    ] {
        let found = found(text, format);
        assert!(found.refused[0].2.contains("not UTF-8 text"), "{:?}", found.refused);
        let places = found.refused.iter().map(|(row, line, _)| (*row, *line)).collect::<Vec<_>>();
        assert_eq!((found.accepted.len(), places), expected(line));
    }
    let mut lone = utf16("id,value\na,1\nb,2\n");
    lone[2 + 2 * 9..][..2].copy_from_slice(&0xdc00_u16.to_le_bytes());
    let found = found(lone, CSV);
    assert_eq!((found.accepted, found.refused[0].1), (rows(&[("b", 2.0)]), 2));
    assert!(found.refused[0].2.contains("not UTF-16 text"), "{:?}", found.refused);
}

#[test]
fn a_form_that_is_refused_is_named_as_what_it_is() {
    for (fields, part) in [
        (r#""id":"\ud800","value":1"#, "id has a lone surrogate \\ud800, which is no character"),
        (r#""id":"a\\\uD83D\uDE00\udc00","value":1"#, "lone surrogate \\udc00"),
        (r#""timestamp":"\ud800\ud800","value":1"#, "timestamp has a lone surrogate \\ud800"),
        (r#""value":"\udfff""#, "value has a lone surrogate"),
        (r#""id":5,"value":1"#, "id 5 is not text but a number"),
        (r#""id":true,"value":1"#, "id true is not text but a boolean"),
        (r#""id":["a"],"value":1"#, "id [\"a\"] is not text but an array"),
        (r#""id":{},"value":1"#, "id {} is not text but an object"),
        (r#""id":"","value":1"#, "id is empty"),
        (r#""value":false"#, "value false is not a number but a boolean"),
        (r#""value":[1]"#, "value [1] is not a number but an array"),
        (r#""value":1e999"#, "value 1e999 is not finite"),
        (r#""value":"NaN""#, "value NaN is not finite"),
        (r#""value":"0x1F""#, "value 0x1F is not a number"),
        (r#""value":"""#, "value is empty"),
        (r#""value":null"#, "value is missing"),
        (r#""value":1,"value":2"#, "\"value\" occurs twice"),
        (r#""timestamp":true,"value":1"#, "timestamp true is a boolean"),
        (r#""timestamp":"soon","value":1"#, "\"soon\""),
        (r#""value":NaN"#, "not JSON"),
    ] {
        for format in [Format::Json, Format::Ndjson] {
            let text = format!("{{{fields}}}");
            if format == Format::Json && fields.ends_with("NaN") {
                assert!(error(&text, format).contains("not JSON"));
                continue;
            }
            let reason = reason(&text, format);
            assert!(reason.contains(part), "{text}: {reason}");
        }
    }
    assert!(reason("[1]", Format::Json).contains("1 is not an object"));
    assert!(reason("\"text\"", Format::Json).contains("\"text\" is not an object"));
}

#[test]
fn a_pair_of_surrogates_is_a_character() {
    assert_eq!(accepted(r#"{"id":"\ud83d\ude00\u00e9\n","value":1}"#, Format::Json), rows(&[("😀é\n", 1.0)]));
}

#[test]
fn a_number_of_json_is_an_instant_since_the_epoch() {
    let mapping = Mapping { clock: Clock::Local(Zone::UTC), ..mapping(&[]) };
    let rows = read(br#"[{"timestamp":1748779200,"value":1}]"#, Format::Json, Encoding::Utf8, &mapping).unwrap();
    assert_eq!(rows.drafts[0].1.timestamp, Some(Timestamp::from_nanos(1_748_779_200_000_000_000)));
}

#[test]
fn json_that_is_damaged_between_its_rows_is_refused_as_a_whole() {
    for text in
        ["", " ", "[", "[{\"value\":1}", "[{\"value\":1} {\"value\":2}]", "[1,]", "[,1]", "{\"value\":1} x", "[] []"]
    {
        assert!(error(text, Format::Json).contains("not JSON"), "{text}");
    }
    assert_eq!(found(" [ ] ", Format::Json).rows, 0);
}

#[test]
fn each_row_has_the_line_that_an_editor_shows() {
    let lines = |text: &str, format| found(text, format).refused.iter().map(|(_, line, _)| *line).collect::<Vec<_>>();
    assert_eq!(lines("[\r\n\r\n1,\r\n {},\n\n[],\r{}]", Format::Json), [3, 4, 6, 7]);
    assert_eq!(lines("1\n\n \r\n{}\r\n[]", Format::Ndjson), [1, 4, 5]);
    assert_eq!(lines("id,value\r\n\"a\r\nb\",x\r\n\r\nc,y\n", CSV), [2, 5]);
}

/// Time, id and values of the accepted rows, a missing value as -1, and the refused ones' lines and reasons.
type Read = (Vec<(Option<i64>, String, Vec<f64>)>, Vec<(usize, String)>);

fn read_by(text: &str, format: Format, mapping: &Mapping) -> Read {
    let rows = read(text.as_bytes(), format, Encoding::Utf8, mapping).unwrap();
    let accepted = rows.drafts.iter().map(|(_, draft)| {
        let values = draft.values.iter().map(|value| if value.is_nan() { -1.0 } else { *value }).collect();
        (draft.timestamp.map(Timestamp::as_nanos), id_text(draft), values)
    });
    let refused = rows.refusals.first().iter().map(|bad| (bad.place.line, bad.reason.clone()));
    (accepted.collect(), refused.collect())
}

#[test]
fn fields_are_found_by_the_names_that_the_sender_uses() {
    let mapping = mapping(&[("measures", "temp,rpm"), ("timestamp_field", "Zeit"), ("id_field", "device")]);
    let rows = (vec![(Some(1_000_000_000), "a".to_owned(), vec![1.5, 2.0])], vec![]);
    for (text, format) in [
        ("rpm,Zeit,timestamp,device,temp,id\n2,1,x,a,1.5,y\n", CSV),
        ("ZEIT;Device;TEMP;RPM\n1;a;1,5;2\n", CSV),
        (r#"{"device":"a","id":"y","temp":1.5,"Zeit":1,"timestamp":true,"rpm":"2"}"#, Format::Json),
        (r#"{"rpm":2,"temp":"1.5","device":"a","Zeit":"1"}"#, Format::Ndjson),
    ] {
        assert_eq!(read_by(text, format, &mapping), rows, "{text}");
    }
    // JSON names its fields exactly.
    let (_, refused) = read_by(r#"{"Temp":1,"rpm":2}"#, Format::Json, &mapping);
    assert!(refused[0].1.starts_with("temp is missing; send a finite number"), "{refused:?}");
    let (_, refused) = read_by(r#"{"Zeit":"soon","temp":1,"rpm":2}"#, Format::Json, &mapping);
    assert!(refused[0].1.starts_with("Zeit \"soon\""), "{refused:?}");
    let (_, refused) = read_by("1\n{\"temp\":1,\"temp\":2,\"rpm\":1}", Format::Ndjson, &mapping);
    assert!(refused[0].1.contains("1 is not an object with the measures"), "{refused:?}");
    assert!(refused[1].1.contains("\"temp\" occurs twice"), "{refused:?}");
}

#[test]
fn the_fields_that_are_ignored_are_named_once() {
    let mapping = mapping(&[]);
    let names =
        |text: &str, format| read(text.as_bytes(), format, Encoding::Utf8, &mapping).unwrap().ignored.names().join("|");
    assert_eq!(names("x,id,value,,\"a\"\"b\",x\n1,2,3,4,5,6\n", CSV), "x|a\"b");
    let rows = r#"{"b":1,"value":1,"a":2}"#.to_owned() + "\n" + r#"{"a":1,"c":{"d":1},"value":x,"b":1}"#;
    assert_eq!(names(&rows, Format::Ndjson), "b|a|c");
    assert_eq!(names(r#"[{"value":1},{"v\u00e4lue":1}]"#, Format::Json), "välue");
    let many: String = (0..150).map(|number| format!("{{\"f{number}\":0}}\n")).collect();
    assert_eq!(names(&many, Format::Ndjson).split('|').count(), MAX_IGNORED);
}

#[test]
fn measures_may_be_missing_where_the_setting_allows_it() {
    let allow = mapping(&[("measures", "a,b"), ("missing", "allow")]);
    let values = |text: &str, format| {
        let (accepted, refused) = read_by(text, format, &allow);
        (accepted.into_iter().map(|(_, _, values)| values).collect::<Vec<_>>(), refused.len())
    };
    let expected = (vec![vec![1.0, -1.0], vec![-1.0, 2.0]], 1);
    assert_eq!(values("a,b\n1,\nNA,2\n ,null\n", CSV), expected);
    assert_eq!(values("{\"a\":1}\n{\"a\":null,\"b\":2}\n{\"c\":1}", Format::Ndjson), expected);
    assert_eq!(values("b\n2\n", CSV), (vec![vec![-1.0, 2.0]], 0));
    let reject = mapping(&[("measures", "a,b")]);
    let error = read(b"b\n2\n", CSV, Encoding::Utf8, &reject).unwrap_err().to_string();
    assert_eq!(error, "the header row has no column \"a\"; it has \"b\"");
}

#[test]
fn a_table_without_a_header_has_numbered_columns() {
    let plain = mapping(&[("measures", "column2"), ("timestamp_field", "column0"), ("id_field", "column1")]);
    let rows = (vec![(Some(1_000_000_000), "a".to_owned(), vec![1.5]), (None, "b".to_owned(), vec![2.5])], vec![]);
    let absent = Format::Csv(CsvOptions { header: Header::Absent, ..CsvOptions::FOUND });
    for format in [CSV, absent] {
        for text in ["1,a,1.5\n,b,2.5\n", "1;a;1,5\n;b;2,5", "sep=|\r\n1|a|1.5\r\n|b|2.5\r\n"] {
            assert_eq!(read_by(text, format, &plain), rows, "{text}");
        }
        let (accepted, refused) = read_by("1,a,1\n1,2\n", format, &plain);
        assert_eq!(
            (accepted.len(), refused),
            (1, vec![(2, "the row has 2 fields where the first row has 3".to_owned())])
        );
    }
    // A header that says so is one.
    assert_eq!(read_by("column1,column2,column0\na,1.5,1\nb,2.5,\n", CSV, &plain), rows);
    let error = read(b"1,2\n", absent, Encoding::Utf8, &mapping(&[])).unwrap_err().to_string();
    assert_eq!(error, "the first row has no column \"value\"; it has \"column0\", \"column1\"");
    assert_eq!(read(b"", absent, Encoding::Utf8, &plain).map(|rows| rows.count()), Ok(0));
}

#[test]
fn a_decimal_mark_that_is_said_is_read_whatever_the_delimiter() {
    let csv = |decimal| Format::Csv(CsvOptions { decimal, ..CsvOptions::FOUND });
    assert_eq!(accepted("id,value\na,\"1,5\"\n", csv(Decimal::Comma)), rows(&[("a", 1.5)]));
    assert_eq!(accepted("id;value\na;1.5\n", csv(Decimal::Point)), rows(&[("a", 1.5)]));
    assert!(reason("id;value\na;1,5\n", csv(Decimal::Point)).contains("1,5 is not a number"));
    assert!(reason("id;value\na;1.234\n", csv(Decimal::Comma)).contains("1.234 is not a number"));
}

#[test]
fn times_are_read_by_their_format() {
    let german = mapping(&[("timestamp_format", "%d.%m.%Y %H:%M")]);
    let noon = Some(1_748_779_200_000_000_000);
    for (text, format) in [
        ("timestamp;value\n01.06.2025 12:00;1\n", CSV),
        (r#"{"timestamp":" 01.06.2025 12:00","value":1}"#, Format::Json),
    ] {
        assert_eq!(read_by(text, format, &german).0, [(noon, String::new(), vec![1.0])], "{text}");
    }
    let (_, refused) = read_by("timestamp;value\n2025-06-01;1\n", CSV, &german);
    assert!(refused[0].1.starts_with("timestamp \"2025-06-01\""), "{refused:?}");
    let day = mapping(&[("timestamp_format", "%Y%m%d")]);
    let midnight = Some(1_748_736_000_000_000_000);
    assert_eq!(read_by(r#"{"timestamp":20250601,"value":1}"#, Format::Json, &day).0[0].0, midnight);
}

/// The rows of a text from a checkpoint on, by a reader that has seen the header.
fn read_from(text: &[u8], format: Format, head_bytes: usize, to: Checkpoint) -> Rows {
    let mut reader = Reader::new(format, Encoding::Utf8, mapping(&[]));
    reader.push(&text[..head_bytes], false, &mut Rows::default()).unwrap();
    assert!(reader.checkpoint().is_some());
    reader.jump(to);
    let mut rows = Rows::from_row(to.rows);
    reader.push(&text[to.bytes as usize..], true, &mut rows).unwrap();
    rows
}

/// A row of CSV, sound or damaged, without line ends; whether it is a row at all.
fn csv_row() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c ]{0,3},[0-9]{1,3}",
        1 => "\"[a-c,\"\n]{0,4}\",[0-9]",
        1 => "[a-c\"é]{0,4},(nan|1e999|x| 7 |)",
        1 => "[a,\";\r\u{0}é]{0,6}",
    ]
}

fn json_row() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => r#"\{"id":"[a-c ]{1,3}","value":[0-9]{1,3}\}"#,
        1 => r#"\{"id":("\\ud800"|5|null|"é"|\[\]|""),"value":("1"|true|1e999|-)\}"#,
        1 => r#"(\{\}|null|\[\[\]\]|"x"|\{"value":1,"value":1\})"#,
    ]
}

/// Bytes that stand for others, and the end of the text.
fn damage() -> impl Strategy<Value = (Vec<(usize, u8)>, usize)> {
    (prop::collection::vec((0..200_usize, any::<u8>()), 0..4), 0..400_usize)
}

fn damaged(text: &str, damage: &(Vec<(usize, u8)>, usize)) -> Vec<u8> {
    damaged_bytes(text.as_bytes().to_vec(), damage)
}

fn damaged_bytes(mut bytes: Vec<u8>, (changes, end): &(Vec<(usize, u8)>, usize)) -> Vec<u8> {
    for (at, byte) in changes {
        if let Some(place) = bytes.get_mut(*at) {
            *place = *byte;
        }
    }
    bytes.truncate(*end);
    bytes
}

/// The numbers of all rows, accepted and refused: each row is one of them, once.
fn numbers(rows: &Rows) -> Vec<usize> {
    let refused = rows.refusals.first().iter().map(|bad| bad.place.row);
    let mut numbers: Vec<usize> = rows.drafts.iter().map(|(place, _)| place.row).chain(refused).collect();
    numbers.sort_unstable();
    numbers
}

/// The rows of a text that comes `step` bytes at a time.
fn read_in_pieces(text: &[u8], format: Format, step: usize) -> Result<Rows, BodyError> {
    let (mut reader, mut rows) = (Reader::new(format, Encoding::Utf8, mapping(&[])), Rows::default());
    for piece in text.chunks(step) {
        reader.push(piece, false, &mut rows)?;
    }
    reader.push(&[], true, &mut rows)?;
    Ok(rows)
}

#[test]
fn a_row_that_is_too_long_is_refused_alone_and_its_start_is_kept() {
    let long = "x".repeat(MAX_ROW_BYTES);
    let blanks = " ".repeat(2 * MAX_ROW_BYTES);
    for (format, text, line) in [
        (CSV, format!("id,value\na,1\n{long},2\nb,3\n"), 3),
        (CSV, format!("id,value\na,1\n\"{long}\n\",2\nb,3\n"), 3),
        (Format::Ndjson, format!("{{\"value\":1}}\n{{\"id\":\"{long}\",\"value\":2}}\n{{\"value\":3}}"), 2),
        (Format::Ndjson, format!("{{\"value\":1}}\n{long}\n{blanks}{{\"value\":3}}\n"), 2),
        (Format::Json, format!("[{{\"value\":1}},\n{{\"id\":\"\\\"{long}\",\"value\":2}},{blanks}{{\"value\":3}}]"), 2),
        (Format::Json, format!("[{{\"value\":1}},\n{},{{\"value\":3}}]", "9".repeat(MAX_ROW_BYTES + 1)), 2),
    ] {
        for step in [1 << 10, 100_000, 16 << 20] {
            let rows = read_in_pieces(text.as_bytes(), format, step).unwrap();
            let values: Vec<f64> = rows.drafts.iter().map(|(_, draft)| draft.values[0]).collect();
            assert_eq!((rows.count(), values), (3, vec![1.0, 3.0]), "{format:?}");
            let [bad] = rows.refusals.first() else { panic!("{:?}", rows.refusals.count()) };
            assert!(bad.reason.contains("more than 1048576 bytes"), "{}", bad.reason);
            assert_eq!((bad.place.row, bad.place.line, bad.input.len() < 1000), (1, line, true), "{format:?}");
        }
    }
}

#[test]
fn what_never_ends_is_refused_as_soon_as_it_is_too_long() {
    let header = vec![b','; 3 * MAX_ROW_BYTES];
    for step in [1 << 12, 16 << 20] {
        let error = read_in_pieces(&header, CSV, step).unwrap_err().to_string();
        assert!(error.contains("no header row ends within the first 1048576 bytes") && error.len() < 200, "{error}");
        let text = format!("id,value\na,1\n\"{}", "x,\n".repeat(MAX_ROW_BYTES));
        let rows = read_in_pieces(text.as_bytes(), CSV, step).unwrap();
        assert_eq!((rows.count(), rows.drafts.len(), rows.refusals.first()[0].place.line), (2, 1, 3));
        assert!(rows.refusals.first()[0].reason.contains("never ends"), "{:?}", rows.refusals.first()[0].reason);
        let open = [b"[{\"value\":1},\"".as_slice(), &header].concat();
        let error = read_in_pieces(&open, Format::Json, step).unwrap_err().to_string();
        assert!(error.contains("EOF"), "{error}");
    }
}

#[test]
fn the_place_of_a_fault_of_json_is_its_place_in_the_body() {
    for (text, place) in [
        ("[{\"value\":1},\n {\"value\":tru}]", "line 2 column 14"),
        ("[1,\n2,\n  {\"a\":\n\"b\" \"c\"}]", "line 4 column 5"),
        ("[1 2]", "expected `,` or `]` at line 1 column 4"),
        ("[1,\r\n]", "expected value at line 2 column 1"),
        ("{} x", "trailing characters at line 1 column 4"),
    ] {
        for step in [1, 100] {
            let error = read_in_pieces(text.as_bytes(), Format::Json, step).unwrap_err().to_string();
            assert!(error.contains("not JSON") && error.ends_with(place), "{text}: {error}");
        }
    }
}

proptest! {
    #![proptest_config(crate::tests::form::cases(512))]

    #[test]
    fn each_row_of_csv_is_accepted_or_refused(
        texts in prop::collection::vec(csv_row(), 0..9),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        damage in damage(),
    ) {
        let text = damaged(&[&["id,value".to_owned()], &texts[..]].concat().join(end), &damage);
        let Ok(rows) = read(&text, CSV, Encoding::Utf8, &mapping(&[])) else { return Ok(()) };
        prop_assert_eq!(numbers(&rows), (0..rows.count()).collect::<Vec<_>>());
        // What the framing finds behind the header are the rows.
        let (utf8, _) = to_utf8(&text, Encoding::Utf8);
        let dialect = Dialect::detect(&utf8, None, &["timestamp", "id", "value"], true).unwrap();
        let (mut framer, mut at, mut records) = (Framer::new(dialect.delimiter), dialect.header_start, 0);
        while let Some(frame) = framer.next(&utf8[at..], true) {
            at += frame.end;
            records += 1;
        }
        prop_assert_eq!(rows.count() + 1, records);
    }

    #[test]
    fn each_line_of_ndjson_is_accepted_or_refused(texts in prop::collection::vec(json_row(), 0..9), damage in damage()) {
        let text = damaged(&texts.join("\n"), &damage);
        let rows = read(&text, Format::Ndjson, Encoding::Utf8, &mapping(&[])).unwrap();
        prop_assert_eq!(numbers(&rows), (0..rows.count()).collect::<Vec<_>>());
        let (utf8, _) = to_utf8(&text, Encoding::Utf8);
        let lines = utf8.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        prop_assert_eq!(rows.count(), lines);
    }

    #[test]
    fn each_element_of_json_is_accepted_or_refused(texts in prop::collection::vec(json_row(), 0..9), damage in damage()) {
        let text = damaged(&format!("[{}]", texts.join(",\n")), &damage);
        let Ok(rows) = read(&text, Format::Json, Encoding::Utf8, &mapping(&[])) else { return Ok(()) };
        prop_assert_eq!(numbers(&rows), (0..rows.count()).collect::<Vec<_>>());
        if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&text) {
            prop_assert_eq!(rows.count(), value.as_array().map_or(1, Vec::len));
        }
    }

    #[test]
    fn measures_read_back_whatever_the_order_the_delimiter_and_the_decimal_mark(
        table in prop::collection::vec((prop::option::of(-1e6..1e6), prop::option::of(-1e6..1e6), "[a-c,;\"|\t\n]{1,4}"), 0..12),
        order in Just(vec!["id", "a", "b", "note"]).prop_shuffle(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        is_comma in any::<bool>(),
    ) {
        let mapping = mapping(&[("measures", "a,b"), ("missing", "allow")]);
        let table: Vec<(Option<f64>, Option<f64>, String)> = table;
        let number = |number: Option<f64>| {
            let text = number.map(|number| number.to_string()).unwrap_or_default();
            if is_comma && delimiter != b',' { text.replace('.', ",") } else { text }
        };
        let mut writer = ::csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(&order).unwrap();
        let mut lines = String::new();
        for (a, b, id) in &table {
            writer.write_record(order.iter().map(|name| match *name {
                "id" => id.clone(),
                "a" => number(*a),
                "b" => number(*b),
                _ => "ignored".to_owned(),
            })).unwrap();
            lines += &serde_json::json!({"id": id, "a": a, "note": null, "b": b}).to_string();
            lines.push('\n');
        }
        let expected: Vec<_> = table
            .iter()
            .filter(|(a, b, _)| a.is_some() || b.is_some())
            .map(|(a, b, id)| (None::<i64>, id.clone(), vec![a.unwrap_or(-1.0), b.unwrap_or(-1.0)]))
            .collect();
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        for (text, format) in [(text, CSV), (lines, Format::Ndjson)] {
            let (accepted, refused) = read_by(&text, format, &mapping);
            prop_assert_eq!(&accepted, &expected, "{}", text);
            prop_assert_eq!(refused.len(), table.len() - expected.len());
        }
    }

    #[test]
    fn a_text_is_read_on_at_any_checkpoint(
        csv in prop::collection::vec(csv_row(), 0..9),
        json in prop::collection::vec(json_row(), 0..9),
        end in prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]),
        mark in prop::sample::select(vec!["", "\u{feff}"]),
        step in 1_usize..30,
    ) {
        let head = format!("{mark}id,value{end}");
        for (format, text, head_bytes) in [
            (CSV, format!("{head}{}", csv.join(end)), head.len() + 1),
            (Format::Ndjson, format!("{mark}{}", json.join(end)), 3),
        ] {
            let text = text.into_bytes();
            let head_bytes = head_bytes.min(text.len());
            let (mut reader, mut rows) = (Reader::new(format, Encoding::Utf8, mapping(&[])), Rows::default());
            let whole = read(&text, format, Encoding::Utf8, &mapping(&[])).unwrap();
            for piece in text.chunks(step) {
                reader.push(piece, false, &mut rows).unwrap();
                let Some(to) = reader.checkpoint() else { continue };
                prop_assert_eq!(to.rows, rows.count() as u64);
                let rest = read_from(&text, format, head_bytes, to);
                let places = |rows: &Rows| rows.drafts.iter().map(|(place, _)| *place).collect::<Vec<_>>();
                prop_assert_eq!([places(&rows), places(&rest)].concat(), places(&whole));
                prop_assert_eq!(rows.refusals.count() + rest.refusals.count(), whole.refusals.count());
                let last = |rows: &Rows| rows.refusals.first().last().cloned();
                prop_assert!(rest.refusals.count() == 0 || last(&rest) == last(&whole));
            }
        }
    }

    #[test]
    fn pieces_of_any_size_give_the_same_rows(
        csv in prop::collection::vec(csv_row(), 0..9),
        json in prop::collection::vec(json_row(), 0..9),
        end in prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]),
        damage in damage(),
        is_wide in any::<bool>(),
        step in 1_usize..30,
    ) {
        let texts = [
            (CSV, [&["id,value".to_owned()], &csv[..]].concat().join(end)),
            (Format::Ndjson, json.join(end)),
            (Format::Json, format!("{end}[{}]", json.join(&format!(",{end}")))),
            (Format::Json, json.concat()),
        ];
        for (format, text) in texts {
            let text = if is_wide { utf16(&text) } else { text.into_bytes() };
            let text = damaged_bytes(text, &damage);
            let (found, expected) = (read_in_pieces(&text, format, step), read_in_pieces(&text, format, 1000));
            prop_assert_eq!(&found, &expected, "{:?} in pieces of {}", format, step);
            prop_assert_eq!(found, read(&text, format, Encoding::Utf8, &mapping(&[])));
        }
    }

    /// What a reader that makes no more rows finds, from whichever piece on, is what refuses the text.
    #[test]
    fn a_text_that_is_checked_fails_as_one_that_is_read(
        csv in prop::collection::vec(csv_row(), 0..9),
        json in prop::collection::vec(json_row(), 0..9),
        damage in damage(),
        step in 1_usize..30,
        read_pieces in 0_usize..9,
    ) {
        let texts = [
            (CSV, [&["id,value".to_owned()], &csv[..]].concat().join("\n")),
            (Format::Ndjson, json.join("\n")),
            (Format::Json, format!("[{}]", json.join(","))),
            (Format::Json, json.concat()),
        ];
        for (format, text) in texts {
            let text = damaged_bytes(text.into_bytes(), &damage);
            let (mut reader, mut rows) = (Reader::new(format, Encoding::Utf8, mapping(&[])), Rows::default());
            let checked = text.chunks(step).enumerate().try_for_each(|(number, piece)| {
                if number == read_pieces {
                    reader.check_rest();
                }
                reader.push(piece, false, &mut rows)
            });
            let checked = checked.and_then(|()| reader.push(&[], true, &mut rows));
            let whole = read_in_pieces(&text, format, step);
            prop_assert_eq!(checked, whole.map(|_| ()), "{:?}", format);
        }
    }
}
