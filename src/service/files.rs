//! Files of people's own: which are loaded, one after the other, and what becomes of their rows.
//!
//! Whoever reads the bytes calls [`PipelineService::add_file`] for each file that a person loads, then
//! [`begin_file`](PipelineService::begin_file) when its turn comes, and [`feed_file`](PipelineService::feed_file) with
//! what its [`Ask`]s ask for, until one is [`Ask::Close`].

use super::PipelineService;
use super::file_list::{FileJob, Stage, source_name};
use crate::frame::write_number;
use crate::pipeline::records::{BadRow, Draft, Format, Place};
use crate::pipeline::sniff::{Reading, Resolved, Zones};
use crate::pipeline::sources::{Ask, Fed, FileHead, FileSource, Input, Pace, ReadingOn, Seek, SourceState};
use crate::pipeline::{
    Cursor, DeadLetter, Event, Id, MAX_ID_BYTES, Measures, PostError, RANGE_BYTES, Refused, SourceKind,
    address_of_settings, random_uuid,
};
use crate::time::{Clock, Duration, Timestamp};

/// Files that wait.
const MAX_FILES: usize = 1000;
/// Rows of one step at most, for which room is reserved in the files of the journal.
const STEP_ROWS: usize = 2048;
/// Refused rows of one step that are kept.
const STEP_REFUSED: usize = 1000;
/// Time until it is tried again to write on a full disk.
pub(super) const RETRY_AFTER: Duration = Duration::from_nanos(1_000_000_000);

impl PipelineService {
    /// Takes a file, to be read after those that wait; returns its number.
    ///
    /// # Errors
    /// Sentences, when it cannot be read in this way.
    pub fn add_file(&mut self, job: FileJob) -> Result<u32, Vec<String>> {
        if self.files.entries.iter().filter(|entry| !entry.is_ended()).count() >= MAX_FILES {
            return Err(vec![format!("{MAX_FILES} files wait already; load this one when they are done")]);
        }
        let resolved = self.resolve(&job)?;
        let is_text = matches!(resolved.format, Format::Csv(_) | Format::Ndjson);
        let sentence = match job.pace {
            Pace::Replay { .. } if job.reading.timestamp_field.is_none() => {
                "a replay needs times: say which column has them, or load the file at once"
            }
            Pace::Replay { speed, .. } if !(0.1..=10_000.0).contains(&speed) => {
                "the speed of a replay is from 0.1 to 10000 times its own pace"
            }
            Pace::Follow if !is_text || job.reading_on != ReadingOn::Byte => {
                "only CSV and NDJSON that are not compressed can be followed; load the file at once"
            }
            _ => return Ok(self.files.push(job, Stage::Waiting)),
        };
        Err(vec![sentence.to_owned()])
    }

    /// The number of the file whose turn it is, and whether it has begun: one that is being read, else the first that
    /// waits.
    pub fn next_file(&self) -> Option<(u32, bool)> {
        let unended = || self.files.entries.iter().filter(|entry| !entry.is_ended());
        let begun = unended().find(|entry| matches!(entry.stage, Stage::Begun(_)));
        let next = begun.or_else(|| unended().next())?;
        Some((next.number, begun.is_some()))
    }

    /// Whether a file is among those that are shown: else it is not read any more.
    pub fn knows_file(&self, number: u32) -> bool {
        self.files.entries.iter().any(|entry| entry.number == number)
    }

    /// How a file is read that has begun, as another thread needs it: the settings, as the query of an address, and
    /// what stands above them.
    pub fn file_reading(&self, number: u32) -> Option<(String, Reading)> {
        let entry = self.files.entries.iter().find(|entry| entry.number == number)?;
        Some((self.settings_in_force(), entry.job.reading.clone()))
    }

    /// The settings but for the API key, as the query of an address.
    pub fn settings_in_force(&self) -> String {
        address_of_settings(&self.engine.settings().texts())
    }

    /// Notes how many bytes of a file, as it is, were read.
    pub fn note_file_bytes(&mut self, number: u32, bytes: u64) {
        if let Some(entry) = self.files.find(number) {
            entry.file_bytes = bytes;
        }
    }

    /// Begins to read a file: how it is read becomes part of the settings. Returns whether
    /// [`feed_file`](Self::feed_file) is to be called; if not, the file has ended.
    pub fn begin_file(&mut self, number: u32, now: Timestamp) -> bool {
        let Some(job) = self.files.find(number).map(|entry| entry.job.clone()) else { return false };
        let begun = self.source_of(job, now);
        let Some(entry) = self.files.find(number) else { return false };
        let is_begun = begun.is_ok();
        entry.stage =
            begun.map_or_else(|sentence| Stage::Unbegun(Some(sentence)), |source| Stage::Begun(source.into()));
        is_begun
    }

    /// How a file is read: the settings while it is, the format, and what becomes of its fields.
    fn resolve(&self, job: &FileJob) -> Result<Resolved, Vec<String>> {
        let resolved = job.reading.resolve(self.engine.settings(), self.zones())?;
        let speed = match job.pace {
            Pace::Replay { speed, .. } => Some(write_number(speed)),
            Pace::AtOnce | Pace::Follow => None,
        };
        let settings = resolved.settings.merged([("source", Some("file")), ("replay_speed", speed.as_deref())]);
        let settings = settings.map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        Ok(Resolved { settings, ..resolved })
    }

    fn zones(&self) -> Zones<'_> {
        Zones { clock: &self.clock, local: &self.zone, find: &self.find_zone }
    }

    fn source_of(&mut self, job: FileJob, now: Timestamp) -> Result<FileSource, String> {
        let Resolved { settings, mapping, .. } = self.resolve(&job).map_err(|sentences| sentences.join("; "))?;
        self.configure(settings, now).map_err(|error| error.to_string())?;
        let source = source_name(&job.name);
        let cursor = self.engine.cursors().find(&source, job.epoch).filter(|_| job.is_continued).cloned();
        let bytes = (job.reading_on == ReadingOn::Byte).then_some(job.bytes);
        let head = FileHead {
            source: Cursor::new(&source, job.epoch).source,
            epoch: job.epoch,
            measures: mapping.measures,
            reading_on: job.reading_on,
            bytes,
        };
        Ok(FileSource::new(head, job.pace, cursor))
    }

    /// Tells the file that is read what it asked for, takes the rows that are due, and returns what it asks for next. The
    /// rows and the cursor behind them are written together.
    pub fn feed_file(&mut self, number: u32, input: Input, now: Timestamp) -> Vec<Ask> {
        let room = match self.room(STEP_ROWS, now) {
            Ok(room) => room,
            Err(sentence) => {
                // Nothing is taken that cannot be kept, but what was asked for is not lost.
                if let Some(entry) = self.files.find(number) {
                    entry.obstacle = Some(sentence);
                }
                0
            }
        };
        let settings = self.engine.settings();
        let (speed, rests) = (settings.replay_speed, settings.paused || settings.source != SourceKind::File);
        let Some(entry) = self.files.find(number) else { return vec![Ask::Close] };
        let Stage::Begun(source) = &mut entry.stage else { return vec![Ask::Close] };
        if room > 0 {
            entry.obstacle = None;
        }
        source.hold(rests, now);
        if speed != entry.speed && !rests {
            source.set_speed(speed, now);
            entry.speed = speed;
        }
        let Fed { rows, refused, refused_unlisted, has_moved, mut asks, .. } = source.feed(input, room, now);
        let measures = source.head().measures.clone();
        let cursor = has_moved.then(|| source.cursor().clone());
        let progress = source.progress(now);
        let bytes = if source.head().bytes.is_some() { progress.bytes } else { entry.file_bytes };
        entry.rate.update(now, progress.given + progress.refused, bytes);
        let name = entry.source_name();
        let is_blocked = entry.obstacle.is_some();
        let late = self.take_rows(rows, false, &measures, &name, now);
        self.bury(refused, refused_unlisted, &name, now);
        if let Some(cursor) = cursor {
            self.engine.advance(cursor);
        }
        if let Some(entry) = self.files.find(number) {
            entry.late += late;
        }
        if asks.contains(&Ask::Close) {
            self.engine.complete(now, &mut self.store);
        }
        if is_blocked {
            // Room is not asked for at once.
            asks.iter_mut().filter(|ask| **ask == Ask::Wake(now)).for_each(|ask| *ask = Ask::Wake(now + RETRY_AFTER));
        }
        asks
    }

    /// The number of rows for which there is room in the queue and in the files, so many at most.
    pub(super) fn room(&mut self, most: usize, now: Timestamp) -> Result<usize, String> {
        self.engine.make_room(now, &mut self.store);
        let queue = self.engine.queue();
        let room = queue.capacity().saturating_sub(queue.len()).min(most);
        let measures = &self.engine.settings().measures;
        let row_bytes = MAX_ID_BYTES + 16 * measures.count();
        let names_bytes = measures.names().map(str::len).sum::<usize>();
        // Each row may be of a message that others have taken the neighbours of.
        let more_bytes = room * (row_bytes + RANGE_BYTES) + names_bytes + self.cursor_bytes();
        let reserved = self.store.reserve(room, more_bytes, STEP_REFUSED, now);
        reserved.map(|()| room).map_err(|error| format!("{error}; choose on the page what to do: the file waits"))
    }

    /// Takes rows; returns how many of them were refused, since they are late. Those that a server delivered again are not.
    pub(super) fn take_rows(
        &mut self,
        rows: Vec<(Place, Draft)>,
        is_redelivered: bool,
        measures: &Measures,
        name: &str,
        now: Timestamp,
    ) -> u64 {
        if rows.is_empty() {
            return 0;
        }
        let places: Vec<Place> = rows.iter().map(|(place, _)| *place).collect();
        let rng = &mut self.rng;
        let events = rows.into_iter().map(|(_, Draft { timestamp, id, values })| {
            let id = id.unwrap_or_else(|| Id::Uuid(random_uuid(rng)));
            Event { timestamp: timestamp.unwrap_or(now), id, values }
        });
        // There is room for all of them, so that no policy drops one.
        let posted = match is_redelivered {
            true => self.engine.post_again(events, measures, now, &mut self.store),
            false => self.engine.post(events, measures, now, &mut self.store),
        };
        let refused = match posted {
            Ok(refused) => refused,
            Err(PostError::QueueFull { .. }) => {
                self.engine.count_refused(places.len());
                return places.len() as u64;
            }
        };
        let late = refused.len() as u64;
        let clock = self.clock.clone();
        let bad = refused.into_iter().map(|Refused { position, event, reason }| BadRow {
            place: places[position],
            reason,
            input: shown(&event, &clock),
        });
        self.bury(bad.collect(), 0, name, now);
        late
    }

    /// Keeps refused rows as dead letters, and counts those of which nothing else is known.
    pub(super) fn bury(&mut self, refused: Vec<BadRow>, unlisted: usize, name: &str, now: Timestamp) {
        self.engine.count_refused(unlisted);
        for BadRow { place, reason, input } in refused {
            let (row, line) = (Some(place.row), Some(place.line as u64));
            self.engine.refuse(DeadLetter { arrived: now, source: name.to_owned().into(), row, line, reason, input });
        }
    }

    /// Lets the file or the stream that is read rest.
    ///
    /// # Errors
    /// A sentence, when none is read.
    pub fn pause_source(&mut self, now: Timestamp) -> Result<(), String> {
        if self.engine.settings().source.is_live() {
            return self.pause_live(true);
        }
        self.read_source()?.pause(true, now);
        Ok(())
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// As [`pause_source`](Self::pause_source).
    pub fn resume_source(&mut self, now: Timestamp) -> Result<(), String> {
        if self.engine.settings().source.is_live() {
            return self.pause_live(false);
        }
        self.read_source()?.pause(false, now);
        Ok(())
    }

    /// Lets it go on elsewhere.
    ///
    /// # Errors
    /// As [`pause_source`](Self::pause_source).
    pub fn seek_source(&mut self, seek: Seek, now: Timestamp) -> Result<(), String> {
        if self.engine.settings().source.is_live() {
            return self.seek_live(seek);
        }
        self.read_source()?.seek(seek, now);
        Ok(())
    }

    /// Changes the setting `replay_speed`, which the file that is read follows; `None`: the rest of it at once.
    ///
    /// # Errors
    /// As [`pause_source`](Self::pause_source), and for a speed that is not from 0.1 to 10,000.
    pub fn set_source_speed(&mut self, speed: Option<f64>, now: Timestamp) -> Result<(), String> {
        self.read_source()?;
        let text = speed.map(write_number);
        let settings = self.engine.settings().merged([("replay_speed", text.as_deref())]);
        let settings =
            settings.map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
        self.configure(settings, now).map_err(|error| error.to_string())
    }

    /// Whether a replay begins anew at its end.
    ///
    /// # Errors
    /// As [`pause_source`](Self::pause_source).
    pub fn set_source_looped(&mut self, is_looped: bool) -> Result<(), String> {
        self.read_source()?.set_looped(is_looped);
        Ok(())
    }

    fn read_source(&mut self) -> Result<&mut FileSource, String> {
        let sentence = match self.engine.settings().source {
            SourceKind::File => "no file is read; choose one on the page",
            _ => "only a file and a NATS stream can be paused, resumed and sought; use the setting paused",
        };
        self.files.source_mut().filter(|source| !source.is_cancelled()).ok_or_else(|| sentence.to_owned())
    }

    /// Ends a file, or takes it from those that wait; what was taken stays.
    pub fn cancel_file(&mut self, number: u32) {
        if let Some(entry) = self.files.find(number) {
            match &mut entry.stage {
                Stage::Waiting => entry.stage = Stage::Unbegun(None),
                Stage::Begun(source) if !source.is_ended() => source.cancel(),
                _ => {}
            }
        }
    }

    /// Shows the files no longer that have ended.
    pub fn clear_ended_files(&mut self) {
        self.files.entries.retain(|entry| !entry.is_ended());
    }

    /// What the source is doing. A file that rests since the setting `paused` says so rests as well.
    pub(super) fn source_state(&self) -> SourceState {
        let settings = self.engine.settings();
        match (settings.source, self.files.current().map(|entry| &entry.stage)) {
            (SourceKind::File, Some(Stage::Begun(source))) => source.state(),
            (SourceKind::File, _) | (SourceKind::None, _) => SourceState::Idle,
            (SourceKind::Simulated, _) if settings.paused => SourceState::Paused,
            (SourceKind::Simulated, _) => SourceState::Open,
            (SourceKind::Websocket | SourceKind::Sse | SourceKind::Poll | SourceKind::Nats, _) => self.live_state(),
        }
    }

    /// Remembers that a file was being read when the pipeline stopped: it is shown, so that it is chosen again.
    pub(super) fn remember_lost_file(&mut self) {
        if self.engine.settings().source != SourceKind::File {
            return;
        }
        let unfinished = self.engine.cursors().newest_first().next().filter(|cursor| !cursor.is_done).cloned();
        if let Some(cursor) = unfinished
            && let Some(name) = cursor.source.strip_prefix("file:")
        {
            let job = FileJob {
                name: name.to_owned(),
                epoch: cursor.epoch,
                bytes: 0,
                reading_on: ReadingOn::Start,
                reading: Reading::default(),
                pace: Pace::AtOnce,
                is_continued: true,
            };
            self.files.push(job, Stage::Lost(cursor));
        }
    }
}

/// The text of an event that was read but not accepted, in which its sender recognises it.
fn shown(event: &Event, clock: &Clock) -> String {
    let values = event.values.iter().map(|value| write_number(*value)).collect::<Vec<_>>().join(",");
    format!("{},{},{values}", event.timestamp.to_text(clock), &*event.id.text())
}
