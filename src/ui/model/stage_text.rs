//! The short lines under the stages of the pipeline picture.

use super::quantity::{bytes_text, grouped, rate_text};
use crate::protocol::TableView;

/// Events a second from which single events are no longer shown.
const STREAMING_RATE: f64 = 4.0;

/// Slots drawn for a batch at most; larger batches are a bar.
pub const MOST_SLOTS: u64 = 20;

/// Whether so many things a second are drawn as a stream.
#[must_use]
pub fn is_streaming(per_second: f64) -> bool {
    per_second > STREAMING_RATE
}

/// Where events come from and how fast.
#[must_use]
pub fn source_text(source: Option<&str>, interval: Option<&str>, is_paused: bool, per_second: f64) -> String {
    match (source, interval) {
        (Some("none"), _) => "posted events only".to_owned(),
        _ if is_paused => "paused".to_owned(),
        _ if is_streaming(per_second) => rate_text(per_second),
        (_, Some(interval)) => format!("one every {interval}"),
        _ => String::new(),
    }
}

/// How full the next batch is, from 0 to 1.
#[must_use]
pub fn batch_fill(queue_depth: u32, batch_size: u64) -> f64 {
    if batch_size == 0 { 0.0 } else { (f64::from(queue_depth) / batch_size as f64).min(1.0) }
}

/// How full the queue is, from 0 to 1.
#[must_use]
pub fn queue_fill(depth: u32, capacity: u32) -> f64 {
    if capacity == 0 { 0.0 } else { (f64::from(depth) / f64::from(capacity)).min(1.0) }
}

/// `room for 100 000`.
#[must_use]
pub fn capacity_text(capacity: u32) -> String {
    format!("room for {}", grouped(u64::from(capacity)))
}

/// How far the next batch is.
#[must_use]
pub fn batch_text(queue_depth: u32, batch_size: u64) -> String {
    format!("next: {} of {}", grouped(u64::from(queue_depth).min(batch_size)), grouped(batch_size))
}

/// What the history takes, and where it is.
#[must_use]
pub fn history_text(bytes: u64, persist: Option<&str>) -> String {
    let place = if persist == Some("false") { "in memory" } else { "on disk" };
    format!("{} {place}", bytes_text(bytes))
}

/// How full the history is, from 0 to 1.
#[must_use]
pub fn history_fill(rows: u64, limit_rows: Option<&str>) -> f64 {
    let limit = limit_rows.and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    if limit > 0.0 { (rows as f64 / limit).min(1.0) } else { 0.0 }
}

/// Rows and columns of a whole table.
#[must_use]
pub fn shape_text(table: &TableView) -> String {
    format!("{} \u{d7} {}", table.total_rows, table.columns.len())
}

/// The state part of a channel's class: nothing before the first drop, then turn by turn, so that each drop starts anew.
#[must_use]
pub fn channel_state(drops: u64, is_streaming: bool) -> &'static str {
    match (is_streaming, drops) {
        (true, _) => "channel channel--streaming",
        (false, 0) => "channel",
        (false, drops) if drops.is_multiple_of(2) => "channel channel--even",
        (false, _) => "channel channel--odd",
    }
}

#[cfg(test)]
mod tests {
    use super::{batch_fill, batch_text, channel_state, history_fill, history_text, source_text};

    #[test]
    fn a_slow_source_shows_its_interval_and_a_fast_one_its_rate() {
        assert_eq!(source_text(Some("simulated"), Some("1s"), false, 1.0), "one every 1s");
        assert_eq!(source_text(Some("simulated"), Some("10us"), false, 98_000.0), "98k/s");
        assert_eq!(source_text(Some("simulated"), Some("1s"), true, 0.0), "paused");
        assert_eq!(source_text(Some("none"), Some("1s"), false, 0.0), "posted events only");
    }

    #[test]
    fn a_queue_longer_than_a_batch_fills_it() {
        assert_eq!(batch_fill(25, 10), 1.0);
        assert_eq!(batch_text(25, 10), "next: 10 of 10");
        assert_eq!(batch_fill(0, 0), 0.0);
    }

    #[test]
    fn the_history_says_where_it_is_and_how_full() {
        assert_eq!(history_text(2048, Some("true")), "2 KB on disk");
        assert_eq!(history_text(0, Some("false")), "0 B in memory");
        assert_eq!((history_fill(500, Some("1000")), history_fill(5, None)), (0.5, 0.0));
    }

    #[test]
    fn drops_alternate() {
        assert_ne!(channel_state(1, false), channel_state(2, false));
        assert_eq!(channel_state(1, true), channel_state(2, true));
    }
}
