//! The rows of a file, block by block.

use parquet::file::reader::ChunkReader;

use super::file_bytes::{FileBytes, Piece, file_facts};
use crate::pipeline::Settings;
use crate::pipeline::sniff::{Reading, Zones};
use crate::pipeline::sources::{FileReader, ReadFrom, RowBlock};
use crate::protocol::FileFacts;

/// A file whose rows are read.
pub struct FileRows<R: ChunkReader> {
    bytes: FileBytes<R>,
    reader: FileReader,
}

/// What comes next of a file.
#[derive(Debug)]
pub enum Next {
    /// Rows, and how many bytes of the file, as it is, were read with them.
    Rows(Box<RowBlock>, u64),
    /// Bytes of the file from this one on are to be [pushed](FileRows::push): text that is not packed is read by the
    /// caller, who need not wait for it.
    Bytes(u64),
    /// All of it was read.
    End,
}

impl<R: ChunkReader + Clone + 'static> FileRows<R> {
    /// Opens a file, to be read like this on top of these settings.
    ///
    /// # Errors
    /// A sentence with reason and mend.
    pub fn open(
        file: R,
        reading: &Reading,
        settings: &Settings,
        zones: Zones<'_>,
        from: ReadFrom,
    ) -> Result<(Self, FileFacts), String> {
        let resolved = reading.resolve(settings, zones).map_err(|sentences| sentences.join("; "))?;
        let facts = file_facts(&file)?;
        let fields: Vec<String> = resolved.mapping.names().map(str::to_owned).collect();
        let bytes = FileBytes::open(file, Some(&fields), from.row)?;
        let reader = FileReader::new(resolved.format, resolved.mapping, from);
        Ok((Self { bytes, reader }, facts))
    }

    /// The next rows, or what they are to be made of.
    ///
    /// # Errors
    /// A sentence with place, reason and mend, when the file cannot be read on. Nothing can be read after it.
    pub fn advance(&mut self) -> Result<Next, String> {
        loop {
            if let Some(block) = self.reader.next_block() {
                let file_bytes = self.bytes.packed_bytes().unwrap_or(block.info.read_bytes);
                return Ok(Next::Rows(block.into(), file_bytes));
            }
            let from = self.reader.next_byte();
            if self.reader.has_ended() {
                return Ok(Next::End);
            } else if self.bytes.is_plain() {
                return Ok(Next::Bytes(from));
            }
            let Piece { bytes, is_last } = self.bytes.read(from)?;
            self.reader.push(bytes, is_last);
        }
    }

    /// Takes bytes that [`Next::Bytes`] asks for: at least one, unless the file ends with them.
    pub fn push(&mut self, bytes: Vec<u8>, is_last: bool) {
        self.reader.push(bytes, is_last);
    }
}
