//! Texts on the storage of the history.

use super::connection::{Health, Status};
use super::quantity::{bytes_text, counted, millis_text};
use crate::protocol::{StorageView, Tier};

/// Maximum number of notes shown.
const SHOWN_NOTES: usize = 20;

/// The durability of the history, as a status.
#[must_use]
pub fn tier_status(tier: &Tier) -> Status {
    match tier {
        Tier::Pending => Status::new(Health::Pending, "Not known yet"),
        Tier::Durable => Status::new(Health::Good, "Kept in this browser"),
        Tier::Off => Status::new(Health::Limited, "Not kept: persist is off"),
        Tier::Memory(_) => Status::new(Health::Limited, "In memory only"),
        Tier::Full(_) => Status::new(Health::Broken, "The disk is full"),
        Tier::Refused(_) => Status::new(Health::Limited, "Files of another version"),
    }
}

/// Bytes of the journal, and the number of rows that only the journal holds.
#[must_use]
pub fn log_text(storage: &StorageView) -> String {
    let bytes = bytes_text(storage.disk_bytes);
    match storage.disk_rows {
        0 => bytes,
        rows => format!("{bytes}, {} only there", counted(u64::from(rows), "row")),
    }
}

/// What the recovery of the journal found.
#[must_use]
pub fn recovery_text(storage: &StorageView) -> String {
    match storage.recovered_rows {
        0 => "none".to_owned(),
        rows => format!("{} in {}", counted(u64::from(rows), "row"), millis_text(storage.recovery_millis)),
    }
}

/// The used share of the browser's quota.
#[must_use]
pub fn quota_text(used_bytes: f64, quota_bytes: f64) -> String {
    format!("{} of {}", bytes_text(used_bytes as u64), bytes_text(quota_bytes as u64))
}

/// The notes that are shown, oldest first.
#[must_use]
pub fn newest_notes(notes: &[String]) -> &[String] {
    &notes[notes.len().saturating_sub(SHOWN_NOTES)..]
}

/// `42 %`, from a share between 0 and 1.
#[must_use]
pub fn percent_text(share: f64) -> String {
    format!("{} %", (share.clamp(0.0, 1.0) * 100.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::{log_text, newest_notes, percent_text, quota_text, recovery_text, tier_status};
    use crate::protocol::{StorageView, Tier};
    use crate::ui::model::connection::Health;

    #[test]
    fn rows_that_only_the_disk_holds_are_reported() {
        let mut storage = StorageView { disk_bytes: 3 << 20, ..StorageView::default() };
        assert_eq!(log_text(&storage), "3 MB");
        storage.disk_rows = 1;
        assert_eq!(log_text(&storage), "3 MB, 1 row only there");
    }

    #[test]
    fn a_first_visit_recovers_nothing() {
        assert_eq!(recovery_text(&StorageView::default()), "none");
        let storage = StorageView { recovered_rows: 1200, recovery_millis: 15.2, ..StorageView::default() };
        assert_eq!(recovery_text(&storage), "1\u{202f}200 rows in 15 ms");
    }

    #[test]
    fn amounts_are_readable() {
        assert_eq!(quota_text(1536.0, 2.0 * 1024.0 * 1024.0 * 1024.0), "1.5 KB of 2 GB");
        assert_eq!([0.0, 0.429, 1.0, 7.0].map(percent_text), ["0 %", "42 %", "100 %", "100 %"]);
    }

    #[test]
    fn only_the_newest_notes_are_shown() {
        let notes: Vec<String> = (0..25).map(|number| number.to_string()).collect();
        assert_eq!(newest_notes(&notes).first().map(String::as_str), Some("5"));
        assert_eq!(newest_notes(&notes[..2]).len(), 2);
    }

    #[test]
    fn only_a_full_disk_is_broken() {
        assert_eq!(tier_status(&Tier::Full(String::new())).health, Health::Broken);
        assert_eq!(tier_status(&Tier::Off).health, Health::Limited);
    }
}
