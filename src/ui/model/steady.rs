//! How long words and numbers stand on the page before they change again.

/// Shortest time between two changes: nobody reads faster, and laying out text is the dearest thing on the page.
pub const STEADY_MILLIS: f64 = 120.0;
/// The same while somebody scrolls through the history: it is the rows that they look at.
pub const SCROLLED_MILLIS: f64 = 500.0;

/// Decides when the page is written anew.
#[derive(Debug, Default)]
pub struct Steady {
    /// When it was written last; never, before the first time.
    written_millis: Option<f64>,
    /// Whether something has changed since.
    is_behind: bool,
}

impl Steady {
    /// Whether to write now: something has changed, here or before, and what is shown has stood for so long; for no time
    /// when somebody waits for an effect of their own doing.
    pub fn is_due(&mut self, has_changed: bool, stand_millis: f64, now_millis: f64) -> bool {
        self.is_behind |= has_changed;
        let has_stood = self.written_millis.is_none_or(|written| now_millis - written >= stand_millis);
        let is_due = self.is_behind && has_stood;
        if is_due {
            *self = Self { written_millis: Some(now_millis), is_behind: false };
        }
        is_due
    }

    /// Whether something has changed that is not written.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.is_behind
    }
}

#[cfg(test)]
mod tests {
    use super::{STEADY_MILLIS, Steady};

    #[test]
    fn a_change_waits_until_the_last_one_was_seen_and_is_not_forgotten() {
        let mut steady = Steady::default();
        assert!(steady.is_due(true, STEADY_MILLIS, 10.0), "the first one");
        assert!(!steady.is_due(true, STEADY_MILLIS, 50.0) && steady.is_behind());
        assert!(!steady.is_due(false, STEADY_MILLIS, 129.0) && steady.is_behind());
        assert!(steady.is_due(false, STEADY_MILLIS, 130.0) && !steady.is_behind());
        assert!(!steady.is_due(false, STEADY_MILLIS, 9000.0), "nothing has changed");
        assert!(steady.is_due(true, STEADY_MILLIS, 9001.0), "a change after a rest is shown at once");
    }

    #[test]
    fn what_somebody_did_shows_at_once() {
        let mut steady = Steady::default();
        assert!(steady.is_due(true, STEADY_MILLIS, 10.0));
        assert!(steady.is_due(true, 0.0, 11.0));
        assert!(!steady.is_due(false, 0.0, 12.0), "there is nothing to show");
    }
}
