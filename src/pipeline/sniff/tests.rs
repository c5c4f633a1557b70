//! Files of people, and what their previews show.

use proptest::prelude::*;

use super::*;
use crate::pipeline::Settings;
use crate::pipeline::records::{Encoding, read};
use crate::time::{Clock, Zone};

fn sniff(name: &str, bytes: &[u8], is_whole: bool, choices: &Choices) -> Result<Preview, SniffError> {
    let find = |name: &str| (name == "Europe/Berlin").then(|| Zone::new(7200, Vec::new()));
    let zones = Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &find };
    preview(Sample { name, bytes, is_whole, columns_of: None }, choices, &Settings::default(), zones)
}

fn of(text: &str) -> Preview {
    sniff("data.csv", text.as_bytes(), true, &Choices::default()).unwrap()
}

/// Time, form of the times, id and measures.
fn roles(preview: &Preview) -> (&str, &str, &str, Vec<&str>) {
    let Reading { timestamp_field, timestamp_format, id_field, measures, .. } = &preview.reading;
    let measures = measures.iter().map(String::as_str).collect();
    (timestamp_field.as_deref().unwrap_or("-"), timestamp_format, id_field.as_deref().unwrap_or("-"), measures)
}

/// The events of the first rows, as texts: `2026-06-05T00:00:00Z a 1 -`, or the reason of a refusal.
fn events(preview: &Preview) -> Vec<String> {
    let number = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
    let event = |row: &PreviewRow| match &row.parsed {
        Ok(ParsedRow { timestamp, id, values }) => {
            let head = [timestamp, id].map(|text| text.clone().unwrap_or_else(|| "-".to_owned()));
            head.into_iter().chain(values.iter().map(number)).collect::<Vec<_>>().join(" ")
        }
        Err(reason) => reason.clone(),
    };
    preview.rows.iter().map(event).collect()
}

#[test]
fn a_sensor_export_with_decimal_commas_and_gaps() {
    let preview = of("Zeit;Sensor;Temperatur [°C];Feuchte;Status\n\
        13.06.2026 00:00:00;keller;1,5;40;ok\n\
        13.06.2026 00:01:00;keller;;41;ok\n\
        13.06.2026 00:02:00;dach;-2,25;n/a;ok\n\
        13.06.2026 00:03:00;dach;;;ok\n\
        gestern;dach;1;1;ok\n\
        13.06.2026 00:05:00;dach;1,0;40;ok\n\
        13.06.2026 00:06:00;dach;1,0;40;ok\n\
        13.06.2026 00:07:00;dach;1,0;40;ok\n\
        13.06.2026 00:08:00;dach;1,0;40;ok\n\
        13.06.2026 00:09:00;dach;1,0;40;ok\n");
    assert_eq!(roles(&preview), ("Zeit", "%d.%m.%Y %H:%M:%S", "Sensor", vec!["Temperatur [°C]", "Feuchte"]));
    let Reading { delimiter, decimal, header, missing, timestamp_zone, .. } = &preview.reading;
    assert_eq!((delimiter.as_deref(), decimal.as_deref(), *header), (Some(";"), Some(","), Some(true)));
    assert_eq!((&**missing, &**timestamp_zone), ("allow", "clock"));
    assert_eq!(
        events(&preview)[..3],
        ["2026-06-13T00:00:00Z keller 1.5 40", "2026-06-13T00:01:00Z keller - 41", "2026-06-13T00:02:00Z dach -2.25 -"]
    );
    assert_eq!((preview.sample_rows, preview.refused_rows), (10, 2));
    assert_eq!(preview.rows[4].raw[0].as_deref(), Some("gestern"));
    assert!(events(&preview)[4].contains("\"gestern\" does not match the pattern"), "{:?}", events(&preview));
    assert_eq!(preview.refusals.iter().map(|reason| (reason.line, reason.rows)).collect::<Vec<_>>(), [(5, 1), (6, 1)]);
    let kinds: Vec<_> = preview.columns.iter().map(|column| (column.role, column.kind, column.missing)).collect();
    assert_eq!(
        kinds,
        [
            (Role::Timestamp, ColumnKind::Time, 0),
            (Role::Id, ColumnKind::Text, 0),
            (Role::Measure, ColumnKind::Number, 2),
            (Role::Measure, ColumnKind::Integer, 2),
            (Role::Ignored, ColumnKind::Text, 0),
        ]
    );
    assert!(preview.questions.is_empty() && preview.problems.is_empty(), "{preview:?}");
}

#[test]
fn a_trade_tape_with_microseconds() {
    let preview = of("trade_id,symbol,time,price,size\n\
        1,ABC,2026-06-05T14:30:15.000001Z,12.5,100\n\
        2,ABC,2026-06-05T14:30:15.000001Z,12.5,50\n");
    assert_eq!(roles(&preview), ("time", "iso", "symbol", vec!["price", "size"]));
    assert_eq!(events(&preview)[0], "2026-06-05T14:30:15.000001Z ABC 12.5 100");
    assert_eq!(preview.columns[2].time.as_ref().map(|time| time.has_offset), Some(true));
    assert_eq!(preview.reading.missing, "reject");
}

#[test]
fn a_log_of_objects_with_fields_that_are_missing() {
    let text = "{\"ts\":\"2026-10-25 02:30:00\",\"host\":\"a\",\"cpu\":0.5,\"req\":{\"path\":\"/\"}}\n\
        {\"ts\":\"2026-10-25 02:30:01\",\"host\":\"b\",\"mem\":7}\n[]\n";
    let preview = sniff("x.log", text.as_bytes(), true, &Choices::default()).unwrap();
    assert_eq!(roles(&preview), ("ts", "iso", "host", vec!["cpu", "mem"]));
    assert_eq!((&*preview.reading.source_format, &*preview.reading.missing), ("ndjson", "allow"));
    assert_eq!(events(&preview)[1], "2026-10-25T02:30:01Z b - 7");
    assert_eq!((preview.sample_rows, preview.refused_rows, preview.rows[2].line), (3, 1, 3));
    assert_eq!(preview.rows[0].raw[3].as_deref(), Some("{\"path\":\"/\"}"));
    assert!(preview.notes.iter().any(|note| note.contains("\"req\" holds")), "{:?}", preview.notes);
    let choices = Choices { timestamp_zone: Some("Europe/Berlin".to_owned()), ..Choices::default() };
    let preview = sniff("x.log", text.as_bytes(), true, &choices).unwrap();
    assert_eq!(events(&preview)[0], "2026-10-25T00:30:00Z a 0.5 -");
}

#[test]
fn an_ambiguous_day_is_asked_and_the_answer_is_taken() {
    let text = "date,x\n05/06/2026,1\n06/06/2026,2\n";
    let preview = of(text);
    let [question] = &preview.questions[..] else { panic!("{:?}", preview.questions) };
    let answers: Vec<_> = question.answers.iter().map(|answer| (&*answer.value, &*answer.meaning)).collect();
    assert_eq!((&*question.column, &*question.example), ("date", "05/06/2026"));
    assert_eq!(answers, [("%d/%m/%Y", "2026-06-05"), ("%m/%d/%Y", "2026-05-06")]);
    let choices = Choices { timestamp_format: Some("%m/%d/%Y".to_owned()), ..Choices::default() };
    let preview = sniff("x.csv", text.as_bytes(), true, &choices).unwrap();
    assert!(preview.questions.is_empty());
    assert_eq!(events(&preview)[0], "2026-05-06T00:00:00Z - 1");
    assert!(of("date,x\n05/06/2026,1\n13/06/2026,2\n").questions.is_empty(), "another row tells");
}

#[test]
fn each_guess_can_be_corrected() {
    let text = "a;b;c\n1;2;x\n3;4;y\n";
    let choices = |change: fn(&mut Choices)| {
        let mut choices = Choices::default();
        change(&mut choices);
        sniff("x.csv", text.as_bytes(), true, &choices).unwrap()
    };
    assert_eq!(roles(&choices(|_| {})), ("-", "auto", "c", vec!["a", "b"]));
    assert_eq!(roles(&choices(|it| it.measures = Some(vec!["b".to_owned()]))), ("-", "auto", "c", vec!["b"]));
    assert_eq!(roles(&choices(|it| it.id_field = Some(None))), ("-", "auto", "-", vec!["a", "b"]));
    assert_eq!(roles(&choices(|it| it.id_field = Some(Some("a".to_owned())))), ("-", "auto", "a", vec!["b"]));
    let time = choices(|it| it.timestamp_field = Some(Some("a".to_owned())));
    assert_eq!(roles(&time), ("a", "epoch", "c", vec!["b"]));
    assert_eq!(events(&time)[0], "1970-01-01T00:00:01Z x 2");
    let headless = choices(|it| it.header = Some(false));
    assert_eq!((headless.column_count, headless.rows.len()), (3, 3));
    assert_eq!(headless.columns[2].name, "column2");
    let comma = choices(|it| it.delimiter = Some(",".to_owned()));
    assert_eq!((comma.column_count, comma.problems.len()), (1, 1), "one column of texts has no measure");
    let ndjson = choices(|it| it.source_format = Some("ndjson".to_owned()));
    assert_eq!((ndjson.column_count, ndjson.problems.len()), (0, 1));
    let wrong = choices(|it| it.timestamp_format = Some("%Q".to_owned()));
    assert!(wrong.problems[0].contains("has the directive %Q"), "{:?}", wrong.problems);
    assert!(wrong.rows[0].parsed.as_ref().unwrap_err().contains("%Q"));
}

#[test]
fn files_of_the_same_header_have_the_same_key() {
    let key = |text: &str| of(text).header_key;
    assert_eq!(key("a;b\n1;2\n"), key("\u{feff}\r\na;b\r\n3;4\r\n"));
    assert_eq!(key("a;b\n1;2\n"), key("sep=;\na;b\n1;2\n"));
    assert_ne!(key("a;b\n1;2\n"), key("a;c\n1;2\n"));
    let json = |text: &str| sniff("x", text.as_bytes(), true, &Choices::default()).unwrap().header_key;
    assert_eq!(json("{\"a\":1}\n{\"a\":2}\n"), json("[{\"a\":3}]"));
    let wide = format!("{}x\n1\n", "é,".repeat(1000));
    assert!(key(&wide).is_some_and(|key| key.len() < 1100));
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_mend() {
    let fault = |bytes: &[u8]| match sniff("x.csv", bytes, true, &Choices::default()) {
        Ok(preview) => [preview.problems, preview.notes].concat().join("; "),
        Err(error) => error.to_string(),
    };
    let many = (0..10_000).map(|number| format!("c{number}")).collect::<Vec<_>>().join(",");
    let numbers = ["1,"; 9_999].concat() + "1";
    for (bytes, reason) in [
        (&b""[..], "it is empty"),
        (b"timestamp,id,value\n", "no rows behind its header"),
        (b"PK\x03\x04", "save the sheet as CSV"),
        (b"a,b\nx,y\n", "no column is a measure; choose at least one column of numbers"),
        (b"x,x\n1,2\n", "\"x\" occurs more than once in the header"),
        (b"id,moving_avg\na,1\n", "cannot be a measure: \"moving_avg\""),
        (b"id,x\na,\"1,234\"\n", "has commas between its digits, as in 1,234"),
        (b"[{\"value\":1},{]", "not JSON"),
        ([&*many, "\n", &numbers, "\n"].concat().as_bytes(), "the first 200 of 10000 columns are shown"),
        (b"Report\n\ntime;x;y;z\n1780669815;1;2;3\n1780669816;1;2;3\n", "remove the lines above the header"),
    ] {
        let found = fault(bytes);
        assert!(found.contains(reason), "{found}");
    }
    let cut = sniff("x.csv", &vec![b'a'; 4 << 20], false, &Choices::default());
    assert!(cut.unwrap_err().to_string().contains("no row ends"), "a line of many bytes");
    let empty = sniff("x.csv", b"a\xff\n1\n2\n", true, &Choices::default()).unwrap();
    assert_eq!(empty.rows.len(), 2);
}

#[test]
fn a_column_without_a_name_is_read_as_pandas_writes_an_index() {
    let preview = of(",x\n2026-06-05 00:00:00,1.5\n2026-06-06 00:00:00,2.5\n");
    assert_eq!(roles(&preview), ("", "iso", "-", vec!["x"]));
    assert_eq!(events(&preview)[1], "2026-06-06T00:00:00Z - 2.5");
}

#[test]
fn text_in_utf16_is_read_with_its_mark() {
    let text: Vec<u8> = "\u{feff}time;x\n2026-06-05;1,5\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let preview = sniff("x.csv", &text, true, &Choices::default()).unwrap();
    assert_eq!((&*preview.encoding, events(&preview)), ("UTF-16", vec!["2026-06-05T00:00:00Z - 1.5".to_owned()]));
    let text: Vec<u8> = "\u{feff}[{\"x\":1}]".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(sniff("x", &text, true, &Choices::default()).unwrap().reading.source_format, "json");
}

#[test]
fn a_header_alone_is_read_by_its_names() {
    let preview = of("time;Sensor;note_id;flow;level\n");
    assert_eq!(roles(&preview), ("time", "auto", "Sensor", vec!["flow", "level"]));
    assert_eq!((preview.rows.len(), preview.problems.len()), (0, 0));
    // A file that begins with a row of many megabytes.
    let long = [b"timestamp,id,value\n".to_vec(), vec![b'x'; 4 << 20]].concat();
    let preview = sniff("x.csv", &long, false, &Choices::default()).unwrap();
    assert_eq!(roles(&preview), ("timestamp", "auto", "id", vec!["value"]));
    assert!(
        preview.notes.iter().any(|note| note.contains("no row ends within the first bytes")),
        "{:?}",
        preview.notes
    );
}

#[test]
fn a_sample_that_is_cut_shows_its_whole_rows() {
    let text = "x\n1\n2\n3";
    let preview = sniff("x.csv", text.as_bytes(), false, &Choices::default()).unwrap();
    assert_eq!((preview.rows.len(), preview.sample_rows, preview.is_whole), (2, 2, false));
    assert_eq!(of(text).rows.len(), 3);
}

/// The choices that are a reading.
fn all_chosen(reading: Reading) -> Choices {
    Choices {
        source_format: Some(reading.source_format),
        delimiter: reading.delimiter,
        decimal: reading.decimal,
        header: reading.header,
        timestamp_field: Some(reading.timestamp_field),
        timestamp_format: Some(reading.timestamp_format),
        timestamp_zone: Some(reading.timestamp_zone),
        id_field: Some(reading.id_field),
        measures: Some(reading.measures),
        missing: Some(reading.missing),
    }
}

/// Texts of tables and of objects, many of them faulty.
fn texts() -> impl Strategy<Value = String> {
    let cell = "[0-9]{1,4}|[0-9]{1,3}[.,][0-9]{1,3}|0[1-9]/0[1-9]/2026|2026-06-0[1-9]|n/a|[a-c]{0,3}|\"a,\"|\"";
    let rows = prop::collection::vec(prop::collection::vec(cell, 1..5), 0..8);
    let table = (rows, prop::sample::select(vec![",", ";", "\t", "|"]))
        .prop_map(|(rows, delimiter)| rows.iter().map(|row| row.join(delimiter) + "\n").collect::<String>());
    let value = "[0-9]{1,4}|\"[a-c]{0,3}\"|\"2026-06-0[1-9]\"|null|\\{\\}|true|\\[1\\]|\\{";
    let object = prop::collection::vec(("[a-d]|time", value), 0..4).prop_map(|members| {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    });
    let lines = prop::collection::vec(object.clone(), 0..5).prop_map(|objects| objects.join("\n"));
    let array = prop::collection::vec(object, 0..5).prop_map(|objects| format!("[{}]", objects.join(",")));
    prop_oneof![table, lines, array, "\\PC{0,40}"]
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    /// What a preview shows is what is taken: the same rows, by the same reader.
    #[test]
    fn rows_are_shown_as_they_are_taken(text in texts()) {
        let Ok(preview) = sniff("x", text.as_bytes(), true, &Choices::default()) else { return Ok(()) };
        let zones = Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &|_| None };
        let Ok(resolved) = preview.reading.resolve(&Settings::default(), zones) else {
            prop_assert!(!preview.problems.is_empty());
            return Ok(());
        };
        let Ok(rows) = read(text.as_bytes(), resolved.format, Encoding::Utf8, &resolved.mapping) else {
            prop_assert!(!preview.problems.is_empty());
            return Ok(());
        };
        prop_assert_eq!(preview.sample_rows, rows.count());
        prop_assert_eq!(preview.refused_rows, rows.refusals.count());
        let taken = preview.rows.iter().filter(|row| row.parsed.is_ok()).map(|row| (row.row, row.line));
        prop_assert!(taken.eq(rows.drafts.iter().map(|(place, _)| (place.row, place.line))));
        prop_assert!(preview.rows.iter().all(|row| row.raw.len() <= preview.columns.len().max(1)));
    }

    /// A reading that is chosen as a whole is what it is, and nothing is asked any more.
    #[test]
    fn a_reading_is_its_own_reading(text in texts()) {
        if let Ok(first) = sniff("x", text.as_bytes(), true, &Choices::default()) {
            let second = sniff("x", text.as_bytes(), true, &all_chosen(first.reading.clone()));
            let second = second.map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(second.reading, first.reading);
            prop_assert_eq!(second.rows, first.rows);
            prop_assert_eq!(second.header_key, first.header_key);
            prop_assert!(second.questions.is_empty());
        }
    }

    #[test]
    fn any_bytes_at_all_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300), is_whole in any::<bool>()) {
        let _ = sniff("x", &bytes, is_whole, &Choices::default());
    }
}

#[test]
fn a_row_that_is_not_read_before_more_of_the_file_comes_is_not_shown() {
    let preview = sniff("data", b"1\n", false, &Choices::default()).unwrap();
    assert_eq!((preview.rows.len(), preview.sample_rows), (0, 0));
    assert!(preview.notes.iter().any(|note| note.contains("no row ends")), "{:?}", preview.notes);
    let preview = sniff("data", b"1\n2\n", false, &Choices::default()).unwrap();
    assert_eq!((preview.rows.len(), preview.sample_rows), (2, 2));
}
