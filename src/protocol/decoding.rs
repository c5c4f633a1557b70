//! The messages between a worker and the program that decodes Parquet, Arrow and zstd, which is loaded for the first
//! such file.
//!
//! The worker asks its page for a decoder. The page starts it, and once it has sent a [`DecoderHandshake`] answers with
//! one that transfers a port; the other end of that port goes to the worker. There the worker posts [`ToDecoder::Open`]
//! with the file beside it, and then [`ToDecoder::Read`] for each piece: a piece is made when it is asked for, so memory
//! does not grow with the file. Each request has one answer. A decoder reads one file.

use serde::{Deserialize, Serialize};

use super::FilePreview;
use crate::pipeline::sniff::{Choices, Reading};
use crate::pipeline::sources::{ReadFrom, ReadingOn, RowBlockHead};

/// How a file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Coding {
    /// Apache Parquet, which becomes columns.
    Parquet,
    /// An Arrow IPC stream or file, as its first bytes show, which becomes columns.
    Arrow,
    /// The same, packed by gzip or deflate.
    PackedArrow,
    /// zstd, which becomes the file that was compressed, or, if that is Arrow, its columns.
    Zstd,
}

impl Coding {
    /// The coding of a file, by its first bytes, of which twenty are enough; `None`: the file is read as it is.
    #[must_use]
    pub fn of(start: &[u8]) -> Option<Self> {
        // A header of CSV may begin with the same letters.
        let is_text = |bytes: &[u8]| !bytes.iter().take(16).any(|byte| matches!(byte, 0..=8 | 14..=31));
        match start {
            // "PARE" stands for an encrypted file: why it cannot be read is better said than guessed.
            [b'P', b'A', b'R', b'1' | b'E', rest @ ..] if !is_text(rest) => Some(Self::Parquet),
            [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] | [0xff, 0xff, 0xff, 0xff, ..] => Some(Self::Arrow),
            // A frame, or a frame that a decoder skips, as `pzstd` writes first.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Between a decoder and the page that starts it: from the decoder, that it listens, since messages that are sent before
/// are lost; from the page, with a transferred port, who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecoderHandshake;

/// From a worker to a decoder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToDecoder {
    /// Open the file beside this message: the first request. [`FromDecoder::Opened`] or [`FromDecoder::Failed`]
    /// answers.
    Open {
        /// How it is encoded.
        coding: Coding,
        /// The columns whose values are needed, by their names: exactly, else without regard to case. The others stand
        /// in the schema alone. `None`: all of them.
        columns: Option<Vec<String>>,
        /// Where to begin, from 0: the row of Parquet and Arrow, or the byte of what zstd has compressed.
        from: u64,
    },
    /// Make the next piece. [`FromDecoder::Piece`], [`FromDecoder::End`] or [`FromDecoder::Failed`] answers.
    Read,
    /// Look at the file beside this message. [`FromDecoder::Facts`] or [`FromDecoder::Failed`] answers.
    Look,
    /// What the file beside this message would become. [`FromDecoder::Preview`] or [`FromDecoder::Failed`] answers.
    Preview {
        /// Its name.
        name: String,
        /// What a person chose.
        choices: Choices,
        /// The settings in force, as the query of an address.
        settings: String,
    },
    /// Open the file beside this message to read its rows. [`FromDecoder::Facts`] or [`FromDecoder::Failed`] answers.
    OpenRows {
        /// How it is read.
        reading: Reading,
        /// The settings below that, as the query of an address.
        settings: String,
        /// Where to begin.
        from: ReadFrom,
    },
    /// Read the next rows. [`FromDecoder::Rows`] or [`FromDecoder::Failed`] answers.
    ReadRows,
}

/// From a decoder to its worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FromDecoder {
    /// The file is open.
    Opened(DecodedFile),
    /// The next piece, which is the envelope's body.
    Piece {
        /// How much of [`DecodedFile::total`] is read, with this piece.
        done: u64,
    },
    /// All of the file is read.
    End,
    /// What is known of the file.
    Facts(FileFacts),
    /// What the file would become.
    Preview {
        /// As [`FileFacts::epoch`].
        epoch: u64,
        /// Without how far it was loaded before.
        preview: Box<FilePreview>,
    },
    /// The next rows, whose columns are the envelope's body: see
    /// [`RowBlock::from_bytes`](crate::pipeline::sources::RowBlock::from_bytes).
    Rows {
        /// The rest of the block.
        head: Box<RowBlockHead>,
        /// Bytes of the file, as it is, that were read.
        file_bytes: u64,
    },
    /// A sentence that says why the file cannot be read on, where, and what to do about it. Nothing can be read after
    /// it.
    Failed(String),
}

/// What is known of a file before its rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Tells its content, see [`file_epoch`](crate::pipeline::sources::file_epoch).
    pub epoch: u64,
    /// Its length in bytes, as it is.
    pub bytes: u64,
    /// The length of the text of its rows, where that is known.
    pub plain_bytes: Option<u64>,
    /// What can be sought in it.
    pub reading_on: ReadingOn,
}

/// What a decoder knows of a file when it has opened it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodedFile {
    /// Rows of Parquet, or bytes of any other file as it is.
    pub total: u64,
    /// Whether it becomes columns, in the form of [`columns`](crate::pipeline::records::columns); else bytes.
    pub is_columns: bool,
    /// Number of the columns of Parquet.
    pub column_count: u32,
    /// Columns that cannot be read, such as nested ones, and why: the first [`MAX_UNREADABLE`]. They stand in the
    /// schema, and have no values.
    pub unreadable: Vec<UnreadableColumn>,
}

/// Columns that [`DecodedFile::unreadable`] names.
pub const MAX_UNREADABLE: usize = 100;

/// A column that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableColumn {
    /// Its name, cut at 200 characters.
    pub name: String,
    /// A sentence with the name, the reason and what to do about it.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{VERSION, pack, unpack};

    #[test]
    fn a_handshake_says_nothing_but_its_version() {
        let encoded = pack(&DecoderHandshake);
        assert_eq!(unpack(Some(VERSION), &encoded), Ok(DecoderHandshake));
        assert!(unpack::<DecoderHandshake>(Some(VERSION + 1), &encoded).is_err());
    }

    #[test]
    fn a_coding_is_told_by_the_first_bytes() {
        for (start, coding) in [
            (&b"PAR1\x15\x04"[..], Some(Coding::Parquet)),
            (b"PARE\x40\0\0\0", Some(Coding::Parquet)),
            (b"ARROW1\0\0", Some(Coding::Arrow)),
            (b"\xff\xff\xff\xff\x10\x01\0\0", Some(Coding::Arrow)),
            (b"ARROW1,ARROW2\n", None),
            (b"\x28\xb5\x2f\xfd", Some(Coding::Zstd)),
            (b"\x50\x2a\x4d\x18\x04", Some(Coding::Zstd)),
            (b"PART", None),
            (b"PAR", None),
            (b"PAR1,PAR2\r\n1,2", None),
            (b"timestamp,value", None),
            (b"", None),
        ] {
            assert_eq!(Coding::of(start), coding, "{start:?}");
        }
    }
}
