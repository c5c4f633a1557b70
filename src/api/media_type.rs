//! The names of formats: one list, heard in `Content-Type` and spoken in `Accept`.

/// A format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    /// An object, or an array of objects.
    Json,
    /// An object a line.
    Ndjson,
    /// Comma-separated values with a header row.
    Csv,
    /// Tab-separated values with a header row.
    Tsv,
    /// An Arrow IPC stream.
    ArrowStream,
    /// An Arrow IPC file: heard only.
    ArrowFile,
    /// A Parquet file: heard only.
    Parquet,
}

/// All names; the first of a format is the one that answers give.
const NAMES: [(&str, MediaType); 10] = [
    ("application/json", MediaType::Json),
    ("application/x-ndjson", MediaType::Ndjson),
    ("application/ndjson", MediaType::Ndjson),
    ("application/jsonl", MediaType::Ndjson),
    ("application/x-jsonlines", MediaType::Ndjson),
    ("text/csv", MediaType::Csv),
    ("text/tab-separated-values", MediaType::Tsv),
    ("application/vnd.apache.arrow.stream", MediaType::ArrowStream),
    ("application/vnd.apache.arrow.file", MediaType::ArrowFile),
    ("application/vnd.apache.parquet", MediaType::Parquet),
];

impl MediaType {
    /// The format of this name, in any case; parameters are no part of the name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let (_, format) = NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()))?;
        Some(*format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_and_as_a_whole() {
        assert_eq!(MediaType::parse(" Application/JSONL "), Some(MediaType::Ndjson));
        assert_eq!(MediaType::parse("text/csvx"), None);
        assert!(NAMES.iter().all(|(name, format)| MediaType::parse(name) == Some(*format)));
    }
}
