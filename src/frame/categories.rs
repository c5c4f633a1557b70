//! Different texts, numbered as they come: the categories of a dictionary while it is made.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::recent_texts::RecentTexts;

/// Different texts and the number of each.
///
/// Texts are hashed and compared eight bytes at a time, and known by their hash: the standard library compares texts
/// with C's `memcmp`, which WebAssembly does byte by byte, which is half of what finding a key takes.
#[derive(Debug, Default)]
pub(super) struct Categories {
    texts: Vec<Arc<str>>,
    look_ups: usize,
    /// By hash, the last indexed text that has it.
    by_hash: FxHashMap<u64, u32>,
    /// For each indexed text the one before it of the same hash, or [`NONE`].
    before: Vec<u32>,
    recent: RecentTexts,
}

/// No text.
const NONE: u32 = u32::MAX;
/// Look-ups that go through text by text; for more, an index is made. A small batch needs none.
const FEW_LOOK_UPS: usize = 16;

impl Categories {
    /// The number of a text, which is added if it is new.
    pub(super) fn code(&mut self, text: &str) -> u32 {
        self.find(text).unwrap_or_else(|| self.add(text.into()))
    }

    /// The number of a text, whose memory is shared if it is new.
    pub(super) fn code_of_shared(&mut self, text: &Arc<str>) -> u32 {
        if let Some(code) = self.recent.get(text) {
            return code;
        }
        let code = self.find(text).unwrap_or_else(|| self.add(Arc::clone(text)));
        if self.look_ups > FEW_LOOK_UPS {
            self.recent.set(text, code);
        }
        code
    }

    /// The texts by number.
    pub(super) fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }

    /// The texts by number, without what finds them.
    pub(super) fn into_texts(self) -> Vec<Arc<str>> {
        self.texts
    }

    fn find(&mut self, text: &str) -> Option<u32> {
        self.look_ups += 1;
        if self.look_ups <= FEW_LOOK_UPS {
            return self.texts.iter().position(|known| is_same(known, text)).map(|code| code as u32);
        }
        self.index();
        let mut code = *self.by_hash.get(&hash(text))?;
        while code != NONE && !is_same(&self.texts[code as usize], text) {
            code = self.before[code as usize];
        }
        (code != NONE).then_some(code)
    }

    fn add(&mut self, text: Arc<str>) -> u32 {
        self.texts.push(text);
        (self.texts.len() - 1) as u32
    }

    /// Indexes the texts that were added since the last time.
    fn index(&mut self) {
        for code in self.before.len()..self.texts.len() {
            let before = self.by_hash.insert(hash(&self.texts[code]), code as u32);
            self.before.push(before.unwrap_or(NONE));
        }
    }
}

/// The bytes of a text as numbers: eight each from the start, and the last eight, some of which may be among those.
fn words(text: &str) -> (impl Iterator<Item = u64>, u64) {
    let bytes = text.as_bytes();
    let last = match bytes.last_chunk() {
        Some(last) => u64::from_le_bytes(*last),
        None => bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    (bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)), last)
}

/// All bytes count: keys often share how they begin and end.
fn hash(text: &str) -> u64 {
    // The fraction of the golden ratio: an odd number whose bits look random.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, last) = words(text);
    let length = text.len() as u64;
    let hash = words.fold(length, |hash, word| hash.rotate_left(23) ^ word.wrapping_mul(FACTOR));
    let hash = hash.rotate_left(23) ^ last;
    // A product's high bits depend on all bits, its low bits on the low ones alone.
    (hash ^ hash >> 32).wrapping_mul(FACTOR) >> 32
}

fn is_same(a: &str, b: &str) -> bool {
    let ((words_a, last_a), (words_b, last_b)) = (words(a), words(b));
    let difference = || words_a.zip(words_b).fold(last_a ^ last_b, |bits, (a, b)| bits | (a ^ b));
    a.len() == b.len() && difference() == 0
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_that_differ_in_one_byte_are_different_wherever_it_is() {
        for len in 0..40 {
            let text = "m".repeat(len);
            let mut categories = Categories::default();
            assert_eq!(categories.code(&text), 0);
            for place in 0..len {
                let mut other = text.clone();
                other.replace_range(place..=place, "n");
                assert_eq!(categories.code(&other), place as u32 + 1);
            }
            assert_eq!((categories.code(&text), categories.texts().len()), (0, len + 1));
        }
    }

    #[test]
    fn numbered_names_seldom_share_a_hash() {
        let names = |form: fn(u32) -> String| (0..100_000).map(form).collect::<Vec<_>>();
        for names in [
            names(|number| number.to_string()),
            names(|number| format!("sensor-{number}")),
            names(|number| format!("{number:08}-{number:08}")),
            names(|number| format!("plant/hall-{}/{number:06}/temperature", number % 7)),
        ] {
            let mut categories = Categories::default();
            names.iter().for_each(|name| assert!(categories.code(name) < 100_000));
            categories.index();
            // Of a hundred thousand random numbers below 2 to the power of 32, one or two are equal to another.
            let shared = categories.before.iter().filter(|before| **before != NONE).count();
            assert!(shared < 20, "{shared} of {} share the hash of another, such as {}", names.len(), names[0]);
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(1000))]

        #[test]
        fn equals_a_map_by_text(texts in prop::collection::vec("[ab\0é]{0,3}([01]{5,9}|[xy]{14,18}|)", 0..200)) {
            let mut categories = Categories::default();
            let mut codes: HashMap<&str, u32> = HashMap::new();
            for text in &texts {
                let next = codes.len() as u32;
                let code = *codes.entry(text).or_insert(next);
                prop_assert_eq!(categories.code(text), code);
            }
            prop_assert!(codes.iter().all(|(text, code)| &*categories.texts()[*code as usize] == *text));
            prop_assert_eq!(categories.into_texts().len(), codes.len());
        }
    }
}
