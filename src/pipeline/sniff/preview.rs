//! What a preview shows of a file before any row of it is taken, as plain data that crosses threads.

use serde::{Deserialize, Serialize};

/// Maximum number of rows that a preview shows.
pub const MAX_PREVIEW_ROWS: usize = 100;
/// Maximum number of columns that a preview shows; all are counted.
pub const MAX_PREVIEW_COLUMNS: usize = 200;
/// Maximum number of reasons for refusals that a preview shows.
pub const MAX_REASONS: usize = 10;

/// A file as it would be read: what was guessed, corrected by what a person chose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// How the file is read, whole: what [`Choices`] leave open is guessed.
    pub reading: Reading,
    /// The text's encoding: `UTF-8` or `UTF-16`; empty for a binary format.
    pub encoding: String,
    /// The columns of a table, or the fields of objects, in the order of the file: the first [`MAX_PREVIEW_COLUMNS`].
    pub columns: Vec<Column>,
    /// Number of columns, also of those that are not shown.
    pub column_count: usize,
    /// The first rows, raw beside parsed.
    pub rows: Vec<PreviewRow>,
    /// Number of rows in the sample, a multiple of those shown.
    pub sample_rows: usize,
    /// Number of rows of the sample that would be refused.
    pub refused_rows: usize,
    /// The sorts of reasons why rows of the sample would be refused, of the first thousand such rows: up to
    /// [`MAX_REASONS`].
    pub refusals: Vec<RefusedReason>,
    /// Whether the sample is the whole file.
    pub is_whole: bool,
    /// The text by which [`Choices`] are remembered: files of the same header have the same one. `None` where no header
    /// names the columns.
    pub header_key: Option<String>,
    /// What cannot be guessed: nothing may be loaded before each has an answer.
    pub questions: Vec<Question>,
    /// Sentences about why the file cannot be loaded in this way, with place and mend; empty if it can.
    pub problems: Vec<String>,
    /// Sentences about what a person should know: no rows behind the header, a name that occurs twice, columns without
    /// names, no column of times.
    pub notes: Vec<String>,
}

/// How a file is read: each field is the value of a setting, as the setting's text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// `source_format`: `json`, `ndjson`, `csv`, `arrow` or `parquet`.
    pub source_format: String,
    /// `delimiter` of CSV: one character, `tab` or `space`.
    pub delimiter: Option<String>,
    /// `decimal` of CSV: `.`, `,`, or `auto` for both.
    pub decimal: Option<String>,
    /// `header` of CSV: whether the first row names the columns. Otherwise they are `column0`, `column1` …
    pub header: Option<bool>,
    /// `timestamp_field`: the column of the times; `None`: the time of arrival.
    pub timestamp_field: Option<String>,
    /// `timestamp_format`: `auto`, `iso`, `epoch` or a strftime pattern.
    pub timestamp_format: String,
    /// `timestamp_zone`: `clock`, `local`, `utc` or an IANA name.
    pub timestamp_zone: String,
    /// `id_field`: the column of the ids; `None`: random UUIDs.
    pub id_field: Option<String>,
    /// `measures`: the columns of numbers, in order.
    pub measures: Vec<String>,
    /// `missing`: `reject` or `allow`.
    pub missing: String,
}

/// What a person chose instead of a guess. It is remembered for files whose header is the same, see
/// [`Preview::header_key`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// As [`Reading::source_format`].
    pub source_format: Option<String>,
    /// As [`Reading::delimiter`].
    pub delimiter: Option<String>,
    /// As [`Reading::decimal`].
    pub decimal: Option<String>,
    /// As [`Reading::header`].
    pub header: Option<bool>,
    /// As [`Reading::timestamp_field`]; the inner `None` is the choice of no column.
    pub timestamp_field: Option<Option<String>>,
    /// As [`Reading::timestamp_format`].
    pub timestamp_format: Option<String>,
    /// As [`Reading::timestamp_zone`].
    pub timestamp_zone: Option<String>,
    /// As [`Reading::id_field`]; the inner `None` is the choice of no column.
    pub id_field: Option<Option<String>>,
    /// As [`Reading::measures`].
    pub measures: Option<Vec<String>>,
    /// As [`Reading::missing`].
    pub missing: Option<String>,
}

/// A column of a table, or a field of objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name in the header, whole: [`Reading`] names it so.
    pub name: String,
    /// What becomes of it.
    pub role: Role,
    /// What its fields are.
    pub kind: ColumnKind,
    /// Number of its fields in the sample that are empty or missing.
    pub missing: usize,
    /// For times: how they are written.
    pub time: Option<TimeGuess>,
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// The event's time.
    Timestamp,
    /// The event's id.
    Id,
    /// One of the event's numbers.
    Measure,
    /// Nothing.
    Ignored,
}

/// What the fields of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// Dates and times, or numbers since the epoch under a name of times.
    Time,
    /// `true` and `false`.
    Boolean,
    /// Anything else.
    Text,
    /// Objects, lists or maps, which cannot be read.
    Nested,
    /// No field has text.
    Empty,
}

/// How the times of a column are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeGuess {
    /// As [`Reading::timestamp_format`].
    pub format: String,
    /// The formats that read every time of the sample, the most likely one first: more than one is a [`Question`].
    pub possible_formats: Vec<String>,
    /// Whether the texts name their own offsets, or are numbers: no zone is needed.
    pub has_offset: bool,
}

/// A row of the sample, raw beside parsed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewRow {
    /// Its number, from 0, as refusals name it.
    pub row: usize,
    /// Its first line, from 1; of a binary format, its number from 1.
    pub line: usize,
    /// Its fields as they stand in the file, one for each of [`Preview::columns`], each cut at 200 characters; `None`
    /// where the field is missing. Of a row that is not framed, such as one that is no object, its start is the only
    /// one. Of a binary format only fields that are read have texts.
    pub raw: Vec<Option<String>>,
    /// The event that it becomes, or the reason why it would be refused.
    pub parsed: Result<ParsedRow, String>,
}

/// The event that a row becomes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParsedRow {
    /// Its time, as the clock prints it; `None`: the time of arrival.
    pub timestamp: Option<String>,
    /// Its id; `None`: a random UUID.
    pub id: Option<String>,
    /// A number for each of [`Reading::measures`]; `None` where it is missing.
    pub values: Vec<Option<f64>>,
}

/// Rows that would be refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedReason {
    /// The reason of the first one, which names its value.
    pub reason: String,
    /// The first one's line.
    pub line: usize,
    /// Number of rows.
    pub rows: usize,
}

/// What cannot be guessed, since more than one answer fits every row: it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What it is about.
    pub subject: Subject,
    /// The name of the column.
    pub column: String,
    /// A field as it stands in the file, such as `05/06/2026`.
    pub example: String,
    /// The answers, the more likely one first.
    pub answers: Vec<Answer>,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// Whether the day or the month comes first, or the year: the answer is a `timestamp_format`.
    DayOrMonth,
}

/// An answer to a question: it is put into [`Choices`] under the setting's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The setting's value: for [`Subject::DayOrMonth`] a `timestamp_format`.
    pub value: String,
    /// What the example would mean, such as `2026-06-05`.
    pub meaning: String,
}
