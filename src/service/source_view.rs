//! The source of events as the page shows it.

use super::{PipelineService, SinkStatus};
use crate::pipeline::sources::SourceState;
use crate::protocol::{SinkView, SourceStanding, SourceView};
use crate::time::Timestamp;

impl From<&SourceState> for SourceStanding {
    fn from(state: &SourceState) -> Self {
        match state {
            SourceState::Idle => Self::Idle,
            SourceState::Opening => Self::Opening,
            SourceState::Open => Self::Open,
            SourceState::Paused => Self::Paused,
            SourceState::Waiting => Self::Waiting,
            SourceState::Done | SourceState::Cancelled => Self::Done,
            SourceState::Failed(_) => Self::Failed,
        }
    }
}

impl From<SinkStatus> for SinkView {
    fn from(sink: SinkStatus) -> Self {
        let SinkStatus { subject, published, lost, waiting, retries: _, next_try, problem } = sink;
        Self { subject, published, waiting, lost, next_try_millis: next_try.map(Timestamp::as_millis), problem }
    }
}

impl PipelineService {
    /// The state of the source, for a snapshot.
    pub(super) fn source_view(&self, now: Timestamp) -> SourceView {
        let status = self.source_status(now);
        SourceView {
            state: (&status.state).into(),
            position: status.cursor.map(|cursor| cursor.position),
            lag_messages: status.lag_rows,
            lag_secs: status.lag.map(|lag| lag.as_millis() / 1e3),
            rows_per_sec: status.rows_per_sec,
            bytes_per_sec: status.bytes_per_sec,
            retries: status.retries,
            gaps: status.counts.gaps,
            dropped: status.counts.dropped,
            next_try_millis: status.next_try.map(Timestamp::as_millis),
            problem: status.problem,
            sink: self.sink_status().map(Into::into),
        }
    }
}
