//! Why a live source is not read, in sentences with their mend.

use super::{Closing, LiveKind, MAX_MESSAGE_BYTES};
use crate::pipeline::records::brief;

/// Why messages of a WebSocket are dropped or refused.
pub(super) const OVERFULL: &str = "more arrives than is processed, and a WebSocket cannot be slowed: what there is no room \
                                   for is dropped or refused, as overflow says, and counted; let the server send less";

/// An answer of this status, which is none that is read.
pub(super) fn status(kind: LiveKind, status: u16, url: &str) -> String {
    let url = brief(url);
    let (what, mend) = match status {
        401 | 403 | 407 => ("refuses access", "give credentials for it, or check those that were given"),
        404 | 410 => ("has nothing there", "check the path of the address"),
        405 | 406 | 415 => ("does not answer such a request", "check that the address is the one of the data"),
        408 | 425 => ("was not ready in time", "it is tried again"),
        429 => ("asks for fewer requests", "it is tried again later; raise poll_interval if this happens often"),
        300..=399 => ("names another address", "give that one"),
        500..=599 => ("has trouble of its own", "it is tried again; see the server's log"),
        _ if kind == LiveKind::Sse => ("sends no stream", "check that the address is one of an event stream"),
        _ => ("does not send the data", "check the address"),
    };
    format!("\"{url}\" {what} (status {status}): {mend}")
}

/// An answer with another content type than that of an event stream.
pub(super) fn content_type(found: &str, url: &str) -> String {
    let found = if found.is_empty() { "no content type".to_owned() } else { format!("\"{}\"", brief(found)) };
    format!(
        "\"{}\" sends {found} where an event stream is \"text/event-stream\": check the address, or choose the source poll \
         for one that is asked again and again",
        brief(url)
    )
}

/// There was no connection.
pub(super) fn unreachable(kind: LiveKind, reason: &str, url: &str) -> String {
    let (reason, url) = (brief(reason), brief(url));
    match kind {
        // Browsers do not say which of these it is.
        LiveKind::WebSocket => format!(
            "no connection to \"{url}\" ({reason}): check that a WebSocket server listens there, that it takes pages of this \
             origin, and its certificate if the address begins with wss; a browser shows it no credentials but a token in \
             the place of {{token}} in the address"
        ),
        LiveKind::Sse => format!(
            "no answer from \"{url}\" ({reason}): check that the server runs; from another origin it has to allow this page \
             with Access-Control-Allow-Origin, and Last-Event-ID with Access-Control-Allow-Headers"
        ),
        LiveKind::Poll => format!(
            "no answer from \"{url}\" ({reason}): check that the server runs; from another origin it has to allow this page \
             with Access-Control-Allow-Origin"
        ),
    }
}

/// A connection that was there has ended.
pub(super) fn lost(kind: LiveKind, closing: &Closing, url: &str) -> String {
    let url = brief(url);
    match (closing, kind) {
        (Closing::End { code, reason }, LiveKind::WebSocket) => {
            let meaning = match code {
                1000 => "it is done",
                1001 => "it stops, or goes elsewhere",
                1002 | 1003 | 1007 => "it does not understand this client",
                1008 => "its policy forbids it; check the credentials in the address",
                1009 => "a message was too long",
                1011 => "it has trouble of its own; see its log",
                1012 | 1013 => "it starts anew, or has too much to do",
                _ => "it says no more",
            };
            let said = if reason.is_empty() { String::new() } else { format!(", \"{}\"", brief(reason)) };
            format!("\"{url}\" closed the connection (code {code}{said}): {meaning}; it is connected again")
        }
        (Closing::End { .. }, _) => format!("\"{url}\" ended the stream; it is connected again"),
        (Closing::Broken(reason) | Closing::Refused(reason), _) => {
            format!("the connection to \"{url}\" was lost ({}); it is connected again", brief(reason))
        }
    }
}

/// A message that is not read.
pub(super) fn too_long() -> String {
    format!("the message has more than {MAX_MESSAGE_BYTES} bytes; send it in parts")
}
