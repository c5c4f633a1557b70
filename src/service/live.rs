//! What is read from a server: the source that the settings ask for, and what becomes of its rows.
//!
//! Whoever holds the connection asks [`PipelineService::live_run`] what is to be read, and then feeds what came of it with
//! [`feed_live`](PipelineService::feed_live) or [`feed_nats`](PipelineService::feed_nats), until the number of the run is
//! over: settings or credentials have changed, and the connection is to be closed.

use super::PipelineService;
use super::file_views::{SourceCounts, SourceStatus};
use super::files::RETRY_AFTER;
use super::live_run::{Given, Live, LiveRun, Machine, Run, values};
use crate::pipeline::records::CsvOptions;
use crate::pipeline::sources::live::{LiveAsk, LiveHead, LiveInput, LiveKind};
use crate::pipeline::sources::nats::{NatsAsk, NatsInput, NatsMode, NatsPlan, NatsStart, STEP_ROWS};
use crate::pipeline::sources::{Fed, LiveSource, NatsSource, Seek, Source, SourceProgress, SourceState};
use crate::pipeline::{self, Credentials, SourceKind, SourceUrl, UrlScheme};
use crate::time::Timestamp;

impl PipelineService {
    /// What is shown to the server of the setting `source_url`: no other one than it was given for is shown it. It is
    /// not kept when the pipeline stops.
    pub fn credentials(&self) -> Option<&Credentials> {
        let given = self.live.given.as_ref()?;
        let is_for_it = given.server.is_none() || given.server == self.server();
        is_for_it.then_some(&given.credentials)
    }

    /// The server of the setting `source_url`.
    fn server(&self) -> Option<String> {
        self.engine.settings().source_url.as_ref().map(SourceUrl::server)
    }

    /// A sentence in which a server may have repeated what it was shown.
    pub(super) fn without_secret(&self, sentence: String) -> String {
        match &self.live.given {
            Some(given) => given.credentials.hide(&sentence),
            None => sentence,
        }
    }

    /// Keeps other credentials in memory, or none: what is read is connected anew with them. They are for the server of
    /// `url`; without one for that of the settings, or of the next ones that have one.
    pub fn set_credentials(&mut self, credentials: Option<Credentials>, url: Option<&SourceUrl>) {
        let server = url.map(SourceUrl::server).or_else(|| self.server());
        let given = credentials.map(|credentials| Given { credentials, server });
        if self.live.given != given {
            self.live.given = given;
            self.live.credentials_version += 1;
            // Whoever waits for a change of the settings connects again.
            self.config_version += 1;
            self.live_run();
        }
    }

    /// What is to be read from a server now; `None`: nothing. It begins the source anew when what it depends on has
    /// changed.
    pub fn live_run(&mut self) -> Option<LiveRun> {
        if self.live.seen_version != Some(self.config_version) {
            self.live.seen_version = Some(self.config_version);
            let server = self.server();
            if let Some(given) = &mut self.live.given {
                given.server = given.server.take().or(server);
            }
            let values = values(self.engine.settings());
            let credentials = self.live.credentials_version;
            if values != self.live.values || credentials != self.live.seen_credentials {
                (self.live.values, self.live.seen_credentials) = (values, credentials);
                self.begin_live();
            }
        }
        let run = self.live.run.as_ref()?;
        Some(LiveRun { number: self.live.number, kind: run.kind })
    }

    /// Begins the source that the settings ask for, at its cursor.
    fn begin_live(&mut self) {
        // A stream gives messages back before its connection is closed.
        if let Some(run) = self.live.run.take().filter(|run| run.kind == SourceKind::Nats) {
            self.live.ended = Some((self.live.number, run));
        }
        self.live.number = self.live.number.wrapping_add(1);
        let is_live = self.engine.settings().source.is_live();
        let begun = if is_live { self.machine().map(Some) } else { Ok(None) };
        (self.live.run, self.live.problem) = match begun {
            Ok(machine) => (machine.map(Run::from), None),
            Err(sentence) => (None, Some(sentence)),
        };
    }

    /// The source that the settings ask for.
    ///
    /// # Errors
    /// A sentence that names the setting that is missing.
    fn machine(&self) -> Result<Machine, String> {
        let settings = self.engine.settings();
        let mapping = self.mapping().map_err(|error| format!("timestamp_zone: {error}"))?;
        let (format, csv) = (settings.source_format, CsvOptions::of(settings));
        let name = settings.source.name();
        let Some(url) = &settings.source_url else {
            let scheme = if matches!(settings.source, SourceKind::Websocket | SourceKind::Nats) {
                UrlScheme::Wss
            } else {
                UrlScheme::Https
            };
            return Err(format!("source {name} has no address; set source_url, to {}://… for one", scheme.name()));
        };
        let kind = match settings.source {
            SourceKind::Websocket => LiveKind::WebSocket,
            SourceKind::Sse => LiveKind::Sse,
            SourceKind::Poll => LiveKind::Poll,
            SourceKind::Nats => {
                let Some(stream) = &settings.nats_stream else {
                    return Err("source nats has no stream; set nats_stream to the name of one".to_owned());
                };
                let mode = match (settings.nats_mode, &settings.nats_durable) {
                    (pipeline::NatsMode::Follow, _) => NatsMode::Follow,
                    (pipeline::NatsMode::Share, Some(durable)) => NatsMode::Share { durable: durable.as_str().into() },
                    (pipeline::NatsMode::Share, None) => {
                        return Err("nats_mode share has no consumer; set nats_durable to the name of one".to_owned());
                    }
                };
                let start = self.nats_start(&settings.nats_start);
                let (stream, subject) = (stream.as_str().into(), settings.nats_subject.as_str().into());
                let plan = NatsPlan { stream, subject, start, mode, format, csv, mapping };
                return Ok(Machine::Nats(Box::new(NatsSource::new(plan, self.engine.cursors().newest_first()))));
            }
            SourceKind::Simulated | SourceKind::None | SourceKind::File => {
                return Err(format!("source {name} reads nothing from a server"));
            }
        };
        let head = LiveHead {
            kind,
            url: url.as_str().into(),
            format,
            csv,
            mapping,
            poll_interval: settings.poll_interval,
            overflow: settings.overflow,
        };
        let beginning = head.new_cursor();
        let cursor = self.engine.cursors().find(&beginning.source, beginning.epoch).cloned();
        Ok(Machine::Live(Box::new(LiveSource::new(head, cursor))))
    }

    /// Where a stream begins: a time without an offset is one of the setting `clock`.
    fn nats_start(&self, start: &pipeline::NatsStart) -> NatsStart {
        match start {
            pipeline::NatsStart::New => NatsStart::New,
            pipeline::NatsStart::All => NatsStart::All,
            pipeline::NatsStart::Sequence(sequence) => NatsStart::Sequence(*sequence),
            // The text was read when it was set.
            pipeline::NatsStart::Time(_) => start.instant(&self.clock).map_or(NatsStart::New, NatsStart::Time),
        }
    }

    /// Tells a WebSocket, an SSE or a polled source what it asked for, takes the rows that are due, and returns what it asks
    /// for next; `None`: this run is over. The rows and the cursor behind them are written together.
    pub fn feed_live(&mut self, number: u32, input: LiveInput, now: Timestamp, chance: f64) -> Option<Vec<LiveAsk>> {
        let (mut asks, is_blocked) = self.feed_run(number, STEP_ROWS, Machine::as_live, input, now, chance)?;
        if is_blocked {
            // Room is not asked for at once.
            asks.iter_mut().for_each(|ask| {
                if let LiveAsk::Wake(at) = ask {
                    *at = (*at).max(now + RETRY_AFTER);
                }
            });
        }
        Some(asks)
    }

    /// As [`feed_live`](Self::feed_live), of a NATS stream. Only what was flushed is acknowledged.
    pub fn feed_nats(&mut self, number: u32, input: NatsInput, now: Timestamp, chance: f64) -> Option<Vec<NatsAsk>> {
        let (mut asks, is_blocked) = self.feed_run(number, usize::MAX, Machine::as_nats, input, now, chance)?;
        if is_blocked {
            asks.iter_mut().for_each(|ask| {
                if let NatsAsk::Wake(at) = ask {
                    *at = (*at).max(now + RETRY_AFTER);
                }
            });
        }
        let (moves, flushed) = self.moves();
        let source = self.live.run.as_mut()?.machine.as_nats()?;
        source.note_move(moves);
        asks.extend(source.acknowledge(flushed));
        let notes = source.take_notes();
        notes.into_iter().for_each(|note| self.note(note));
        let mut all = std::mem::take(&mut self.live.run.as_mut()?.asks);
        all.append(&mut asks);
        Some(all)
    }

    /// Ends a run of a NATS stream, also one that is over: rows that were taken are flushed and acknowledged, messages
    /// that were not are given back. Returns what is to be done before its connection is closed.
    pub fn end_nats(&mut self, number: u32, now: Timestamp) -> Vec<NatsAsk> {
        // What is not flushed is not acknowledged; the service notes why.
        let _ = self.commit(true, now);
        let (_, flushed) = self.moves();
        let run = match &mut self.live {
            Live { ended: Some((ended, run)), .. } if *ended == number => run,
            Live { number: current, run: Some(run), .. } if *current == number => run,
            _ => return Vec::new(),
        };
        let Some(source) = run.machine.as_nats() else { return Vec::new() };
        let mut asks: Vec<_> = source.acknowledge(flushed).into_iter().collect();
        asks.extend(source.close());
        self.live.ended = self.live.ended.take().filter(|(ended, _)| *ended != number);
        asks
    }

    /// The number of moves of cursors, and of those that a power loss does not undo.
    fn moves(&self) -> (u64, u64) {
        (self.engine.cursors().moves(), self.store.flushed_cursors(&self.engine))
    }

    /// Feeds the source of a run; `most_ahead` is the most rows that it is told to have room for. Returns what it asks for,
    /// and whether the disk has no room for rows.
    fn feed_run<S: Source>(
        &mut self,
        number: u32,
        most_ahead: usize,
        select: fn(&mut Machine) -> Option<&mut S>,
        input: S::Input,
        now: Timestamp,
        chance: f64,
    ) -> Option<(Vec<S::Ask>, bool)> {
        if self.live_run()?.number != number {
            return None;
        }
        // Nothing is taken that cannot be kept, but what was asked for is not lost. What is given out in one step has room in
        // the files; a stream is asked ahead for what the queue has room for.
        let (room, obstacle) = match self.room(STEP_ROWS, now) {
            Ok(room) if room == STEP_ROWS => {
                let queue = self.engine.queue();
                (queue.capacity().saturating_sub(queue.len()).min(most_ahead), None)
            }
            Ok(room) => (room, None),
            Err(sentence) => (0, Some(sentence)),
        };
        let is_blocked = obstacle.is_some();
        let is_held = self.engine.settings().paused;
        let run = self.live.run.as_mut()?;
        run.obstacle = obstacle;
        let source = select(&mut run.machine)?;
        source.hold(is_held, now);
        let Fed { rows, refused, refused_unlisted, dropped, is_redelivered, has_moved, asks } =
            source.feed(input, room, now, chance);
        let measures = source.measures().clone();
        let name = source.cursor().source.clone();
        let cursor = has_moved.then(|| source.cursor().clone());
        let SourceProgress { given, refused: counted, dropped: lost, bytes, .. } = source.progress(now);
        run.rate.update(now, given + counted + lost, bytes);
        let late = self.take_rows(rows, is_redelivered, &measures, &name, now);
        self.bury(refused, refused_unlisted, &name, now);
        self.engine.count_dropped(dropped);
        if let Some(cursor) = cursor {
            self.engine.advance(cursor);
        }
        if let Some(run) = &mut self.live.run {
            run.late += late;
        }
        Some((asks, is_blocked))
    }

    /// Stores how far the source was read, once that is known.
    pub(super) fn store_live_cursor(&mut self) {
        let cursor = self.live.run.as_ref().map(|run| run.machine.cursor().clone());
        if let Some(cursor) = cursor.filter(|cursor| cursor.position > 0 || cursor.taken > 0) {
            self.engine.advance(cursor);
        }
    }

    /// Lets a NATS stream rest, or go on.
    ///
    /// # Errors
    /// A sentence, when none is read.
    pub(super) fn pause_live(&mut self, is_paused: bool) -> Result<(), String> {
        self.nats_source()?.pause(is_paused);
        Ok(())
    }

    /// Lets a NATS stream go on elsewhere: behind a sequence, or at a time.
    ///
    /// # Errors
    /// As [`pause_live`](Self::pause_live), and where a stream cannot go on.
    pub(super) fn seek_live(&mut self, seek: Seek) -> Result<(), String> {
        let source = self.nats_source()?;
        let Fed { has_moved, mut asks, .. } = source.seek(seek)?;
        let cursor = has_moved.then(|| source.cursor().clone());
        if let Some(cursor) = cursor {
            self.engine.advance(cursor);
        }
        if let Some(run) = &mut self.live.run {
            run.asks.append(&mut asks);
        }
        Ok(())
    }

    fn nats_source(&mut self) -> Result<&mut NatsSource, String> {
        self.live_run();
        if let Some(problem) = &self.live.problem {
            return Err(problem.clone());
        }
        let source = self.live.run.as_mut().and_then(|run| run.machine.as_nats());
        source.ok_or_else(|| {
            "only a file and a NATS stream can be paused, resumed and sought; use the setting paused".to_owned()
        })
    }

    /// What the source is doing. One that was not begun yet is about to be.
    pub(super) fn live_state(&self) -> SourceState {
        match (&self.live.run, &self.live.problem) {
            (Some(run), _) => run.machine.state(),
            (None, Some(problem)) => SourceState::Failed(problem.clone()),
            (None, None) => SourceState::Opening,
        }
    }

    /// What the source is doing, and how far it has come.
    pub(super) fn live_status(&self, now: Timestamp) -> SourceStatus {
        let state = self.live_state();
        let Some(run) = &self.live.run else {
            let problem = self.live.problem.clone();
            return SourceStatus { problem, ..SourceStatus::new(state) };
        };
        let progress = run.machine.progress(now);
        let problem = match &state {
            SourceState::Failed(sentence) => Some(sentence.clone()),
            _ => run.obstacle.clone().or(progress.error),
        };
        let problem = problem.map(|sentence| self.without_secret(sentence));
        let cursor = run.machine.cursor();
        SourceStatus {
            cursor: Some(cursor.clone()).filter(|cursor| cursor.position > 0 || cursor.taken > 0),
            lag_rows: progress.lag_messages,
            lag: progress.lag,
            rows_per_sec: run.rate.rows_per_sec,
            bytes_per_sec: run.rate.bytes_per_sec,
            retries: progress.retries,
            next_try: progress.next_try,
            counts: SourceCounts {
                messages: progress.messages,
                accepted: progress.given.saturating_sub(run.late),
                refused: progress.refused + run.late,
                dropped: progress.dropped,
                gaps: progress.gaps,
            },
            problem,
            ..SourceStatus::new(state)
        }
    }
}
