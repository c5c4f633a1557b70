//! The time range of the chart: chosen, zoomed, panned, paused.

use crate::protocol::ChartRange;
use crate::time::{Clock, Timestamp};

const SEC: i64 = 1_000_000_000;
/// Shortest range, in nanoseconds. The chart's times are seconds as f64, whose resolution is a quarter of a
/// microsecond.
const SHORTEST: f64 = 1e6;
/// Longest range, a hundred years in nanoseconds: it keeps the ends clear of the limits of a timestamp.
const LONGEST: f64 = 3.155_76e18;
/// Minimum number of steps in a range that its ends are rounded to: finer than pixels, so that times print short.
const STEPS: i64 = 2000;
const FINEST: i64 = 1000;
/// The least distance of two fingers, as a share of the width.
const NEAREST: f64 = 0.02;

/// The lengths of a chart that follows the clock, and their labels.
pub const SPANS: [(i64, &str); 4] =
    [(60 * SEC, "1 min"), (300 * SEC, "5 min"), (900 * SEC, "15 min"), (3600 * SEC, "1 h")];

/// The label after those of [`SPANS`].
pub const ALL_NAME: &str = "All";

/// The range at this index among the choices.
#[must_use]
pub fn choice(index: usize) -> ChartRange {
    SPANS.get(index).map_or(ChartRange::All, |(span_nanos, _)| ChartRange::Live { span_nanos: *span_nanos })
}

/// The index of a range among the choices; one beyond the last for a range that is none of them.
#[must_use]
pub fn choice_of(range: ChartRange) -> usize {
    (0..=SPANS.len()).position(|index| choice(index) == range).unwrap_or(SPANS.len() + 1)
}

/// A range as text.
#[must_use]
pub fn range_text(range: ChartRange, clock: &Clock) -> String {
    match range {
        ChartRange::All => "all that is kept".to_owned(),
        ChartRange::Fixed { from, until } => Span { from, until }.text(clock),
        ChartRange::Live { .. } => {
            SPANS.get(choice_of(range)).map_or_else(|| "the newest rows".to_owned(), |(_, name)| format!("last {name}"))
        }
    }
}

/// A span of time, in nanoseconds since the epoch, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first instant.
    pub from: i64,
    /// The last instant.
    pub until: i64,
}

impl Span {
    /// The span as a fixed range of the chart.
    #[must_use]
    pub fn range(self) -> ChartRange {
        ChartRange::Fixed { from: self.from, until: self.until }
    }

    /// Its ends in seconds since the epoch.
    #[must_use]
    pub fn secs(self) -> (f64, f64) {
        (self.from as f64 / 1e9, self.until as f64 / 1e9)
    }

    /// Its length.
    #[must_use]
    pub fn nanos(self) -> i64 {
        self.until.saturating_sub(self.from)
    }

    /// The span around the position `at`, from 0 (left) to 1, scaled by `factor` in length.
    #[must_use]
    pub fn zoomed(self, at: f64, factor: f64) -> Self {
        let nanos = self.nanos() as f64;
        let next = (nanos * factor).clamp(SHORTEST, LONGEST);
        Self::placed(self.from.saturating_add(((nanos - next) * at) as i64), next as i64).tidy()
    }

    /// The span shifted later by a share of its length.
    #[must_use]
    pub fn moved(self, share: f64) -> Self {
        let grain = self.grain();
        // Both ends shift by the same whole steps: rounded separately, the length would vary.
        let by = (self.nanos() as f64 * share) as i64 / grain * grain;
        Self::placed(self.from.saturating_add(by), self.nanos())
    }

    /// The span in which two instants, given by their positions in this span, have moved to two other positions: two
    /// fingers take what is under them along.
    #[must_use]
    pub fn pinched(self, from: [f64; 2], to: [f64; 2]) -> Self {
        let nanos = self.nanos() as f64;
        // Fingers that touch or cross would stretch the span without limit.
        let apart = (to[1] - to[0]).abs().max(NEAREST);
        let next = (nanos * (from[1] - from[0]).abs() / apart).clamp(SHORTEST, LONGEST);
        let middle = |places: [f64; 2]| (places[0] + places[1]) / 2.0;
        let start = self.from.saturating_add((nanos * middle(from) - next * middle(to)) as i64);
        Self::placed(start, next as i64).tidy()
    }

    /// The part between two positions from 0 to 1; a part below the shortest length is widened around its middle.
    #[must_use]
    pub fn part(self, from: f64, until: f64) -> Self {
        let width = (until - from).max(1e-9);
        self.zoomed(if width < 1.0 { from / (1.0 - width) } else { 0.5 }, width)
    }

    /// The span with its ends rounded to steps finer than a pixel.
    #[must_use]
    pub fn tidy(self) -> Self {
        let grain = self.grain();
        let round = |nanos: i64| nanos.saturating_add(grain / 2).div_euclid(grain).saturating_mul(grain);
        let from = round(self.from);
        Self::placed(from, round(self.until).saturating_sub(from))
    }

    fn grain(self) -> i64 {
        let mut grain = FINEST;
        while grain <= self.nanos() / STEPS / 10 {
            grain *= 10;
        }
        grain
    }

    /// A span of `nanos` from there on, shifted back where it exceeds the first or last possible instant.
    fn placed(from: i64, nanos: i64) -> Self {
        let (first, last) = (Timestamp::MIN.as_nanos(), Timestamp::MAX.as_nanos());
        let from = from.clamp(first, last.saturating_sub(nanos).max(first));
        Self { from, until: from.saturating_add(nanos) }
    }

    /// `2025-06-01T21:15:00Z to 2025-06-01T21:20:00Z`.
    #[must_use]
    pub fn text(self, clock: &Clock) -> String {
        let [from, until] = self.texts(clock);
        format!("{from} to {until}")
    }

    /// Its ends as the clock prints them.
    #[must_use]
    pub fn texts(self, clock: &Clock) -> [String; 2] {
        [self.from, self.until].map(|nanos| Timestamp::from_nanos(nanos).to_text(clock))
    }

    /// Parses two typed ends.
    ///
    /// # Errors
    /// A sentence for each invalid end, empty for a valid one.
    pub fn read(from: &str, until: &str, clock: &Clock) -> Result<Self, [String; 2]> {
        let read = |text: &str| Timestamp::parse(text.trim(), clock).map_err(|error| error.to_string());
        match (read(from), read(until)) {
            (Ok(first), Ok(last)) if first < last => Ok(Self { from: first.as_nanos(), until: last.as_nanos() }),
            (Ok(_), Ok(_)) => {
                Err([String::new(), format!("\"{}\" is not after the start; write a later time", until.trim())])
            }
            (first, last) => Err([first.err().unwrap_or_default(), last.err().unwrap_or_default()]),
        }
    }
}

/// The range and its history, so that a zoom can be undone and a pause ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// The range.
    pub now: ChartRange,
    /// The range before any zoom or pan.
    pub base: ChartRange,
    /// The last range that followed the clock.
    pub live: ChartRange,
}

impl Course {
    /// Starts with a range.
    #[must_use]
    pub fn new(range: ChartRange) -> Self {
        let live = if matches!(range, ChartRange::Fixed { .. }) { choice(0) } else { range };
        Self { now: range, base: range, live }
    }

    /// Sets a chosen range.
    pub fn choose(&mut self, range: ChartRange) {
        if range != self.now {
            *self = Self { live: self.live, ..Self::new(range) };
            if !self.is_paused() {
                self.live = range;
            }
        }
    }

    /// Sets a zoomed or panned range.
    pub fn zoom(&mut self, span: Span) -> ChartRange {
        self.now = span.range();
        self.now
    }

    /// The choice this many steps after that of the range; a fixed range counts as the live one that it comes from.
    #[must_use]
    pub fn stepped(&self, step: i32) -> ChartRange {
        let index = [self.now, self.live].map(choice_of).into_iter().find(|index| *index <= SPANS.len()).unwrap_or(0);
        let steps = step.unsigned_abs() as usize;
        choice(if step < 0 { index.saturating_sub(steps) } else { index.saturating_add(steps).min(SPANS.len()) })
    }

    /// Whether the range is fixed.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        matches!(self.now, ChartRange::Fixed { .. })
    }

    /// Whether the range is the result of a zoom or pan.
    #[must_use]
    pub fn is_zoomed(&self) -> bool {
        self.now != self.base
    }
}

#[cfg(test)]
mod tests {
    use super::super::chart_columns::ChartBuffer;
    use super::*;
    use crate::protocol::ChartFrame;

    const MINUTE: Span = Span { from: 1_750_000_000 * SEC, until: 1_750_000_060 * SEC };

    #[test]
    fn zooming_keeps_the_instant_under_the_pointer() {
        let near = MINUTE.zoomed(0.25, 0.5);
        assert_eq!((near.from - MINUTE.from, near.nanos()), (7_500_000_000, 30 * SEC));
        assert_eq!(near.zoomed(0.25, 2.0), MINUTE);
        assert_eq!(MINUTE.zoomed(1.0, 0.5).until, MINUTE.until);
    }

    #[test]
    fn zooming_ends_at_a_millisecond_and_at_a_century() {
        let mut near = MINUTE;
        let mut far = MINUTE;
        for _ in 0..200 {
            (near, far) = (near.zoomed(0.3, 0.5), far.zoomed(0.7, 2.0));
        }
        assert_eq!(near.nanos(), 1_000_000);
        assert!(far.nanos() > 3_155_000_000 * SEC && far.from > i64::MIN && far.until > far.from);
    }

    #[test]
    fn panning_keeps_the_length_and_stops_at_the_limits_of_time() {
        let later = MINUTE.moved(0.25);
        assert_eq!((later.from - MINUTE.from, later.nanos()), (15 * SEC, 60 * SEC));
        assert_eq!(later.moved(-0.25), MINUTE);
        let mut far = MINUTE.zoomed(0.5, 1e12);
        let nanos = far.nanos();
        for _ in 0..100 {
            far = far.moved(-1.0);
        }
        assert_eq!((far.from, far.nanos()), (Timestamp::MIN.as_nanos(), nanos));
    }

    #[test]
    fn two_fingers_take_what_is_under_them_along() {
        let near = MINUTE.pinched([0.4, 0.6], [0.3, 0.7]);
        assert_eq!((near.from - MINUTE.from, near.nanos()), (15 * SEC, 30 * SEC));
        let moved = MINUTE.pinched([0.25, 0.5], [0.5, 0.75]);
        assert_eq!((moved.from - MINUTE.from, moved.nanos()), (-15 * SEC, 60 * SEC));
        assert_eq!(MINUTE.pinched([0.5, 0.75], [0.25, 1.0]), MINUTE.pinched([0.75, 0.5], [1.0, 0.25]));
        let far = MINUTE.pinched([0.0, 1.0], [0.5, 0.5]);
        assert_eq!(far.nanos(), 3000 * SEC, "fingers that touch stretch it fifty times");
        assert_eq!(MINUTE.pinched([0.5, 0.5], [0.0, 1.0]).nanos(), 1_000_000);
    }

    #[test]
    fn a_selected_part_becomes_the_range() {
        let part = MINUTE.part(0.25, 0.75);
        assert_eq!((part.from - MINUTE.from, part.until - MINUTE.from), (15 * SEC, 45 * SEC));
        assert_eq!(MINUTE.part(0.0, 1.0), MINUTE);
        assert_eq!(MINUTE.part(0.5, 1.0).until, MINUTE.until);
        assert_eq!(MINUTE.part(0.5, 0.5).nanos(), 1_000_000, "never less than can be distinguished");
    }

    #[test]
    fn ends_are_rounded_by_less_than_a_pixel() {
        let odd = Span { from: MINUTE.from + 123_456_789, until: MINUTE.until + 987_654_321 };
        let tidy = odd.tidy();
        assert_eq!((tidy.from - MINUTE.from, tidy.until - MINUTE.until), (120_000_000, 990_000_000));
        assert_eq!(tidy.tidy(), tidy);
    }

    #[test]
    fn a_fixed_range_is_shown_before_its_data_arrives() {
        let frame = ChartFrame { from: 5, until: 9, rows: 1, share: 1.0, newest: None };
        let buffer = ChartBuffer::new(vec![100.0, 130.0, 1.0, 1.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0], frame, &[], &[]);
        assert_eq!(buffer.span(MINUTE.range()), Some(MINUTE));
        assert_eq!(buffer.span(ChartRange::All), Some(Span { from: 5, until: 9 }));
    }

    #[test]
    fn without_a_frame_the_span_is_that_of_the_data() {
        let buffer = |times: &[f64]| {
            let values = times.iter().copied().chain([1.0; 8].into_iter().take(4 * times.len())).collect();
            ChartBuffer::new(values, ChartFrame::default(), &[], &[])
        };
        let shown = |times: &[f64], range| buffer(times).span(range).map(|span| (span.from / SEC, span.until / SEC));
        assert_eq!(shown(&[100.0, 130.0], choice(0)), Some((100, 130)));
        assert_eq!(shown(&[0.0, 90.0], choice(0)), Some((30, 90)));
        assert_eq!(shown(&[90.0], choice(0)), Some((30, 90)));
        assert_eq!(shown(&[], choice(0)), None);
    }

    #[test]
    fn choices_have_indices_and_labels() {
        assert_eq!(choice_of(choice(2)), 2);
        assert_eq!(choice_of(ChartRange::All), 4);
        assert_eq!(choice_of(MINUTE.range()), 5);
        assert_eq!(range_text(choice(1), &Clock::Utc), "last 5 min");
        assert_eq!(range_text(MINUTE.range(), &Clock::Utc), "2025-06-15T15:06:40Z to 2025-06-15T15:07:40Z");
    }

    #[test]
    fn typed_ends_are_parsed_as_the_api_parses_them() {
        assert_eq!(Span::read(" 2025-06-15T15:06:40Z", "2025-06-15 15:07:40", &Clock::Utc), Ok(MINUTE));
        let errors = Span::read("yesterday-ish", "2025-06-15", &Clock::Utc).unwrap_err();
        assert!(errors[0].starts_with("\"yesterday-ish\" is not an ISO 8601 date and time, such as "), "{}", errors[0]);
        assert_eq!(errors[1], "");
        let errors = Span::read("2025-06-15", "2025-06-14", &Clock::Utc).unwrap_err();
        assert_eq!(errors, ["", "\"2025-06-14\" is not after the start; write a later time"]);
    }

    #[test]
    fn steps_lead_from_each_choice_to_its_neighbours() {
        let mut course = Course::new(choice(1));
        assert_eq!((course.stepped(1), course.stepped(-1), course.stepped(-9)), (choice(2), choice(0), choice(0)));
        course.zoom(MINUTE);
        assert_eq!(course.stepped(1), choice(2), "from the range before the zoom");
        assert_eq!(Course::new(ChartRange::All).stepped(1), ChartRange::All);
        assert_eq!(Course::new(ChartRange::Live { span_nanos: 7 }).stepped(1), choice(1), "from the shortest");
    }

    #[test]
    fn a_zoom_is_undone_and_a_pause_ends_at_the_last_live_range() {
        let mut course = Course::new(choice(1));
        assert!(!course.is_paused() && !course.is_zoomed());
        let range = course.zoom(MINUTE);
        course.choose(range);
        assert!(course.is_paused() && course.is_zoomed(), "hearing of one's own zoom changes nothing");
        assert_eq!((course.base, course.live), (choice(1), choice(1)));
        course.choose(MINUTE.moved(1.0).range());
        assert!(course.is_paused() && !course.is_zoomed(), "the range was chosen elsewhere");
        assert_eq!(course.live, choice(1));
        course.choose(ChartRange::All);
        assert_eq!((course.base, course.live), (ChartRange::All, ChartRange::All));
    }
}
