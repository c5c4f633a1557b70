//! The preview of a file: what a person chooses instead of the guesses, and its texts.

use super::measures::rolling_column;
use super::quantity::{bytes_text, counted, grouped};
use crate::pipeline::sniff::{Choices, Column, ColumnKind, Preview, Question, Reading, Role, Subject};
use crate::protocol::{FilePreview, LoadedBefore};

/// The decimal mark of files that have both.
const BOTH: &str = "auto";

/// The roles of columns with their labels, as they are offered.
pub const ROLES: [(Role, &str); 4] =
    [(Role::Timestamp, "time"), (Role::Id, "id"), (Role::Measure, "measure"), (Role::Ignored, "left out")];

/// A part of the reading that a person can choose, besides the columns' roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingField {
    /// The name of the setting.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// The values with their labels; none: any text.
    pub options: &'static [(&'static str, &'static str)],
    /// What is suggested for a text.
    pub offers: &'static [&'static str],
}

const fn choice(
    name: &'static str,
    label: &'static str,
    options: &'static [(&'static str, &'static str)],
) -> ReadingField {
    ReadingField { name, label, options, offers: &[] }
}

const FORMAT: ReadingField = choice(
    "source_format",
    "Format",
    &[("csv", "CSV"), ("json", "JSON"), ("ndjson", "NDJSON"), ("arrow", "Arrow"), ("parquet", "Parquet")],
);
const CSV_FIELDS: [ReadingField; 3] = [
    choice(
        "delimiter",
        "Delimiter",
        &[
            (",", "comma  ,"),
            (";", "semicolon  ;"),
            ("tab", "tab"),
            ("|", "bar  |"),
            ("space", "space"),
            (":", "colon  :"),
            ("~", "tilde  ~"),
            ("^", "caret  ^"),
        ],
    ),
    choice("decimal", "Decimal mark", &[(".", "point  1.5"), (",", "comma  1,5"), (BOTH, "either")]),
    choice("header", "First row", &[("true", "names the columns"), ("false", "is a row like the others")]),
];
const TIME_FIELDS: [ReadingField; 2] = [
    ReadingField {
        name: "timestamp_format",
        label: "Times are written as",
        options: &[],
        offers: &["iso", "epoch", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%Y-%m-%d %H:%M:%S"],
    },
    ReadingField {
        name: "timestamp_zone",
        label: "Zone of times without an offset",
        options: &[],
        offers: &["clock", "local", "utc", "Europe/Berlin", "America/New_York", "Asia/Tokyo"],
    },
];
const MISSING: ReadingField =
    choice("missing", "Rows that lack a measure", &[("reject", "are refused"), ("allow", "are taken with the others")]);

/// The parts of the reading that matter to a file: text alone has a delimiter, and times without an offset a zone.
#[must_use]
pub fn reading_fields(preview: &Preview) -> Vec<ReadingField> {
    let is_csv = preview.reading.source_format == "csv";
    let time = preview.columns.iter().find(|column| column.role == Role::Timestamp);
    let has_offset = time.and_then(|column| column.time.as_ref()).is_some_and(|time| time.has_offset);
    let csv = CSV_FIELDS.into_iter().filter(|_| is_csv);
    let times =
        TIME_FIELDS.into_iter().filter(|field| time.is_some() && !(has_offset && field.name == "timestamp_zone"));
    [FORMAT].into_iter().chain(csv).chain(times).chain([MISSING]).collect()
}

/// The value of a part of the reading, as text; empty where it has none.
#[must_use]
pub fn reading_text(reading: &Reading, name: &str) -> String {
    match name {
        "source_format" => reading.source_format.clone(),
        "delimiter" => reading.delimiter.clone().unwrap_or_default(),
        "decimal" => reading.decimal.clone().unwrap_or_default(),
        "header" => reading.header.map(|header| header.to_string()).unwrap_or_default(),
        "timestamp_format" => reading.timestamp_format.clone(),
        "timestamp_zone" => reading.timestamp_zone.clone(),
        "missing" => reading.missing.clone(),
        _ => String::new(),
    }
}

/// Whether a person chose this part of the reading.
#[must_use]
pub fn is_chosen(choices: &Choices, name: &str) -> bool {
    match name {
        "source_format" => choices.source_format.is_some(),
        "delimiter" => choices.delimiter.is_some(),
        "decimal" => choices.decimal.is_some(),
        "header" => choices.header.is_some(),
        "timestamp_format" => choices.timestamp_format.is_some(),
        "timestamp_zone" => choices.timestamp_zone.is_some(),
        "missing" => choices.missing.is_some(),
        _ => false,
    }
}

/// The choices with another value of a part of the reading; an empty text lets it be guessed again. Columns
/// that are separated or named in another way are other columns: their roles are guessed again.
#[must_use]
pub fn choose(choices: &Choices, name: &str, text: &str) -> Choices {
    let mut next = choices.clone();
    let value = Some(text.to_owned()).filter(|text| !text.is_empty());
    match name {
        "source_format" => next.source_format = value,
        "delimiter" => next.delimiter = value,
        "decimal" => next.decimal = value,
        "header" => next.header = value.map(|text| text == "true"),
        "timestamp_format" => next.timestamp_format = value,
        "timestamp_zone" => next.timestamp_zone = value,
        "missing" => next.missing = value,
        _ => {}
    }
    if matches!(name, "source_format" | "delimiter" | "header") {
        (next.timestamp_field, next.timestamp_format, next.id_field, next.measures) = (None, None, None, None);
    }
    next
}

/// The choices with the answer to a question.
#[must_use]
pub fn answer(choices: &Choices, question: &Question, value: &str) -> Choices {
    match question.subject {
        Subject::DayOrMonth => choose(choices, "timestamp_format", value),
    }
}

/// The choices with another role of a column. A time or an id takes the place of the one before.
///
/// # Errors
/// A sentence, when no measure would be left.
pub fn assign(choices: &Choices, preview: &Preview, column: usize, role: Role) -> Result<Choices, String> {
    let mut next = choices.clone();
    let Some(column) = preview.columns.get(column) else { return Ok(next) };
    let (name, reading) = (&column.name, &preview.reading);
    let mut measures = reading.measures.clone();
    measures.retain(|measure| measure != name);
    if role == Role::Measure {
        measures.push(name.clone());
        let place = |name: &String| preview.columns.iter().position(|column| column.name == *name);
        measures.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    }
    if measures.is_empty() {
        return Err(format!("\u{201c}{name}\u{201d} is the only measure; make another column one first"));
    }
    if measures != reading.measures {
        next.measures = Some(measures);
    }
    match role {
        Role::Timestamp => {
            next.timestamp_field = Some(Some(name.clone()));
            // That of the column before.
            next.timestamp_format = None;
        }
        _ if reading.timestamp_field.as_ref() == Some(name) => next.timestamp_field = Some(None),
        _ => {}
    }
    match role {
        Role::Id => next.id_field = Some(Some(name.clone())),
        _ if reading.id_field.as_ref() == Some(name) => next.id_field = Some(None),
        _ => {}
    }
    Ok(next)
}

/// The label of a role.
#[must_use]
pub fn role_label(role: Role) -> &'static str {
    ROLES.iter().find(|(known, _)| *known == role).map_or("", |(_, label)| label)
}

/// The role with this label.
#[must_use]
pub fn role_of_label(label: &str) -> Option<Role> {
    ROLES.iter().find(|(_, known)| *known == label).map(|(role, _)| *role)
}

/// What the fields of a column are, how its times are written, and how many are missing.
#[must_use]
pub fn column_text(column: &Column, sample_rows: usize) -> String {
    let kind = match column.kind {
        ColumnKind::Integer => "whole numbers",
        ColumnKind::Number => "numbers",
        ColumnKind::Time => "times",
        ColumnKind::Boolean => "true or false",
        ColumnKind::Text => "text",
        ColumnKind::Nested => "nested, not read",
        ColumnKind::Empty => "empty",
    };
    let mut text = kind.to_owned();
    if let Some(time) = column.time.as_ref().filter(|_| column.role == Role::Timestamp) {
        text.push_str(&format!(" ({})", time.format));
    }
    if column.missing > 0 && column.kind != ColumnKind::Empty {
        text.push_str(&format!(", {} of {} missing", grouped(column.missing as u64), grouped(sample_rows as u64)));
    }
    text
}

/// The question as a sentence, without its answers.
#[must_use]
pub fn question_text(question: &Question) -> String {
    let Question { column, example, .. } = question;
    match question.subject {
        Subject::DayOrMonth => format!("What is \u{201c}{example}\u{201d} in {column}?"),
    }
}

/// Size, packing, encoding and columns: `12 MB, packed by gzip, UTF-8, 5 columns`.
#[must_use]
pub fn file_text(file: &FilePreview) -> String {
    let packing = file.packing.as_ref().map(|name| format!("packed by {name}"));
    let encoding = Some(file.preview.encoding.clone()).filter(|name| !name.is_empty());
    let columns = counted(file.preview.column_count as u64, "column");
    let parts = [Some(bytes_text(file.bytes)), packing, encoding, Some(columns)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What would become of the rows of the sample.
#[must_use]
pub fn sample_text(preview: &Preview) -> String {
    let (seen, refused) = (preview.sample_rows as u64, preview.refused_rows as u64);
    let rows = counted(seen, "row");
    let rows = if preview.is_whole { format!("Of its {rows}") } else { format!("Of its first {rows}") };
    match refused {
        _ if seen == 0 => "No row was found.".to_owned(),
        0 => format!("{rows}, all would be taken."),
        _ if refused >= seen => format!("{rows}, none would be taken."),
        _ => format!("{rows}, {} would be refused.", grouped(refused)),
    }
}

/// The columns that are not shown; empty for none.
#[must_use]
pub fn hidden_columns_text(preview: &Preview) -> String {
    match preview.column_count.saturating_sub(preview.columns.len()) {
        0 => String::new(),
        hidden => format!("and {}", counted(hidden as u64, "more column")),
    }
}

/// How far the file was loaded before.
#[must_use]
pub fn loaded_text(loaded: LoadedBefore) -> String {
    if loaded.is_done {
        let rows = counted(loaded.rows, "row");
        format!("This file was loaded before, with all of its {rows}. Loaded again, they are there twice.")
    } else {
        format!("This file was loaded up to row {}, and can go on there.", grouped(loaded.rows))
    }
}

/// Why the file cannot be loaded as it would be read, for its bytes and for its rows; empty if it can.
#[must_use]
pub fn problems_of(file: &FilePreview) -> Vec<String> {
    [file.problems.as_slice(), &file.preview.problems].concat()
}

/// Whether the file can be loaded as it would be read.
#[must_use]
pub fn is_ready(file: &FilePreview) -> bool {
    file.preview.questions.is_empty() && problems_of(file).is_empty()
}

/// What the columns of `latest` will be: `timestamp, id, flow, level, flow_moving_avg, level_moving_avg`.
#[must_use]
pub fn result_text(reading: &Reading, agg: &str) -> String {
    let averages = reading.measures.iter().map(|name| rolling_column(name, agg));
    let fixed = ["timestamp", "id"].map(str::to_owned);
    fixed.into_iter().chain(reading.measures.iter().cloned()).chain(averages).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::sniff::{Answer, TimeGuess};

    fn column(name: &str, role: Role) -> Column {
        Column { name: name.to_owned(), role, kind: ColumnKind::Text, missing: 0, time: None }
    }

    fn preview(columns: Vec<Column>, reading: Reading) -> Preview {
        Preview {
            reading,
            encoding: "UTF-8".into(),
            column_count: columns.len(),
            columns,
            rows: Vec::new(),
            sample_rows: 0,
            refused_rows: 0,
            refusals: Vec::new(),
            is_whole: false,
            header_key: None,
            problems: Vec::new(),
            questions: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn sensors() -> Preview {
        let columns = vec![
            column("when", Role::Timestamp),
            column("pump", Role::Id),
            column("flow", Role::Measure),
            column("inlet", Role::Ignored),
            column("level", Role::Measure),
        ];
        let reading = Reading {
            source_format: "csv".into(),
            timestamp_field: Some("when".into()),
            id_field: Some("pump".into()),
            measures: vec!["flow".into(), "level".into()],
            ..Reading::default()
        };
        preview(columns, reading)
    }

    fn names(fields: &[ReadingField]) -> Vec<&'static str> {
        fields.iter().map(|field| field.name).collect()
    }

    #[test]
    fn measures_stay_in_the_order_of_the_columns() {
        let choices = assign(&Choices::default(), &sensors(), 3, Role::Measure).unwrap();
        let measures = ["flow", "inlet", "level"].map(str::to_owned).to_vec();
        assert_eq!(choices, Choices { measures: Some(measures), ..Choices::default() });
    }

    #[test]
    fn a_column_leaves_its_role_and_another_takes_it() {
        let before = choose(&Choices::default(), "timestamp_format", "iso");
        let choices = assign(&before, &sensors(), 2, Role::Timestamp).unwrap();
        assert_eq!(choices.timestamp_field, Some(Some("flow".into())));
        assert_eq!(choices.measures, Some(vec!["level".into()]));
        assert_eq!(choices.timestamp_format, None, "the form of another column's times");
        let choices = assign(&choices, &sensors(), 1, Role::Ignored).unwrap();
        assert_eq!(choices.id_field, Some(None), "no column");
        assert_eq!(choices.timestamp_field, Some(Some("flow".into())));
    }

    #[test]
    fn the_last_measure_stays() {
        let reading = Reading { measures: vec!["flow".into()], ..Reading::default() };
        let only = preview(vec![column("flow", Role::Measure)], reading);
        let refusal = assign(&Choices::default(), &only, 0, Role::Id).unwrap_err();
        assert!(refusal.contains("flow"), "{refusal}");
        assert_eq!(assign(&Choices::default(), &only, 9, Role::Id), Ok(Choices::default()), "no such column");
    }

    #[test]
    fn another_delimiter_means_other_columns() {
        let choices = choose(&Choices::default(), "missing", "allow");
        let choices = choose(&assign(&choices, &sensors(), 3, Role::Measure).unwrap(), "delimiter", ";");
        assert_eq!((choices.measures.as_ref(), choices.missing.as_deref()), (None, Some("allow")));
        assert!(is_chosen(&choices, "delimiter") && !is_chosen(&choices, "decimal"));
        let choices = choose(&choose(&choices, "delimiter", ""), "missing", "");
        assert_eq!(choices, Choices::default(), "all is guessed again");
    }

    #[test]
    fn every_field_reads_what_was_chosen() {
        let all = [vec![FORMAT], CSV_FIELDS.to_vec(), TIME_FIELDS.to_vec(), vec![MISSING]].concat();
        for field in all {
            let values = field.options.iter().map(|(value, _)| *value).chain(field.offers.iter().copied());
            for value in values {
                let choices = choose(&Choices::default(), field.name, value);
                assert!(is_chosen(&choices, field.name), "{} {value}", field.name);
                let reading = Reading {
                    source_format: choices.source_format.unwrap_or_default(),
                    delimiter: choices.delimiter,
                    decimal: choices.decimal,
                    header: choices.header,
                    timestamp_format: choices.timestamp_format.unwrap_or_default(),
                    timestamp_zone: choices.timestamp_zone.unwrap_or_default(),
                    missing: choices.missing.unwrap_or_default(),
                    ..Reading::default()
                };
                assert_eq!(reading_text(&reading, field.name), value, "{}", field.name);
            }
        }
    }

    #[test]
    fn only_text_has_a_delimiter_and_only_times_without_an_offset_have_a_zone() {
        let mut file = sensors();
        let csv = ["source_format", "delimiter", "decimal", "header", "timestamp_format", "timestamp_zone", "missing"];
        assert_eq!(names(&reading_fields(&file)), csv);
        file.columns[0].time = Some(TimeGuess { format: "iso".into(), possible_formats: Vec::new(), has_offset: true });
        file.reading.source_format = "ndjson".into();
        assert_eq!(names(&reading_fields(&file)), ["source_format", "timestamp_format", "missing"]);
        file.columns[0].role = Role::Ignored;
        assert_eq!(names(&reading_fields(&file)), ["source_format", "missing"]);
    }

    #[test]
    fn an_answer_is_a_choice() {
        let question = Question {
            subject: Subject::DayOrMonth,
            column: "when".into(),
            example: "05/06/2026".into(),
            answers: vec![Answer { value: "%d/%m/%Y".into(), meaning: "2026-06-05".into() }],
        };
        let choices = answer(&Choices::default(), &question, "%d/%m/%Y");
        assert_eq!(choices.timestamp_format.as_deref(), Some("%d/%m/%Y"));
        assert_eq!(question_text(&question), "What is \u{201c}05/06/2026\u{201d} in when?");
    }

    #[test]
    fn a_sample_says_what_would_be_refused() {
        let sample = |sample_rows, refused_rows, is_whole| {
            sample_text(&Preview { sample_rows, refused_rows, is_whole, ..sensors() })
        };
        assert_eq!(sample(0, 0, true), "No row was found.");
        assert_eq!(sample(3, 0, true), "Of its 3 rows, all would be taken.");
        assert_eq!(sample(1000, 20, false), "Of its first 1\u{202f}000 rows, 20 would be refused.");
        assert_eq!(sample(5, 5, false), "Of its first 5 rows, none would be taken.");
    }

    #[test]
    fn a_file_and_its_columns_are_described_by_what_is_known() {
        let file = FilePreview { bytes: 1536, packing: None, preview: sensors(), problems: Vec::new(), loaded: None };
        assert_eq!(file_text(&file), "1.5 KB, UTF-8, 5 columns");
        let binary = Preview { encoding: String::new(), column_count: 7, ..sensors() };
        assert_eq!(hidden_columns_text(&binary), "and 2 more columns");
        let packed = FilePreview { packing: Some("gzip".into()), preview: binary, ..file.clone() };
        assert_eq!(file_text(&packed), "1.5 KB, packed by gzip, 7 columns");
        let gaps = Column { missing: 20, kind: ColumnKind::Number, ..column("flow", Role::Measure) };
        assert_eq!(column_text(&gaps, 1000), "numbers, 20 of 1\u{202f}000 missing");
        assert!(is_ready(&file) && !is_ready(&FilePreview { problems: vec!["x".into()], ..file.clone() }));
        let nested = Preview { problems: vec!["y".into()], ..sensors() };
        let nested = FilePreview { problems: vec!["x".into()], preview: nested, ..file };
        assert_eq!(problems_of(&nested), ["x", "y"]);
        let text = "timestamp, id, flow, level, flow_moving_avg, level_moving_avg";
        assert_eq!(result_text(&sensors().reading, "mean"), text);
    }

    #[test]
    fn roles_are_found_by_their_labels() {
        for (role, label) in ROLES {
            assert_eq!((role_label(role), role_of_label(label)), (label, Some(role)));
        }
        assert_eq!(role_of_label("x"), None);
    }
}
