//! The bytes of a file as blocks of rows, from a place on.

use super::draft_columns::DraftColumns;
use super::{BlockInfo, RowBlock};
use crate::pipeline::records::{Checkpoint, Encoding, Format, Mapping, Reader, Rows};
use serde::{Deserialize, Serialize};

/// Bytes of a block: some milliseconds of work.
const BLOCK_BYTES: usize = 1 << 20;

/// Where a file is read from, and how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFrom {
    /// The first row of what can be opened at a row, see [`ReadingOn::Row`](super::ReadingOn::Row); else 0.
    pub row: u64,
    /// The place of a text, which is found once its header was read. What has no such places is read from its start.
    pub place: Option<Checkpoint>,
    /// A block ends at this byte, so that the rows that end before it are told from those behind.
    pub edge: Option<u64>,
    /// Whether the last line may still grow: it is no row before it has ended.
    pub is_growing: bool,
}

/// Reads a file: [`next_block`](Self::next_block), and whenever that has none [`push`](Self::push).
#[derive(Debug)]
pub struct FileReader {
    reader: Reader,
    rows: Rows,
    from: ReadFrom,
    /// Bytes that were pushed and not read yet, from `piece_at` on.
    piece: Vec<u8>,
    piece_at: usize,
    /// Whether the file ends with them.
    is_last: bool,
    /// Whether the reader was given the end of the file.
    is_read: bool,
    /// Whether the last block was given out.
    has_ended: bool,
    next_byte: u64,
}

impl FileReader {
    /// A reader of rows of this format, of which this becomes.
    #[must_use]
    pub fn new(format: Format, mapping: Mapping, from: ReadFrom) -> Self {
        Self {
            reader: Reader::new(format, Encoding::Utf8, mapping),
            rows: Rows::from_row(from.row),
            from,
            piece: Vec::new(),
            piece_at: 0,
            is_last: false,
            is_read: false,
            has_ended: false,
            next_byte: 0,
        }
    }

    /// Whether the last block was given out.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// The byte with which the next piece begins.
    #[must_use]
    pub fn next_byte(&self) -> u64 {
        self.next_byte
    }

    /// Takes the next piece; at least one byte, unless the file ends with it.
    pub fn push(&mut self, piece: Vec<u8>, is_last: bool) {
        self.next_byte += piece.len() as u64;
        (self.piece, self.piece_at, self.is_last) = (piece, 0, is_last);
    }

    /// The next block; `None` before the next piece, and behind the last block.
    pub fn next_block(&mut self) -> Option<RowBlock> {
        while !self.has_ended && (self.has_unread() || self.is_last) {
            let first_row = self.rows.count() as u64;
            let fault = if self.has_unread() { self.read() } else { None };
            let is_place = self.from.place.is_some() && self.reader.checkpoint().is_some();
            if let Some(place) = self.from.place.take_if(|_| is_place) {
                self.jump(place);
                continue;
            }
            let is_last = fault.is_some() || (self.is_last && !self.has_unread());
            let is_edge = self.from.edge == Some(self.read_bytes());
            self.has_ended = is_last;
            if self.rows.count() as u64 > first_row || is_last || is_edge {
                return Some(self.block(first_row, is_last, fault));
            }
        }
        None
    }

    fn has_unread(&self) -> bool {
        let is_end_unread = self.is_last && !self.is_read && !self.from.is_growing;
        self.reader.has_more() || self.piece_at < self.piece.len() || is_end_unread
    }

    /// Bytes that were read.
    fn read_bytes(&self) -> u64 {
        self.next_byte - (self.piece.len() - self.piece_at) as u64
    }

    /// Reads on; returns why nothing can be read behind the rows that were.
    fn read(&mut self) -> Option<String> {
        // The rows of a record batch come in parts.
        let most_bytes = if self.reader.has_more() { 0 } else { BLOCK_BYTES };
        let read_bytes = self.read_bytes();
        let bytes = match self.from.edge {
            Some(edge) if edge > read_bytes => most_bytes.min((edge - read_bytes) as usize),
            _ => most_bytes,
        };
        let end = self.piece.len().min(self.piece_at + bytes);
        let is_last = self.is_last && end == self.piece.len() && !self.from.is_growing;
        let read = self.reader.push(&self.piece[self.piece_at..end], is_last, &mut self.rows);
        (self.piece_at, self.is_read) = (end, is_last);
        if end == self.piece.len() {
            // Of some MiB, none are kept while the next ones are awaited.
            (self.piece, self.piece_at) = (Vec::new(), 0);
        }
        read.err().map(|error| error.to_string())
    }

    /// Goes on at a place further on.
    fn jump(&mut self, place: Checkpoint) {
        self.reader.jump(place);
        let ignored = std::mem::take(&mut self.rows.ignored);
        self.rows = Rows::from_row(place.rows);
        self.rows.ignored = ignored;
        (self.piece, self.piece_at, self.is_last, self.is_read) = (Vec::new(), 0, false, false);
        self.next_byte = place.bytes;
    }

    fn block(&mut self, first_row: u64, is_last: bool, fault: Option<String>) -> RowBlock {
        let drafts = DraftColumns::new(&self.rows.drafts);
        // Their room is kept for the next ones.
        self.rows.drafts.clear();
        let info = BlockInfo {
            first_row,
            end_row: self.rows.count() as u64,
            refused: std::mem::take(&mut self.rows.refusals).newest(),
            ignored: self.rows.ignored.names().to_vec(),
            checkpoint: if fault.is_none() { self.reader.checkpoint() } else { None },
            read_bytes: self.read_bytes(),
            is_last,
            fault,
        };
        RowBlock { drafts, info }
    }
}
