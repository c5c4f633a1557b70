//! Ids that recur: a file names few of them, millions of times.

use std::hash::BuildHasher;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use crate::pipeline::{EventError, Id};

/// Number of texts that are remembered; each has one place, which the newest takes.
const PLACES: usize = 256;

/// Parses ids; those that recur share the memory of their text.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids(Vec<Option<Arc<str>>>);

impl Ids {
    /// As [`Id::parse`].
    pub(super) fn parse(&mut self, text: &str) -> Result<Id, EventError> {
        let place = FxBuildHasher.hash_one(text) as usize % PLACES;
        if let Some(Some(known)) = self.0.get(place)
            && **known == *text
        {
            return Ok(Id::Text(Arc::clone(known)));
        }
        let id = Id::parse(text)?;
        if let Id::Text(text) = &id {
            self.0.resize(PLACES, None);
            self.0[place] = Some(Arc::clone(text));
        }
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_recurs_shares_its_text_and_each_is_the_one_that_is_parsed() {
        let mut ids = Ids::default();
        for round in 0..3 {
            for number in 0..1000 {
                let text = format!("sensor-{number}");
                assert_eq!(ids.parse(&text), Id::parse(&text), "{round}");
            }
        }
        let Ok((Id::Text(first), Id::Text(second))) = ids.parse("a").and_then(|id| Ok((id, ids.parse("a")?))) else {
            panic!("both are texts")
        };
        assert!(Arc::ptr_eq(&first, &second));
        let uuid = "6da8b7df-c541-498f-90ef-01d5730ef236";
        assert_eq!(ids.parse(uuid), Id::parse(uuid));
        assert_eq!(ids.parse(""), Err(EventError::EmptyId));
    }
}
