//! The dictionary of recurring ids.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::frame::RecentTexts;
use crate::pipeline::Id;

/// Ids and their codes. Segments share the list of ids, so a thousand sensors are stored once, not once per segment.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    ids: Arc<Vec<Id>>,
    code_of: FxHashMap<Id, u32>,
}

impl Dictionary {
    /// The ids by code, shared.
    pub(super) fn ids(&self) -> Arc<Vec<Id>> {
        Arc::clone(&self.ids)
    }

    /// The number of ids.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The codes of these ids; new ones are added.
    pub(super) fn encode<'a>(&mut self, ids: impl Iterator<Item = &'a Id>) -> Vec<u32> {
        let mut added = Vec::new();
        let known = self.ids.len();
        let mut code_of = |id: &Id| match self.code_of.get(id) {
            Some(code) => *code,
            None => {
                let code = (known + added.len()) as u32;
                added.push(id.clone());
                self.code_of.insert(id.clone(), code);
                code
            }
        };
        let mut recent = RecentTexts::default();
        let codes = ids.map(|id| match id {
            Id::Text(text) => recent.get_or_find(text, || code_of(id)),
            Id::Uuid(_) => code_of(id),
        });
        let codes = codes.collect();
        if !added.is_empty() {
            // Earlier segments keep the shorter list that they were sealed with.
            let mut ids = Vec::with_capacity(known + added.len());
            ids.extend_from_slice(&self.ids);
            ids.append(&mut added);
            self.ids = Arc::new(ids);
        }
        codes
    }

    /// Bytes of the index; the list itself is counted with the segments that share it.
    pub(super) fn index_bytes(&self) -> usize {
        self.code_of.capacity() * (size_of::<(Id, u32)>() + 1)
    }
}
