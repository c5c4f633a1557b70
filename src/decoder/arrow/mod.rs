//! An Arrow IPC stream or file as the columns of it that are needed.
//!
//! The format code of the arrow crates reads the heads of messages; what follows them is handed on as it lies, without
//! its compression. The crates' own reader supports every type there is, and would weigh twelve times as much.
//!
//! `messages` finds the messages. `schema` says what the columns are, `parts` finds the buffers of a batch and undoes
//! their compression, and `column` checks them.
//!
//! Source: <https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc>. A file
//! is a stream between a mark and a footer, and is read as one; so a dictionary has to come before the batches that use
//! it, as all known writers have it.

mod column;
mod messages;
mod parts;
mod schema;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use std::io::Read;

use self::messages::Messages;
use super::error::DecoderError;
use super::source::Source;

/// Bytes of a piece at most: a batch may have many more.
const PIECE_BYTES: usize = 4 << 20;

/// A stream or file of which the messages are read one after the other.
pub(super) struct ArrowFile<R> {
    source: Source<R>,
    messages: Messages,
    /// What was made of a message, of which everything before `at` was handed on.
    out: Vec<u8>,
    at: usize,
    is_ended: bool,
}

impl<R: Read> ArrowFile<R> {
    /// Of these columns, or of all, the rows from this one on.
    pub(super) fn new(source: Source<R>, needed: Option<&[String]>, from: u64) -> Self {
        Self { source, messages: Messages::new(needed, from), out: Vec::new(), at: 0, is_ended: false }
    }

    /// The next piece of the columns, and the bytes of the file that are read; `None` at the end.
    pub(super) fn next_piece(&mut self) -> Result<Option<(Vec<u8>, u64)>, DecoderError> {
        while self.at == self.out.len() {
            if self.is_ended {
                return Ok(None);
            }
            (self.out, self.at) = (Vec::new(), 0);
            if self.messages.read(&mut self.out).map_err(DecoderError::Arrow)? {
                self.is_ended = self.messages.has_no_cells();
                continue;
            }
            match self.source.next_piece()? {
                Some(piece) => self.messages.push(&piece),
                None => {
                    self.messages.check_end().map_err(DecoderError::Arrow)?;
                    self.is_ended = true;
                }
            }
        }
        let start = self.at;
        self.at = self.out.len().min(start + PIECE_BYTES);
        Ok(Some((self.out[start..self.at].to_vec(), self.source.read_bytes())))
    }
}
