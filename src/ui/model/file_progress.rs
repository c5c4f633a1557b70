//! The texts of a file that is loaded, waits to be, or was.

use super::chart_range::Span;
use super::decimal::fixed;
use super::quantity::{bytes_text, counted, grouped, rate_text};
use super::short_instant::{date_of, short_instant};
use super::storage_text::percent_text;
use crate::protocol::{FilePace, FileState, FileView};
use crate::time::{Clock, Timestamp};

/// The speeds of a replay that are offered; any from 0.1 to 10,000 can be typed.
pub const SPEEDS: &[&str] = &["0.1", "1", "10", "100", "1000", "10000"];
/// The least and the greatest speed, as the setting `replay_speed` has them.
const SPEED_LIMITS: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;

/// Parses a typed speed.
///
/// # Errors
/// A sentence that quotes the text.
pub fn read_speed(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches(['x', '\u{d7}']).trim_end().parse::<f64>();
    number.ok().filter(|speed| SPEED_LIMITS.contains(speed)).ok_or_else(|| {
        let text: String = text.chars().take(200).collect();
        format!("\u{201c}{text}\u{201d} is not a speed from 0.1 to 10000")
    })
}

/// A speed as text, as short as it can be.
#[must_use]
pub fn speed_text(speed: f64) -> String {
    fixed(speed, 3).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What happens with the file, in a word or two.
#[must_use]
pub fn state_text(file: &FileView) -> &'static str {
    match (file.state, file.pace) {
        (FileState::Waiting, _) => "waits for the files before it",
        (FileState::Opening, _) => "opening",
        (FileState::Open, FilePace::Replay { .. }) => "replaying",
        (FileState::Open, _) => "loading",
        (FileState::Paused, _) => "paused",
        (FileState::Following, _) => "followed: new lines become events",
        (FileState::Done, _) => "loaded",
        (FileState::Cancelled, _) => "cancelled; what was taken stays",
        (FileState::Failed, _) => "stopped; what was taken stays",
        (FileState::Lost, _) => "interrupted; choose it again to go on",
    }
}

/// The share of its bytes that was read, from 0 to 1; `None` where it has no end.
#[must_use]
pub fn share_of(file: &FileView) -> Option<f64> {
    match file.state {
        FileState::Following => None,
        FileState::Done => Some(1.0),
        _ if file.bytes == 0 => None,
        _ => Some((file.bytes_read as f64 / file.bytes as f64).clamp(0.0, 1.0)),
    }
}

/// Rows, refused rows, bytes, rate and rest: `2 000 rows taken, 3 refused · 12 of 40 MB · 900k/s · about 2 min left`.
#[must_use]
pub fn progress_text(file: &FileView) -> String {
    let mut rows = format!("{} taken", counted(file.accepted, "row"));
    if file.refused > 0 {
        rows.push_str(&format!(", {} refused", grouped(file.refused)));
    }
    if file.skipped > 0 {
        rows.push_str(&format!(", {} passed over", grouped(file.skipped)));
    }
    let is_open = matches!(file.state, FileState::Open | FileState::Opening | FileState::Following);
    let bytes = match file.state {
        FileState::Done => bytes_text(file.bytes),
        _ => format!("{} of {}", bytes_text(file.bytes_read), bytes_text(file.bytes)),
    };
    let rate = (is_open && file.rows_per_sec > 0.0).then(|| rate_text(file.rows_per_sec));
    let rest = file.rest_secs.filter(|_| is_open).map(|secs| format!("about {} left", secs_text(secs)));
    [Some(rows), Some(bytes), rate, rest].into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ")
}

/// A length of time in its two largest units at most: `40 s`, `2 min`, `1 h 5 min`.
#[must_use]
pub fn secs_text(secs: f64) -> String {
    let secs = secs.clamp(0.0, 1e9).ceil() as u64;
    match (secs / 3600, secs % 3600 / 60) {
        (0, 0) => format!("{secs} s"),
        (0, minutes) => format!("{} min", minutes + u64::from(secs % 60 >= 30)),
        (hours, 0) => format!("{} h", grouped(hours)),
        (hours, minutes) => format!("{} h {minutes} min", grouped(hours)),
    }
}

/// The time of the newest row that was read, with the date where it is not that of the first row.
#[must_use]
pub fn position_text(file: &FileView, clock: &Clock) -> String {
    let Some(at) = file.at.map(|nanos| Timestamp::from_nanos(nanos).to_text(clock)) else { return String::new() };
    let first = file.span.map(|(first, _)| Timestamp::from_nanos(first).to_text(clock)).unwrap_or_default();
    let date = date_of(&at);
    if date.is_empty() || date == date_of(&first) {
        short_instant(&at).to_owned()
    } else {
        format!("{date} {}", short_instant(&at))
    }
}

/// The names of the columns that were left out, if there are any.
#[must_use]
pub fn ignored_text(ignored: &[String]) -> String {
    if ignored.is_empty() { String::new() } else { format!("Left out: {}", ignored.join(", ")) }
}

/// How a file ended, for a note that is shown on every view.
///
/// # Errors
/// A sentence, when it could not be read to its end.
pub fn end_text(file: &FileView) -> Result<String, String> {
    let taken = format!("{}: {} taken", file.name, counted(file.accepted, "row"));
    let refused = match file.refused {
        0 => String::new(),
        refused => format!(", {} refused: see Refused rows", grouped(refused)),
    };
    match &file.problem {
        Some(problem) if file.state == FileState::Failed => Err(format!("{taken}{refused}, then stopped: {problem}")),
        _ if file.state == FileState::Cancelled => Ok(format!("{taken}{refused}, then cancelled")),
        _ => Ok(format!("{taken}{refused}")),
    }
}

/// The names of the files that were being loaded when the pipeline stopped, as one text; empty for none.
#[must_use]
pub fn lost_text(files: &[FileView]) -> String {
    let lost: Vec<&str> =
        files.iter().filter(|file| file.state == FileState::Lost).map(|file| file.name.as_str()).collect();
    lost.join(", ")
}

/// The time that the rows of a file span, for the chart; `None` while it is not known.
#[must_use]
pub fn chart_span(file: &FileView) -> Option<Span> {
    // A chart of one instant has no width.
    file.span.map(|(from, until)| Span { from, until: until.max(from.saturating_add(1_000_000_000)) })
}

/// Whether the file is one of those that can be paused.
#[must_use]
pub fn can_rest(file: &FileView) -> bool {
    matches!(file.state, FileState::Open | FileState::Paused | FileState::Following)
}

/// The file that is read, with the share of it that was; `None` while there is none.
#[must_use]
pub fn running_file_text(files: &[FileView]) -> Option<String> {
    let file = files.iter().find(|file| !file.state.is_ended() && file.state != FileState::Waiting)?;
    // The folders of a long path say less than its end.
    let name = file.name.rsplit('/').next().unwrap_or_default();
    Some(match share_of(file) {
        Some(share) => format!("{name}, {}", percent_text(share)),
        None => name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(state: FileState) -> FileView {
        FileView {
            number: 1,
            name: "pumps.csv".into(),
            state,
            pace: FilePace::AtOnce,
            accepted: 2_000,
            refused: 3,
            skipped: 0,
            bytes_read: 12 << 20,
            bytes: 40 << 20,
            rows_per_sec: 900_000.0,
            rest_secs: Some(100.0),
            at: None,
            span: None,
            ignored: Vec::new(),
            problem: None,
        }
    }

    #[test]
    fn progress_names_rows_bytes_rate_and_rest() {
        assert_eq!(
            progress_text(&file(FileState::Open)),
            "2\u{202f}000 rows taken, 3 refused \u{b7} 12 MB of 40 MB \u{b7} 900k/s \u{b7} about 2 min left"
        );
        let done = FileView { refused: 0, skipped: 5, ..file(FileState::Done) };
        assert_eq!(progress_text(&done), "2\u{202f}000 rows taken, 5 passed over \u{b7} 40 MB");
        assert_eq!((share_of(&done), share_of(&file(FileState::Open))), (Some(1.0), Some(0.3)));
        assert_eq!(
            (share_of(&file(FileState::Following)), share_of(&FileView { bytes: 0, ..file(FileState::Open) })),
            (None, None)
        );
    }

    #[test]
    fn an_end_is_told_with_what_was_taken() {
        let text = "pumps.csv: 2\u{202f}000 rows taken, 3 refused: see Refused rows";
        assert_eq!(end_text(&file(FileState::Done)), Ok(text.to_owned()));
        assert_eq!(end_text(&file(FileState::Cancelled)), Ok(format!("{text}, then cancelled")));
        let failed = FileView { refused: 0, problem: Some("it changed".into()), ..file(FileState::Failed) };
        let text = "pumps.csv: 2\u{202f}000 rows taken, then stopped: it changed";
        assert_eq!(end_text(&failed), Err(text.to_owned()));
        let lost = FileView { name: "b.csv".into(), ..file(FileState::Lost) };
        assert_eq!(lost_text(&[file(FileState::Lost), failed, lost]), "pumps.csv, b.csv");
        assert_eq!(lost_text(&[file(FileState::Open)]), "");
    }

    #[test]
    fn lengths_of_time_are_short() {
        let texts = [0.2, 59.0, 61.0, 95.0, 3600.0, 3900.0, f64::INFINITY].map(secs_text);
        assert_eq!(texts[..6], ["1 s", "59 s", "1 min", "2 min", "1 h", "1 h 5 min"]);
        assert!(texts[6].ends_with(" h 46 min"), "{}", texts[6]);
    }

    #[test]
    fn a_speed_is_a_number_within_the_limits_of_the_setting() {
        for (text, speed) in [("1", 1.0), (" 0.1 ", 0.1), ("10000", 10_000.0), ("60x", 60.0), ("2.5 \u{d7}", 2.5)] {
            assert_eq!(read_speed(text), Ok(speed), "{text}");
        }
        for text in ["", "0", "0.09", "10001", "fast", "NaN", "inf", "-1"] {
            assert!(read_speed(text).unwrap_err().contains(text), "{text}");
        }
        assert!(SPEEDS.iter().all(|text| read_speed(text).is_ok_and(|speed| speed_text(speed) == **text)));
    }

    #[test]
    fn a_position_has_its_date_where_that_changes() {
        let (first, day) = (1_748_812_507_000_000_000, 86_400_000_000_000);
        let at = |at| FileView { at: Some(at), span: Some((first, first + day)), ..file(FileState::Open) };
        assert_eq!(position_text(&at(first + 1_500_000_000), &Clock::Utc), "21:15:08.500");
        assert_eq!(position_text(&at(first + day), &Clock::Utc), "2025-06-02 21:15:07");
        assert_eq!(position_text(&file(FileState::Open), &Clock::Utc), "");
        assert_eq!(chart_span(&at(first)), Some(Span { from: first, until: first + day }));
    }

    #[test]
    fn the_file_that_is_read_is_named_with_its_share() {
        let files = [FileState::Done, FileState::Waiting, FileState::Open].map(file);
        assert_eq!(running_file_text(&files).as_deref(), Some("pumps.csv, 30 %"));
        assert_eq!(running_file_text(&files[..2]), None);
        let followed = FileView { name: "logs/pumps.csv".into(), ..file(FileState::Following) };
        assert_eq!(running_file_text(&[followed]).as_deref(), Some("pumps.csv"));
    }
}
