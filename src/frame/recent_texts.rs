//! Shared texts that recur, known by where they are in memory.

use std::sync::Arc;

/// Number of texts that are remembered; each has one place, which the newest takes.
const PLACES: usize = 256;

/// Numbers of texts, found without looking at the texts: values that recur mostly share their memory. The same text in
/// other memory is not found, so whoever asks looks for the text itself then.
#[derive(Debug, Default)]
pub(crate) struct RecentTexts(Vec<Option<(Arc<str>, u32)>>);

impl RecentTexts {
    /// The number of this text, which `find` finds if it is not remembered.
    #[inline]
    pub(crate) fn get_or_find(&mut self, text: &Arc<str>, find: impl FnOnce() -> u32) -> u32 {
        self.get(text).unwrap_or_else(|| {
            let number = find();
            self.set(text, number);
            number
        })
    }

    /// The number of this text, if it is remembered in this memory.
    #[inline]
    pub(crate) fn get(&self, text: &Arc<str>) -> Option<u32> {
        let (known, number) = self.0.get(place(text))?.as_ref()?;
        Arc::ptr_eq(known, text).then_some(*number)
    }

    /// Remembers the number of a text. Its memory is not freed meanwhile, so no other text can come to be there.
    pub(crate) fn set(&mut self, text: &Arc<str>, number: u32) {
        self.0.resize(PLACES, None);
        self.0[place(text)] = Some((Arc::clone(text), number));
    }
}

/// Texts begin at multiples of some bytes: the lowest bits of an address say nothing, those above them are mixed in.
fn place(text: &Arc<str>) -> usize {
    let address = Arc::as_ptr(text).cast::<u8>().addr();
    (address >> 3 ^ address >> 11) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_in_its_own_memory_until_another_takes_its_place() {
        let texts: Vec<Arc<str>> = (0..1000).map(|number| format!("sensor-{number}").into()).collect();
        let mut recent = RecentTexts::default();
        assert_eq!(recent.get(&texts[0]), None);
        for (number, text) in texts.iter().enumerate() {
            recent.set(text, number as u32);
            assert_eq!(recent.get(text), Some(number as u32));
            assert_eq!(recent.get(&Arc::from(&**text)), None, "the same text elsewhere");
        }
        let known: Vec<Option<u32>> = texts.iter().map(|text| recent.get(text)).collect();
        assert!(known.iter().enumerate().all(|(number, known)| known.is_none_or(|known| known == number as u32)));
        assert!((1..=PLACES).contains(&known.iter().flatten().count()));
    }

    #[test]
    fn memory_of_a_remembered_text_is_not_used_again() {
        let mut recent = RecentTexts::default();
        for number in 0..1000 {
            let text: Arc<str> = format!("sensor-{number}").into();
            assert_eq!(recent.get(&text), None);
            recent.set(&text, number);
        }
    }
}
