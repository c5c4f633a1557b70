//! What was chosen for files of a header, remembered for other files of the same header.

use serde::{Deserialize, Serialize};

use crate::pipeline::sniff::Choices;

/// Maximum number of headers that are remembered; the one that was corrected longest ago goes first.
const MAX_HEADERS: usize = 100;
/// The longest header that is remembered, in bytes: browsers keep a few MiB.
const MAX_KEY_BYTES: usize = 10_000;

/// The choices, by the headers of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Remembered(Vec<(String, Kept)>);

/// Choices as they are kept. JSON has one null, so that the choice of no column has fields of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    #[serde(flatten)]
    choices: Choices,
    has_no_time: bool,
    has_no_id: bool,
}

impl Kept {
    fn new(choices: &Choices) -> Self {
        Self {
            choices: choices.clone(),
            has_no_time: choices.timestamp_field == Some(None),
            has_no_id: choices.id_field == Some(None),
        }
    }

    fn choices(&self) -> Choices {
        let mut choices = self.choices.clone();
        if self.has_no_time {
            choices.timestamp_field = Some(None);
        }
        if self.has_no_id {
            choices.id_field = Some(None);
        }
        choices
    }
}

impl Remembered {
    /// From the text that [`Self::text`] returned; nothing from any other text.
    #[must_use]
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        // Fails for maps with keys that are not text, and there is none.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was chosen for files of this header.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Choices> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, kept)| kept.choices())
    }

    /// Remembers choices for the header with this key, see `Preview::header_key`; none forget it.
    pub fn keep(&mut self, key: &str, choices: &Choices) {
        self.0.retain(|(known, _)| known != key);
        if *choices == Choices::default() || key.len() > MAX_KEY_BYTES {
            return;
        }
        self.0.push((key.to_owned(), Kept::new(choices)));
        self.0.drain(..self.0.len().saturating_sub(MAX_HEADERS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn semicolons() -> Choices {
        Choices { delimiter: Some(";".into()), ..Choices::default() }
    }

    #[test]
    fn choices_come_back_for_the_same_header_alone() {
        let mut remembered = Remembered::default();
        remembered.keep("a;b", &semicolons());
        let read = Remembered::read(&remembered.text());
        assert_eq!(read, remembered);
        assert_eq!((read.find("a;b"), read.find("a;c")), (Some(semicolons()), None));
        remembered.keep("a;b", &Choices::default());
        assert_eq!(remembered, Remembered::default(), "all of it is guessed again");
    }

    #[test]
    fn no_column_is_a_choice_that_is_remembered_too() {
        for (timestamp_field, id_field) in
            [(Some(None), None), (None, Some(None)), (Some(Some("when".to_owned())), Some(None))]
        {
            let choices = Choices { timestamp_field, id_field, ..semicolons() };
            let mut remembered = Remembered::default();
            remembered.keep("a", &choices);
            assert_eq!(Remembered::read(&remembered.text()).find("a"), Some(choices));
        }
    }

    #[test]
    fn what_is_no_list_is_nothing() {
        for text in ["", "{}", "[1]", "[[\"a\"]]"] {
            assert_eq!(Remembered::read(text), Remembered::default(), "{text}");
        }
    }

    #[test]
    fn the_newest_headers_are_kept_and_no_endless_one() {
        let mut remembered = Remembered::default();
        for number in 0..=MAX_HEADERS {
            remembered.keep(&number.to_string(), &semicolons());
        }
        remembered.keep(&"x".repeat(MAX_KEY_BYTES + 1), &semicolons());
        assert_eq!(remembered.0.len(), MAX_HEADERS);
        assert!(remembered.find("0").is_none() && remembered.find("1").is_some());
    }
}
