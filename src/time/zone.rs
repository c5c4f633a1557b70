//! Time zones as a table of offsets, so that reading and printing local time needs no browser.

/// How naive text is read and how instants are printed: setting `clock`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clock {
    /// UTC, printed with a `Z`.
    Utc,
    /// The wall clock of a zone, printed without an offset unless the reading alone would mean another instant.
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

    /// Seconds east of UTC at this second since the epoch.
    pub fn offset_at(&self, utc_secs: i64) -> i32 {
        match self.changes.partition_point(|(from, _)| *from <= utc_secs) {
            0 => self.first_offset_secs,
            index => self.changes[index - 1].1,
        }
    }

    /// The offset at this second, as [`offset_at`](Self::offset_at), and whether the wall clock's reading at it means
    /// another instant to [`to_utc`](Self::to_utc), since the clock had shown it before.
    pub(super) fn wall_offset_at(&self, utc_secs: i64) -> (i32, bool) {
        let Some(last) = self.changes.partition_point(|(from, _)| *from <= utc_secs).checked_sub(1) else {
            return (self.first_offset_secs, false);
        };
        let (from, offset) = self.changes[last];
        // Offsets differ by less than two days, so for less than that after a change readings are repeated.
        let is_near = utc_secs - from < 2 * 86_400;
        (offset, is_near && self.to_utc(utc_secs + i64::from(offset)) != utc_secs)
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
    use proptest::prelude::*;

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
    fn the_second_pass_of_a_repeated_hour_is_printed_with_its_offset() {
        let berlin = Clock::Local(berlin());
        for (utc, local) in [
            ("2025-10-26T00:30:00Z", "2025-10-26T02:30:00"),
            ("2025-10-26T00:59:59.999999999Z", "2025-10-26T02:59:59.999999999"),
            ("2025-10-26T01:00:00Z", "2025-10-26T02:00:00+01:00"),
            ("2025-10-26T01:30:00Z", "2025-10-26T02:30:00+01:00"),
            ("2025-10-26T01:59:59.5Z", "2025-10-26T02:59:59.500000+01:00"),
            ("2025-10-26T02:00:00Z", "2025-10-26T03:00:00"),
            ("2025-03-30T00:59:59Z", "2025-03-30T01:59:59"),
            ("2025-03-30T01:00:00Z", "2025-03-30T03:00:00"),
        ] {
            let at = Timestamp::parse(utc, &Clock::Utc).unwrap();
            assert_eq!(at.to_text(&berlin), local);
            assert_eq!(Timestamp::parse(local, &berlin), Ok(at));
        }
    }

    #[test]
    fn a_repeated_reading_whose_offset_has_seconds_is_printed_in_utc() {
        // Back by an hour, from +1:19:32 to +0:19:32, as in Amsterdam until 1937.
        let amsterdam = Clock::Local(Zone::new(4772, vec![(-1_028_000_000, 1172)]));
        let at = Timestamp::from_nanos(-1_027_999_000 * 1_000_000_000);
        assert!(at.to_text(&amsterdam).ends_with('Z'));
        assert_eq!(Timestamp::parse(&at.to_text(&amsterdam), &amsterdam), Ok(at));
    }

    /// A zone by its first offset and its changes, offsets in hours.
    fn zone(first_hours: f64, changes: &[(&str, f64)]) -> Zone {
        let secs = |hours: f64| (hours * 3600.0) as i32;
        let at = |text| Timestamp::parse(text, &Clock::Utc).unwrap().as_nanos() / 1_000_000_000;
        Zone::new(secs(first_hours), changes.iter().map(|(text, hours)| (at(text), secs(*hours))).collect())
    }

    /// Zones whose clocks change in all the ways there are: by an hour, by half of one, by a day, for a month.
    fn zones() -> Vec<Zone> {
        vec![
            berlin(),
            // New York.
            zone(-5.0, &[("2025-03-09T07:00Z", -4.0), ("2025-11-02T06:00Z", -5.0)]),
            // Lord Howe.
            zone(11.0, &[("2025-04-05T15:00Z", 10.5), ("2025-10-04T15:30Z", 11.0)]),
            // Apia, which skipped 30 December 2011.
            zone(-11.0, &[("2011-09-24T14:00Z", -10.0), ("2011-12-30T10:00Z", 14.0), ("2012-03-31T14:00Z", 13.0)]),
            // Kwajalein in 1969: a day occurs twice.
            zone(12.0, &[("1969-09-30T13:00Z", -12.0)]),
            // Casablanca around Ramadan.
            zone(1.0, &[("2025-02-23T02:00Z", 0.0), ("2025-04-06T02:00Z", 1.0), ("2026-02-15T02:00Z", 0.0)]),
            // Nowhere: changes within an hour of each other.
            zone(2.0, &[("2000-01-01T00:00Z", 1.0), ("2000-01-01T00:30Z", 0.0), ("2000-01-01T00:45Z", 5.75)]),
        ]
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_instant_reads_back_on_any_clock(
            anywhere in i64::MIN + 1..=i64::MAX, near in -100_000_000_000_000_i64..100_000_000_000_000
        ) {
            for zone in zones() {
                let changes: Vec<i64> = zone.changes.iter().map(|(from, _)| from * 1_000_000_000 + near).collect();
                let clock = Clock::Local(zone);
                for nanos in changes.into_iter().chain([anywhere]) {
                    // Quarters of an hour, seconds and nanoseconds.
                    for step in [900_000_000_000, 1_000_000_000, 1] {
                        let at = Timestamp::from_nanos(nanos / step * step);
                        let text = at.to_text(&clock);
                        prop_assert_eq!(Timestamp::parse(&text, &clock), Ok(at), "{}", text);
                    }
                }
            }
        }
    }
}
