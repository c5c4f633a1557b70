//! The size, the type and the encodings of a body.

use crate::api::{ApiError, InvalidInput, Problem, Request};
use crate::pipeline::coding::{CodingError, decode};
use crate::pipeline::records::Encoding;

/// Maximum size of a body, as sent and as decoded: 64 MiB.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// The body without its content codings.
///
/// # Errors
/// 413 for a body of more than `max_bytes`, as sent or decoded; 415 for a coding that is not read; 422 for a body that is
/// not of its coding.
pub(crate) fn content(request: &Request, max_bytes: usize) -> Result<Vec<u8>, ApiError> {
    check_size(request.body.len(), max_bytes)?;
    decode(&request.body, codings(request), max_bytes).map_err(|error| refuse_coding(error, max_bytes))
}

/// Checks how many bytes of a body were sent.
///
/// # Errors
/// 413 for more than `max_bytes`, which no body may have more than [`MAX_BODY_BYTES`] of.
pub(crate) fn check_size(bytes: usize, max_bytes: usize) -> Result<(), ApiError> {
    let exceeded = [MAX_BODY_BYTES, max_bytes].into_iter().find(|max_bytes| bytes > *max_bytes);
    exceeded.map_or(Ok(()), |max_bytes| Err(ApiError::BodyTooLarge { bytes, max_bytes }))
}

/// The codings of a body, in the order in which they were applied.
pub(crate) fn codings(request: &Request) -> &str {
    request.header("content-encoding").unwrap_or_default()
}

/// The refusal of a body whose codings cannot be undone.
pub(crate) fn refuse_coding(error: CodingError, max_bytes: usize) -> ApiError {
    match error {
        CodingError::Unknown(given) => ApiError::UnsupportedCoding { given },
        CodingError::TooLarge => ApiError::DecodedBodyTooLarge { max_bytes },
        CodingError::Damaged(fault) => {
            ApiError::Unprocessable(vec![Problem::body("coding_invalid", None, fault, InvalidInput::Nothing)])
        }
    }
}

/// The media type without its parameters, in lower case; JSON when none is given, as in FastAPI.
pub(crate) fn media_type(request: &Request) -> String {
    content_type(request).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether this media type is JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

/// The encoding of the text that `charset` names: UTF-8 when there is none. A byte order mark in the text counts before
/// it. UTF-16 of no named byte order begins with the high byte (RFC 2781, 4.3).
///
/// # Errors
/// 415 for every other encoding: which text is meant is never guessed.
pub(crate) fn charset(request: &Request) -> Result<Encoding, ApiError> {
    let content_type = content_type(request);
    let charset = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    match charset.as_deref() {
        None | Some("" | "utf-8" | "utf8" | "us-ascii" | "ascii") => Ok(Encoding::Utf8),
        Some("utf-16le") => Ok(Encoding::Utf16Le),
        Some("utf-16" | "utf-16be") => Ok(Encoding::Utf16Be),
        Some(_) => {
            let accepted = "UTF-8, or UTF-16 with a byte order mark";
            Err(ApiError::UnsupportedMediaType { given: content_type.to_owned(), accepted })
        }
    }
}

fn content_type(request: &Request) -> &str {
    request.header("content-type").filter(|value| !value.trim().is_empty()).unwrap_or("application/json")
}
