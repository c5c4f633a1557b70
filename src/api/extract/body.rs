//! The size and the type of a body.

use crate::api::{ApiError, Request};

/// Maximum size of a body: 64 MiB.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// Refuses a body that is too large.
pub(crate) fn check_size(request: &Request) -> Result<(), ApiError> {
    let bytes = request.body.len();
    if bytes > MAX_BODY_BYTES {
        return Err(ApiError::BodyTooLarge { bytes, max_bytes: MAX_BODY_BYTES });
    }
    Ok(())
}

/// The media type without its parameters, in lower case; JSON when none is given, as in FastAPI.
pub(crate) fn media_type(request: &Request) -> String {
    let given = request.header("content-type").filter(|value| !value.trim().is_empty()).unwrap_or("application/json");
    given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether this media type is JSON.
pub(crate) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}
