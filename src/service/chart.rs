//! The chart of a snapshot, made from the service.

use super::PipelineService;
use crate::pipeline::Id;
use crate::protocol::{ChartFrame, ChartRange, ChartView, MAX_SERIES};
use crate::store::History;
use crate::time::{Duration, Timestamp};

/// The most columns of a chart: more than any screen has pixels.
const MAX_COLUMNS: usize = 8192;

/// The chart that this view asks for, and its columns as `protocol::CHART_COLUMNS` lays them out.
pub(super) fn chart(service: &mut PipelineService, view: &ChartView, now: Timestamp) -> (ChartFrame, Vec<f64>) {
    let (from, until) = instants(service.history(), view.range, now);
    let ids: Vec<Id> = view.ids.iter().take(MAX_SERIES).map(id_of).collect();
    let (chart, rolling) = service.chart(from, until, (view.columns as usize).min(MAX_COLUMNS), &ids);
    let share = if chart.rows == 0 { 1.0 } else { chart.covered as f32 / chart.rows as f32 };
    let frame = ChartFrame { from: from.as_nanos(), until: until.as_nanos(), rows: chart.rows as u64, share };
    (frame, chart.into_buffer(&rolling))
}

/// The id of this text. No row has an empty one, so a text that cannot be an id finds nothing.
#[expect(clippy::ptr_arg, reason = "lists of texts are mapped with it")]
pub(super) fn id_of(text: &String) -> Id {
    Id::parse(text).unwrap_or_else(|_| Id::Text("".into()))
}

/// The first and the last instant of a range.
fn instants(history: &History, range: ChartRange, now: Timestamp) -> (Timestamp, Timestamp) {
    match range {
        ChartRange::Fixed { from, until } => (Timestamp::from_nanos(from), Timestamp::from_nanos(until)),
        ChartRange::All => history.span().unwrap_or_default(),
        ChartRange::Live { span_nanos } => {
            let span = Duration::from_nanos(span_nanos.max(1));
            let newest = history.span().map_or(now, |(_, newest)| newest);
            let is_near = newest <= now && now - newest <= span;
            let until = if is_near { now } else { newest };
            (until - span, until)
        }
    }
}
