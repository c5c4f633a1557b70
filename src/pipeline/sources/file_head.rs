//! A file that is read: what it is, and how its rows come.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::pipeline::Measures;

/// How the rows of a file come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// As fast as the queue takes them.
    AtOnce,
    /// At the pace of their times.
    Replay {
        /// So many times faster.
        speed: f64,
        /// Whether it begins anew at its end; its rows then go on in time.
        is_looped: bool,
    },
    /// As fast as the queue takes them, and then as the file grows.
    Follow,
}

/// What can be sought in what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReadingOn {
    /// Any byte: a file as it is.
    Byte,
    /// Any row, by opening it there: Parquet and Arrow.
    Row,
    /// Nothing: it is read from its beginning, as what is compressed is.
    Start,
}

/// A file, and how it is read.
#[derive(Debug, Clone)]
pub struct FileHead {
    /// Names it in its cursor, see [`Cursor::source`](crate::pipeline::Cursor::source).
    pub source: Arc<str>,
    /// The epoch of its cursor, see [`file_epoch`](super::file_epoch).
    pub epoch: u64,
    /// The measures of its rows.
    pub measures: Measures,
    /// What can be sought in it.
    pub reading_on: ReadingOn,
    /// Its length in bytes as they are read; `None` where that is not known before its end.
    pub bytes: Option<u64>,
}
