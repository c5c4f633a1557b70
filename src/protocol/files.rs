//! Files of people's own: what a page asks for, what a file would become, and how far it has come.
//!
//! A page chooses a file, asks for a [`FilePreview`] with [`FileRequest::Preview`], lets a person correct what was
//! guessed and asks again with these [`Choices`], until no question is open; then [`FileRequest::Load`]. From then on
//! each snapshot has a [`FileView`] of it. The file itself travels beside the request, see
//! `browser::message::Target::send_with_file`: it is read where the pipeline runs, in slices.

use serde::{Deserialize, Serialize};

use crate::pipeline::sniff::{Choices, Preview, Reading};

/// What a page asks for about files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FileRequest {
    /// What the file beside this message would become; nothing of it is taken.
    /// [`FromWorker::FilePreview`](super::FromWorker::FilePreview) answers.
    Preview {
        /// Returned in the answer.
        id: u32,
        /// The name of the file, with the folders below the one that was chosen.
        name: String,
        /// What a person chose: all else is guessed.
        choices: Choices,
    },
    /// Loads the file beside this message, after those that are being loaded.
    /// [`FromWorker::FileLoading`](super::FromWorker::FileLoading) answers.
    Load {
        /// Returned in the answer.
        id: u32,
        /// As in the preview.
        name: String,
        /// How it is read: that of its preview. It becomes part of the settings once it is this file's turn.
        reading: Reading,
        /// How its rows come.
        pace: FilePace,
        /// Whether to go on where an earlier attempt at the same file ended; else from its beginning.
        is_continued: bool,
    },
    /// What happens with the file that is read now.
    Control(FileControl),
}

/// How the rows of a file come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum FilePace {
    /// All of them at once.
    AtOnce,
    /// As a stream at the file's own pace.
    Replay {
        /// So many times faster: the setting `replay_speed`, from 0.1 to 10,000.
        speed: f64,
        /// Whether it begins anew at its end. Its rows then go on in time: each round is later than the one before.
        is_looped: bool,
    },
    /// All of them at once, and then the lines that the file grows by.
    Follow,
}

/// What happens with the file that is read now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum FileControl {
    /// It rests.
    Pause,
    /// It goes on.
    Resume,
    /// It goes on elsewhere.
    Seek(FileSeek),
    /// Changes the speed of a replay; `None`: the rest of it at once.
    Speed(Option<f64>),
    /// Whether a replay begins anew at its end.
    Loop(bool),
    /// It ends, or is not begun: what was taken stays.
    Cancel {
        /// [`FileView::number`].
        number: u32,
    },
    /// Removes those that have ended from [`Snapshot::files`](super::Snapshot::files).
    Clear,
}

/// Where a file goes on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum FileSeek {
    /// At this row, from 0.
    Row(u64),
    /// At the first row of at least this time, in nanoseconds since the epoch.
    Time(i64),
    /// At this share of its bytes, from 0 to 1.
    Share(f64),
}

/// What a file would become.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FilePreview {
    /// Its length in bytes, as it is.
    pub bytes: u64,
    /// How it is packed, `gzip` or `zstd`; `None`: not.
    pub packing: Option<String>,
    /// How it would be read, its columns and first rows, and what is open.
    pub preview: Preview,
    /// Why it cannot be loaded in this way, with place and mend; empty if it can.
    pub problems: Vec<String>,
    /// How far it was loaded before, if it was.
    pub loaded: Option<LoadedBefore>,
}

/// How far a file was loaded before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedBefore {
    /// Rows that were read of it.
    pub rows: u64,
    /// Bytes that were.
    pub bytes: u64,
    /// Whether that was all of it.
    pub is_done: bool,
}

/// A file that is loaded, waits to be, or was since the worker started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileView {
    /// Its number: each that is loaded has another one.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What happens with it.
    pub state: FileState,
    /// How its rows come.
    pub pace: FilePace,
    /// Rows that were taken.
    pub accepted: u64,
    /// Rows that were refused; the newest stand among the refused rows.
    pub refused: u64,
    /// Rows that were taken by an earlier attempt, which this one goes on from; or were passed over.
    pub skipped: u64,
    /// Bytes of the file that were read.
    pub bytes_read: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Rows a second, of late.
    pub rows_per_sec: f64,
    /// About how long the rest takes; `None`: not known, or without an end.
    pub rest_secs: Option<f64>,
    /// The time of the newest row that was read, in nanoseconds since the epoch, as it stands in the file.
    pub at: Option<i64>,
    /// The times of the first row and of the last, as far as they are known: what a replay can be sought in.
    pub span: Option<(i64, i64)>,
    /// The fields that were left out, cut at 200 characters each; the first hundred.
    pub ignored: Vec<String>,
    /// The last error, with its mend.
    pub problem: Option<String>,
}

/// What happens with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileState {
    /// It waits until the files before it are loaded.
    Waiting,
    /// It is being opened, or what was read before is passed over.
    Opening,
    /// Its rows are read.
    Open,
    /// It rests, since a person said so.
    Paused,
    /// All of it was read, and it is watched: new lines become events.
    Following,
    /// All of it was read.
    Done,
    /// A person ended it: what was taken stays.
    Cancelled,
    /// It cannot be read any further; [`FileView::problem`] says why. What was taken stays.
    Failed,
    /// It was being loaded when the pipeline stopped, and has to be chosen again to go on.
    Lost,
}

impl FileState {
    /// Whether nothing more comes of the file.
    #[must_use]
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed | Self::Lost)
    }
}
