//! Floor 2: files as rows, and what a file would become.
//!
//! It is a program of its own, `src/bin/decoder.rs`, which is loaded when the first file comes; `protocol` has its
//! messages. Read [`FileRows`] first: the bytes of a file, unpacked, go through the one reader of rows and come as blocks.
//! [`preview()`] looks at its first bytes.
//!
//! Parquet, Arrow and zstd become what that reader takes by a [`Decoder`], which also serves the bodies of requests:
//! columns in the form of [`columns`](crate::pipeline::records::columns), or the bytes of the file that was compressed.
//! `parquet_file` goes through row groups: `schema` says what becomes of a column,
//! `pages` decompresses, and `column` turns values into buffers. `arrow` goes through the messages of Arrow, whose
//! buffers are handed on, and `source` reads its bytes, also where they are packed. `zstd_frames` reads zstd, of files
//! and of pages.
//!
//! The parquet crate's column readers do the work, without its `arrow` feature, which would treble the program.

mod arrow;
mod column;
mod encryption;
mod error;
mod file;
mod file_bytes;
mod file_rows;
mod number;
mod pages;
mod parquet_file;
mod preview;
mod schema;
mod source;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
mod zstd_frames;

pub use error::{DecoderError, FileFault, Unreadable};
pub use file::Decoder;
pub use file_bytes::{file_facts, unread};
pub use file_rows::{FileRows, Next};
pub use preview::preview;
