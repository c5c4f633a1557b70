//! The messages of an Arrow IPC stream or file that comes in pieces, and what is handed on of them.

use arrow_ipc as ipc;
use rustc_hash::FxHashSet;

use super::column::Column;
use super::parts::{MAX_BODY_BYTES, Parts};
use super::schema::Field;
use crate::pipeline::records::columns::{MAX_BUFFER_BYTES, write_batch, write_dictionary, write_schema};

/// Maximum size of the head of a message: a schema of some ten thousand columns has a million bytes.
const MAX_HEAD_BYTES: usize = 16 << 20;
/// Bytes by which the memory for a body grows at least.
const BODY_STEP_BYTES: usize = 1 << 20;

/// What a file begins with; two zeros follow.
const FILE_MARK: &[u8] = b"ARROW1";
/// The length that precedes the length of a head since version 0.15 of the format.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// Finds the messages of a stream, and writes the columns of its batches that are needed.
#[derive(Debug)]
pub(super) struct Messages {
    /// Bytes that were pushed and are not read yet, from `at` on.
    input: Vec<u8>,
    at: usize,
    /// Bytes of the stream that were read.
    read_bytes: u64,
    stage: Stage,
    is_file: bool,
    /// The names of the columns that are needed; `None`: all are.
    needed: Option<Vec<String>>,
    fields: Option<Vec<Field>>,
    /// The dictionaries that came.
    dictionaries: FxHashSet<i64>,
    /// Rows that are not wanted.
    skip: u64,
}

/// What comes next.
#[derive(Debug, Default)]
enum Stage {
    /// The mark of a file, or the first message.
    #[default]
    Start,
    /// The length of a head.
    Length,
    /// A head of so many bytes.
    Head(usize),
    /// The body of a message.
    Body { head: Vec<u8>, body: Vec<u8>, bytes: usize },
    /// Nothing, or the footer of a file.
    End,
}

impl Messages {
    /// Of the rows of the stream those from this one on are wanted.
    pub(super) fn new(needed: Option<&[String]>, from: u64) -> Self {
        Self {
            input: Vec::new(),
            at: 0,
            read_bytes: 0,
            stage: Stage::Start,
            is_file: false,
            needed: needed.map(<[String]>::to_vec),
            fields: None,
            dictionaries: FxHashSet::default(),
            skip: from,
        }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.input.drain(..self.at);
        self.at = 0;
        self.input.extend_from_slice(piece);
    }

    /// Reads on until something was written to `out`; false when more has to be pushed before.
    ///
    /// # Errors
    /// A sentence. Nothing can be read after it.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> Result<bool, String> {
        while out.is_empty() {
            if !self.step(out)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether no cell is handed on, so that the rows of a batch would have no end: the reader of rows refuses such a
    /// schema.
    pub(super) fn has_no_cells(&self) -> bool {
        self.fields.as_ref().is_some_and(|fields| !fields.iter().any(|field| field.is_read))
    }

    /// Reads what comes next; false when it has not come as a whole.
    fn step(&mut self, out: &mut Vec<u8>) -> Result<bool, String> {
        match &mut self.stage {
            Stage::Start => self.read_start(),
            Stage::Length => self.read_length(),
            Stage::Head(length) => {
                let length = *length;
                let Some(head) = self.take(length) else { return Ok(false) };
                let message = ipc::root_as_message(&head).map_err(|_| self.fault("the head of a message is none"))?;
                let bytes = usize::try_from(message.bodyLength()).ok().filter(|bytes| *bytes <= MAX_BODY_BYTES);
                let Some(bytes) = bytes else { return Err(self.too_large(message.bodyLength())) };
                self.stage = Stage::Body { head, body: Vec::new(), bytes };
                Ok(true)
            }
            Stage::Body { body, bytes, .. } => {
                let rest = &self.input[self.at..];
                let part = &rest[..rest.len().min(*bytes - body.len())];
                if body.capacity() - body.len() < part.len() {
                    let step = body.len().max(part.len()).max(BODY_STEP_BYTES);
                    body.reserve_exact(step.min(*bytes - body.len()));
                }
                body.extend_from_slice(part);
                let (read, is_whole) = (part.len(), body.len() == *bytes);
                self.pass(read);
                if !is_whole {
                    return Ok(false);
                }
                if let Stage::Body { head, body, .. } = std::mem::replace(&mut self.stage, Stage::Length) {
                    self.read_message(&head, &body, out)?;
                }
                Ok(true)
            }
            Stage::End if self.is_file => {
                self.pass(self.input.len() - self.at);
                Ok(false)
            }
            Stage::End if self.at < self.input.len() => {
                Err(self.fault("bytes follow the end of the stream; send one stream"))
            }
            Stage::End => Ok(false),
        }
    }

    /// Tells a file from a stream.
    fn read_start(&mut self) -> Result<bool, String> {
        let Some(start) = self.input[self.at..].first_chunk::<8>() else { return Ok(false) };
        let other = match start {
            [b'P', b'A', b'R', b'1', ..] => Some("a Parquet file; send it as application/vnd.apache.parquet"),
            [b'F', b'E', b'A', b'1', ..] => Some("a Feather file of version 1; write it anew as version 2"),
            _ => None,
        };
        if let Some(other) = other {
            return Err(format!("the body is no Arrow IPC stream but {other}"));
        }
        if start.starts_with(FILE_MARK) {
            self.is_file = true;
            self.pass(8);
        }
        self.stage = Stage::Length;
        Ok(true)
    }

    fn read_length(&mut self) -> Result<bool, String> {
        let rest = &self.input[self.at..];
        let (length, bytes) = match (rest.first_chunk::<4>(), rest.first_chunk::<8>()) {
            (Some(&CONTINUATION), Some(&[.., a, b, c, d])) => ([a, b, c, d], 8),
            (Some(&CONTINUATION), None) | (None, _) => return Ok(false),
            (Some(length), _) => (*length, 4),
        };
        self.stage = match usize::try_from(i32::from_le_bytes(length)) {
            // Zeros behind the mark of a file: some writers begin the first message at a multiple of 64.
            Ok(0) if self.is_file && self.fields.is_none() => Stage::Length,
            Ok(0) => Stage::End,
            Ok(length) if length <= MAX_HEAD_BYTES => Stage::Head(length),
            _ => return Err(self.fault("no message begins there")),
        };
        self.pass(bytes);
        Ok(true)
    }

    fn read_message(&mut self, head: &[u8], body: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        let message = ipc::root_as_message(head).map_err(|_| self.fault("the head of a message is none"))?;
        let kind = message.header_type();
        let empty = || "a message is empty".to_owned();
        if kind == ipc::MessageHeader::Schema {
            if self.fields.is_some() {
                return Err(self.fault("a second schema follows; send one stream"));
            }
            let schema = message.header_as_schema().ok_or_else(|| self.fault(&empty()))?;
            let fields = Field::all(schema, self.needed.as_deref())?;
            write_schema(fields.iter().map(|field| field.column.clone()).collect(), out);
            self.fields = Some(fields);
            return Ok(());
        }
        let read = match kind {
            _ if self.fields.is_none() => Err("the schema does not come first".to_owned()),
            ipc::MessageHeader::DictionaryBatch => {
                let batch = message.header_as_dictionary_batch().ok_or_else(empty);
                batch.and_then(|batch| self.read_dictionary(batch, body, out))
            }
            ipc::MessageHeader::RecordBatch => {
                let batch = message.header_as_record_batch().ok_or_else(empty);
                batch.and_then(|batch| self.read_batch(batch, body, out))
            }
            _ => Err("a message is neither a schema nor a batch; send a table".to_owned()),
        };
        read.map_err(|what| self.fault(&what))
    }

    /// Hands values of a dictionary on, if one of the columns uses it.
    fn read_dictionary(
        &mut self,
        batch: ipc::DictionaryBatch<'_>,
        body: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        let id = batch.id();
        let is_user =
            |field: &&Field| field.is_read && field.column.dictionary.is_some_and(|dictionary| dictionary.id == id);
        let Some(field) = self.fields.iter().flatten().find(is_user) else { return Ok(()) };
        let data = batch.data().ok_or("a dictionary has no values")?;
        let rows = usize::try_from(data.length()).map_err(|_| "a dictionary has no length")?;
        let values = Column::read_plain(field, rows, &mut Parts::new(data, body)?)?;
        check_size(values.bytes())?;
        write_dictionary(id, batch.isDelta(), rows as u64, &values.buffers(), out);
        self.dictionaries.insert(id);
        Ok(())
    }

    /// Hands the columns of a batch on that are needed, unless none of its rows is wanted.
    fn read_batch(&mut self, batch: ipc::RecordBatch<'_>, body: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        let rows = usize::try_from(batch.length()).map_err(|_| "a batch has no length")?;
        if rows as u64 <= self.skip {
            self.skip -= rows as u64;
            return Ok(());
        }
        let mut parts = Parts::new(batch, body)?;
        let mut columns = Vec::new();
        for field in self.fields.iter().flatten() {
            if field.is_read {
                let dictionary = field.column.dictionary;
                let has_values = dictionary.is_some_and(|dictionary| self.dictionaries.contains(&dictionary.id));
                columns.push(Some(Column::read(field, rows, has_values, &mut parts)?));
            } else {
                field.skip(&mut parts)?;
                columns.push(None);
            }
        }
        check_size(columns.iter().flatten().map(Column::bytes).sum())?;
        let buffers: Vec<_> = columns.iter().map(|column| column.as_ref().map(Column::buffers)).collect();
        write_batch(rows as u64, std::mem::take(&mut self.skip), &buffers, out);
        Ok(())
    }

    /// The next bytes, if all of them have come.
    fn take(&mut self, bytes: usize) -> Option<Vec<u8>> {
        let taken = self.input[self.at..].get(..bytes)?.to_vec();
        self.pass(bytes);
        Some(taken)
    }

    fn pass(&mut self, bytes: usize) {
        self.at += bytes;
        self.read_bytes += bytes as u64;
    }

    /// Checks that the stream may end here: at its mark, or between two messages if it is no file.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn check_end(&self) -> Result<(), String> {
        let is_between = matches!(self.stage, Stage::Length) && self.at == self.input.len();
        match self.stage {
            Stage::End => Ok(()),
            _ if is_between && self.fields.is_some() && !self.is_file => Ok(()),
            Stage::Start if self.input.is_empty() => Err("the body is empty; send an Arrow IPC stream".to_owned()),
            _ => Err(self.fault("it ends early; send all of it")),
        }
    }

    fn fault(&self, what: &str) -> String {
        format!("the body is no Arrow IPC stream at byte {}: {what}", self.read_bytes)
    }

    fn too_large(&self, bytes: i64) -> String {
        let what = format!("a batch of {bytes} bytes; up to {MAX_BODY_BYTES} are held, write smaller ones");
        self.fault(&what)
    }
}

/// Buffers may overlap, and be more bytes than the body.
fn check_size(bytes: usize) -> Result<(), String> {
    if bytes <= MAX_BUFFER_BYTES {
        Ok(())
    } else {
        Err(format!("a batch has more than {MAX_BUFFER_BYTES} bytes without its compression; write smaller ones"))
    }
}
