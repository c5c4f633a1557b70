//! A zone as a table, found from its offsets at single instants: all that a browser tells of its zone.

use super::Zone;

const DAY_SECS: i64 = 86_400;

/// Where the probing begins: at the first instant there is, in 1677.
const FROM_SECS: i64 = -9_223_372_037;

/// Spans that follow one another up to the last instant: the end of each and the days between two probes in it. An
/// offset that held for less than these days, between two that are equal, would be missed. The time zone database of
/// 2025 has only one: four days in Freetown in 1939.
const SPANS: [(i64, i64); 3] = [
    // Until 1900 zones left their mean solar times, once each.
    (-2_208_988_800, 360),
    // Until 2100. The shortest have seven days less an hour: Recife in 2000, Gaza in 2040 after Ramadan.
    (4_102_444_800, 6),
    // Later than every table of the lunar calendar: rules alone, with seasons of months.
    (9_223_372_036, 60),
];

/// Days until a change occurs again a year later: on the same weekday of the same week of a month, or of a lunar month.
const REPEATS_DAYS: [i64; 4] = [364, 371, 350, 357];

impl Zone {
    /// The zone whose offset at a UTC second, in seconds east, is `offset_at`, over the whole range of timestamps.
    ///
    /// It probes at steps that are shorter than any period of one offset. Where two probes differ it looks for the second
    /// of the change: first where last year's would occur again, then by halving. In all some fifteen thousand calls, a
    /// few milliseconds in a browser, most of them the steps. The years to come are probed like those before instead of
    /// derived from them: some zones follow the moon, and a wrong derivation would be silent.
    pub fn probe(mut offset_at: impl FnMut(i64) -> i32) -> Self {
        let first_offset_secs = offset_at(FROM_SECS);
        let mut changes: Vec<(i64, i32)> = Vec::new();
        let (mut at, mut offset) = (FROM_SECS, first_offset_secs);
        for (until, step_days) in SPANS {
            while at < until {
                let next = (at + step_days * DAY_SECS).min(until);
                if offset_at(next) == offset {
                    at = next;
                    continue;
                }
                let mut is_old = |secs| offset_at(secs) == offset;
                let repeated = changes.iter().rev().nth(1).and_then(|(last, _)| {
                    let guesses = REPEATS_DAYS.into_iter().map(|days| last + days * DAY_SECS);
                    guesses
                        .filter(|guess| *guess > at && *guess <= next)
                        .find(|guess| is_old(guess - 1) && !is_old(*guess))
                });
                at = repeated.unwrap_or_else(|| halve(at, next, is_old));
                offset = offset_at(at);
                changes.push((at, offset));
            }
        }
        Self::new(first_offset_secs, changes)
    }
}

/// The first second of a new offset, after `before`, where the old one holds, and up to `after`, where it does not.
fn halve(mut before: i64, mut after: i64, mut is_old: impl FnMut(i64) -> bool) -> i64 {
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if is_old(middle) {
            before = middle;
        } else {
            after = middle;
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Clock, Timestamp};
    use chrono::{Datelike, NaiveDate, Weekday};
    use proptest::prelude::*;

    /// Midnight of the first Sunday on or after a day.
    fn sunday_from(year: i32, month: u32, day: u32) -> i64 {
        let first = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let days = first.weekday().days_since(Weekday::Sun);
        first.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp() + i64::from((7 - days) % 7) * DAY_SECS
    }

    /// Central European time: mean solar time until 1893, summer time from 1980 to the end of time.
    fn berlin() -> Zone {
        let summers = (1980..=2261).flat_map(|year| {
            let [begin, end] = [3, 10].map(|month| sunday_from(year, month, 25) + 3600);
            [(begin, 7200), (end, 3600)]
        });
        let last = (sunday_from(2262, 3, 25) + 3600, 7200);
        Zone::new(3208, [(-2_422_054_408, 3600)].into_iter().chain(summers).chain([last]).collect())
    }

    /// A zone that leaves its summer time for a month that moves with the moon, until 2087, as in Casablanca.
    fn lunar() -> Zone {
        let mut changes = Vec::new();
        let mut begin = 1_339_200_000;
        while begin < 3_700_000_000 {
            changes.extend([(begin, 0), (begin + 31 * DAY_SECS, 3600)]);
            begin += if changes.len() % 6 == 0 { 350 * DAY_SECS } else { 357 * DAY_SECS };
        }
        Zone::new(3600, changes)
    }

    /// The zone that is found for a zone, and the calls that it takes.
    fn probed(zone: &Zone) -> (Zone, usize) {
        let mut calls = 0;
        let probed = Zone::probe(|secs| {
            calls += 1;
            zone.offset_at(secs)
        });
        (probed, calls)
    }

    #[test]
    fn a_zone_is_found_to_the_second_and_cheaply() {
        for zone in [Zone::UTC, berlin(), lunar()] {
            let (probed, calls) = probed(&zone);
            assert_eq!(probed, zone);
            assert!(calls < 17_000, "{calls} calls");
        }
    }

    #[test]
    fn tables_end_where_times_do() {
        let clock = Clock::Local(probed(&berlin()).0);
        for (utc, local) in [
            ("2150-07-01T10:00:00Z", "2150-07-01T12:00:00"),
            ("2150-01-01T10:00:00Z", "2150-01-01T11:00:00"),
            ("2261-08-01T10:00:00Z", "2261-08-01T12:00:00"),
            ("2262-04-11T10:00:00Z", "2262-04-11T12:00:00"),
            ("1890-01-01T00:00:00Z", "1890-01-01T00:53:28"),
            ("1677-09-22T00:00:00Z", "1677-09-22T00:53:28"),
        ] {
            assert_eq!(Timestamp::parse(utc, &Clock::Utc).unwrap().to_text(&clock), local);
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(16))]

        #[test]
        fn any_changes_a_week_apart_are_found(
            first in -2_208_000_000_i64..2_600_000_000,
            gaps in proptest::collection::vec((7 * DAY_SECS..400 * DAY_SECS, 1_i32..50_000), 1..40)
        ) {
            let (mut at, mut changes) = (first, vec![(first, -1)]);
            for (gap, offset) in gaps {
                at += gap;
                // Every other offset is the first one: pairs of changes.
                changes.push((at, if changes.len() % 2 == 1 { 0 } else { offset }));
            }
            let zone = Zone::new(0, changes);
            prop_assert_eq!(probed(&zone).0, zone);
        }
    }
}
