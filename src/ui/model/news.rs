//! Notifications of the page: running work, and short notes on results.
//!
//! Both have a fixed number of slots, and an entry keeps its slot while it is shown: its neighbours never move, so that
//! nothing is announced twice and nothing moves under the pointer.

use super::quantity::grouped;

/// Number of slots for notes, and for work.
pub const PLACES: usize = 3;

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    number: u32,
    text: String,
    times: u64,
    /// Whether it is an error: it stays until it is dismissed.
    pub is_error: bool,
}

impl Note {
    /// The text, with the number of repetitions.
    #[must_use]
    pub fn text(&self) -> String {
        match self.times {
            0 | 1 => self.text.clone(),
            times => format!("{} ({} times)", self.text, grouped(times)),
        }
    }
}

/// A running piece of work.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    number: u32,
    /// What the work does.
    pub title: String,
    /// The progress, as text.
    pub standing: String,
    /// The progress from 0 to 1, where it is known.
    pub share: Option<f64>,
    /// Whether it has lasted long enough to be shown.
    pub is_shown: bool,
    /// Whether it can be cancelled.
    pub can_stop: bool,
    /// Whether its cancellation was requested.
    pub is_stopped: bool,
}

/// All notes and work that are shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct News {
    notes: [Option<Note>; PLACES],
    work: [Option<Work>; PLACES],
    numbers: u32,
}

impl News {
    /// The note in a slot.
    #[must_use]
    pub fn note(&self, place: usize) -> Option<&Note> {
        self.notes.get(place)?.as_ref()
    }

    /// The work in a slot, once it is shown.
    #[must_use]
    pub fn work(&self, place: usize) -> Option<&Work> {
        self.work.get(place)?.as_ref().filter(|work| work.is_shown)
    }

    /// Adds a note; a repeated one is counted. Without a free slot the oldest note is replaced, of those that are no
    /// errors if there are any. Returns a number for [`Self::forget`].
    pub fn push(&mut self, text: &str, is_error: bool) -> u32 {
        let number = self.next_number();
        let same =
            |note: &Option<Note>| note.as_ref().is_some_and(|note| note.text == text && note.is_error == is_error);
        let oldest = || {
            let age = |note: &Option<Note>| note.as_ref().map_or((false, 0), |note| (note.is_error, note.number));
            (0..PLACES).min_by_key(|place| age(&self.notes[*place]))
        };
        let place = self.notes.iter().position(same).or_else(oldest).unwrap_or(0);
        let place = &mut self.notes[place];
        let times = if same(place) { place.as_ref().map_or(1, |note| note.times + 1) } else { 1 };
        *place = Some(Note { number, text: text.to_owned(), times, is_error });
        number
    }

    /// Removes a note that is no error, unless it was repeated since.
    pub fn forget(&mut self, number: u32) {
        for place in &mut self.notes {
            if place.as_ref().is_some_and(|note| note.number == number && !note.is_error) {
                *place = None;
            }
        }
    }

    /// Removes what was told and no longer holds.
    pub fn settle(&mut self, text: &str) {
        for place in &mut self.notes {
            if place.as_ref().is_some_and(|note| note.text == text) {
                *place = None;
            }
        }
    }

    /// Removes the note in a slot.
    pub fn dismiss(&mut self, place: usize) {
        if let Some(place) = self.notes.get_mut(place) {
            *place = None;
        }
    }

    /// Adds work; without a free slot it is not shown.
    pub fn begin(&mut self, title: &str, can_stop: bool) -> u32 {
        let number = self.next_number();
        if let Some(place) = self.work.iter_mut().find(|place| place.is_none()) {
            *place = Some(Work { number, title: title.to_owned(), can_stop, ..Work::default() });
        }
        number
    }

    /// Running work, for changes.
    pub fn work_mut(&mut self, number: u32) -> Option<&mut Work> {
        self.work.iter_mut().flatten().find(|work| work.number == number)
    }

    /// Whether the cancellation of this work was requested.
    #[must_use]
    pub fn is_stopped(&self, number: u32) -> bool {
        self.work.iter().flatten().any(|work| work.number == number && work.is_stopped)
    }

    /// Requests the cancellation of the work in a slot.
    pub fn stop(&mut self, place: usize) {
        if let Some(Some(work)) = self.work.get_mut(place) {
            work.is_stopped = true;
        }
    }

    /// Whether this work is running.
    #[must_use]
    pub fn has_work(&self, number: u32) -> bool {
        self.work.iter().flatten().any(|work| work.number == number)
    }

    /// Removes work that has ended.
    pub fn end(&mut self, number: u32) {
        for place in &mut self.work {
            if place.as_ref().is_some_and(|work| work.number == number) {
                *place = None;
            }
        }
    }

    fn next_number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }
}

#[cfg(test)]
mod tests {
    use super::{News, Note, PLACES};

    fn texts(news: &News) -> [String; 3] {
        [0, 1, 2].map(|place| news.note(place).map(|note| note.text()).unwrap_or_default())
    }

    #[test]
    fn an_error_that_no_longer_holds_goes() {
        let mut news = News::default();
        news.push("Nothing was taken", true);
        news.push("another", true);
        news.settle("Nothing was taken");
        assert_eq!((0..PLACES).filter_map(|place| news.note(place)).map(Note::text).collect::<Vec<_>>(), ["another"]);
    }

    #[test]
    fn notes_never_pile_up_and_keep_their_slots() {
        let mut news = News::default();
        for text in ["a", "b", "c", "d"] {
            news.push(text, false);
        }
        assert_eq!(texts(&news), ["d", "b", "c"]);
        news.dismiss(1);
        assert_eq!(texts(&news), ["d", "", "c"]);
        news.push("e", false);
        assert_eq!(texts(&news), ["d", "e", "c"]);
    }

    #[test]
    fn a_repeated_note_is_counted() {
        let mut news = News::default();
        let first = news.push("Copied 12 rows", false);
        news.push("Copied 12 rows", false);
        news.forget(first);
        assert_eq!(texts(&news)[0], "Copied 12 rows (2 times)");
        news.push("Copied 12 rows", true);
        assert_eq!(texts(&news)[1], "Copied 12 rows");
    }

    #[test]
    fn errors_stay_until_they_are_dismissed() {
        let mut news = News::default();
        let broken = news.push("broken", true);
        news.push("a", false);
        news.push("b", false);
        news.push("c", false);
        news.forget(broken);
        assert_eq!(texts(&news), ["broken", "c", "b"]);
        for text in ["1", "2", "3"] {
            news.push(text, true);
        }
        assert_eq!(texts(&news), ["3", "2", "1"], "where all are errors, the oldest goes");
        news.dismiss(0);
        assert_eq!(news.note(0), None);
    }

    #[test]
    fn lasting_work_is_shown_and_can_be_cancelled() {
        let mut news = News::default();
        let number = news.begin("Exporting", true);
        assert_eq!(news.work(0), None);
        if let Some(work) = news.work_mut(number) {
            (work.is_shown, work.share) = (true, Some(0.5));
        }
        assert_eq!(news.work(0).map(|work| (work.title.as_str(), work.share)), Some(("Exporting", Some(0.5))));
        assert!(!news.is_stopped(number));
        news.stop(0);
        assert!(news.is_stopped(number));
        news.end(number);
        assert!(news.work(0).is_none() && !news.is_stopped(number));
    }

    #[test]
    fn work_without_a_slot_is_not_shown() {
        let mut news = News::default();
        let numbers = [1, 2, 3, 4].map(|_| news.begin("x", false));
        assert!(news.work_mut(numbers[3]).is_none());
        news.end(numbers[3]);
        news.end(numbers[1]);
        let next = news.begin("y", false);
        assert!(news.work_mut(next).is_some());
    }
}
