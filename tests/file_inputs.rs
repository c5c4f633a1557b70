//! Whatever a file holds is answered: each framing, the mapping behind it, the sniffer and the forms of times.
//!
//! As in `inputs.rs`, each `check_…` is a target of the fuzzer too. Nothing panics; the rows of a text are the same in
//! pieces of any size; each row is a draft or refused; what a preview shows is what is taken.

use bytes::Bytes;
use millrace::decoder::Decoder;
use millrace::pipeline::records::{BodyError, CsvOptions, Encoding, Format, MAX_LISTED, Mapping, Reader, Rows};
use millrace::pipeline::sniff::{Choices, FileKind, Preview, Reading, Sample, Zones, preview};
use millrace::pipeline::{Missing, Settings};
use millrace::protocol::Coding;
use millrace::time::{Clock, TimestampFormat, Zone};

/// What becomes of fields: names, forms of times and policies that a byte chooses from.
fn settings(choice: u8) -> Settings {
    let bit = |bit: u8| choice & (1 << bit) != 0;
    let changes = [
        ("measures", Some(if bit(0) { "value,x" } else { "value" })),
        ("missing", Some(if bit(1) { "allow" } else { "reject" })),
        ("timestamp_format", Some(["auto", "iso", "epoch", "%d.%m.%Y"][usize::from(choice >> 2 & 3)])),
        ("decimal", Some(if bit(4) { "," } else { "auto" })),
        ("header", Some(if bit(5) { "auto" } else { "true" })),
        ("delimiter", Some(if bit(6) { "tab" } else { "auto" })),
    ];
    Settings::default().merged(changes).expect("these settings are valid")
}

/// The rows of bytes that come `step` at a time, and why the rest cannot be read.
fn rows(bytes: &[u8], format: Format, mapping: &Mapping, step: usize) -> (Rows, Option<BodyError>) {
    let (mut reader, mut rows) = (Reader::new(format, Encoding::Utf8, mapping.clone()), Rows::default());
    let mut read = |piece: &[u8], is_last| -> Result<(), BodyError> {
        reader.push(piece, is_last, &mut rows)?;
        while reader.has_more() {
            reader.push(&[], is_last, &mut rows)?;
        }
        Ok(())
    };
    let result = bytes.chunks(step).try_for_each(|piece| read(piece, false)).and_then(|()| read(&[], true));
    (rows, result.err())
}

/// The rows with infinity, which no row has, for missing values: NaN is never equal.
fn comparable(mut rows: Rows) -> Rows {
    let values = rows.drafts.iter_mut().flat_map(|(_, draft)| &mut draft.values);
    values.filter(|value| value.is_nan()).for_each(|value| *value = f64::INFINITY);
    rows
}

/// Reads `data` in this format: its first byte chooses the settings, its second one the size of pieces.
fn check(data: &[u8], format: impl Fn(&Settings) -> Format) {
    let [choice, step, bytes @ ..] = data else { return };
    let settings = settings(*choice);
    let (format, mapping) = (format(&settings), Mapping::of(&settings, Clock::Utc));
    let (whole, fault) = rows(bytes, format, &mapping, bytes.len().max(1));
    let (pieces, other_fault) = rows(bytes, format, &mapping, usize::from(*step).max(1));
    assert_eq!(fault, other_fault, "pieces of {step} bytes end otherwise");
    assert_eq!(comparable(whole.clone()), comparable(pieces), "pieces of {step} bytes have other rows");
    assert_eq!(whole.count(), whole.drafts.len() + whole.refusals.count(), "a row is a draft or refused");
    assert!(whole.refusals.first().len() <= MAX_LISTED);
    let mut numbers: Vec<usize> = whole.drafts.iter().map(|(place, _)| place.row).collect();
    numbers.extend(whole.refusals.newest().iter().map(|bad| bad.place.row));
    numbers.sort_unstable();
    assert!(numbers.is_sorted_by(|a, b| a < b), "a row has one number: {numbers:?}");
    for (place, draft) in &whole.drafts {
        assert_eq!(draft.values.len(), mapping.measures.count(), "row {}", place.row);
        let is_there = |value: &f64| value.is_finite() || value.is_nan() && settings.missing == Missing::Allow;
        assert!(draft.values.iter().all(is_there) && draft.values.iter().any(|value| value.is_finite()), "{draft:?}");
    }
    let is_short = |text: &str| text.len() < 4_000;
    assert!(whole.refusals.first().iter().all(|bad| is_short(&bad.reason) && is_short(&bad.input)), "a value is cut");
    assert!(fault.is_none_or(|fault| is_short(&fault.to_string())), "a value is cut");
}

/// Reads `data` as CSV.
pub(crate) fn check_csv(data: &[u8]) {
    check(data, |settings| Format::Csv(CsvOptions::of(settings)));
}

/// Reads `data` as NDJSON.
pub(crate) fn check_lines(data: &[u8]) {
    check(data, |_| Format::Ndjson);
}

/// Reads `data` as JSON.
pub(crate) fn check_json(data: &[u8]) {
    check(data, |_| Format::Json);
}

/// Decodes `data` as an Arrow IPC stream or file, and reads its columns.
pub(crate) fn check_arrow(data: &[u8]) {
    let [choice, step, bytes @ ..] = data else { return };
    let mapping = Mapping::of(&settings(*choice), Clock::Utc);
    let names: Vec<String> = mapping.names().map(str::to_owned).collect();
    check_columns(&[&[*choice, *step], &columns_of(bytes, Some(&names))[..]].concat());
}

/// Reads `data` as the columns that a decoder hands on.
pub(crate) fn check_columns(data: &[u8]) {
    check(data, |_| Format::Columns);
}

/// The columns of Arrow, as far as it can be read.
fn columns_of(arrow: &[u8], names: Option<&[String]>) -> Vec<u8> {
    let file = Bytes::copy_from_slice(arrow);
    let (mut decoder, _) = Decoder::open(file, Coding::Arrow, names, 0).expect("any bytes can be opened");
    let mut columns = Vec::new();
    loop {
        match decoder.next_piece() {
            Ok(Some((piece, _))) => columns.extend(piece),
            Ok(None) => return columns,
            Err(error) => {
                assert!(error.to_string().len() < 4_000, "a value is cut");
                return columns;
            }
        }
    }
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

/// Previews `data` as the start of a file, or as columns of one: its first byte says which, and whether that is all.
pub(crate) fn check_preview(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else { return };
    let zones = Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &|_| None };
    let settings = Settings::default();
    let columns_of = match choice >> 1 & 3 {
        1 => Some(FileKind::Arrow),
        2 => Some(FileKind::Parquet),
        _ => None,
    };
    let sniff = |choices: &Choices| {
        let sample = Sample { name: "data", bytes, is_whole: choice & 1 == 0, columns_of };
        preview(sample, choices, &settings, zones)
    };
    let first = match sniff(&Choices::default()) {
        Ok(preview) => preview,
        Err(error) => return assert!(error.to_string().len() < 4_000, "a value is cut"),
    };
    let Preview { columns, column_count, rows, sample_rows, refused_rows, .. } = &first;
    assert!(columns.len() <= *column_count && refused_rows <= sample_rows);
    assert!(rows.iter().all(|row| row.raw.len() <= columns.len().max(1)), "a row has a text for each column");
    if first.problems.is_empty() {
        assert!(rows.len() <= *sample_rows, "what is shown was read");
        assert!(first.reading.resolve(&settings, zones).is_ok(), "a reading without problems can be loaded");
    }
    let second = sniff(&all_chosen(first.reading.clone())).expect("what was guessed can be chosen");
    assert_eq!(second.reading, first.reading, "a reading is its own reading");
    assert_eq!(second.rows, first.rows);
    assert!(second.questions.is_empty(), "what is chosen is not asked");
}

/// Reads the first line of `data` as a form of times, and the rest by it.
pub(crate) fn check_time_form(data: &[u8]) {
    let Some((form, text)) = str::from_utf8(data).ok().and_then(|data| data.split_once('\n')) else { return };
    let berlin = Zone::new(3600, vec![(1_743_296_400, 7200), (1_761_440_400, 3600)]);
    match TimestampFormat::parse(form) {
        Ok(form) => {
            assert_eq!(TimestampFormat::parse(&form.to_string()).as_ref(), Ok(&form));
            for clock in [Clock::Utc, Clock::Local(berlin)] {
                let (read, again) = (form.read(text, &clock), form.read(&[" ", text, "\t"].concat(), &clock));
                assert_eq!(read.as_ref().ok(), again.as_ref().ok(), "blanks around a time do not count");
                assert!(read.map_or_else(|error| error.to_string().len() < 2_000, |_| true), "a value is cut");
            }
        }
        Err(error) => assert!(error.to_string().len() < 2_000, "a value is cut"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::tests::form::cases;

    const TABLES: [&str; 6] = [
        "timestamp,id,value,x\n2025-06-01T12:00:00Z,a,1.5,2\n2025-06-01T12:00:01Z,\"b \"\"c\"\"\n,\",2,\n\n,d,3,n/a\n",
        "Zeit;Sensor;value\r\n01.06.2025;a;1,5\r\n02.06.2025;b;-2,25\r\n;;\r\n",
        "sep=|\nvalue|id\n1|3/4\" pipe\n2|\"open\n3|c\n",
        "timestamp\tvalue\n05/06/2026\t1\n06/06/2026\tx\n",
        "1,2,a\n3,4,b\n",
        "\u{feff}date,time,value,value\n1,2,3,4\n",
    ];
    const OBJECTS: [&str; 5] = [
        "{\"timestamp\":1748779200,\"id\":\"a\",\"value\":1,\"x\":null}\n{\"value\":\"2\",\"x\":{}}\r\n\n[]\n{\"x\":1,\"x\":2}\n",
        "[{\"value\":1},{\"value\":[1,\"]\"],\"x\":3},7,null,{\"timestamp\":\"01.06.2025\",\"value\":4}]",
        "{\n \"value\": 1e999,\n \"id\": \"\\ud800\"\n}",
        "{\"value\":1}{\"value\":2}",
        "",
    ];
    const FORMS: [&str; 6] = [
        "%d.%m.%Y %H:%M:%S.%f\n01.06.2025 12:00:00.5",
        "%m/%d/%y %I:%M %p\n6/1/25 12:00 PM",
        "%a, %d %b %Y %T %Z\nSun, 01 Jun 2025 12:00:00 GMT",
        "%Y-%j%z\n2025-152+02:00",
        "%s\n-1748779200",
        "iso\n2025-06-01T12",
    ];

    /// Two rows as an Arrow IPC stream, as the API answers with.
    fn arrow() -> Vec<u8> {
        use millrace::api::{App, Request};
        let now = millrace::time::Timestamp::from_nanos(1_748_779_200_000_000_000);
        let settings = Settings::default().merged([("source", Some("none"))]).expect("these settings are valid");
        let mut app = App::in_memory(settings, Zone::UTC, [1; 32], now).expect("the window is valid");
        app.handle(&Request::new("POST", "events").with_body("text/csv", "id,value\na,1\nb,2\n"), now);
        app.service_mut().complete(now);
        let request = Request::new("GET", "query?start=1970-01-01&views=latest&format=arrow");
        let response = app.handle(&request, now);
        response.into_bytes(app.service(), now)
    }

    /// Some of these bytes changed, put in or taken away, or any bytes.
    fn damaged(inputs: Vec<Vec<u8>>) -> BoxedStrategy<Vec<u8>> {
        let change = (any::<Index>(), 0..3, any::<u8>());
        let changed = (select(inputs), vec(change, 0..4)).prop_map(|(mut bytes, changes)| {
            for (place, kind, byte) in changes {
                let place = place.index(bytes.len() + 1);
                match kind {
                    0 if place < bytes.len() => drop(bytes.remove(place)),
                    1 if place < bytes.len() => bytes[place] = byte,
                    _ => bytes.insert(place, byte),
                }
            }
            bytes
        });
        prop_oneof![6 => changed, 1 => vec(any::<u8>(), 0..80)].boxed()
    }

    fn texts(texts: &[&str]) -> BoxedStrategy<Vec<u8>> {
        damaged(texts.iter().map(|text| text.as_bytes().to_vec()).collect())
    }

    fn with(head: &[u8], bytes: &[u8]) -> Vec<u8> {
        [head, bytes].concat()
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn tables_of_any_bytes_are_read_or_refused(choice: u8, step: u8, bytes in texts(&TABLES)) {
            check_csv(&with(&[choice, step], &bytes));
        }

        #[test]
        fn objects_of_any_bytes_are_read_or_refused(choice: u8, step: u8, bytes in texts(&OBJECTS)) {
            check_lines(&with(&[choice, step], &bytes));
            check_json(&with(&[choice, step], &bytes));
        }

        #[test]
        fn batches_of_any_bytes_are_read_or_refused(choice: u8, step: u8, bytes in damaged(vec![arrow()])) {
            check_arrow(&with(&[choice, step], &bytes));
        }

        #[test]
        fn columns_of_any_bytes_are_read_or_refused(
            choice: u8,
            step: u8,
            bytes in damaged(vec![columns_of(&arrow(), None)])
        ) {
            check_columns(&with(&[choice, step], &bytes));
        }

        #[test]
        fn files_of_any_bytes_are_previewed(
            choice: u8,
            bytes in prop_oneof![
                texts(&TABLES),
                texts(&OBJECTS),
                damaged(vec![arrow(), columns_of(&arrow(), None)])
            ]
        ) {
            check_preview(&with(&[choice], &bytes));
        }

        #[test]
        fn forms_of_times_of_any_bytes_are_read_or_refused(data in texts(&FORMS)) {
            check_time_form(&data);
        }
    }
}
