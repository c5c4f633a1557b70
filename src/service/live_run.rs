//! A source that is read from a server: its machine, and the settings that it was begun with. `live` moves it on.

use super::file_list::Rate;
use crate::pipeline::sources::live::LiveKind;
use crate::pipeline::sources::nats::{NatsAsk, Outbox};
use crate::pipeline::sources::{LiveSource, NatsSource, Source, SourceProgress, SourceState};
use crate::pipeline::{Credentials, Cursor, Settings, SourceKind};
use crate::time::Timestamp;

/// The settings that say what is read and how: a change of one of them begins the source anew.
const READ_BY: [&str; 20] = [
    "source",
    "source_url",
    "source_format",
    "delimiter",
    "decimal",
    "header",
    "timestamp_format",
    "timestamp_zone",
    "timestamp_field",
    "id_field",
    "measures",
    "missing",
    "clock",
    "overflow",
    "poll_interval",
    "nats_stream",
    "nats_subject",
    "nats_start",
    "nats_mode",
    "nats_durable",
];

/// A source that is read from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveRun {
    /// Its number: each that is begun has another one.
    pub number: u32,
    /// Which one it is.
    pub kind: SourceKind,
}

/// What servers are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) credentials: Credentials,
    /// The only server that is shown it, see [`SourceUrl::server`](crate::pipeline::SourceUrl::server); `None`: that of
    /// the address that is set next.
    pub(super) server: Option<String>,
}

/// What is read from a server.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub(super) given: Option<Given>,
    /// The number of the last run.
    pub(super) number: u32,
    /// The version of the settings that were looked at last.
    pub(super) seen_version: Option<u64>,
    /// Those of [`READ_BY`] that the run was begun with.
    pub(super) values: Vec<Option<String>>,
    /// How often credentials were given, and how often when the run was begun.
    pub(super) credentials_version: u32,
    pub(super) seen_credentials: u32,
    pub(super) run: Option<Run>,
    /// The run of a stream that is over, and its number, until its connection is closed.
    pub(super) ended: Option<(u32, Run)>,
    /// Why nothing was begun, with the mend.
    pub(super) problem: Option<String>,
}

/// The source of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) kind: SourceKind,
    pub(super) machine: Machine,
    /// What a seek asks for, to be done with what is asked for next.
    pub(super) asks: Vec<NatsAsk>,
    pub(super) rate: Rate,
    /// Rows that were given out and refused afterwards: they were late.
    pub(super) late: u64,
    /// Why it rests, although nobody said so: the disk is full.
    pub(super) obstacle: Option<String>,
}

#[derive(Debug)]
pub(super) enum Machine {
    Live(Box<LiveSource>),
    Nats(Box<NatsSource>),
}

impl Machine {
    pub(super) fn state(&self) -> SourceState {
        match self {
            Self::Live(source) => source.state(),
            Self::Nats(source) => source.state(),
        }
    }

    pub(super) fn cursor(&self) -> &Cursor {
        match self {
            Self::Live(source) => source.cursor(),
            Self::Nats(source) => source.cursor(),
        }
    }

    pub(super) fn progress(&self, now: Timestamp) -> SourceProgress {
        match self {
            Self::Live(source) => source.progress(now),
            Self::Nats(source) => source.progress(now),
        }
    }

    pub(super) fn as_live(&mut self) -> Option<&mut LiveSource> {
        if let Self::Live(source) = self { Some(source) } else { None }
    }

    pub(super) fn as_nats(&mut self) -> Option<&mut NatsSource> {
        if let Self::Nats(source) = self { Some(source) } else { None }
    }
}

impl From<Machine> for Run {
    fn from(machine: Machine) -> Self {
        let kind = match &machine {
            Machine::Nats(_) => SourceKind::Nats,
            Machine::Live(source) => match source.head().kind {
                LiveKind::WebSocket => SourceKind::Websocket,
                LiveKind::Sse => SourceKind::Sse,
                LiveKind::Poll => SourceKind::Poll,
            },
        };
        Self { kind, machine, asks: Vec::new(), rate: Rate::default(), late: 0, obstacle: None }
    }
}

/// The settings that say what is read and how.
pub(super) fn values(settings: &Settings) -> Vec<Option<String>> {
    READ_BY.iter().filter_map(|name| Settings::field(name)).map(|field| field.get(settings)).collect()
}

/// What is published to a NATS server, see `sink`.
#[derive(Debug, Default)]
pub(super) struct Sink {
    /// The number of the last run.
    pub(super) number: u32,
    /// The version of the settings that were looked at last.
    pub(super) seen_version: Option<u64>,
    /// Address and subject that the run was begun with, and how often credentials were given before.
    pub(super) wanted: (Option<(String, String)>, u32),
    pub(super) outbox: Option<Outbox>,
}
