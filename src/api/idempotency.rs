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
//! - The rows of a large body are taken in steps. Before others have their turn between two of them, its receipt says how
//!   far it came. Sent again after a crash, such a request goes on there: nothing is lost, nothing is taken twice.
//! - Answers with many refused rows are kept whole as long as there is room for them ([`Receipts`]); later their counts
//!   stay, and the list goes.
//!
//! Source: draft-ietf-httpapi-idempotency-key-header.
//!
//! [`Receipts`]: crate::pipeline::Receipts

use crc::{CRC_64_XZ, Crc, Digest};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::active_keys::Claim;
use super::encode::json;
use super::extract::json::Json;
use super::extract::query::cut;
use super::{ApiError, App, Body, InvalidInput, Problem, Request, Response};
use crate::pipeline::Receipt;
use crate::store::Durability;

const NAME: &str = "idempotency-key";
/// The longest key.
const MAX_KEY_BYTES: usize = 255;
/// A longer body can be shortened.
const SHORT_BYTES: usize = 512;
/// The status of a receipt of which the request is not answered yet: the beginning of its rows was taken.
const IN_PROGRESS: u16 = 102;
/// A digest of 64 bits that is the same in every build: receipts outlive builds.
static CRC64: Crc<u64> = Crc::<u64>::new(&CRC_64_XZ);

/// How far the rows of a body were taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    /// Rows from the start of the body that are done with.
    pub(super) rows: usize,
    /// Those of them that became events.
    pub(super) accepted: usize,
}

/// What is known of a request by its key.
pub(super) enum Recalled {
    /// It was answered before, with this.
    Answer(Response),
    /// It is to be answered; so many of its rows were taken before the pipeline ended, or none.
    Resume(Taken, Claim),
}

/// The key of a request, with a digest of all that the answer depends on.
#[derive(Clone)]
pub(super) struct Key {
    key: String,
    digest: Digest<'static, u64>,
}

impl Key {
    /// The key of a request, if it has one; of the body, the size alone.
    ///
    /// # Errors
    /// 422 for a key that is too long, or has other characters than keys have.
    pub(super) fn from_head(head: &Request) -> Result<Option<Self>, ApiError> {
        let Some(key) = key(head)? else { return Ok(None) };
        let mut digest = CRC64.digest();
        let header = |name| head.header(name).unwrap_or_default();
        for part in [head.query.as_str(), header("content-type"), header("content-encoding")] {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        Ok(Some(Self { key: key.to_owned(), digest }))
    }

    /// Adds the size of the body, before its bytes.
    pub(super) fn add_size(&mut self, bytes: usize) {
        self.digest.update(&(bytes as u64).to_le_bytes());
    }

    /// Adds the next bytes of the body.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    /// What is known of this request, once all of its body was added.
    ///
    /// # Errors
    /// 422 for another request under a key whose first one brought events, 503 while one with this key is being answered,
    /// 507 while the answer might be lost.
    pub(super) fn recall(&self, app: &mut App) -> Result<Recalled, ApiError> {
        let claim = app.active_keys.claim(&self.key).ok_or_else(|| ApiError::Unavailable {
            reason: "a request with this key is being answered; send this again later".to_owned(),
        })?;
        let Some(receipt) = app.service().engine().receipts().get(&self.key) else {
            return Ok(Recalled::Resume(Taken::default(), claim));
        };
        if receipt.digest == self.digest() {
            // The events may be in memory alone, after a write that failed: their answer was a 507 then.
            if let Durability::Full(reason) = app.service().store().durability()
                && !app.service().has_flushed_receipt(&receipt.key)
            {
                let reason =
                    format!("the disk is full ({reason}); choose on the page what to do, or send this again later");
                return Err(ApiError::InsufficientStorage { reason });
            }
            if receipt.status == IN_PROGRESS {
                return Ok(Recalled::Resume(serde_json::from_slice(&receipt.body).unwrap_or_default(), claim));
            }
            let answer = Response::new(receipt.status, "application/json", receipt.body.clone());
            return Ok(Recalled::Answer(answer.with_header("Idempotency-Replayed", "true")));
        }
        if receipt.is_success() {
            let msg = "this key was sent before with another request, whose events were taken; send a new key with a new request";
            return Err(refused(&self.key, msg.to_owned()));
        }
        Ok(Recalled::Resume(Taken::default(), claim))
    }

    /// Keeps how far the rows of this request were taken: sent again, it goes on there.
    pub(super) fn keep_progress(&self, app: &mut App, taken: Taken) {
        self.keep_receipt(app, IN_PROGRESS, json::to_vec(&taken), None);
    }

    /// Keeps the answer to this request.
    pub(super) fn keep(&self, app: &mut App, response: &Response) {
        let Body::Whole(body) = &response.body else { return };
        let short_body = if body.len() > SHORT_BYTES { shortened(body) } else { None };
        self.keep_receipt(app, response.status, body.clone(), short_body);
    }

    fn keep_receipt(&self, app: &mut App, status: u16, body: Vec<u8>, short_body: Option<Vec<u8>>) {
        let (engine, _) = app.service_mut().engine_and_store();
        engine.keep_receipt(Receipt { key: self.key.as_str().into(), digest: self.digest(), status, body, short_body });
    }

    fn digest(&self) -> u64 {
        self.digest.clone().finalize()
    }
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
            let mut head = Request::new("POST", target).with_body(content_type, "");
            head.headers.push((NAME.to_owned(), "key".to_owned()));
            let mut key = Key::from_head(&head).unwrap().unwrap();
            key.add_size(body.len());
            body.as_bytes().chunks(3).for_each(|piece| key.add(piece));
            key.digest()
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
