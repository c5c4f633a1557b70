//! Whether an answer of a poll is the one before.

use std::sync::Arc;

/// A longer validator is not kept.
const MAX_BYTES: usize = 900;

/// What a server says of an answer, by which the same one is recognised.
#[derive(Debug, Default)]
pub(super) struct Validator {
    etag: String,
    last_modified: String,
}

impl Validator {
    /// Of these headers; empty where there are none.
    pub(super) fn new(etag: &str, last_modified: &str) -> Self {
        let kept = |value: &str| if value.len() <= MAX_BYTES { value.trim_ascii().to_owned() } else { String::new() };
        Self { etag: kept(etag), last_modified: kept(last_modified) }
    }

    /// The token of an answer with this digest, see [`Cursor::token`](crate::pipeline::Cursor::token): equal tokens are
    /// of the same answer. A date has whole seconds, within which an answer may change.
    pub(super) fn token(self, digest: u64) -> Arc<str> {
        let Self { etag, last_modified } = self;
        let token = match (&*etag, &*last_modified) {
            ("", "") => format!("body:{digest:016x}"),
            ("", date) => format!("date:{digest:016x}:{date}"),
            (etag, _) => format!("etag:{etag}"),
        };
        token.into()
    }

    /// The header of a request by which a server leaves out the answer with this token.
    pub(super) fn condition(token: &str) -> Option<(&'static str, String)> {
        if let Some(etag) = token.strip_prefix("etag:") {
            return Some(("if-none-match", etag.to_owned()));
        }
        let (_, date) = token.strip_prefix("date:")?.split_once(':')?;
        Some(("if-modified-since", date.to_owned()))
    }

    /// Whether the server says nothing of the answer with this token: it is known by its bytes alone.
    pub(super) fn is_digest(token: &str) -> bool {
        token.starts_with("body:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_what_the_server_said() {
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        for (etag, modified, condition) in [
            ("W/\"a:b\"", date, Some(("if-none-match", "W/\"a:b\""))),
            ("", date, Some(("if-modified-since", date))),
            (" ", "", None),
            (&*"x".repeat(1000), "", None),
        ] {
            let token = Validator::new(etag, modified).token(7);
            let found = Validator::condition(&token);
            assert_eq!(found.as_ref().map(|(name, value)| (*name, &**value)), condition, "{token}");
            assert_eq!(Validator::is_digest(&token), condition.is_none());
        }
        assert_eq!(Validator::condition(""), None);
    }
}
