//! The pipeline as it runs: engine, store and clock, and what the page and the API read from them.

use std::rc::Rc;

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

use super::file_list::Files;
use super::live_run::{Live, Sink};
use super::sort_cache::SortCache;
use crate::frame::FrameError;
use crate::pipeline::records::Mapping;
use crate::pipeline::{ClockKind, Cursor, Engine, Event, Id, Input, Measures, Output, Settings, Store, random_uuid};
use crate::store::{Chart, Disk, Durability, DurableStore, History, RowQuery, Sorted, StorageChoice, StoreError};
use crate::time::{Clock, Timestamp, Zone, ZoneNameError};

/// The running pipeline; the only state that the worker has apart from connections.
#[derive(Debug)]
pub struct PipelineService {
    pub(super) engine: Engine,
    pub(super) store: DurableStore,
    pub(super) zone: Zone,
    pub(super) clock: Clock,
    /// Looks up a zone of the IANA database by its name.
    pub(super) find_zone: fn(&str) -> Option<Zone>,
    /// Makes the ids of posted events that have none.
    pub(super) rng: ChaCha8Rng,
    started: Timestamp,
    /// Rises with each change of the settings, also from one run to the next: it starts at the milliseconds of
    /// `started`.
    pub(super) config_version: u64,
    sort_cache: SortCache,
    /// Files of people's own, see `file_list`.
    pub(super) files: Files,
    /// What is read from a server, see `live`.
    pub(super) live: Live,
    /// What is published to a server, see `sink`.
    pub(super) sink: Sink,
    /// Whether the batches of the present transcript are in the files, or will be.
    is_transcript_written: bool,
}

/// Why [`PipelineService::clear`] failed.
#[derive(Debug, Clone, PartialEq)]
pub enum ClearError {
    /// The settings were refused.
    Frame(FrameError),
    /// The files could not be cleared.
    Store(StoreError),
    /// What the files hold could not be read on opening, so nothing was cleared.
    Unread(StoreError),
}

impl PipelineService {
    /// Goes on from what an earlier run left on this disk: rows, waiting events, batch numbers, counters, refused rows,
    /// and the rolling state, which is computed from the rows. `history_rows` and `memory_rows` are as they were unless
    /// `are_named` marks them as given by the user, `history_age` unless it is set. `entropy` seeds ids and runs without a `seed`.
    ///
    /// The pipeline also runs without a usable disk: [`DurableStore::durability`] then has the reason why the history
    /// is in memory. On a full one everything is read, and events are refused until the user makes a [`StorageChoice`].
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when the rolling verb refuses the window.
    pub fn open(
        disk: Disk,
        mut settings: Settings,
        are_named: [bool; 2],
        zone: Zone,
        entropy: [u8; 32],
        now: Timestamp,
    ) -> Result<Self, FrameError> {
        let (mut store, state) = DurableStore::open(disk, &mut settings, are_named);
        let mut rng = ChaCha8Rng::from_seed(entropy);
        // The engine's own generator starts from the same seed; another stream keeps posted ids apart from its ids.
        rng.set_stream(2);
        let clock = clock(&settings, &zone);
        let mut engine = Engine::new(settings, entropy, now)?;
        let newest_row = store.history().span().map(|(_, newest)| newest);
        engine.restore(state, newest_row, &store)?;
        engine.retain(now, &mut store);
        store.start(&engine, now);
        let is_transcript_written = *store.durability() == Durability::Durable;
        if !is_transcript_written {
            engine.branch(engine.counters().batches);
        }
        // A connection that an earlier pipeline of this worker made is not taken for one of this pipeline.
        let first_run = now.as_millis() as u64 as u32;
        let mut service = Self {
            engine,
            store,
            zone,
            clock,
            find_zone: |_| None,
            rng,
            started: now,
            config_version: now.as_millis() as u64,
            sort_cache: SortCache::default(),
            files: Files::default(),
            live: Live { number: first_run, ..Live::default() },
            sink: Sink { number: first_run, ..Sink::default() },
            is_transcript_written,
        };
        service.remember_lost_file();
        Ok(service)
    }

    /// Steps the engine, and notes time asleep; see [`Engine::step`].
    ///
    /// # Errors
    /// As [`Engine::step`].
    pub fn step(&mut self, input: Input, now: Timestamp) -> Result<Output, FrameError> {
        let output = self.engine.step(input, now, &mut self.store)?;
        if let Some(slept) = output.slept {
            self.store.note_sleep(slept, &self.clock);
        }
        Ok(output)
    }

    /// Applies settings.
    ///
    /// # Errors
    /// As [`Engine::step`]; nothing changes then.
    pub fn configure(&mut self, settings: Settings, now: Timestamp) -> Result<(), FrameError> {
        let before = self.engine.settings().rolling_options();
        self.engine.step(Input::Configure(Box::new(settings)), now, &mut self.store)?;
        let settings = self.engine.settings();
        if before != settings.rolling_options() {
            self.store.history_mut().clear_rolling();
        }
        self.clock = clock(settings, &self.zone);
        self.store.set_limits(settings);
        self.config_version += 1;
        self.live_run();
        self.sink_run();
        Ok(())
    }

    /// Reserves room for events and refused rows before they are accepted; see [`DurableStore::reserve`].
    ///
    /// # Errors
    /// [`StoreError::Full`]; nothing was accepted then.
    pub fn reserve(&mut self, events: &[Event], dead_letters: usize, now: Timestamp) -> Result<(), StoreError> {
        let names = self.engine.settings().measures.names().map(str::len);
        let of_event = |event: &Event| {
            let id_bytes = match &event.id {
                Id::Uuid(_) => 16,
                Id::Text(text) => text.len(),
            };
            id_bytes + 16 * event.values.len().saturating_sub(1)
        };
        let more_bytes = names.sum::<usize>() + events.iter().map(of_event).sum::<usize>() + self.cursor_bytes();
        self.store.reserve(events.len(), more_bytes, dead_letters, now)
    }

    /// At most so many bytes of cursors are to be written with the next rows.
    pub(super) fn cursor_bytes(&self) -> usize {
        let cursors = self.engine.cursors();
        let moved = cursors.moved_since(self.store.flushed_cursors(&self.engine));
        // Those of a source and of a sink move with the rows.
        moved.chain(cursors.newest_first().take(2)).map(Cursor::record_bytes).sum()
    }

    /// Writes all changes, so that they survive the end of the program; with `is_durable` also a power loss.
    ///
    /// # Errors
    /// Any [`StoreError`]; the pipeline goes on in memory, and [`DurableStore::durability`] says so.
    pub fn commit(&mut self, is_durable: bool, now: Timestamp) -> Result<(), StoreError> {
        let written = self.store.commit(&self.engine, is_durable, now);
        self.branch_off_files();
        written
    }

    /// Flushes, checkpoints and retries what is due; returns when to call it again.
    pub fn maintain(&mut self, now: Timestamp) -> Option<Timestamp> {
        let wake = self.store.maintain(&self.engine, now);
        self.branch_off_files();
        wake
    }

    /// Begins another transcript once batches are no longer written: the next run goes on from the files, with other
    /// batches under the same numbers. Streams send a batch after its [`commit`](Self::commit), hence under the right
    /// epoch.
    fn branch_off_files(&mut self) {
        let is_written = *self.store.durability() == Durability::Durable;
        if self.is_transcript_written && !is_written {
            self.engine.branch(self.store.last_written_batch());
        }
        self.is_transcript_written = is_written;
    }

    /// Processes the waiting events as a batch, even if they are fewer than `batch_size`.
    pub fn complete(&mut self, now: Timestamp) {
        self.engine.complete(now, &mut self.store);
    }

    /// Clears everything but the settings, on disk too.
    ///
    /// # Errors
    /// [`ClearError`].
    pub fn clear(&mut self, now: Timestamp) -> Result<(), ClearError> {
        if let Some(error) = self.store.unread() {
            return Err(ClearError::Unread(error.clone()));
        }
        self.engine.reset(now).map_err(ClearError::Frame)?;
        // What was read of a server stays read: it is not to come again after a reload.
        self.store_live_cursor();
        // A sorted view would keep cleared rows, and with them their files.
        self.sort_cache.clear();
        let cleared = self.store.clear(&self.engine, now).map_err(ClearError::Store);
        // The new transcript is in the files, even if nothing else will be.
        self.is_transcript_written = true;
        self.branch_off_files();
        cleared
    }

    /// Applies the user's choice about a full disk.
    pub fn choose_storage(&mut self, choice: StorageChoice, now: Timestamp) {
        self.store.choose(choice, &self.engine, now);
        self.branch_off_files();
    }

    /// Whether a power loss would keep the receipt with this key, and so the events that came with it.
    pub fn has_flushed_receipt(&self, key: &str) -> bool {
        let mut unflushed = self.engine.receipts().newest_first().take(self.store.unflushed_receipts(&self.engine));
        !unflushed.any(|receipt| &*receipt.key == key)
    }

    /// Adds a note for the user about how the history is kept.
    pub fn note(&mut self, sentence: String) {
        self.store.note(sentence);
    }

    /// The chart of some measures between two instants, and the rolling aggregates of its columns, a list for each measure;
    /// see [`History::chart`].
    pub fn chart(
        &mut self,
        from: Timestamp,
        until: Timestamp,
        columns: usize,
        measures: &Measures,
        ids: &[Id],
    ) -> (Chart, Vec<Vec<f64>>) {
        let (settings, history) = (self.engine.settings(), self.store.history_mut());
        history.remember_rolling(settings, &mut self.engine.recent().latest());
        let chart = history.chart(from, until, columns, measures, ids);
        let rolling = history.rolling_of_chart(&chart, from, until, settings);
        (chart, rolling)
    }

    /// Rows of the history in the wanted order, and the number of rows inserted since they were looked up. Requests
    /// with the same `as_of` see the same rows; without it they see those of now, or of a moment ago where there are
    /// many.
    pub fn sorted(&mut self, wanted: &RowQuery, as_of: Option<u32>, now: Timestamp) -> (Rc<Sorted>, u64) {
        let window = self.engine.settings().window;
        self.sort_cache.get(self.store.history(), wanted, window, as_of, now)
    }

    /// The engine, and the store that its inputs need.
    pub fn engine_and_store(&mut self) -> (&mut Engine, &mut dyn Store) {
        (&mut self.engine, &mut self.store)
    }

    /// A random id.
    pub fn random_uuid(&mut self) -> Uuid {
        random_uuid(&mut self.rng)
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The store: rows, durability, notes.
    pub fn store(&self) -> &DurableStore {
        &self.store
    }

    /// The rows.
    pub fn history(&self) -> &History {
        self.store.history()
    }

    /// Sets what looks up zones of the IANA database by their names; none is known before.
    pub fn set_zones(&mut self, find_zone: fn(&str) -> Option<Zone>) {
        self.find_zone = find_zone;
        // A source that could not be begun without its zone is begun now.
        (self.live.seen_version, self.live.values) = (None, Vec::new());
    }

    /// What rows are made of, under the settings in force.
    ///
    /// # Errors
    /// The setting `timestamp_zone` names no zone that is known.
    pub fn mapping(&self) -> Result<Mapping, ZoneNameError> {
        let settings = self.engine.settings();
        let clock = settings.timestamp_zone.clock(&self.clock, &self.zone, self.find_zone)?;
        Ok(Mapping::of(settings, clock))
    }

    /// How text without an offset is read and instants are printed.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The version of the settings in force: it rises with each change, also from one run to the next.
    pub fn config_version(&self) -> u64 {
        self.config_version
    }

    /// Seconds since the start; zero when the clock was set back before that.
    pub fn uptime_secs(&self, now: Timestamp) -> f64 {
        ((now - self.started).as_millis() / 1e3).max(0.0)
    }
}

fn clock(settings: &Settings, zone: &Zone) -> Clock {
    match settings.clock {
        ClockKind::Utc => Clock::Utc,
        ClockKind::Local => Clock::Local(zone.clone()),
    }
}
