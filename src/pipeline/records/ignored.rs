//! Names of fields that no row is made of.

use super::fields::brief;

/// Maximum number of names that are kept.
pub const MAX_IGNORED: usize = 100;

/// The first [`MAX_IGNORED`] names of fields that are neither the time, the id nor a measure, each once and cut at 200
/// characters, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Ignored {
    names: Vec<String>,
    /// The place of the name that is expected next: rows mostly name their fields in one order.
    next: usize,
}

impl Ignored {
    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Forgets the names that were added since there were so many.
    pub(super) fn forget_from(&mut self, count: usize) {
        self.names.truncate(count);
        self.next = 0;
    }

    /// Adds a name, unless it is there, or empty, or one too many.
    pub(super) fn add(&mut self, name: &str) {
        if self.names.len() == MAX_IGNORED || name.is_empty() {
            return;
        }
        if self.names.get(self.next).is_none_or(|known| known != name) {
            let shown = brief(name);
            self.next = self.names.iter().position(|known| *known == shown).unwrap_or(self.names.len());
            if self.next == self.names.len() {
                self.names.push(shown.into_owned());
            }
        }
        self.next = (self.next + 1) % self.names.len();
    }
}

/// By the names.
impl PartialEq for Ignored {
    fn eq(&self, other: &Self) -> bool {
        self.names == other.names
    }
}
