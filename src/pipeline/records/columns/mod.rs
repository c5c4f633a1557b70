//! Rows of columns: what became of an Arrow or a Parquet file, in pieces of any size.
//!
//! Another program reads these files, see [`decoder`](crate::decoder), and hands on the columns that are needed, so
//! that this one has neither their formats nor their compressions in it. What it hands on is read where it lies.
//!
//! Read `form` first: it has the messages, and `kind` the types of columns. `Reader` finds the messages, `buffer` and
//! `column` read cells, and `table` makes rows of them. All that is read is checked, as if it came from elsewhere.

mod buffer;
mod column;
mod form;
mod kind;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use form::read_schema;
pub use form::{Buffers, Head, Lengths, write_batch, write_dictionary, write_schema};
pub use kind::{Dictionary, Field, Int, Kind, Other};

use self::table::{Batch, Table};
use super::error::BodyError;
use super::mapping::Mapping;
use super::row::Rows;

/// Maximum size of the head of a message: a schema of some ten thousand columns has a million bytes.
const MAX_HEAD_BYTES: usize = 32 << 20;
/// Maximum size of the buffers of a message, which are held as a whole.
pub const MAX_BUFFER_BYTES: usize = 256 << 20;
/// Rows that are read in one step.
const ROWS_PER_STEP: usize = 8192;
/// Bytes by which the memory for buffers grows at least.
const BUFFER_STEP_BYTES: usize = 1 << 20;

/// Finds the messages of a stream, and reads the rows of its batches.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Bytes that were pushed and are not read yet, from `at` on.
    input: Vec<u8>,
    at: usize,
    /// Bytes of the stream that were read.
    read_bytes: u64,
    stage: Stage,
    table: Option<Table>,
    /// The batch whose rows are being read.
    batch: Option<Batch>,
    /// Whether rows of what was pushed are still to be read.
    has_more: bool,
}

/// What comes next.
#[derive(Debug, Default)]
enum Stage {
    /// The length of a head.
    #[default]
    Length,
    /// A head of so many bytes.
    Head(usize),
    /// So many bytes of buffers.
    Buffers { head: Head, buffers: Vec<u8>, bytes: usize },
}

impl Reader {
    /// Whether rows of what was pushed are still to be read.
    pub(super) fn has_more(&self) -> bool {
        self.has_more
    }

    /// Reads on: some thousand rows at most.
    pub(super) fn read(
        &mut self,
        piece: &[u8],
        is_last: bool,
        mapping: &Mapping,
        rows: &mut Rows,
    ) -> Result<(), BodyError> {
        self.input.drain(..self.at);
        self.at = 0;
        self.input.extend_from_slice(piece);
        let end = rows.count() + ROWS_PER_STEP;
        self.has_more = true;
        loop {
            if let (Some(batch), Some(table)) = (&mut self.batch, &self.table) {
                batch.read(end - rows.count(), table, mapping, rows);
                if !batch.is_read() {
                    return Ok(());
                }
                self.batch = None;
            }
            if rows.count() == end {
                return Ok(());
            }
            if !self.step(mapping, rows)? {
                break;
            }
        }
        self.has_more = false;
        if is_last { self.check_end() } else { Ok(()) }
    }

    /// Reads what comes next; false when it has not come as a whole.
    fn step(&mut self, mapping: &Mapping, rows: &mut Rows) -> Result<bool, BodyError> {
        let rest = &self.input[self.at..];
        match &mut self.stage {
            Stage::Length => {
                let Some(length) = rest.first_chunk::<4>() else { return Ok(false) };
                let length = u32::from_le_bytes(*length) as usize;
                if length > MAX_HEAD_BYTES {
                    return Err(self.fault("no message begins there"));
                }
                self.stage = Stage::Head(length);
                self.pass(4);
                Ok(true)
            }
            Stage::Head(length) => {
                let length = *length;
                let Some(head) = rest.get(..length) else { return Ok(false) };
                let head = Head::read(head).ok_or_else(|| self.fault("the head of a message is none"))?;
                let bytes = head.buffer_bytes().filter(|bytes| *bytes <= MAX_BUFFER_BYTES);
                let bytes = bytes.ok_or_else(|| self.fault("a message is too large"))?;
                self.stage = Stage::Buffers { head, buffers: Vec::new(), bytes };
                self.pass(length);
                Ok(true)
            }
            Stage::Buffers { buffers, bytes, .. } => {
                let part = &rest[..rest.len().min(*bytes - buffers.len())];
                if buffers.capacity() - buffers.len() < part.len() {
                    let step = buffers.len().max(part.len()).max(BUFFER_STEP_BYTES);
                    buffers.reserve_exact(step.min(*bytes - buffers.len()));
                }
                buffers.extend_from_slice(part);
                let (read, is_whole) = (part.len(), buffers.len() == *bytes);
                self.pass(read);
                if !is_whole {
                    return Ok(false);
                }
                if let Stage::Buffers { head, buffers, .. } = std::mem::take(&mut self.stage) {
                    self.read_message(head, buffers, mapping, rows)?;
                }
                Ok(true)
            }
        }
    }

    fn read_message(
        &mut self,
        head: Head,
        buffers: Vec<u8>,
        mapping: &Mapping,
        rows: &mut Rows,
    ) -> Result<(), BodyError> {
        let read = match (head, &mut self.table) {
            (Head::Schema(fields), None) => {
                self.table = Some(Table::new(fields, mapping, &mut rows.ignored).map_err(BodyError::Columns)?);
                Ok(())
            }
            (Head::Schema(_), Some(_)) => Err("a second schema follows".to_owned()),
            (_, None) => Err("the schema does not come first".to_owned()),
            (Head::Dictionary { id, is_delta, rows, values }, Some(table)) => {
                table.read_dictionary(id, is_delta, rows, &values, buffers)
            }
            (Head::Batch { rows, from, columns }, Some(table)) => {
                table.read_batch(rows, from, &columns, buffers).map(|batch| self.batch = Some(batch))
            }
        };
        read.map_err(|what| self.fault(&what))
    }

    fn pass(&mut self, bytes: usize) {
        self.at += bytes;
        self.read_bytes += bytes as u64;
    }

    /// Checks that the stream may end here: between two messages.
    fn check_end(&self) -> Result<(), BodyError> {
        let is_between = matches!(self.stage, Stage::Length) && self.at == self.input.len();
        if is_between && self.table.is_some() { Ok(()) } else { Err(self.fault("they end early")) }
    }

    fn fault(&self, what: &str) -> BodyError {
        BodyError::Columns(format!(
            "the columns that were made of the file are damaged at byte {}: {what}; read it again",
            self.read_bytes
        ))
    }
}
