//! Events from a body: JSON, NDJSON, CSV, TSV or columns, in pieces, read by [`Reader`].
//!
//! Of Arrow and Parquet the columns are read that another program makes of them, see [`BodyFormat::coding`].

use super::body::{MAX_BODY_BYTES, charset, codings, is_json, media_type, refuse_coding};
use super::query::{Query, cut};
use crate::api::media_type::MediaType;
use crate::api::{ApiError, InvalidInput, Problem, Request};
use crate::pipeline::coding::{Decoded, Decoding};
use crate::pipeline::records::{BodyError, CsvOptions, DELIMITERS, Encoding, Format, Mapping, Reader, Rows};
use crate::pipeline::{Decimal, Header};
use crate::protocol::Coding;

/// Bytes of an unreadable body that the refusal shows, or as many as had come by then.
const SHOWN_BYTES: usize = 80;

/// The content types that are read.
const ACCEPTED: &str = "application/json, application/x-ndjson, text/csv, text/tab-separated-values, \
                        application/vnd.apache.arrow.stream, application/vnd.apache.arrow.file or \
                        application/vnd.apache.parquet";

/// How a body is read, by the head of its request.
#[derive(Debug)]
pub(crate) struct BodyFormat {
    format: Format,
    coding: Option<Coding>,
    encoding: Encoding,
    codings: String,
    is_coded: bool,
}

impl BodyFormat {
    /// Reads the content type and the codings; `options` count for CSV.
    ///
    /// # Errors
    /// 415 for a content type, an encoding or a coding that is not read.
    pub(crate) fn from_head(head: &Request, options: CsvOptions) -> Result<Self, ApiError> {
        let media_type = media_type(head);
        let format = match MediaType::parse(&media_type) {
            Some(MediaType::Json) => Format::Json,
            Some(MediaType::Ndjson) => Format::Ndjson,
            Some(MediaType::Csv) => Format::Csv(options),
            Some(MediaType::Tsv) => Format::Csv(CsvOptions { delimiter: options.delimiter.or(Some(b'\t')), ..options }),
            Some(MediaType::ArrowStream | MediaType::ArrowFile | MediaType::Parquet) => Format::Columns,
            None if is_json(&media_type) => Format::Json,
            None => return Err(ApiError::UnsupportedMediaType { given: media_type, accepted: ACCEPTED }),
        };
        let coding = match (format, MediaType::parse(&media_type)) {
            (Format::Columns, Some(MediaType::Parquet)) => Some(Coding::Parquet),
            // The first bytes show whether it is a stream or a file.
            (Format::Columns, _) => Some(Coding::Arrow),
            _ => None,
        };
        let encoding = if coding.is_some() { Encoding::Utf8 } else { charset(head)? };
        let is_coded = decoding(codings(head))?.is_coded();
        // Whoever makes columns of it has undone its codings.
        let codings = if coding.is_some() { String::new() } else { codings(head).to_owned() };
        Ok(Self { format, coding, encoding, codings, is_coded })
    }

    /// What the body is of which columns have to be made before it is read.
    pub(crate) fn coding(&self) -> Option<Coding> {
        self.coding
    }

    /// Whether a body can turn out to be unreadable as a whole after rows of it were read: JSON and columns that break
    /// off, and a coding whose checksum does not match. Of other text each row is read or refused by itself.
    pub(crate) fn can_fail_late(&self) -> bool {
        matches!(self.format, Format::Json | Format::Columns) || self.is_coded
    }

    /// A reader at the start of the body.
    ///
    /// # Errors
    /// None, since the codings were read before.
    pub(crate) fn reader(&self, mapping: &Mapping) -> Result<BodyReader, ApiError> {
        let reader = Reader::new(self.format, self.encoding, mapping.clone());
        Ok(BodyReader {
            decoding: decoding(&self.codings)?,
            decoded: Decoded::More,
            reader,
            text: Vec::new(),
            start: Vec::new(),
            is_binary: self.coding.is_some(),
        })
    }
}

fn decoding(codings: &str) -> Result<Decoding, ApiError> {
    Decoding::new(codings, MAX_BODY_BYTES).map_err(|error| refuse_coding(error, MAX_BODY_BYTES))
}

/// Reads the rows of a body that comes in pieces.
pub(crate) struct BodyReader {
    decoding: Decoding,
    /// What the decoding found last.
    decoded: Decoded,
    reader: Reader,
    /// The decoded text that was read last.
    text: Vec<u8>,
    /// The start of the text.
    start: Vec<u8>,
    is_binary: bool,
}

impl BodyReader {
    /// Takes the next piece of the body as it was sent.
    pub(crate) fn push(&mut self, piece: &[u8], is_last: bool) {
        self.decoding.push(piece, is_last);
    }

    /// Reads on, some ten thousand bytes of text, or some thousand rows of a batch; adds the rows that end in them.
    ///
    /// # Errors
    /// 413 for a body that is too large when it is decoded, 422 for one that is not of its coding or content type.
    pub(crate) fn read(&mut self, rows: &mut Rows) -> Result<Decoded, ApiError> {
        self.text.clear();
        if !self.reader.has_more() {
            let decoded = self.decoding.read(&mut self.text);
            self.decoded = decoded.map_err(|error| refuse_coding(error, MAX_BODY_BYTES))?;
            let missing = SHOWN_BYTES - self.start.len();
            self.start.extend_from_slice(&self.text[..self.text.len().min(missing)]);
        }
        let is_last = self.decoded == Decoded::End;
        self.reader.push(&self.text, is_last, rows).map_err(|error| self.refuse(&error))?;
        Ok(if self.reader.has_more() { Decoded::More } else { self.decoded })
    }

    /// Looks only for what refuses the rest of the body as a whole.
    pub(crate) fn check_rest(&mut self) {
        self.reader.check_rest();
    }

    fn refuse(&self, error: &BodyError) -> ApiError {
        let kind = match error {
            BodyError::Json(_) => "json_invalid",
            BodyError::Csv(_) => "csv_invalid",
            BodyError::Columns(_) => "arrow_invalid",
        };
        let input = match self.is_binary {
            true => InvalidInput::Nothing,
            false => InvalidInput::Text(String::from_utf8_lossy(&self.start).into_owned()),
        };
        ApiError::Unprocessable(vec![Problem::body(kind, None, error.to_string(), input)])
    }
}

/// What the parameters say of a body of CSV; what they do not say is found.
pub(crate) fn csv_options(query: &mut Query) -> CsvOptions {
    let delimiter = query.read("delimiter", read_delimiter);
    let decimal = query.read("decimal", read_decimal).unwrap_or(Decimal::Auto);
    let header = match query.truth("header") {
        None => Header::Auto,
        Some(true) => Header::Present,
        Some(false) => Header::Absent,
    };
    CsvOptions { delimiter, decimal, header }
}

fn read_decimal(text: &str) -> Result<Decimal, String> {
    match text {
        "." => Ok(Decimal::Point),
        "," => Ok(Decimal::Comma),
        _ => Err(format!("\"{}\" is no decimal mark; send . or , percent-encoded as %2E %2C", cut(text))),
    }
}

/// The delimiter that a parameter names.
fn read_delimiter(text: &str) -> Result<u8, String> {
    match *text.as_bytes() {
        [byte] if DELIMITERS.contains(&byte) => Ok(byte),
        _ => {
            let shown = cut(text);
            Err(format!("\"{shown}\" is no delimiter; send one of , ; | or a tab, percent-encoded as %2C %3B %7C %09"))
        }
    }
}
