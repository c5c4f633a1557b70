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

    /// The next rows, and how many bytes of the file, as it is, were read with them; `None` at the end.
    ///
    /// # Errors
    /// A sentence with place, reason and mend, when the file cannot be read on. Nothing can be read after it.
    pub fn next_block(&mut self) -> Result<Option<(RowBlock, u64)>, String> {
        loop {
            if let Some(block) = self.reader.next_block() {
                let file_bytes = self.bytes.packed_bytes().unwrap_or(block.read_bytes);
                return Ok(Some((block, file_bytes)));
            }
            if self.reader.has_ended() {
                return Ok(None);
            }
            let Piece { bytes, is_last } = self.bytes.read(self.reader.next_byte())?;
            self.reader.push(bytes, is_last);
        }
    }
}
