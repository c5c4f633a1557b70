//! Text columns: codes into shared categories, or UUIDs as sixteen bytes each.

use std::ops::{Deref, Range};
use std::sync::Arc;

use uuid::Uuid;

use super::Buffer;
use super::categories::Categories;

/// The values of a text column.
///
/// Ids of the simulated source are unique UUIDs, for which a dictionary would cost three times their sixteen bytes;
/// other text tends to recur, and a dictionary costs four bytes a row. Both read back as the same text.
#[derive(Debug, Clone)]
pub enum Strings {
    /// Each value is an index into `categories`, or [`Strings::MISSING`]. Categories are distinct, in any order, and
    /// may hold some that no row uses.
    Dictionary {
        /// One code a row.
        codes: Buffer<u32>,
        /// The texts that codes name.
        categories: Arc<Vec<Arc<str>>>,
    },
    /// UUIDs whose text is the lower-case hyphenated form; none is missing.
    Uuids(Buffer<Uuid>),
}

impl Strings {
    /// The code of a missing value.
    pub const MISSING: u32 = u32::MAX;

    /// Rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Dictionary { codes, .. } => codes.len(),
            Self::Uuids(uuids) => uuids.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a row, `None` where it is missing.
    pub fn get(&self, row: usize) -> Option<Text<'_>> {
        match self {
            Self::Dictionary { codes, categories } => {
                categories.get(codes[row] as usize).map(|text| Text::Borrowed(text))
            }
            Self::Uuids(uuids) => Some(Text::from(uuids[row])),
        }
    }

    /// Whether the text of a row is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Dictionary { codes, categories } => codes[row] as usize >= categories.len(),
            Self::Uuids(_) => false,
        }
    }

    /// The rows of `range`, shared.
    pub fn slice(&self, range: Range<usize>) -> Self {
        match self {
            Self::Dictionary { codes, categories } => {
                Self::Dictionary { codes: codes.slice(range), categories: Arc::clone(categories) }
            }
            Self::Uuids(uuids) => Self::Uuids(uuids.slice(range)),
        }
    }

    /// The named rows, in that order.
    pub fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Dictionary { codes, categories } => Self::Dictionary {
                codes: rows.iter().map(|row| codes[*row as usize]).collect(),
                categories: Arc::clone(categories),
            },
            Self::Uuids(uuids) => Self::Uuids(rows.iter().map(|row| uuids[*row as usize]).collect()),
        }
    }
}

impl PartialEq for Strings {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && (0..self.len()).all(|row| self.get(row) == other.get(row))
    }
}

impl<T: AsRef<str>> FromIterator<Option<T>> for Strings {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(texts: I) -> Self {
        let mut builder = StringsBuilder::default();
        for text in texts {
            match text {
                Some(text) => builder.push(text.as_ref()),
                None => builder.push_missing(),
            }
        }
        builder.finish()
    }
}

/// The text of a cell; a UUID carries its own 36 bytes.
#[derive(Debug, Clone, Copy)]
pub enum Text<'a> {
    /// Text that is stored somewhere.
    Borrowed(&'a str),
    /// A UUID, hyphenated, in lower case.
    Uuid([u8; 36]),
}

impl From<Uuid> for Text<'_> {
    fn from(uuid: Uuid) -> Self {
        let mut text = [0; 36];
        uuid.hyphenated().encode_lower(&mut text);
        Self::Uuid(text)
    }
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            // Hexadecimal digits and hyphens are always text, so the fallback is never taken.
            Self::Uuid(text) => str::from_utf8(text).unwrap_or_default(),
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

/// The UUID whose lower-case hyphenated form this text is, if there is one.
pub(crate) fn canonical_uuid(text: &str) -> Option<Uuid> {
    // Of all characters of a UUID, only capital letters lack this bit. 36 bytes are the hyphenated form.
    const NO_CAPITAL: u32 = 0x2020_2020;
    if text.len() != 36 {
        return None;
    }
    let (words, _) = text.as_bytes().as_chunks::<4>();
    let bits = words.iter().fold(u32::MAX, |bits, word| bits & u32::from_ne_bytes(*word));
    let may_be = bits & NO_CAPITAL == NO_CAPITAL;
    may_be.then(|| Uuid::try_parse_ascii(text.as_bytes()).ok()).flatten()
}

/// Collects texts into [`Strings`]: UUIDs if all are and few recur, else a dictionary.
#[derive(Debug, Default)]
pub struct StringsBuilder {
    uuids: Vec<Uuid>,
    codes: Vec<u32>,
    categories: Categories,
}

impl StringsBuilder {
    /// A builder with room for the codes of so many rows.
    pub fn with_capacity(rows: usize) -> Self {
        Self { codes: Vec::with_capacity(rows), ..Self::default() }
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        // Looking a text up is faster than parsing a UUID; `finish` selects the form of the column.
        let uuid = if self.uuids.is_empty() { None } else { canonical_uuid(text) };
        match uuid {
            Some(uuid) => self.uuids.push(uuid),
            None => self.push_text(text),
        }
    }

    /// Adds a text whose memory the column shares.
    pub fn push_shared(&mut self, text: &Arc<str>) {
        if !self.uuids.is_empty() {
            return self.push(text);
        }
        self.codes.push(self.categories.code_of_shared(text));
    }

    /// Adds a UUID without going through its text.
    pub fn push_uuid(&mut self, uuid: Uuid) {
        if self.codes.is_empty() {
            self.uuids.push(uuid);
        } else {
            self.push_text(&Text::from(uuid));
        }
    }

    /// Adds a missing value.
    pub fn push_missing(&mut self) {
        self.leave_uuids();
        self.codes.push(Strings::MISSING);
    }

    /// The column of all added texts.
    pub fn finish(self) -> Strings {
        if self.codes.is_empty() && !self.uuids.is_empty() {
            return Strings::Uuids(self.uuids.into());
        }
        match self.as_uuids() {
            Some(uuids) => Strings::Uuids(uuids),
            None => {
                Strings::Dictionary { codes: self.codes.into(), categories: Arc::new(self.categories.into_texts()) }
            }
        }
    }

    /// The texts as UUIDs, if all are and few recur.
    fn as_uuids(&self) -> Option<Buffer<Uuid>> {
        let categories = self.categories.texts();
        if categories.len() <= self.codes.len() / 2 {
            return None;
        }
        let uuids: Vec<Uuid> = categories.iter().map(|text| canonical_uuid(text)).collect::<Option<_>>()?;
        self.codes.iter().map(|code| uuids.get(*code as usize).copied()).collect()
    }

    fn push_text(&mut self, text: &str) {
        self.leave_uuids();
        self.codes.push(self.categories.code(text));
    }

    /// Writes the UUIDs so far as text, since the next value is not a UUID.
    fn leave_uuids(&mut self) {
        for uuid in std::mem::take(&mut self.uuids) {
            self.push_text(&Text::from(uuid));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(strings: &Strings) -> Vec<Option<String>> {
        (0..strings.len()).map(|row| strings.get(row).map(|text| text.to_string())).collect()
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        /// Few rows and many, and texts that are shared or not: the same codes as an index alone would give.
        #[test]
        fn codes_follow_the_first_row_of_each_text(rows in prop::collection::vec((0_u32..30, any::<bool>()), 0..60)) {
            let (mut builder, mut expected) = (StringsBuilder::default(), Vec::new());
            let mut first_seen: Vec<String> = Vec::new();
            for (number, is_shared) in rows {
                let text = format!("pump-{number}");
                match is_shared {
                    true => builder.push_shared(&text.as_str().into()),
                    false => builder.push(&text),
                }
                let code = first_seen.iter().position(|known| *known == text).unwrap_or_else(|| {
                    first_seen.push(text);
                    first_seen.len() - 1
                });
                expected.push(code as u32);
            }
            let Strings::Dictionary { codes, categories } = builder.finish() else { panic!("none is a UUID") };
            prop_assert_eq!(&codes[..], &expected[..]);
            prop_assert_eq!(categories.iter().map(|text| text.to_string()).collect::<Vec<_>>(), first_seen);
        }
    }

    #[test]
    fn shared_texts_behind_uuids_turn_them_into_a_dictionary() {
        let id = "6da8b7df-c541-498f-90ef-01d5730ef236";
        let mut builder = StringsBuilder::default();
        builder.push_uuid(canonical_uuid(id).unwrap());
        builder.push_shared(&"pump".into());
        builder.push_shared(&id.into());
        assert_eq!(texts(&builder.finish()), [Some(id.to_owned()), Some("pump".to_owned()), Some(id.to_owned())]);
    }

    #[test]
    fn uuids_stay_sixteen_bytes_and_read_back_as_text() {
        let id = "6da8b7df-c541-498f-90ef-01d5730ef236";
        let strings: Strings = [Some(id)].into_iter().collect();
        assert!(matches!(strings, Strings::Uuids(_)));
        assert_eq!(texts(&strings), [Some(id.to_owned())]);
    }

    #[test]
    fn other_spellings_of_a_uuid_keep_their_text() {
        for id in [
            "6DA8B7DF-C541-498F-90EF-01D5730EF236",
            "6da8b7dfc541498f90ef01d5730ef236",
            "{6da8b7df-c541-498f-90ef-01d5730ef23}",
        ] {
            let strings: Strings = [Some(id)].into_iter().collect();
            assert_eq!(texts(&strings), [Some(id.to_owned())]);
        }
    }

    #[test]
    fn the_first_other_text_turns_uuids_into_a_dictionary() {
        let id = "6da8b7df-c541-498f-90ef-01d5730ef236";
        let given = [Some(id), Some("pump"), None, Some(id), Some("pump")];
        let strings: Strings = given.into_iter().collect();
        assert_eq!(texts(&strings), given.map(|text| text.map(str::to_owned)));
        assert!(matches!(strings, Strings::Dictionary { ref categories, .. } if categories.len() == 2));
    }
}
