//! How long words and numbers stand on the page before they change again.

/// Shortest time between two changes: nobody reads faster, and laying out text is the dearest thing on the page.
const STEADY_MILLIS: f64 = 120.0;

/// Decides when the page is written anew.
#[derive(Debug, Default)]
pub struct Steady {
    /// When it was written last; never, before the first time.
    written_millis: Option<f64>,
    /// Whether something has changed since.
    is_behind: bool,
}

impl Steady {
    /// Whether to write now: something has changed, here or before, and what is shown has stood for a moment or somebody
    /// waits for an effect of their own doing.
    pub fn is_due(&mut self, has_changed: bool, is_urgent: bool, now_millis: f64) -> bool {
        self.is_behind |= has_changed;
        let has_stood = self.written_millis.is_none_or(|written| now_millis - written >= STEADY_MILLIS);
        let is_due = self.is_behind && (has_stood || is_urgent);
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
    use super::Steady;

    #[test]
    fn a_change_waits_until_the_last_one_was_seen_and_is_not_forgotten() {
        let mut steady = Steady::default();
        assert!(steady.is_due(true, false, 10.0), "the first one");
        assert!(!steady.is_due(true, false, 50.0) && steady.is_behind());
        assert!(!steady.is_due(false, false, 129.0) && steady.is_behind());
        assert!(steady.is_due(false, false, 130.0) && !steady.is_behind());
        assert!(!steady.is_due(false, false, 9000.0), "nothing has changed");
        assert!(steady.is_due(true, false, 9001.0), "a change after a rest is shown at once");
    }

    #[test]
    fn what_somebody_did_shows_at_once() {
        let mut steady = Steady::default();
        assert!(steady.is_due(true, false, 10.0));
        assert!(steady.is_due(true, true, 11.0));
        assert!(!steady.is_due(false, true, 12.0), "there is nothing to show");
    }
}
