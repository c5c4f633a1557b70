//! Events from a body: JSON, NDJSON, CSV or TSV, in pieces, read by [`Reader`].

use super::body::{MAX_BODY_BYTES, charset, codings, is_json, media_type, refuse_coding};
use super::coding::{Decoded, Decoding};
use super::query::cut;
use crate::api::media_type::MediaType;
use crate::api::{ApiError, InvalidInput, Problem, Request};
use crate::pipeline::records::{BodyError, DELIMITERS, Encoding, Format, Reader, Rows};
use crate::time::Clock;

/// Bytes of an unreadable body that the refusal shows, or as many as had come by then.
const SHOWN_BYTES: usize = 80;

/// How a body is read, by the head of its request.
#[derive(Debug)]
pub(crate) struct BodyFormat {
    format: Format,
    encoding: Encoding,
    codings: String,
    is_coded: bool,
}

impl BodyFormat {
    /// Reads the content type and the codings; `delimiter` counts for CSV, where it is not found then.
    ///
    /// # Errors
    /// 415 for a content type, an encoding or a coding that is not read.
    pub(crate) fn from_head(head: &Request, delimiter: Option<u8>) -> Result<Self, ApiError> {
        let media_type = media_type(head);
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
        let encoding = charset(head)?;
        let codings = codings(head).to_owned();
        let is_coded = decoding(&codings)?.is_coded();
        Ok(Self { format, encoding, codings, is_coded })
    }

    /// Whether a body can turn out to be unreadable as a whole after rows of it were read: JSON that breaks off, and a
    /// coding whose checksum does not match. Of other text each row is read or refused by itself.
    pub(crate) fn can_fail_late(&self) -> bool {
        self.format == Format::Json || self.is_coded
    }

    /// A reader at the start of the body.
    ///
    /// # Errors
    /// None, since the codings were read before.
    pub(crate) fn reader(&self) -> Result<BodyReader, ApiError> {
        let (decoding, reader) = (decoding(&self.codings)?, Reader::new(self.format, self.encoding));
        Ok(BodyReader { decoding, reader, text: Vec::new(), start: Vec::new() })
    }
}

fn decoding(codings: &str) -> Result<Decoding, ApiError> {
    Decoding::new(codings, MAX_BODY_BYTES).map_err(|error| refuse_coding(error, MAX_BODY_BYTES))
}

/// Reads the rows of a body that comes in pieces.
pub(crate) struct BodyReader {
    decoding: Decoding,
    reader: Reader,
    /// The decoded text that was read last.
    text: Vec<u8>,
    /// The start of the text.
    start: Vec<u8>,
}

impl BodyReader {
    /// Takes the next piece of the body as it was sent.
    pub(crate) fn push(&mut self, piece: &[u8], is_last: bool) {
        self.decoding.push(piece, is_last);
    }

    /// Reads on, some ten thousand bytes of text; adds the rows that end in them.
    ///
    /// # Errors
    /// 413 for a body that is too large when it is decoded, 422 for one that is not of its coding or content type.
    pub(crate) fn read(&mut self, clock: &Clock, rows: &mut Rows) -> Result<Decoded, ApiError> {
        self.text.clear();
        let decoded = self.decoding.read(&mut self.text).map_err(|error| refuse_coding(error, MAX_BODY_BYTES))?;
        let missing = SHOWN_BYTES - self.start.len();
        self.start.extend_from_slice(&self.text[..self.text.len().min(missing)]);
        self.reader.push(&self.text, decoded == Decoded::End, clock, rows).map_err(|error| self.refuse(&error))?;
        Ok(decoded)
    }

    fn refuse(&self, error: &BodyError) -> ApiError {
        let kind = match error {
            BodyError::Json(_) => "json_invalid",
            BodyError::Csv(_) => "csv_invalid",
        };
        let start = String::from_utf8_lossy(&self.start).into_owned();
        ApiError::Unprocessable(vec![Problem::body(kind, None, error.to_string(), InvalidInput::Text(start))])
    }
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
