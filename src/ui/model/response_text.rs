//! The response body as the console shows it.

use super::pretty_json::pretty_json;
use super::quantity::bytes_text;

/// Maximum number of body bytes that the console shows.
pub const SHOWN_BYTES: usize = 24 * 1024;

/// A body ready to show.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BodyText {
    /// The text, cut when it is long.
    pub text: String,
    /// What was left out, if the text is cut.
    pub cut_notice: Option<String>,
}

/// Formats the body by its content type: JSON is indented, binary bodies are only named, long ones cut. With `is_cut`
/// the body itself is incomplete.
#[must_use]
pub fn body_text(content_type: &str, body: &[u8], is_cut: bool) -> BodyText {
    if body.is_empty() {
        return BodyText { text: String::new(), cut_notice: Some("no body".to_owned()) };
    }
    if !is_text(content_type) {
        let notice =
            format!("{} of {content_type}: not text; open it in a new tab to save it", bytes_text(body.len() as u64));
        return BodyText { text: String::new(), cut_notice: Some(notice) };
    }
    let raw = String::from_utf8_lossy(&body[..body.len().min(SHOWN_BYTES)]);
    let text = if is_a(content_type, "json") { pretty_json(&raw, SHOWN_BYTES) } else { raw.into_owned() };
    let bytes = bytes_text(body.len() as u64);
    let cut_notice = if is_cut {
        Some(format!("cut here: the console stopped reading after {bytes}; open it in a new tab to have it all"))
    } else {
        (body.len() > SHOWN_BYTES).then(|| format!("cut here: the whole body is {bytes}"))
    };
    BodyText { text, cut_notice }
}

fn is_text(content_type: &str) -> bool {
    content_type.is_empty() || ["text", "json", "x-ndjson"].iter().any(|kind| is_a(content_type, kind))
}

/// Whether one of the words between the separators equals `kind`.
fn is_a(content_type: &str, kind: &str) -> bool {
    content_type.split(['/', '+', ';']).any(|word| word == kind)
}

/// The value of a header; names are compared case-insensitively.
#[must_use]
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

/// Whether the response is a stream of Server-Sent Events.
#[must_use]
pub fn is_event_stream(headers: &[(String, String)]) -> bool {
    header(headers, "content-type").starts_with("text/event-stream")
}

/// The name of a file for the answer of a path, in a format such as `csv`.
#[must_use]
pub fn file_name(path: &str, format: &str) -> String {
    let stem = path.split(['?', '.']).next().unwrap_or_default();
    format!("{stem}.{format}")
}

/// The format of a content type, as in the parameter `format`; `txt` for any other.
#[must_use]
pub fn format_name(content_type: &str) -> &'static str {
    match content_type {
        arrow if arrow.contains("arrow") => "arrow",
        ndjson if is_a(ndjson, "x-ndjson") => "ndjson",
        csv if is_a(csv, "csv") => "csv",
        json if is_a(json, "json") => "json",
        _ => "txt",
    }
}

/// The reason phrase of a status.
#[must_use]
pub fn status_name(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        204 => "No Content",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        507 => "Insufficient Storage",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::{SHOWN_BYTES, body_text, file_name, format_name};

    #[test]
    fn long_bodies_are_cut_with_a_notice() {
        let body = vec![b'7'; SHOWN_BYTES * 3];
        let shown = body_text("text/plain", &body, false);
        assert_eq!(shown.text.len(), SHOWN_BYTES);
        assert_eq!(shown.cut_notice.as_deref(), Some("cut here: the whole body is 72 KB"));
        let notice = body_text("text/plain", b"7", true).cut_notice;
        assert!(notice.is_some_and(|notice| notice.contains("stopped reading after 1 B")));
    }

    #[test]
    fn a_saved_answer_has_the_name_of_its_path_and_format() {
        assert_eq!(file_name("query?limit=5", format_name("text/csv; charset=utf-8")), "query.csv");
        assert_eq!(file_name("openapi.json", format_name("application/json")), "openapi.json");
        assert_eq!(format_name("application/x-ndjson"), "ndjson");
        assert_eq!(format_name("application/vnd.apache.arrow.stream"), "arrow");
        assert_eq!(format_name("text/plain; version=0.0.4"), "txt");
    }

    #[test]
    fn binary_bodies_are_named_not_shown() {
        let shown = body_text("application/vnd.apache.arrow.stream", &[0xff; 2048], false);
        assert_eq!(shown.text, "");
        assert!(shown.cut_notice.is_some_and(|notice| notice.starts_with("2 KB of application/vnd")));
    }
}
