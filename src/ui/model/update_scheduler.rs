//! The schedule of page updates: a minimum time between two updates of a part, and one part in each frame.

/// Shortest time between two updates: faster changes are not readable, and text layout is the most expensive work of
/// the page.
pub const STEADY_MILLIS: f64 = 120.0;
/// The same while the history is scrolled, so that its rows take priority.
pub const SCROLLED_MILLIS: f64 = 500.0;

/// Longest pause after an update: a click shows what it did within two of them.
const LONGEST_PAUSE_MILLIS: f64 = 100.0;

/// The pause after an update, of at least `shortest_millis`: the page draws for a fifth of the time at most, since what
/// reads and sends the stream may have to share a core with it.
pub fn pause_millis(shortest_millis: u32, drawing_took_millis: f64) -> u32 {
    shortest_millis.max((4.0 * drawing_took_millis).min(LONGEST_PAUSE_MILLIS) as u32)
}

/// The parts of the page that are updated together. Each takes a large share of a frame's time, so each has its own
/// frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Numbers and texts of all panels.
    Words,
    /// The tables of the newest batch, and the provenance of a cell.
    Tables,
    /// The rows of the history.
    Rows,
}

const PARTS: [Part; 3] = [Part::Words, Part::Tables, Part::Rows];

/// Decides when each part is updated.
#[derive(Debug, Default)]
pub struct UpdateScheduler([PartState; PARTS.len()]);

/// The state of a part.
#[derive(Debug, Clone, Copy)]
struct PartState {
    /// Time of the last update; minus infinity before the first.
    since_millis: f64,
    /// Whether something has changed since.
    is_behind: bool,
}

impl Default for PartState {
    fn default() -> Self {
        Self { since_millis: f64::NEG_INFINITY, is_behind: false }
    }
}

impl UpdateScheduler {
    /// The parts to update now: of the changed parts whose last update is at least `stand_millis` ago, the one with the
    /// oldest update. With `stand_millis` `None`, for the effect of a user's action, all changed parts.
    pub fn due(&mut self, has_changed: bool, stand_millis: Option<f64>, now_millis: f64) -> Vec<Part> {
        for part in &mut self.0 {
            part.is_behind |= has_changed;
        }
        let have_stood = PARTS.into_iter().filter(|part| self.has_stood(*part, stand_millis, now_millis));
        let since = |part: &Part| self.0[*part as usize].since_millis;
        let due: Vec<Part> = match stand_millis {
            None => have_stood.collect(),
            Some(_) => have_stood.min_by(|a, b| since(a).total_cmp(&since(b))).into_iter().collect(),
        };
        for part in &due {
            self.0[*part as usize] = PartState { since_millis: now_millis, is_behind: false };
        }
        due
    }

    fn has_stood(&self, part: Part, stand_millis: Option<f64>, now_millis: f64) -> bool {
        let PartState { since_millis, is_behind } = self.0[part as usize];
        is_behind && stand_millis.is_none_or(|millis| now_millis - since_millis >= millis)
    }

    /// Whether a change is not yet written to the page.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.0.iter().any(|part| part.is_behind)
    }
}

#[cfg(test)]
mod tests {
    use super::{PARTS, Part, STEADY_MILLIS, UpdateScheduler, pause_millis};

    const STAND: Option<f64> = Some(STEADY_MILLIS);

    #[test]
    fn the_parts_take_turns_with_a_minimum_time_between_updates() {
        let mut steady = UpdateScheduler::default();
        let turns = (0..30).map(|turn| steady.due(true, STAND, f64::from(turn) * 50.0)).collect::<Vec<_>>();
        for (turn, due) in turns.iter().enumerate() {
            assert_eq!(due.as_slice(), &[PARTS[turn % 3]], "50 ms leave room for all three in turn");
        }
        let mut hasty = UpdateScheduler::default();
        let mut last = [f64::NEG_INFINITY; 3];
        for turn in 0..300 {
            let now = f64::from(turn) * 7.0;
            for part in hasty.due(true, STAND, now) {
                assert!(now - last[part as usize] >= STEADY_MILLIS, "{part:?} changes at {now}");
                last[part as usize] = now;
            }
        }
        assert!(last.iter().all(|last| 299.0 * 7.0 - last < 2.0 * STEADY_MILLIS), "all keep coming: {last:?}");
    }

    #[test]
    fn a_change_is_written_once_in_all_parts() {
        let mut steady = UpdateScheduler::default();
        assert_eq!(steady.due(true, STAND, 10.0), [Part::Words], "after a rest it is shown at once");
        assert!(steady.is_behind());
        assert_eq!(steady.due(false, STAND, 20.0), [Part::Tables]);
        assert_eq!(steady.due(false, STAND, 30.0), [Part::Rows]);
        assert!(!steady.is_behind());
        assert_eq!(steady.due(false, STAND, 9000.0), [], "nothing has changed");
    }

    #[test]
    fn the_page_rests_longer_where_drawing_takes_long() {
        assert_eq!(pause_millis(25, 4.0), 25);
        assert_eq!(pause_millis(25, 15.0), 60);
        assert_eq!(pause_millis(25, 3000.0), 100);
        assert_eq!(pause_millis(250, 3000.0), 250);
        assert_eq!(pause_millis(25, -1.0), 25, "a clock that was set back");
    }

    #[test]
    fn the_effect_of_an_action_shows_at_once() {
        let mut steady = UpdateScheduler::default();
        assert_eq!(steady.due(true, None, 10.0), PARTS, "the first one");
        assert_eq!(steady.due(true, None, 11.0), PARTS);
        assert_eq!(steady.due(false, None, 12.0), [], "there is nothing to show");
    }
}
