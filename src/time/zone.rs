//! Time zones as a table of offsets, so that reading and printing local time needs no browser.

/// How naive text is read and how instants are printed: setting `clock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {
    /// UTC, printed with a `Z`.
    Utc,
    /// The wall clock of a zone, printed without an offset.
    Local(Zone),
}

impl Clock {
    /// The zone behind the clock.
    pub fn zone(&self) -> &Zone {
        const UTC: &Zone = &Zone::UTC;
        match self {
            Self::Utc => UTC,
            Self::Local(zone) => zone,
        }
    }

    /// Whether instants are printed with a `Z`.
    pub fn is_utc(&self) -> bool {
        matches!(self, Self::Utc)
    }
}

/// A time zone: the offset from UTC in force from each change on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Zone {
    /// The offset before the first change, in seconds east of UTC.
    first_offset_secs: i32,
    /// Changes in rising order: from this second since the epoch (UTC) on, this offset is in force.
    changes: Vec<(i64, i32)>,
}

impl Zone {
    /// UTC itself.
    pub const UTC: Self = Self { first_offset_secs: 0, changes: Vec::new() };

    /// A zone from the offset at the start of time and the later changes (second since the epoch, offset in seconds).
    pub fn new(first_offset_secs: i32, mut changes: Vec<(i64, i32)>) -> Self {
        changes.sort_unstable();
        Self { first_offset_secs, changes }
    }

    /// The zone whose offset at a UTC second is `offset_at`, found by probing every `step_secs` from `from_secs` to
    /// `until_secs` and bisecting where two probes differ. Outside that span the nearest known offset holds.
    pub fn probe(from_secs: i64, until_secs: i64, step_secs: i64, mut offset_at: impl FnMut(i64) -> i32) -> Self {
        let first_offset_secs = offset_at(from_secs);
        let mut changes = Vec::new();
        let (mut at, mut offset) = (from_secs, first_offset_secs);
        while at < until_secs {
            let next = (at + step_secs).min(until_secs);
            let next_offset = offset_at(next);
            if next_offset != offset {
                let (mut before, mut after) = (at, next);
                while after - before > 1 {
                    let middle = before + (after - before) / 2;
                    if offset_at(middle) == offset {
                        before = middle;
                    } else {
                        after = middle;
                    }
                }
                offset = offset_at(after);
                changes.push((after, offset));
                at = after;
            } else {
                at = next;
            }
        }
        Self { first_offset_secs, changes }
    }

    /// Seconds east of UTC at this second since the epoch.
    pub fn offset_at(&self, utc_secs: i64) -> i32 {
        match self.changes.partition_point(|(from, _)| *from <= utc_secs) {
            0 => self.first_offset_secs,
            index => self.changes[index - 1].1,
        }
    }

    /// The UTC second of a wall-clock reading (seconds since the epoch as if it were UTC).
    ///
    /// In an overlap, when clocks go back and a reading occurs twice, the first occurrence is meant (daylight time,
    /// the default of Python's `fold=0`). In a gap, when clocks go forward and the reading never occurs, the
    /// offset before the change is used, so 02:30 in a gap of an hour means what 03:30 means after it.
    pub fn to_utc(&self, local_secs: i64) -> i64 {
        // Offsets differ from UTC by less than a day, so only changes within a day can matter.
        let near = self.changes.partition_point(|(from, _)| *from < local_secs - 86_400);
        let mut offset = match near {
            0 => self.first_offset_secs,
            index => self.changes[index - 1].1,
        };
        for (from, next_offset) in &self.changes[near..] {
            if local_secs - i64::from(offset) < *from {
                break;
            }
            offset = *next_offset;
            // A reading that the new offset puts before the change fell into the gap.
            if local_secs - i64::from(offset) < *from {
                let before = self.offset_at(from - 1);
                return local_secs - i64::from(before);
            }
        }
        local_secs - i64::from(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    /// Central European time in 2025: summer time from 30 March 01:00 UTC to 26 October 01:00 UTC.
    fn berlin() -> Zone {
        Zone::new(3600, vec![(1_743_296_400, 7200), (1_761_440_400, 3600)])
    }

    fn read(text: &str) -> String {
        Timestamp::parse(text, &Clock::Local(berlin())).unwrap().to_text(&Clock::Utc)
    }

    #[test]
    fn local_readings_become_utc() {
        assert_eq!(read("2025-01-01T12:00"), "2025-01-01T11:00:00Z");
        assert_eq!(read("2025-07-01T12:00"), "2025-07-01T10:00:00Z");
    }

    #[test]
    fn an_offset_in_the_text_overrides_the_zone() {
        assert_eq!(read("2025-07-01T12:00:00+05:30"), "2025-07-01T06:30:00Z");
    }

    #[test]
    fn a_reading_in_the_gap_uses_the_offset_before_it() {
        assert_eq!(read("2025-03-30T01:59:59"), "2025-03-30T00:59:59Z");
        assert_eq!(read("2025-03-30T02:30"), "2025-03-30T01:30:00Z");
        assert_eq!(read("2025-03-30T03:30"), "2025-03-30T01:30:00Z");
    }

    #[test]
    fn a_reading_in_the_overlap_is_its_first_occurrence() {
        assert_eq!(read("2025-10-26T02:30"), "2025-10-26T00:30:00Z");
        assert_eq!(read("2025-10-26T03:00"), "2025-10-26T02:00:00Z");
    }

    #[test]
    fn local_time_is_printed_without_a_zone() {
        let text = Timestamp::from_nanos(1_751_364_000_000_000_000).to_text(&Clock::Local(berlin()));
        assert_eq!(text, "2025-07-01T12:00:00");
    }

    #[test]
    fn probing_finds_the_changes_to_the_second() {
        let berlin = berlin();
        let probed = Zone::probe(1_735_689_600, 1_767_225_600, 7 * 86_400, |secs| berlin.offset_at(secs));
        assert_eq!(probed, berlin);
    }
}
