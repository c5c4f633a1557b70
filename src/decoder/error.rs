//! Why a file cannot be decoded: where, and what to do about it.

use std::error::Error;
use std::{fmt, io};

use parquet::errors::ParquetError;

use crate::pipeline::records::brief;

/// Why a file cannot be decoded, or not any further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecoderError {
    /// It has no bytes.
    Empty,
    /// It does not begin as Parquet does.
    NotParquet,
    /// It begins as Parquet does and does not end so.
    ParquetCut,
    /// All of it is encrypted.
    Encrypted,
    /// Its list of columns cannot be read.
    Footer(FileFault),
    /// A column that is needed cannot be read.
    Column {
        /// Its name.
        name: String,
        /// Why.
        fault: Unreadable,
    },
    /// None of its columns can be read, or none of those that are needed is there: the names of the first ones.
    NoColumns {
        /// Those that are needed; empty: all.
        needed: Vec<String>,
        /// Those of the file.
        found: Vec<String>,
    },
    /// The values of a column cannot be read.
    Values {
        /// Its name.
        column: String,
        /// The first row, from 0, that may be affected.
        row: u64,
        /// Why.
        fault: FileFault,
    },
    /// It is no Arrow IPC stream or file: a sentence with place, reason and mend.
    Arrow(String),
    /// It cannot be unpacked: a sentence as well.
    Packed(String),
    /// Its bytes cannot be read.
    Bytes(FileFault),
    /// It does not begin as zstd does.
    NotZstd,
    /// It ends within a frame of zstd, at this byte.
    ZstdCut(u64),
    /// It needs a window of so many bytes, which is more than 128 MiB.
    ZstdWindow(u64),
    /// It needs a dictionary, which is not in the file.
    ZstdDictionary,
    /// It is not zstd any more before this byte.
    Zstd {
        /// Bytes of the file that were read.
        at: u64,
        /// Why.
        fault: FileFault,
    },
}

/// Why bytes of a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// They cannot be read, for this reason of the browser's.
    Unread(String),
    /// They are not what they should be, for this reason.
    Damaged(String),
    /// They are of a kind that is not read.
    Unsupported(String),
}

/// Why a column of Parquet has no values here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is a list, a map or a structure.
    Nested,
    /// It is encrypted.
    Encrypted,
    /// It has times of day, without a date.
    TimeOfDay,
    /// It has decimal numbers of more digits than are read.
    WideDecimal,
    /// It has bytes of a form that is neither text nor a number.
    Binary,
}

impl fmt::Display for DecoderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty; choose one with rows"),
            Self::NotParquet => f.write_str(
                "the file is not Parquet: it does not begin with \"PAR1\"; choose its format, or write it as Parquet",
            ),
            Self::ParquetCut => f.write_str(
                "the Parquet file is cut off: it does not end with \"PAR1\"; copy it again, whole, from where it was written",
            ),
            Self::Encrypted => f.write_str("the Parquet file is encrypted; write it without encryption"),
            Self::Footer(fault) => write!(f, "the list of columns at the end of the Parquet file: {fault}"),
            Self::Column { name, fault } => write!(f, "column \"{}\" {fault}", brief(name)),
            Self::NoColumns { needed, found } if needed.is_empty() => {
                write!(f, "no column of the file can be read; it has {}", Names(found))
            }
            Self::NoColumns { needed, found } => write!(
                f,
                "the file has no column {}; it has {}: set measures, timestamp_field and id_field to columns that it has",
                Names(needed),
                Names(found)
            ),
            Self::Values { column, row, fault } => {
                write!(f, "column \"{}\" from row {row} on: {fault}", brief(column))
            }
            Self::Arrow(sentence) | Self::Packed(sentence) => f.write_str(sentence),
            Self::Bytes(fault) => fault.fmt(f),
            Self::NotZstd => f.write_str("the file is not zstd; choose its format, or compress it again"),
            Self::ZstdCut(at) => {
                write!(f, "the zstd file is cut off at byte {at}; copy it again, whole, from where it was written")
            }
            Self::ZstdWindow(bytes) => write!(
                f,
                "the zstd file needs {bytes} bytes of memory at once; compress it again without --long and --ultra"
            ),
            Self::ZstdDictionary => {
                f.write_str("the zstd file needs a dictionary that is not in it; compress it again without one")
            }
            Self::Zstd { at, fault } => write!(f, "the zstd file up to byte {at}: {fault}"),
        }
    }
}

impl Error for DecoderError {}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(reason) => {
                write!(f, "the file has changed, or cannot be read any more ({reason}); choose it again")
            }
            Self::Damaged(reason) => {
                write!(f, "it is damaged ({}); copy it again, or write it again", brief(reason))
            }
            Self::Unsupported(reason) => {
                write!(f, "it cannot be read ({}); write it with another compression or encoding", brief(reason))
            }
        }
    }
}

impl Error for FileFault {}

/// What the parquet crate says, without the name of its kind. What the file's own reader said stays as it is.
impl From<&ParquetError> for FileFault {
    fn from(error: &ParquetError) -> Self {
        match error {
            ParquetError::General(reason) | ParquetError::EOF(reason) => Self::Damaged(reason.clone()),
            ParquetError::NYI(reason) => Self::Unsupported(reason.clone()),
            ParquetError::External(cause) => match cause.downcast_ref::<io::Error>().and_then(Self::of_io) {
                Some(fault) => fault,
                None => Self::Damaged(cause.to_string()),
            },
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl FileFault {
    /// What the file's own reader said, if it was that which failed.
    pub(super) fn of_io(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|cause| cause.downcast_ref::<Self>()).cloned()
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nested => "is nested (a list, a map or a structure); write its parts as columns of their own",
            Self::Encrypted => "is encrypted; write it without encryption",
            Self::TimeOfDay => "has times of day without a date; write it as a timestamp, or as a number",
            Self::WideDecimal => "has decimals of more than 38 digits; write it as float64",
            Self::Binary => "has binary values; write it as text or as a number",
        })
    }
}

/// Names in quotes, the first ten.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (index, name) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}\"{}\"", if index == 0 { "" } else { ", " }, brief(name))?;
        }
        if self.0.len() > SHOWN { write!(f, " and {} more", self.0.len() - SHOWN) } else { Ok(()) }
    }
}
