//! The formats of a response with tables, one file each.

use super::arrow::ArrowWriter;
use super::csv::Csv;
use super::encoder::Encoder;
use super::json::JsonTables;
use super::ndjson::Ndjson;
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
        Self::NAMES[self as usize]
    }

    /// The content type of the response.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Arrow => ArrowWriter::CONTENT_TYPE,
        }
    }

    /// The format with this media type, if there is one.
    fn from_media_type(text: &str) -> Option<Self> {
        Some(match text {
            "application/json" | "application/*" | "*/*" => Self::Json,
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Self::Ndjson,
            "text/csv" | "text/*" => Self::Csv,
            ArrowWriter::CONTENT_TYPE => Self::Arrow,
            _ => return None,
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

    /// The encoder of this format.
    pub(crate) fn encoder(self, clock: &Clock) -> Box<dyn Encoder> {
        match self {
            Self::Json => Box::new(JsonTables::new(clock.clone())),
            Self::Ndjson => Box::new(Ndjson::new(clock.clone())),
            Self::Csv => Box::new(Csv::new(clock.clone())),
            Self::Arrow => Box::new(ArrowWriter::new(clock.clone())),
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
