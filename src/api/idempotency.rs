//! `Idempotency-Key`: a post that is sent again gets the answer of the first time, and is not taken again.
//!
//! The engine keeps the answer as a [`Receipt`]; the journal writes it in the same record as the events that came with
//! it, so that a key is known exactly as long as its events are, over reloads, crashes and take-overs. `DELETE /events`
//! forgets keys as it forgets events.
//!
//! - A key is remembered when its post left something: events or refused rows. A refusal of the whole request (a bad
//!   parameter, 413, 415, 503, 507) changes nothing and is judged anew.
//! - Another body under the key of accepted events is refused. A body under a key whose first one brought no event is
//!   taken: its sender has mended it.
//! - Answers with many refused rows are kept whole as long as there is room for them ([`Receipts`]); later their counts
//!   stay, and the list goes.
//!
//! Source: draft-ietf-httpapi-idempotency-key-header.
//!
//! [`Receipts`]: crate::pipeline::Receipts

use crc::{CRC_64_XZ, Crc};
use serde_json::value::RawValue;

use super::extract::json::Json;
use super::extract::query::cut;
use super::{ApiError, App, Body, InvalidInput, Problem, Request, Response};
use crate::pipeline::Receipt;
use crate::store::Durability;
use crate::time::Timestamp;

const NAME: &str = "idempotency-key";
/// The longest key.
const MAX_KEY_BYTES: usize = 255;
/// A longer body can be shortened.
const SHORT_BYTES: usize = 512;
/// A digest of 64 bits that is the same in every build: receipts outlive builds.
const CRC64: Crc<u64> = Crc::<u64>::new(&CRC_64_XZ);

/// Answers a request by `handler`, or by the receipt of an earlier request with its key.
pub(super) fn once(
    app: &mut App,
    request: &Request,
    now: Timestamp,
    handler: impl FnOnce(&mut App, &Request, Timestamp) -> Result<Response, ApiError>,
) -> Result<Response, ApiError> {
    let Some(key) = key(request)? else { return handler(app, request, now) };
    let digest = digest(request);
    if let Some(receipt) = app.service().engine().receipts().get(key) {
        if receipt.digest == digest {
            // The events may be in memory alone, after a write that failed: their answer was a 507 then.
            if let Durability::Full(reason) = app.service().store().durability() {
                let reason =
                    format!("the disk is full ({reason}); choose on the page what to do, or send this again later");
                return Err(ApiError::InsufficientStorage { reason });
            }
            return Ok(Response::new(receipt.status, "application/json", receipt.body.clone())
                .with_header("Idempotency-Replayed", "true"));
        }
        if receipt.is_success() {
            let msg = "this key was sent before with another request, whose events were taken; send a new key with a new request";
            return Err(refused(key, msg.to_owned()));
        }
    }
    let refused_before = app.service().engine().dead_letters().total();
    let response = handler(app, request, now).unwrap_or_else(ApiError::into_response);
    let (engine, _) = app.service_mut().engine_and_store();
    let has_left_something = response.status < 300 || engine.dead_letters().total() != refused_before;
    if has_left_something && let Body::Whole(body) = &response.body {
        let short_body = if body.len() > SHORT_BYTES { shortened(body) } else { None };
        engine.keep_receipt(Receipt {
            key: key.into(),
            digest,
            status: response.status,
            body: body.clone(),
            short_body,
        });
    }
    Ok(response)
}

/// The key of a request, if it has one.
fn key(request: &Request) -> Result<Option<&str>, ApiError> {
    let Some(key) = request.header(NAME).map(str::trim) else { return Ok(None) };
    if (1..=MAX_KEY_BYTES).contains(&key.len()) && key.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(Some(key));
    }
    let msg = format!("a key is 1 to {MAX_KEY_BYTES} printable ASCII characters; send a UUID, for example");
    Err(refused(key, msg))
}

fn refused(key: &str, msg: String) -> ApiError {
    let given = InvalidInput::Text(cut(key).to_owned());
    ApiError::Unprocessable(vec![Problem::value("header", NAME, msg, given)])
}

/// A digest of all that the answer depends on.
fn digest(request: &Request) -> u64 {
    let header = |name| request.header(name).unwrap_or_default().as_bytes();
    let mut digest = CRC64.digest();
    for part in [request.query.as_bytes(), header("content-type"), header("content-encoding"), &request.body] {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.finalize()
}

/// The body of an answer without its list of refused rows. A 422 keeps its first problem: the others may be rows too.
fn shortened(body: &[u8]) -> Option<Vec<u8>> {
    let Json::Object(members) = Json::read(str::from_utf8(body).ok()?).ok()? else { return None };
    let mut short = vec![b'{'];
    for (place, (name, raw)) in members.iter().enumerate() {
        if place > 0 {
            short.push(b',');
        }
        short.extend_from_slice(format!("\"{name}\":").as_bytes());
        let elements = || serde_json::from_slice::<Vec<&RawValue>>(raw.get().as_bytes()).ok();
        let kept = match name.as_str() {
            "rejected" => "[]".to_owned(),
            "detail" => elements().map_or_else(
                || raw.get().to_owned(),
                |problems| format!("[{}]", problems.first().map_or("", |first| first.get())),
            ),
            _ => raw.get().to_owned(),
        };
        short.extend_from_slice(kept.as_bytes());
    }
    short.push(b'}');
    Some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortened_answer_keeps_its_counts() {
        let short = |body: &str| shortened(body.as_bytes()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let receipt = r#"{"accepted":1,"rejected_count":2,"rejected":[{"row":1},{"row":2}],"ignored":["x"]}"#;
        let expected = r#"{"accepted":1,"rejected_count":2,"rejected":[],"ignored":["x"]}"#;
        assert_eq!(short(receipt).as_deref(), Some(expected));
        assert_eq!(short(r#"{"detail":[{"msg":"a"},{"msg":"b"}]}"#).as_deref(), Some(r#"{"detail":[{"msg":"a"}]}"#));
        assert_eq!(short(r#"{"detail":"x"}"#).as_deref(), Some(r#"{"detail":"x"}"#));
        assert_eq!(short("x"), None);
    }

    #[test]
    fn all_that_changes_the_meaning_of_a_request_changes_its_digest() {
        let request = |target: &str, content_type: &str, body: &str| {
            digest(&Request::new("POST", target).with_body(content_type, body))
        };
        let digests = [
            request("events", "text/csv", "value\n1"),
            request("events", "text/csv", "value\n2"),
            request("events", "application/json", "value\n1"),
            request("events?complete=true", "text/csv", "value\n1"),
        ];
        assert!((1..4).all(|n| digests[n] != digests[0]));
        assert_eq!(request("events", "text/csv", "value\n1"), digests[0]);
    }
}
