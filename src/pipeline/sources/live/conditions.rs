//! Whether a poll may be answered by "nothing is new".

/// Whether polls say what is known, so that an answer can be left out. From another origin, browsers ask the server whether
/// it takes such a request, and many do not know the question.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Conditions {
    pub(super) is_sent: bool,
    /// Whether the next request is one without conditions.
    pub(super) is_left_out: bool,
    /// Requests with conditions that failed while those without were answered.
    strikes: u8,
}

impl Conditions {
    /// A request got an answer.
    pub(super) fn answered(&mut self) {
        if self.is_sent {
            self.strikes = 0;
        } else {
            // Twice is no chance: the server is there, and does not take them.
            self.is_left_out = self.strikes >= 2;
        }
    }

    /// A request got none.
    pub(super) fn failed(&mut self) {
        self.strikes = if self.is_sent { self.strikes.saturating_add(1) } else { 0 };
        self.is_left_out = self.is_sent;
    }
}
