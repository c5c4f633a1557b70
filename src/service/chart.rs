//! The chart of a snapshot, made from the service.

use super::PipelineService;
use crate::pipeline::{Engine, Id, Measures};
use crate::protocol::{CHART_COLUMNS, ChartFrame, ChartPoint, ChartRange, ChartView, MAX_SERIES};
use crate::store::History;
use crate::time::{Duration, Timestamp};

/// The most columns of a chart: more than any screen has pixels.
const MAX_COLUMNS: usize = 8192;
/// The most numbers that a chart consists of, which many measures and ids would multiply.
const MAX_NUMBERS: usize = 1 << 20;
/// Waiting events are drawn while there are no more than these; of a faster stream they would only flicker.
const MAX_WAITING: usize = 500;
/// How far after now a live chart ends where rows are later than now: clocks differ.
const AHEAD: Duration = Duration::from_nanos(1_000_000_000);

/// The chart that this view asks for, the waiting events in it, and its columns as `protocol::CHART_COLUMNS` lays them
/// out.
pub(super) fn chart(
    service: &mut PipelineService,
    view: &ChartView,
    now: Timestamp,
) -> (ChartFrame, Vec<ChartPoint>, Vec<f64>) {
    let measures = measures(view, &service.engine().settings().measures);
    let mut waiting = waiting(service.engine(), measures.first());
    let (from, until) = instants(service.history(), &waiting, view.range, now);
    let ids: Vec<Id> = view.ids.iter().take(MAX_SERIES).map(id_of).collect();
    let numbers = 1 + measures.count() * (CHART_COLUMNS - 1 + 2 * ids.len());
    let columns = (view.columns as usize).min(MAX_COLUMNS).min(MAX_NUMBERS / numbers);
    let (chart, rolling) = service.chart(from, until, columns, &measures, &ids);
    let share = if chart.rows == 0 { 1.0 } else { chart.covered as f32 / chart.rows as f32 };
    let frame = ChartFrame {
        from: from.as_nanos(),
        until: until.as_nanos(),
        rows: chart.rows as u64,
        share,
        newest: newest_after(service.history(), view.range, until),
    };
    // In a chart of more rows than columns, what waits is narrower than a pixel.
    waiting.retain(|(time, _)| chart.rows <= columns && (from..=until).contains(time));
    let point = |(time, value): (Timestamp, f64)| ChartPoint { time_secs: time.as_millis() / 1e3, value };
    (frame, waiting.into_iter().map(point).collect(), chart.into_buffer(&rolling))
}

/// The measures that have a line in the chart; the first of those `in_force` where the view names none.
fn measures(view: &ChartView, in_force: &Measures) -> Measures {
    let named = Measures::new(view.measures.iter().map(String::as_str)).ok();
    named.or_else(|| Measures::new([in_force.first()]).ok()).unwrap_or_default()
}

/// The values of a measure that wait, in order of time; none when there are too many.
fn waiting(engine: &Engine, measure: &str) -> Vec<(Timestamp, f64)> {
    let (queue, place) = (engine.queue(), engine.queued_measures().position(measure));
    let Some(place) = place.filter(|_| queue.len() <= MAX_WAITING) else { return Vec::new() };
    let values = queue.waiting().filter_map(|(_, event)| Some((event.timestamp, *event.values.get(place)?)));
    let mut waiting: Vec<_> = values.filter(|(_, value)| value.is_finite()).collect();
    waiting.sort_by_key(|(time, _)| *time);
    waiting
}

/// The id of this text. No row has an empty one, so a text that cannot be an id finds nothing.
#[expect(clippy::ptr_arg, reason = "lists of texts are mapped with it")]
pub(super) fn id_of(text: &String) -> Id {
    Id::parse(text).unwrap_or_else(|_| Id::Text("".into()))
}

/// The first and the last instant of a range.
fn instants(
    history: &History,
    waiting: &[(Timestamp, f64)],
    range: ChartRange,
    now: Timestamp,
) -> (Timestamp, Timestamp) {
    match range {
        ChartRange::Fixed { from, until } => (Timestamp::from_nanos(from), Timestamp::from_nanos(until)),
        ChartRange::All => {
            let times = waiting.iter().map(|(time, _)| *time);
            let times = times.chain(history.span().into_iter().flat_map(|(oldest, newest)| [oldest, newest]));
            (times.clone().min().unwrap_or_default(), times.max().unwrap_or_default())
        }
        ChartRange::Live { span_nanos } => {
            let span = Duration::from_nanos(span_nanos.max(1));
            let until = live_end(history, waiting, span, now);
            (until - span, until)
        }
    }
}

/// The last instant of a live chart: now, unless there are only rows of another time. A single row that is stamped
/// later than now does not move it away from the others.
fn live_end(history: &History, waiting: &[(Timestamp, f64)], span: Duration, now: Timestamp) -> Timestamp {
    let Some((_, newest)) = history.span() else { return now };
    if newest <= now {
        return if now - newest <= span { now } else { newest };
    }
    let end = newest.min(now + AHEAD);
    let has_waiting = waiting.iter().any(|(time, _)| (end - span..=end).contains(time));
    if has_waiting || history.count(end - span, end) > 0 { end } else { newest }
}

/// The newest row, where it is later than the end of a live chart.
fn newest_after(history: &History, range: ChartRange, until: Timestamp) -> Option<i64> {
    let newest = history.span().map(|(_, newest)| newest).filter(|newest| *newest > until);
    newest.filter(|_| matches!(range, ChartRange::Live { .. })).map(Timestamp::as_nanos)
}
