//! The list of files of people's own: each with how it is read and how far it has come. `files` moves them on.

use crate::pipeline::Cursor;
use crate::pipeline::sniff::Reading;
use crate::pipeline::sources::{FileSource, Pace, ReadingOn};
use crate::time::{Duration, Timestamp};

/// Files that have ended and are still shown; the oldest go first.
const MAX_ENDED: usize = 50;
/// Time over which a rate is taken.
const RATE_SPAN: Duration = Duration::from_nanos(1_000_000_000);

/// A file to load.
#[derive(Debug, Clone, PartialEq)]
pub struct FileJob {
    /// Its name, with the folders below the one that was chosen.
    pub name: String,
    /// Tells its content from others of its name, see [`file_epoch`](crate::pipeline::sources::file_epoch).
    pub epoch: u64,
    /// Its length in bytes, as it is.
    pub bytes: u64,
    /// What can be sought in it.
    pub reading_on: ReadingOn,
    /// How it is read: that of its preview.
    pub reading: Reading,
    /// How its rows come.
    pub pace: Pace,
    /// Whether to go on where an earlier attempt ended; else from its beginning.
    pub is_continued: bool,
}

/// The files that are loaded, wait or were loaded, in order.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) entries: Vec<FileEntry>,
    last_number: u32,
}

/// A file among them.
#[derive(Debug)]
pub(super) struct FileEntry {
    pub(super) number: u32,
    pub(super) job: FileJob,
    pub(super) stage: Stage,
    /// The setting `replay_speed` that it follows: a change of the setting changes its pace.
    pub(super) speed: Option<f64>,
    /// Rows that were given out and refused afterwards: they were late.
    pub(super) late: u64,
    /// Why it rests, although nobody said so: the disk is full.
    pub(super) obstacle: Option<String>,
    pub(super) rate: Rate,
    /// Bytes of the file, as it is, that were read.
    pub(super) file_bytes: u64,
}

/// How far a file has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// It waits for those before it.
    Waiting,
    /// It is read, or was.
    Begun(Box<FileSource>),
    /// It was never begun: a sentence, or none when a person ended it.
    Unbegun(Option<String>),
    /// It was being read when the pipeline stopped.
    Lost(Cursor),
}

/// Rows and bytes a second, of late.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rate {
    pub(super) rows_per_sec: f64,
    pub(super) bytes_per_sec: f64,
    since: Option<(Timestamp, u64, u64)>,
}

impl Rate {
    /// Takes the number of rows and bytes so far.
    pub(super) fn update(&mut self, now: Timestamp, rows: u64, bytes: u64) {
        let Some((since, old_rows, old_bytes)) = self.since.filter(|(since, ..)| *since <= now) else {
            self.since = Some((now, rows, bytes));
            return;
        };
        if now - since >= RATE_SPAN {
            let secs = (now - since).as_nanos() as f64 / 1e9;
            self.rows_per_sec = rows.saturating_sub(old_rows) as f64 / secs;
            self.bytes_per_sec = bytes.saturating_sub(old_bytes) as f64 / secs;
            self.since = Some((now, rows, bytes));
        }
    }
}

impl FileEntry {
    /// Whether nothing more comes of it.
    pub(super) fn is_ended(&self) -> bool {
        match &self.stage {
            Stage::Waiting => false,
            Stage::Begun(source) => source.is_ended(),
            Stage::Unbegun(_) | Stage::Lost(_) => true,
        }
    }

    /// The name of its rows among the refused ones.
    pub(super) fn source_name(&self) -> String {
        source_name(&self.job.name)
    }
}

/// What names a file in cursors and among refused rows.
pub(super) fn source_name(name: &str) -> String {
    ["file:", name].concat()
}

impl Files {
    /// The file that is read now, or was read last.
    pub(super) fn current(&self) -> Option<&FileEntry> {
        let begun = |entry: &&FileEntry| matches!(entry.stage, Stage::Begun(_));
        let running = self.entries.iter().find(|entry| begun(entry) && !entry.is_ended());
        running.or_else(|| self.entries.iter().rev().find(begun))
    }

    pub(super) fn source_mut(&mut self) -> Option<&mut FileSource> {
        let number = self.current()?.number;
        match &mut self.find(number)?.stage {
            Stage::Begun(source) => Some(source),
            _ => None,
        }
    }

    pub(super) fn find(&mut self, number: u32) -> Option<&mut FileEntry> {
        self.entries.iter_mut().find(|entry| entry.number == number)
    }

    pub(super) fn push(&mut self, job: FileJob, stage: Stage) -> u32 {
        self.last_number += 1;
        let (number, rate) = (self.last_number, Rate::default());
        let speed = if let Pace::Replay { speed, .. } = job.pace { Some(speed) } else { None };
        self.entries.push(FileEntry { number, job, stage, speed, late: 0, obstacle: None, rate, file_bytes: 0 });
        let mut surplus = self.entries.iter().filter(|entry| entry.is_ended()).count().saturating_sub(MAX_ENDED);
        self.entries.retain(|entry| {
            let is_kept = surplus == 0 || !entry.is_ended();
            surplus -= usize::from(!is_kept);
            is_kept
        });
        number
    }
}
