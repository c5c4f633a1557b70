//! Messages that were gone before they were read, and what the user reads about them.

use std::collections::VecDeque;

use super::NatsPlan;
use crate::pipeline::records::brief;

/// Runs of sequences that were passed over and of which it is not known whether they were lost.
const MAX_HOLES: usize = 1000;
/// Sentences about gaps that wait to be shown.
const MAX_NOTES: usize = 20;

/// The gaps of a stream: how many there were, and a sentence for each.
#[derive(Debug)]
pub(super) struct Gaps {
    /// The name of the stream, as it is shown.
    stream: String,
    /// Whether the messages of all subjects are read: else sequences that were passed over are those of others.
    is_of_all_subjects: bool,
    count: u64,
    lost: u64,
    /// Runs between two messages that came, as the sequences at their ends: deleted ones, or lost.
    holes: VecDeque<(u64, u64)>,
    /// The sequence before which gaps were reported.
    reported_before: u64,
    notes: Vec<String>,
}

impl Gaps {
    pub(super) fn new(plan: &NatsPlan) -> Self {
        Self {
            stream: brief(&plan.stream).into_owned(),
            is_of_all_subjects: &*plan.subject == ">",
            count: 0,
            lost: 0,
            holes: VecDeque::new(),
            reported_before: 0,
            notes: Vec::new(),
        }
    }

    /// Times that messages may be missing.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Messages that were gone before they were read.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// The sentences since the last call.
    pub(super) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Another stream has sequences of its own.
    pub(super) fn forget_sequences(&mut self) {
        (self.holes, self.reported_before) = (VecDeque::new(), 0);
    }

    /// The messages between these two did not come.
    pub(super) fn add_hole(&mut self, after: u64, before: u64) {
        if self.is_of_all_subjects && self.holes.len() < MAX_HOLES {
            self.holes.push_back((after, before));
        }
    }

    /// The stream begins at `first` by now. Of what was passed over, messages behind the first one were deleted one by
    /// one, as a stream with a limit for each subject does: those are no loss.
    pub(super) fn settle_holes(&mut self, first: u64) {
        let holes = std::mem::take(&mut self.holes);
        let lost: u64 = holes.iter().map(|(after, before)| first_lost(*after, *before, first)).sum();
        if lost > 0 {
            self.lost += lost;
            self.note(format!(
                "{lost} messages were gone before they were read: the stream \"{}\" keeps too few for this pace; let \
                 it keep more, or longer",
                self.stream
            ));
        }
    }

    /// The messages behind `after` and before the first one that the stream holds are gone.
    pub(super) fn lose(&mut self, after: u64, first: u64) {
        let after = after.max(self.reported_before.saturating_sub(1));
        let lost = first.saturating_sub(after.saturating_add(1));
        if lost == 0 {
            return;
        }
        self.reported_before = first;
        self.lost += lost;
        let up_to = if self.is_of_all_subjects { "" } else { "up to " };
        let messages = if lost == 1 { "message is" } else { "messages are" };
        self.note(format!(
            "{up_to}{lost} {messages} gone: the stream \"{}\" begins at {first}, and {after} was the last that was \
             read; let it keep more, or longer",
            self.stream
        ));
    }

    /// The stream ends at `last`, before what was read.
    pub(super) fn note_restored(&mut self, last: u64) {
        self.note(format!(
            "the stream \"{}\" ends at {last}, before what was read already: it was restored from an older state; what \
             comes behind its end is read",
            self.stream
        ));
    }

    /// The stream is another one than that which was read before.
    pub(super) fn note_made_anew(&mut self) {
        self.note(format!(
            "the stream \"{}\" was made anew: what the old one held and was not read is gone; the new one is read \
             from its first message",
            self.stream
        ));
    }

    fn note(&mut self, sentence: String) {
        self.count += 1;
        if self.notes.len() == MAX_NOTES {
            self.notes.remove(0);
        }
        self.notes.push(sentence);
    }
}

/// The messages of a hole that were before the first one of the stream.
fn first_lost(after: u64, before: u64, first: u64) -> u64 {
    before.min(first).saturating_sub(after.saturating_add(1))
}
