//! From the first bytes of a file to its preview.

use std::borrow::Cow;

use super::column_kinds::profile_of_kind;
use super::columns::{Profile, decimal, example, profile, time};
use super::error::SniffError;
use super::kind::FileKind;
use super::names::kind_of_name;
use super::parsed::{Parsed, event, parse, reasons};
use super::preview::{
    Answer, Choices, Column, ColumnKind, MAX_PREVIEW_COLUMNS, MAX_PREVIEW_ROWS, ParsedRow, Preview, PreviewRow,
    Question, Reading, Role, Subject, TimeGuess,
};
use super::reading::Zones;
use super::table::{MAX_SAMPLE_ROWS, Table, of_csv, of_json, of_lines};
use super::{csv, kind, roles, times};
use crate::frame::write_number;
use crate::pipeline::records::columns::read_schema;
use crate::pipeline::records::{BadRow, Encoding, MAX_ROW_BYTES, brief, to_utf8};
use crate::pipeline::{Decimal, Settings};

/// Bytes of a text that are looked at: the longest row that is read ends in them.
const TEXT_BYTES: usize = MAX_ROW_BYTES + (64 << 10);
/// Maximum length of a header key, in bytes; a longer one is cut, and its length stands behind it.
const KEY_BYTES: usize = 1000;

/// The start of a file.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The name of the file, without what its packing adds.
    pub name: &'a str,
    /// Its first bytes, unpacked; of text the first MiB is enough. Of an Arrow or Parquet file, the columns that its
    /// first batch became.
    pub bytes: &'a [u8],
    /// Whether these are all.
    pub is_whole: bool,
    /// What the file is of which the bytes are columns; `None`: they are its own.
    pub columns_of: Option<FileKind>,
}

/// What a file would become: what the choices leave open is guessed. Nothing is taken.
///
/// `settings` are those in force, of which those of the reading are replaced; times are printed on their clock.
///
/// # Errors
/// [`SniffError`] where nothing of the file can be shown. What can be shown but not loaded is one of
/// [`Preview::problems`].
pub fn preview(
    sample: Sample<'_>,
    choices: &Choices,
    settings: &Settings,
    zones: Zones<'_>,
) -> Result<Preview, SniffError> {
    match file_kind(sample, choices)? {
        FileKind::Csv | FileKind::Json | FileKind::Ndjson => of_text(sample, choices, settings, zones),
        kind @ (FileKind::Arrow | FileKind::Parquet) => of_columns(kind, sample, choices, settings, zones),
    }
}

/// What the file is: as chosen, else as its bytes show.
fn file_kind(sample: Sample<'_>, choices: &Choices) -> Result<FileKind, SniffError> {
    let found = match sample.columns_of {
        Some(FileKind::Parquet) => return Ok(FileKind::Parquet),
        Some(kind) => Ok(kind),
        None => kind::detect(sample.bytes, sample.name, sample.is_whole),
    };
    let chosen = match choices.source_format.as_deref() {
        None | Some("auto" | "") => return found,
        Some(chosen) => chosen,
    };
    let is_arrow = found == Ok(FileKind::Arrow);
    match chosen {
        "csv" | "json" | "ndjson" if is_arrow || found == Ok(FileKind::Parquet) => {
            Err(SniffError::Format { chosen: chosen.to_owned(), fault: "it is not text" })
        }
        "csv" => found.map(|_| FileKind::Csv),
        "json" => found.map(|_| FileKind::Json),
        "ndjson" => found.map(|_| FileKind::Ndjson),
        "arrow" if is_arrow => found,
        "parquet" if found == Ok(FileKind::Parquet) => found,
        "arrow" | "parquet" => {
            Err(SniffError::Format { chosen: chosen.to_owned(), fault: "its first bytes are not those of one" })
        }
        _ => Err(SniffError::Choice(format!(
            "source_format: \"{}\" is not one of auto, json, ndjson, csv, arrow, parquet",
            brief(chosen)
        ))),
    }
}

fn of_text(
    sample: Sample<'_>,
    choices: &Choices,
    settings: &Settings,
    zones: Zones<'_>,
) -> Result<Preview, SniffError> {
    let bytes = &sample.bytes[..sample.bytes.len().min(TEXT_BYTES)];
    let is_whole = sample.is_whole && bytes.len() == sample.bytes.len();
    let (text, encoding) = to_utf8(bytes, Encoding::Utf8);
    let mut kind = file_kind(sample, choices)?;
    if encoding != Encoding::Utf8 && choices.source_format.as_deref().is_none_or(|chosen| chosen == "auto") {
        kind = kind::of_text(&text, sample.name, is_whole);
    }
    let (table, dialect) = match kind {
        FileKind::Json => (of_json(&text, is_whole), None),
        FileKind::Ndjson => (of_lines(&text, is_whole), None),
        _ => {
            let dialect = csv::guess(&text, is_whole, choices)?;
            let records = of_csv(&text[dialect.start..], dialect.delimiter, is_whole, MAX_SAMPLE_ROWS + 1);
            (records.with_header(dialect.has_header), Some(dialect))
        }
    };
    if table.rows.is_empty() && dialect.is_none() && !is_whole {
        return Err(SniffError::NoRow);
    }
    let decimal = match choices.decimal.as_deref() {
        Some(".") => Decimal::Point,
        Some(",") => Decimal::Comma,
        Some("auto") => Decimal::Auto,
        _ if dialect.is_none() => Decimal::Point,
        _ => decimal(&table, dialect.is_some_and(|dialect| dialect.delimiter == b',')),
    };
    let profiles = (0..table.names.len()).map(|number| profile(&table, number, decimal)).collect();
    let mut draft = PreviewDraft::new(&table, profiles, choices);
    draft.reading.source_format = match kind {
        FileKind::Json => "json",
        FileKind::Ndjson => "ndjson",
        _ => "csv",
    }
    .to_owned();
    if let Some(dialect) = dialect {
        draft.reading.delimiter = choices.delimiter.clone().or_else(|| Some(csv::delimiter_text(dialect.delimiter)));
        draft.reading.decimal = choices.decimal.clone().or_else(|| Some(decimal.name().to_owned()));
        draft.reading.header = Some(dialect.has_header);
        draft.notes.extend(note_about_first_rows(&table, dialect.has_header));
    }
    draft.header_key = match kind {
        FileKind::Json | FileKind::Ndjson => key_of_names(&table.names),
        _ => key_of_csv(&text, is_whole),
    };
    Ok(draft.finish(bytes, is_whole, encoding.name(), settings, zones))
}

fn of_columns(
    kind: FileKind,
    sample: Sample<'_>,
    choices: &Choices,
    settings: &Settings,
    zones: Zones<'_>,
) -> Result<Preview, SniffError> {
    let (chosen, packed) = match kind {
        FileKind::Parquet => ("parquet", "its row groups have to be unpacked first"),
        _ => ("arrow", "its record batches have to be unpacked first"),
    };
    let refused = |fault| SniffError::Format { chosen: chosen.to_owned(), fault };
    if sample.columns_of.is_none() {
        return Err(refused(packed));
    }
    let fields = read_schema(sample.bytes).ok_or_else(|| refused("its schema is damaged"))?;
    let profiles: Vec<Profile> = fields.iter().map(|field| profile_of_kind(field.kind)).collect();
    let names: Vec<String> = fields.into_iter().map(|field| field.name).collect();
    let table = Table { names: names.into_iter().map(Cow::Owned).collect(), rows: Vec::new() };
    let with = |missing: Option<&str>| {
        let mut draft = PreviewDraft::new(&table, profiles.clone(), choices);
        draft.reading.source_format = chosen.to_owned();
        draft.header_key = key_of_names(&table.names);
        if let Some(missing) = missing {
            draft.reading.missing = missing.to_owned();
        }
        draft.finish(sample.bytes, sample.is_whole, "", settings, zones)
    };
    if choices.missing.is_some() {
        return Ok(with(None));
    }
    // Only the cells tell whether some are missing.
    let preview = with(Some("allow"));
    let is_missing = |column: &Column| column.role == Role::Measure && column.missing > 0;
    let has_missing = preview.reading.measures.len() > 1 && preview.columns.iter().any(is_missing);
    Ok(if has_missing { preview } else { with(Some("reject")) })
}

/// A preview before its rows are read.
struct PreviewDraft<'t> {
    table: &'t Table<'t>,
    reading: Reading,
    profiles: Vec<Profile>,
    /// How the times of the chosen column are written.
    time: Option<TimeGuess>,
    questions: Vec<Question>,
    notes: Vec<String>,
    header_key: Option<String>,
}

impl<'t> PreviewDraft<'t> {
    /// Finds what becomes of the columns.
    fn new(table: &'t Table<'t>, profiles: Vec<Profile>, choices: &Choices) -> Self {
        let names: Vec<&str> = table.names.iter().map(|name| &**name).collect();
        let place = |name: &str| names.iter().position(|known| *known == name);
        let repeated = repeated(&names);
        // Columns whose name occurs twice cannot be read, and chosen measures are neither the time nor the id.
        let is_measure = |name: &str| choices.measures.iter().flatten().any(|measure| measure == name);
        let mut free = profiles.clone();
        // A header alone: a file that grows, or one whose first row is long.
        let is_header_alone = table.rows.is_empty() && profiles.iter().all(|profile| profile.kind == ColumnKind::Empty);
        for (at, profile) in free.iter_mut().enumerate() {
            if is_header_alone {
                profile.kind = kind_of_name(names[at]);
            }
            if repeated.contains(&names[at]) || is_measure(names[at]) {
                profile.kind = ColumnKind::Empty;
            }
        }
        let timestamp = match &choices.timestamp_field {
            Some(chosen) => chosen.as_deref().and_then(place),
            None => {
                let chosen_id = choices.id_field.iter().flatten().find_map(|name| place(name));
                chosen_id.into_iter().for_each(|at| free[at].kind = ColumnKind::Empty);
                roles::timestamp(&names, &free)
            }
        };
        let id = match &choices.id_field {
            Some(chosen) => chosen.as_deref().and_then(place),
            None => roles::id(&names, &free, timestamp),
        };
        let (measures, mut notes) = roles::measures(&names, &free, [timestamp, id]);
        let name_of = |at: Option<usize>| at.and_then(|at| names.get(at)).map(|name| (*name).to_owned());
        let time = timestamp.and_then(|at| profiles[at].time.clone().or_else(|| time(table, at)));
        let reading = Reading {
            timestamp_field: choices.timestamp_field.clone().unwrap_or_else(|| name_of(timestamp)),
            timestamp_format: choices
                .timestamp_format
                .clone()
                .unwrap_or_else(|| time.as_ref().map_or_else(|| "auto".to_owned(), |time| time.format.clone())),
            timestamp_zone: choices.timestamp_zone.clone().unwrap_or_else(|| "clock".to_owned()),
            id_field: choices.id_field.clone().unwrap_or_else(|| name_of(id)),
            measures: choices
                .measures
                .clone()
                .unwrap_or_else(|| measures.iter().map(|at| names[*at].to_owned()).collect()),
            ..Reading::default()
        };
        let has_missing = reading.measures.iter().any(|name| place(name).is_some_and(|at| profiles[at].missing > 0));
        let missing = if reading.measures.len() > 1 && has_missing { "allow" } else { "reject" };
        let missing = choices.missing.clone().unwrap_or_else(|| missing.to_owned());
        let asked = timestamp.zip(time.as_ref()).filter(|_| choices.timestamp_format.is_none());
        let questions = asked.and_then(|(at, time)| question(table, at, time)).into_iter().collect();
        if timestamp.is_none() && reading.timestamp_field.is_none() && choices.timestamp_field.is_none() {
            notes.push("no column of times was found: each row gets the time of its arrival".to_owned());
        }
        notes.extend(notes_about_columns(&names, &profiles, &repeated));
        let reading = Reading { missing, ..reading };
        Self { table, reading, profiles, time, questions, notes, header_key: None }
    }

    /// Reads the rows.
    fn finish(self, bytes: &[u8], is_whole: bool, encoding: &str, settings: &Settings, zones: Zones<'_>) -> Preview {
        let has_no_rows = self.table.rows.is_empty() && is_whole && !encoding.is_empty();
        let no_rows = || "the file has no rows behind its header; choose one with rows".to_owned();
        let (parsed, mut problems) = match self.reading.resolve(settings, zones) {
            Ok(resolved) => (parse(bytes, is_whole, &resolved), Vec::new()),
            // There are no columns to choose measures from.
            Err(_) if has_no_rows => (Parsed::default(), vec![no_rows()]),
            Err(problems) => (Parsed::default(), problems),
        };
        problems.extend(parsed.fault.clone());
        let refusals = &parsed.rows.refusals;
        let read_rows = parsed.rows.count();
        let mut columns = self.columns();
        let mut notes = self.notes.clone();
        let rows = if self.table.rows.is_empty() {
            count_missing(&mut columns, &self.reading, &parsed);
            self.rows_of_parsed(&parsed, zones)
        } else {
            self.rows_of_table(&parsed, problems.first(), zones)
        };
        if rows.is_empty() && problems.is_empty() {
            notes.push(match is_whole {
                true => no_rows(),
                false => {
                    "no row ends within the first bytes of the file: its rows are seen when it is loaded".to_owned()
                }
            });
        }
        Preview {
            encoding: encoding.to_owned(),
            columns,
            column_count: self.table.names.len(),
            rows,
            sample_rows: read_rows.max(if problems.is_empty() { 0 } else { self.table.rows.len() }),
            refused_rows: refusals.count(),
            refusals: reasons(refusals),
            is_whole,
            header_key: self.header_key,
            questions: self.questions,
            problems,
            notes,
            reading: self.reading,
        }
    }

    /// The first columns.
    fn columns(&self) -> Vec<Column> {
        let columns = self.table.names.iter().zip(&self.profiles).take(MAX_PREVIEW_COLUMNS);
        let column = |(name, profile): (&Cow<'_, str>, &Profile)| {
            let role = self.role(name);
            let time = if role == Role::Timestamp { self.time.clone() } else { profile.time.clone() };
            Column { name: name.to_string(), role, kind: profile.kind, missing: profile.missing, time }
        };
        columns.map(column).collect()
    }

    /// What becomes of the column of this name.
    fn role(&self, name: &str) -> Role {
        let Reading { timestamp_field, id_field, measures, .. } = &self.reading;
        match name {
            _ if measures.iter().any(|measure| measure == name) => Role::Measure,
            _ if timestamp_field.as_deref() == Some(name) => Role::Timestamp,
            _ if id_field.as_deref() == Some(name) => Role::Id,
            _ => Role::Ignored,
        }
    }

    /// The first rows of a table, beside the events that they become.
    fn rows_of_table(&self, parsed: &Parsed, problem: Option<&String>, zones: Zones<'_>) -> Vec<PreviewRow> {
        let columns = self.table.names.len().min(MAX_PREVIEW_COLUMNS);
        let mut drafts = parsed.rows.drafts.iter().peekable();
        let mut refusals = parsed.rows.refusals.first().iter().peekable();
        let mut rows = Vec::new();
        for (row, table_row) in self.table.rows.iter().take(MAX_PREVIEW_ROWS).enumerate() {
            let draft = drafts.next_if(|(place, _)| place.row == row);
            let bad = refusals.next_if(|bad| bad.place.row == row);
            let raw = match bad {
                Some(bad) if table_row.cells.is_empty() => vec![Some(brief(&bad.input).into_owned())],
                _ => (0..columns)
                    .map(|at| table_row.cells.get(at)?.text().map(|text| brief(text).into_owned()))
                    .collect(),
            };
            let parsed = match (draft, bad, problem) {
                (Some((_, draft)), ..) => Ok(event(draft, zones.clock)),
                (None, Some(bad), _) => Err(bad.reason.clone()),
                (None, None, Some(problem)) => Err(problem.clone()),
                // It is read once more of the file has come.
                (None, None, None) => break,
            };
            rows.push(PreviewRow { row, line: table_row.line, raw, parsed });
        }
        rows
    }

    /// The first rows of a binary format: what is read of them stands for what they are.
    fn rows_of_parsed(&self, parsed: &Parsed, zones: Zones<'_>) -> Vec<PreviewRow> {
        let drafts = parsed.rows.drafts.iter().take(MAX_PREVIEW_ROWS).map(|(place, draft)| {
            let event = event(draft, zones.clock);
            PreviewRow { row: place.row, line: place.line, raw: self.raw(&event), parsed: Ok(event) }
        });
        let refused = parsed.rows.refusals.first().iter().take(MAX_PREVIEW_ROWS).map(|bad: &BadRow| PreviewRow {
            row: bad.place.row,
            line: bad.place.line,
            raw: vec![Some(brief(&bad.input).into_owned())],
            parsed: Err(bad.reason.clone()),
        });
        let mut rows: Vec<PreviewRow> = drafts.chain(refused).collect();
        rows.sort_by_key(|row| row.row);
        rows.truncate(MAX_PREVIEW_ROWS);
        rows
    }

    /// What an event has of each column.
    fn raw(&self, event: &ParsedRow) -> Vec<Option<String>> {
        let text = |name: &Cow<'_, str>| match self.role(name) {
            Role::Timestamp => event.timestamp.clone(),
            Role::Id => event.id.as_deref().map(|id| brief(id).into_owned()),
            Role::Measure => {
                let at = self.reading.measures.iter().position(|measure| *measure == **name)?;
                event.values.get(at).copied().flatten().map(write_number)
            }
            Role::Ignored => None,
        };
        self.table.names.iter().take(MAX_PREVIEW_COLUMNS).map(text).collect()
    }
}

/// Counts the measures that are missing in the rows that were read.
fn count_missing(columns: &mut [Column], reading: &Reading, parsed: &Parsed) {
    for column in columns.iter_mut().filter(|column| column.role == Role::Measure) {
        let Some(at) = reading.measures.iter().position(|measure| *measure == column.name) else { continue };
        let values = parsed.rows.drafts.iter().filter_map(|(_, draft)| draft.values.get(at));
        column.missing = values.filter(|value| value.is_nan()).count();
    }
}

/// The question that times have which are read in more than one way.
fn question(table: &Table<'_>, number: usize, time: &TimeGuess) -> Option<Question> {
    let [first, second, ..] = &time.possible_formats[..] else { return None };
    let differs = |text: &str| {
        let [first, second] = [first, second].map(|format| times::meaning(format, text));
        first.is_some() && second.is_some() && first != second
    };
    let example = example(table, number, differs).or_else(|| example(table, number, |_| true))?;
    let answer =
        |format: &String| times::meaning(format, example).map(|meaning| Answer { value: format.clone(), meaning });
    Some(Question {
        subject: Subject::DayOrMonth,
        column: table.names.get(number)?.to_string(),
        example: brief(example).into_owned(),
        answers: time.possible_formats.iter().filter_map(answer).collect(),
    })
}

/// Names that occur more than once, each once.
fn repeated<'n>(names: &[&'n str]) -> Vec<&'n str> {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    let mut repeated: Vec<&str> = sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    repeated.dedup();
    repeated
}

fn notes_about_columns(names: &[&str], profiles: &[Profile], repeated: &[&str]) -> Vec<String> {
    let mut notes = Vec::new();
    let list = |names: &[&str]| brief(&names.join("\", \"")).into_owned();
    if !repeated.is_empty() {
        notes.push(format!("\"{}\" occurs more than once in the header and is not read; rename it", list(repeated)));
    }
    let nested: Vec<&str> = names
        .iter()
        .zip(profiles)
        .filter(|(_, profile)| profile.kind == ColumnKind::Nested)
        .map(|(name, _)| *name)
        .collect();
    if !nested.is_empty() {
        notes.push(format!("\"{}\" holds what is no number, text or time, and is not read", list(&nested)));
    }
    let grouped = names.iter().zip(profiles).filter_map(|(name, profile)| Some((name, profile.grouped.as_deref()?)));
    for (name, example) in grouped.take(3) {
        let (name, example) = (brief(name), brief(example));
        notes.push(format!(
            "\"{name}\" has commas between its digits, as in {example}, which are not read; write it without them"
        ));
    }
    if names.len() > MAX_PREVIEW_COLUMNS {
        notes.push(format!("the first {MAX_PREVIEW_COLUMNS} of {} columns are shown", names.len()));
    }
    notes
}

/// A note about lines above the header, such as a title: most rows then have more fields than it.
fn note_about_first_rows(table: &Table<'_>, has_header: bool) -> Option<String> {
    let fields = table.names.len();
    let mut counts: Vec<usize> = table.rows.iter().map(|row| row.cells.len()).collect();
    counts.sort_unstable();
    let usual = *counts.get(counts.len() / 2)?;
    (has_header && usual > fields && fields < 3).then(|| {
        format!("the first row has {fields} fields and most others have {usual}; remove the lines above the header")
    })
}

/// The key of a text of CSV: its header line as it stands there. It depends on no guess, so that what was chosen for a
/// file is found for the next one; a file without a header has its own first row as its key.
fn key_of_csv(text: &[u8], is_whole: bool) -> Option<String> {
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with(b"sep="))?;
    let is_cut = !is_whole && first.len() == text.len();
    (!is_cut).then(|| key(&String::from_utf8_lossy(first)))
}

/// The key of the names of columns.
fn key_of_names(names: &[Cow<'_, str>]) -> Option<String> {
    (!names.is_empty()).then(|| key(&names.join("\n")))
}

fn key(text: &str) -> String {
    match text.len() {
        0..=KEY_BYTES => text.to_owned(),
        length => {
            let end = (0..=KEY_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            [&text[..end], "… ", &length.to_string()].concat()
        }
    }
}
