//! What the page tells in passing: work that takes its time, and short news of what became of it.
//!
//! Both have a few places, and each keeps its place as long as it is told: what stands beside it never moves, so nothing
//! is announced twice and nothing slips away under a pointer.

use super::quantity::grouped;

/// Places for news, and for work.
pub const PLACES: usize = 3;

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    number: u32,
    text: String,
    times: u64,
    /// Whether it went wrong: it stays until somebody takes it away.
    pub is_error: bool,
}

impl Note {
    /// What to say, and how often it happened.
    #[must_use]
    pub fn text(&self) -> String {
        match self.times {
            0 | 1 => self.text.clone(),
            times => format!("{} ({} times)", self.text, grouped(times)),
        }
    }
}

/// Work that takes its time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    number: u32,
    /// What is done.
    pub title: String,
    /// How far it is, in words.
    pub standing: String,
    /// How far it is, from 0 to 1, where that is known.
    pub share: Option<f64>,
    /// Whether it has lasted long enough to be told.
    pub is_shown: bool,
    /// Whether it can be stopped.
    pub can_stop: bool,
    /// Whether somebody wants it to stop.
    pub is_stopped: bool,
}

/// All that is told now.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct News {
    notes: [Option<Note>; PLACES],
    work: [Option<Work>; PLACES],
    numbers: u32,
}

impl News {
    /// The news at a place.
    #[must_use]
    pub fn note(&self, place: usize) -> Option<&Note> {
        self.notes.get(place)?.as_ref()
    }

    /// The work at a place, once it is told.
    #[must_use]
    pub fn work(&self, place: usize) -> Option<&Work> {
        self.work.get(place)?.as_ref().filter(|work| work.is_shown)
    }

    /// Tells something; what is told already is counted. Where there is no room the oldest goes, of those that went well
    /// if there are any. Answers a number for [`Self::forget`].
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

    /// Takes news away that went well, unless it was told again since.
    pub fn forget(&mut self, number: u32) {
        for place in &mut self.notes {
            if place.as_ref().is_some_and(|note| note.number == number && !note.is_error) {
                *place = None;
            }
        }
    }

    /// Takes the news at a place away.
    pub fn dismiss(&mut self, place: usize) {
        if let Some(place) = self.notes.get_mut(place) {
            *place = None;
        }
    }

    /// Work begins; without a free place nobody hears of it.
    pub fn begin(&mut self, title: &str, can_stop: bool) -> u32 {
        let number = self.next_number();
        if let Some(place) = self.work.iter_mut().find(|place| place.is_none()) {
            *place = Some(Work { number, title: title.to_owned(), can_stop, ..Work::default() });
        }
        number
    }

    /// Work under way, to be changed.
    pub fn work_mut(&mut self, number: u32) -> Option<&mut Work> {
        self.work.iter_mut().flatten().find(|work| work.number == number)
    }

    /// Whether somebody wants this work to stop.
    #[must_use]
    pub fn is_stopped(&self, number: u32) -> bool {
        self.work.iter().flatten().any(|work| work.number == number && work.is_stopped)
    }

    /// Somebody wants the work at a place to stop.
    pub fn stop(&mut self, place: usize) {
        if let Some(Some(work)) = self.work.get_mut(place) {
            work.is_stopped = true;
        }
    }

    /// Whether this work is under way.
    #[must_use]
    pub fn has_work(&self, number: u32) -> bool {
        self.work.iter().flatten().any(|work| work.number == number)
    }

    /// Work has ended.
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
    use super::News;

    fn texts(news: &News) -> [String; 3] {
        [0, 1, 2].map(|place| news.note(place).map(|note| note.text()).unwrap_or_default())
    }

    #[test]
    fn news_never_pile_up_and_keep_their_places() {
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
    fn the_same_again_is_counted() {
        let mut news = News::default();
        let first = news.push("Copied 12 rows", false);
        news.push("Copied 12 rows", false);
        news.forget(first);
        assert_eq!(texts(&news)[0], "Copied 12 rows (2 times)");
        news.push("Copied 12 rows", true);
        assert_eq!(texts(&news)[1], "Copied 12 rows");
    }

    #[test]
    fn errors_stay_until_somebody_takes_them_away() {
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
    fn work_is_told_when_it_lasts_and_can_be_stopped() {
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
    fn work_without_a_place_goes_untold() {
        let mut news = News::default();
        let numbers = [1, 2, 3, 4].map(|_| news.begin("x", false));
        assert!(news.work_mut(numbers[3]).is_none());
        news.end(numbers[3]);
        news.end(numbers[1]);
        let next = news.begin("y", false);
        assert!(news.work_mut(next).is_some());
    }
}
