//! The pages of a column, decompressed.
//!
//! The parquet crate's decoder of zstd is one in C. Here the crate reads such pages as if they were not compressed, and
//! [`ZstdPages`] decompresses them.

use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, SerializedPageReader};
use ruzstd::decoding::FrameDecoder;

use super::zstd_frames::Frames;

/// The largest page, decompressed: one that claims to be larger is an attack on memory. Writers make pages of a
/// megabyte.
const MAX_PAGE_BYTES: usize = 256 << 20;

/// The pages of a column in a group of so many rows.
pub(super) fn open<R: ChunkReader + 'static>(
    file: Arc<R>,
    chunk: &ColumnChunkMetaData,
    rows: usize,
) -> Result<Box<dyn PageReader>, ParquetError> {
    if let Some(path) = chunk.file_path().filter(|path| !path.is_empty()) {
        return Err(ParquetError::General(format!("its values stand in another file, {path}")));
    }
    let start = chunk.data_page_offset();
    let is_zstd = matches!(chunk.compression(), Compression::ZSTD(_));
    let mut chunk_as_read = chunk.clone().into_builder();
    // Some writers note a dictionary where none is; pyarrow passes that over too.
    if chunk.dictionary_page_offset().is_some_and(|place| !(1..start).contains(&place)) {
        chunk_as_read = chunk_as_read.set_dictionary_page_offset(None);
    }
    if is_zstd {
        chunk_as_read = chunk_as_read.set_compression(Compression::UNCOMPRESSED);
    }
    let chunk = chunk_as_read.build()?;
    // The crate panics at negative places.
    if start < 0 || chunk.compressed_size() < 0 {
        return Err(ParquetError::General("its place in the file is negative".to_owned()));
    }
    let pages = SerializedPageReader::new(file, &chunk, rows, None)?;
    if is_zstd {
        return Ok(Box::new(ZstdPages { pages, decoder: FrameDecoder::new() }));
    }
    Ok(Box::new(pages))
}

/// Pages that are compressed with zstd.
struct ZstdPages<R: ChunkReader> {
    pages: SerializedPageReader<R>,
    decoder: FrameDecoder,
}

impl<R: ChunkReader> ZstdPages<R> {
    fn decompress(&mut self, mut page: Page) -> Result<Page, ParquetError> {
        if matches!(page, Page::DataPageV2 { is_compressed: false, .. }) {
            return Ok(page);
        }
        match &mut page {
            Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => *buf = self.unpack(buf, 0)?,
            Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, .. } => {
                // The levels of such a page stand before what is compressed.
                let levels = (*def_levels_byte_len as usize).saturating_add(*rep_levels_byte_len as usize);
                *buf = self.unpack(buf, levels)?;
            }
        }
        Ok(page)
    }

    fn unpack(&mut self, packed: &Bytes, levels: usize) -> Result<Bytes, ParquetError> {
        let wrong = |reason: &str| ParquetError::General(reason.to_owned());
        let Some((levels, packed)) = packed.split_at_checked(levels) else {
            return Err(wrong("a page ends within its levels"));
        };
        let mut page = levels.to_vec();
        if !packed.is_empty() {
            let mut frames = Frames::new(packed, std::mem::take(&mut self.decoder));
            let unpacked = frames.read_to(&mut page, MAX_PAGE_BYTES);
            self.decoder = frames.into_decoder();
            match unpacked {
                Ok(false) => {}
                Ok(true) => return Err(wrong("a page has more than 256 MiB")),
                Err(_) => return Err(wrong("a page cannot be decompressed")),
            }
        }
        Ok(page.into())
    }
}

impl<R: ChunkReader> Iterator for ZstdPages<R> {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl<R: ChunkReader> PageReader for ZstdPages<R> {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        let page = self.pages.get_next_page()?;
        page.map(|page| self.decompress(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.pages.skip_next_page()
    }
}
