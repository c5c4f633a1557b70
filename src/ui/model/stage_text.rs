//! The short texts of the stages of the pipeline picture.

use super::decimal::fixed;
use super::live_form::{is_live, kind_label};
use super::quantity::{bytes_text, grouped, micros_text};
use crate::protocol::{BatchView, EventRow, TableView};

/// Events per second from which single events are no longer drawn.
const STREAMING_RATE: f64 = 4.0;

/// Maximum number of slots drawn for a batch; larger batches are a bar.
pub const MAX_SLOTS: u64 = 20;

/// Whether events at this rate are drawn as a stream.
#[must_use]
pub fn is_streaming(per_second: f64) -> bool {
    per_second > STREAMING_RATE
}

/// The source of the events, by the settings `source` and `interval`.
#[must_use]
pub fn source_text(source: &str, interval: &str, is_paused: bool) -> String {
    if let Some(label) = kind_label(source) {
        return if is_paused { format!("{label}, paused") } else { label };
    }
    match source {
        "none" => "posted events only".to_owned(),
        "file" if is_paused => "files, paused".to_owned(),
        "file" => "files".to_owned(),
        _ if is_paused => "paused".to_owned(),
        _ => format!("one every {interval}"),
    }
}

/// What the source does, by the setting `source`.
#[must_use]
pub fn source_sentence(source: &str) -> &'static str {
    match source {
        _ if is_live(source) => "Reads a live source.",
        "none" => "Takes what is posted.",
        "file" => "Reads your files.",
        _ => "Makes readings by a schedule.",
    }
}

/// The newest event's value: the first of its measures that is there.
#[must_use]
pub fn newest_text(event: Option<&EventRow>) -> String {
    let value = event.and_then(|event| event.values.iter().flatten().next().copied());
    value.map_or_else(String::new, |value| fixed(value, 2))
}

/// The transform of a bar with this fill; a bar without a limit is empty.
#[must_use]
pub fn bar_transform(amount: u64, limit: u64) -> String {
    let fill = if limit == 0 { 0.0 } else { (amount as f64 / limit as f64).min(1.0) };
    format!("scaleX({})", fixed(fill, 3))
}

/// `room for 100 000`.
#[must_use]
pub fn capacity_text(capacity: u64) -> String {
    format!("room for {}", grouped(capacity))
}

/// The progress of the next batch.
#[must_use]
pub fn batch_text(queue_depth: u64, batch_size: u64) -> String {
    format!("next: {} of {}", grouped(queue_depth.min(batch_size)), grouped(batch_size))
}

/// The time that the transforms of the newest batch took.
#[must_use]
pub fn transforms_text(batch: Option<&BatchView>) -> String {
    batch.map_or_else(|| "no batch yet".to_owned(), |batch| format!("{} a batch", micros_text(batch.processing_micros)))
}

/// The size of the history.
#[must_use]
pub fn history_text(bytes: u64) -> String {
    bytes_text(bytes)
}

/// The watermark, to the second.
#[must_use]
pub fn watermark_text(watermark: Option<&str>) -> String {
    watermark.map_or_else(|| "none yet".to_owned(), |text| text.get(..19).unwrap_or(text).replace('T', " "))
}

/// Rows and columns of a whole table.
#[must_use]
pub fn shape_text(table: &TableView) -> String {
    format!("{} \u{d7} {}", table.total_rows, table.columns.len())
}

/// A channel's class: without a state before the first drop, then alternating, so that each drop restarts the
/// animation.
#[must_use]
pub fn channel_class(drops: u64, is_streaming: bool, carries_batches: bool) -> String {
    let state = match (is_streaming, drops) {
        (true, _) => " channel--streaming",
        (false, 0) => "",
        (false, drops) if drops.is_multiple_of(2) => " channel--even",
        (false, _) => " channel--odd",
    };
    let kind = if carries_batches { " channel--batches" } else { "" };
    format!("channel{kind}{state}")
}

#[cfg(test)]
mod tests {
    use super::{bar_transform, batch_text, channel_class, history_text, source_sentence, source_text, watermark_text};

    #[test]
    fn a_source_names_its_events() {
        assert_eq!(source_text("simulated", "1s", false), "one every 1s");
        assert_eq!(source_text("simulated", "1s", true), "paused");
        assert_eq!(source_text("none", "1s", false), "posted events only");
        assert_eq!([false, true].map(|is_paused| source_text("file", "1s", is_paused)), ["files", "files, paused"]);
        assert_eq!(source_text("websocket", "1s", true), "WebSocket, paused");
        assert_eq!(source_sentence("nats"), "Reads a live source.");
        assert_eq!(source_sentence("simulated"), "Makes readings by a schedule.");
    }

    #[test]
    fn a_queue_longer_than_a_batch_fills_it() {
        assert_eq!(bar_transform(25, 10), "scaleX(1.000)");
        assert_eq!(batch_text(25, 10), "next: 10 of 10");
        assert_eq!(bar_transform(3, 0), "scaleX(0.000)");
    }

    #[test]
    fn the_history_has_its_size() {
        assert_eq!(history_text(2048), "2 KB");
    }

    #[test]
    fn the_watermark_is_printed_to_the_second() {
        assert_eq!(watermark_text(None), "none yet");
        assert_eq!(watermark_text(Some("2025-06-01T21:15:07.123456Z")), "2025-06-01 21:15:07");
    }

    #[test]
    fn drops_alternate_the_class() {
        assert_ne!(channel_class(1, false, false), channel_class(2, false, false));
        assert_eq!(channel_class(1, true, true), channel_class(2, true, true));
    }
}
