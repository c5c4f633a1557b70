//! What is shown of files: for the page in each snapshot, for the API as the state of the source.

use super::PipelineService;
use super::file_list::{FileEntry, Stage};
use crate::pipeline::Cursor;
use crate::pipeline::sources::{FileProgress, Pace, Seek, SourceState};
use crate::protocol::{FilePace, FileSeek, FileState, FileView, LoadedBefore};
use crate::time::{Duration, Timestamp};

/// What the source is doing, and how far it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceStatus {
    /// What it is doing.
    pub state: SourceState,
    /// How far it has come; `None` of a source without a position.
    pub cursor: Option<Cursor>,
    /// Rows that are due and were not taken yet, where that is known.
    pub lag_rows: Option<u64>,
    /// How far it is behind.
    pub lag: Option<Duration>,
    /// Rows a second, of late.
    pub rows_per_sec: f64,
    /// Bytes a second, of late.
    pub bytes_per_sec: f64,
    /// How often it was tried anew.
    pub retries: u64,
    /// When it is tried anew.
    pub next_try: Option<Timestamp>,
    /// What came of it since it was begun.
    pub counts: SourceCounts,
    /// The last error, with its mend.
    pub problem: Option<String>,
}

/// What came of a source since it was begun; of the simulated one nothing is counted here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceCounts {
    /// Messages of a live source.
    pub messages: u64,
    /// Rows that were taken.
    pub accepted: u64,
    /// Rows that were refused, the late ones among them.
    pub refused: u64,
    /// Rows that were dropped, since there was no room for them.
    pub dropped: u64,
    /// Times that messages may be missing.
    pub gaps: u64,
}

impl SourceStatus {
    /// A source in this state, of which nothing else is known.
    pub(super) fn new(state: SourceState) -> Self {
        Self {
            state,
            cursor: None,
            lag_rows: None,
            lag: None,
            rows_per_sec: 0.0,
            bytes_per_sec: 0.0,
            retries: 0,
            next_try: None,
            counts: SourceCounts::default(),
            problem: None,
        }
    }
}

impl From<FilePace> for Pace {
    fn from(pace: FilePace) -> Self {
        match pace {
            FilePace::AtOnce => Self::AtOnce,
            FilePace::Replay { speed, is_looped } => Self::Replay { speed, is_looped },
            FilePace::Follow => Self::Follow,
        }
    }
}

impl From<Pace> for FilePace {
    fn from(pace: Pace) -> Self {
        match pace {
            Pace::AtOnce => Self::AtOnce,
            Pace::Replay { speed, is_looped } => Self::Replay { speed, is_looped },
            Pace::Follow => Self::Follow,
        }
    }
}

impl From<FileSeek> for Seek {
    fn from(seek: FileSeek) -> Self {
        match seek {
            FileSeek::Row(row) => Self::Row(row),
            FileSeek::Time(nanos) => Self::Time(Timestamp::from_nanos(nanos)),
            FileSeek::Share(share) => Self::Share(share),
        }
    }
}

impl From<&Cursor> for LoadedBefore {
    fn from(cursor: &Cursor) -> Self {
        Self { rows: cursor.taken, bytes: cursor.position, is_done: cursor.is_done }
    }
}

impl PipelineService {
    /// What the source is doing, and how far it has come.
    pub fn source_status(&self, now: Timestamp) -> SourceStatus {
        if self.engine.settings().source.is_live() {
            return self.live_status(now);
        }
        let state = self.source_state();
        let entry = self.files.current().filter(|_| state != SourceState::Idle);
        let source = entry.and_then(|entry| match &entry.stage {
            Stage::Begun(source) => Some(source),
            _ => None,
        });
        let problem = match (&state, entry) {
            (SourceState::Failed(sentence), _) => Some(sentence.clone()),
            (_, Some(entry)) => entry.obstacle.clone(),
            _ => None,
        };
        let rate = entry.map(|entry| entry.rate).unwrap_or_default();
        let progress = source.map(|source| source.progress(now)).unwrap_or_default();
        let late = entry.map_or(0, |entry| entry.late);
        let (accepted, refused) = (progress.given - late, progress.refused + late);
        SourceStatus {
            state,
            cursor: source.map(|source| source.cursor().clone()),
            lag_rows: None,
            lag: progress.lag,
            rows_per_sec: rate.rows_per_sec,
            bytes_per_sec: rate.bytes_per_sec,
            retries: 0,
            next_try: None,
            counts: SourceCounts { accepted, refused, ..SourceCounts::default() },
            problem,
        }
    }

    /// How far a file with this content was loaded before, if it was.
    pub fn loaded_before(&self, name: &str, epoch: u64) -> Option<LoadedBefore> {
        self.engine.cursors().find(&["file:", name].concat(), epoch).map(Into::into)
    }

    /// The files as the page shows them.
    pub(super) fn file_views(&self, now: Timestamp) -> Vec<FileView> {
        self.files.entries.iter().map(|entry| view(entry, now)).collect()
    }
}

fn view(entry: &FileEntry, now: Timestamp) -> FileView {
    let job = &entry.job;
    let blank = FileView {
        number: entry.number,
        name: job.name.clone(),
        state: FileState::Waiting,
        pace: job.pace.into(),
        accepted: 0,
        refused: 0,
        skipped: 0,
        bytes_read: 0,
        bytes: job.bytes,
        rows_per_sec: 0.0,
        rest_secs: None,
        at: None,
        span: None,
        ignored: Vec::new(),
        problem: entry.obstacle.clone(),
    };
    match &entry.stage {
        Stage::Waiting => blank,
        Stage::Unbegun(None) => FileView { state: FileState::Cancelled, ..blank },
        Stage::Unbegun(problem) => FileView { state: FileState::Failed, problem: problem.clone(), ..blank },
        Stage::Lost(cursor) => {
            FileView { state: FileState::Lost, skipped: cursor.taken, bytes_read: cursor.position, ..blank }
        }
        Stage::Begun(source) => {
            let progress @ FileProgress { given, refused, skipped, at, span, .. } = source.progress(now);
            let state = source.state();
            let problem =
                if let SourceState::Failed(sentence) = &state { Some(sentence.clone()) } else { blank.problem };
            let is_running = matches!(state, SourceState::Opening | SourceState::Open | SourceState::Waiting);
            // What is packed is measured by its own bytes, which only whoever reads it knows.
            let bytes = source.head().bytes.unwrap_or(job.bytes);
            let bytes_read = if source.head().bytes.is_some() { progress.bytes } else { entry.file_bytes };
            FileView {
                state: match state {
                    SourceState::Idle | SourceState::Opening => FileState::Opening,
                    SourceState::Open => FileState::Open,
                    SourceState::Paused => FileState::Paused,
                    SourceState::Waiting => FileState::Following,
                    SourceState::Done => FileState::Done,
                    SourceState::Cancelled => FileState::Cancelled,
                    SourceState::Failed(_) => FileState::Failed,
                },
                pace: source.pace().into(),
                accepted: given - entry.late,
                refused: refused + entry.late,
                skipped,
                bytes_read,
                bytes,
                rows_per_sec: if is_running { entry.rate.rows_per_sec } else { 0.0 },
                rest_secs: rest_secs(entry, source.pace(), bytes.saturating_sub(bytes_read)).filter(|_| is_running),
                at: at.map(Timestamp::as_nanos),
                span: span.map(|(first, newest)| (first.as_nanos(), newest.as_nanos())),
                ignored: source.ignored().to_vec(),
                problem,
                ..blank
            }
        }
    }
}

/// About how long the rest takes at the pace of late.
fn rest_secs(entry: &FileEntry, pace: Pace, rest_bytes: u64) -> Option<f64> {
    let is_endless = matches!(pace, Pace::Follow | Pace::Replay { is_looped: true, .. });
    let bytes_per_sec = entry.rate.bytes_per_sec;
    (!is_endless && bytes_per_sec > 0.0).then(|| rest_bytes as f64 / bytes_per_sec)
}
