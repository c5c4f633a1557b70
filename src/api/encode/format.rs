//! The formats of a response with tables, one file each.

use super::arrow::ArrowWriter;
use super::csv::Csv;
use super::encoder::Encoder;
use super::json::JsonTables;
use super::ndjson::Ndjson;
use crate::api::media_type::MediaType;
use crate::time::Clock;

/// How tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One object with an array of objects for each table.
    Json,
    /// An object a line.
    Ndjson,
    /// A header row, then a line a row.
    Csv,
    /// An Arrow IPC stream.
    Arrow,
    /// CSV with tabs, which `Accept` alone asks for.
    Tsv,
}

impl Format {
    /// The names in the order of the contract.
    pub(crate) const NAMES: [&'static str; 4] = ["json", "ndjson", "csv", "arrow"];
    const ALL: [Self; 4] = [Self::Json, Self::Ndjson, Self::Csv, Self::Arrow];

    /// The format of this name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let place = Self::NAMES.iter().position(|name| *name == text);
        place
            .map(|place| Self::ALL[place])
            .ok_or_else(|| format!("\"{text}\" is not one of {}", Self::NAMES.join(", ")))
    }

    /// Its name in the query.
    pub(crate) fn name(self) -> &'static str {
        if self == Self::Tsv { "tsv" } else { Self::NAMES[self as usize] }
    }

    /// The content type of the response.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => ArrowWriter::CONTENT_TYPE,
            Self::Tsv => "text/tab-separated-values; charset=utf-8",
        }
    }

    /// The format with this media type, if there is one.
    fn from_media_type(text: &str) -> Option<Self> {
        match text {
            "application/*" | "*/*" => return Some(Self::Json),
            "text/*" => return Some(Self::Csv),
            _ => {}
        }
        Some(match MediaType::parse(text)? {
            MediaType::Json => Self::Json,
            MediaType::Ndjson => Self::Ndjson,
            MediaType::Csv => Self::Csv,
            MediaType::Tsv => Self::Tsv,
            MediaType::ArrowStream => Self::Arrow,
            MediaType::ArrowFile | MediaType::Parquet => return None,
        })
    }

    /// The format that an `Accept` header asks for: of the known formats that it names, the one of the highest quality,
    /// among equals the first. JSON when it names none.
    pub(crate) fn from_accept(header: &str) -> Self {
        let mut best = (Self::Json, 0.0);
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let Some(format) = parts.next().and_then(|name| Self::from_media_type(&name.to_ascii_lowercase())) else {
                continue;
            };
            let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let quality = quality.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
            if quality > best.1 {
                best = (format, quality);
            }
        }
        best.0
    }

    /// The encoder of this format; `is_for_spreadsheets` changes CSV and TSV alone.
    pub(crate) fn encoder(self, clock: &Clock, is_for_spreadsheets: bool) -> Box<dyn Encoder> {
        match self {
            Self::Json => Box::new(JsonTables::new(clock.clone())),
            Self::Ndjson => Box::new(Ndjson::new(clock.clone())),
            Self::Csv => Box::new(Csv::new(clock.clone(), b',').for_spreadsheets(is_for_spreadsheets)),
            Self::Arrow => Box::new(ArrowWriter::new(clock.clone())),
            Self::Tsv => Box::new(Csv::new(clock.clone(), b'\t').for_spreadsheets(is_for_spreadsheets)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_of_the_highest_quality_is_chosen() {
        for (header, expected) in [
            ("", Format::Json),
            ("*/*", Format::Json),
            ("text/csv", Format::Csv),
            ("TEXT/CSV", Format::Csv),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Json),
            ("text/csv;q=0.5, application/x-ndjson;q=0.9", Format::Ndjson),
            ("text/csv; charset=utf-8; q=0.5, application/json; q=0.4", Format::Csv),
            ("text/csv;q=0, application/json;q=0.1", Format::Json),
            ("text/csv;q=soon", Format::Json),
            ("application/vnd.apache.arrow.stream, */*;q=0.1", Format::Arrow),
            ("application/x-jsonlines", Format::Ndjson),
            ("application/vnd.apache.parquet, application/vnd.apache.arrow.file, text/csv;q=0.1", Format::Csv),
            ("text/tab-separated-values, text/csv;q=0.9", Format::Tsv),
            ("image/png", Format::Json),
        ] {
            assert_eq!(Format::from_accept(header), expected, "{header}");
        }
    }

    #[test]
    fn every_name_parses_to_the_format_of_that_name() {
        for name in Format::NAMES {
            assert_eq!(Format::parse(name).map(Format::name), Ok(name));
        }
    }
}
