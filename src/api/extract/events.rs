//! Events from a body: JSON, NDJSON, CSV or TSV, read by [`records`].

use super::body::{charset, content, is_json, media_type};
use super::query::cut;
use crate::api::media_type::MediaType;
use crate::api::{ApiError, InvalidInput, Problem, Request};
use crate::pipeline::records::{self, BodyError, DELIMITERS, Format, Rows};
use crate::time::Clock;

/// Bytes of an unreadable body that the refusal shows.
const SHOWN_BYTES: usize = 80;

/// Reads the rows of a body by its content type; `delimiter` counts for CSV, where it is not found then.
///
/// # Errors
/// 413, 415 and 422 as [`content`]; 415 for another content type, 422 for a body that is not of its content type.
pub(crate) fn read(request: &Request, delimiter: Option<u8>, clock: &Clock) -> Result<Rows, ApiError> {
    let media_type = media_type(request);
    let format = match MediaType::parse(&media_type) {
        Some(MediaType::Json) => Format::Json,
        Some(MediaType::Ndjson) => Format::Ndjson,
        Some(MediaType::Csv) => Format::Csv { delimiter },
        Some(MediaType::Tsv) => Format::Csv { delimiter: delimiter.or(Some(b'\t')) },
        None if is_json(&media_type) => Format::Json,
        Some(MediaType::ArrowStream) | None => {
            let accepted = "application/json, application/x-ndjson, text/csv or text/tab-separated-values";
            return Err(ApiError::UnsupportedMediaType { given: media_type, accepted });
        }
    };
    let expected = charset(request)?;
    let text = content(request)?;
    records::read(&text, format, expected, clock).map_err(|error| {
        let kind = match error {
            BodyError::Json(_) => "json_invalid",
            BodyError::Csv(_) => "csv_invalid",
        };
        let start = String::from_utf8_lossy(&text[..text.len().min(SHOWN_BYTES)]).into_owned();
        ApiError::Unprocessable(vec![Problem::body(kind, None, error.to_string(), InvalidInput::Text(start))])
    })
}

/// The delimiter that a parameter names.
pub(crate) fn read_delimiter(text: &str) -> Result<u8, String> {
    match *text.as_bytes() {
        [byte] if DELIMITERS.contains(&byte) => Ok(byte),
        _ => {
            let shown = cut(text);
            Err(format!("\"{shown}\" is no delimiter; send one of , ; | or a tab, percent-encoded as %2C %3B %7C %09"))
        }
    }
}
