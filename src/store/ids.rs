//! The id column of a segment, in one of three forms.

use std::borrow::Cow;
use std::sync::Arc;

use uuid::Uuid;

use super::dictionary::Dictionary;
use crate::pipeline::Id;

/// Ids, one per row.
#[derive(Debug, Clone)]
pub(super) enum Ids {
    /// A list, while the segment is still growing.
    Open(Vec<Id>),
    /// Mostly distinct UUIDs: 16 bytes per row.
    Uuids(Vec<Uuid>),
    /// Recurring ids: 4 bytes per row and a list shared with other segments.
    Coded {
        /// Indices into `ids`.
        codes: Vec<u32>,
        /// The ids.
        ids: Arc<Vec<Id>>,
    },
}

impl Default for Ids {
    fn default() -> Self {
        Self::Open(Vec::new())
    }
}

impl Ids {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Open(ids) => ids.len(),
            Self::Uuids(uuids) => uuids.len(),
            Self::Coded { codes, .. } => codes.len(),
        }
    }

    /// The id of a row.
    pub(super) fn get(&self, row: usize) -> Id {
        self.borrow(row).into_owned()
    }

    /// The id of a row, borrowed where the form allows it.
    pub(super) fn borrow(&self, row: usize) -> Cow<'_, Id> {
        match self {
            Self::Open(ids) => Cow::Borrowed(&ids[row]),
            Self::Uuids(uuids) => Cow::Owned(Id::Uuid(uuids[row])),
            Self::Coded { codes, ids } => Cow::Borrowed(&ids[codes[row] as usize]),
        }
    }

    /// The id of a row, if it is a UUID.
    pub(super) fn uuid(&self, row: usize) -> Option<Uuid> {
        let id = match self {
            Self::Uuids(uuids) => return Some(uuids[row]),
            Self::Open(ids) => &ids[row],
            Self::Coded { codes, ids } => &ids[codes[row] as usize],
        };
        if let Id::Uuid(uuid) = id { Some(*uuid) } else { None }
    }

    /// Inserts an id before a row; the form changes only if it cannot hold the id.
    pub(super) fn insert(&mut self, row: usize, id: Id) {
        match (&mut *self, id) {
            (Self::Open(ids), id) => ids.insert(row, id),
            (Self::Uuids(uuids), Id::Uuid(uuid)) => uuids.insert(row, uuid),
            (Self::Coded { codes, ids }, id) => {
                let code = ids.iter().position(|known| *known == id).unwrap_or_else(|| {
                    Arc::make_mut(ids).push(id);
                    ids.len() - 1
                });
                codes.insert(row, code as u32);
            }
            (Self::Uuids(_), id) => {
                let mut open = self.to_vec();
                open.insert(row, id);
                *self = Self::Open(open);
            }
        }
    }

    /// The rows from `at` on, in the same form; this keeps those before.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        match self {
            Self::Open(ids) => Self::Open(ids.split_off(at)),
            Self::Uuids(uuids) => Self::Uuids(uuids.split_off(at)),
            Self::Coded { codes, ids } => Self::Coded { codes: codes.split_off(at), ids: Arc::clone(ids) },
        }
    }

    /// Turns open ids into a compact form: UUIDs that recur less than twice on average into [`Self::Uuids`], other ids
    /// into codes of `dictionary`, which is emptied first when it has over 4 times the distinct ids of this segment.
    pub(super) fn seal(&mut self, dictionary: &mut Dictionary) {
        let Self::Open(open) = self else { return };
        let mut own = Dictionary::default();
        own.encode(open.iter());
        let distinct = own.len();
        drop(own);
        if distinct * 2 > open.len()
            && let Some(uuids) =
                open.iter().map(|id| if let Id::Uuid(uuid) = id { Some(*uuid) } else { None }).collect()
        {
            *self = Self::Uuids(uuids);
            return;
        }
        if dictionary.len() > 4 * distinct {
            *dictionary = Dictionary::default();
        }
        let codes = dictionary.encode(open.iter());
        *self = Self::Coded { codes, ids: dictionary.ids() };
    }

    /// Bytes of the rows, without the shared list.
    pub(super) fn row_bytes(&self) -> usize {
        match self {
            Self::Open(ids) => ids.capacity() * size_of::<Id>(),
            Self::Uuids(uuids) => uuids.capacity() * size_of::<Uuid>(),
            Self::Coded { codes, .. } => codes.capacity() * size_of::<u32>(),
        }
    }

    /// The shared list, if the ids are coded.
    pub(super) fn shared(&self) -> Option<&Arc<Vec<Id>>> {
        if let Self::Coded { ids, .. } = self { Some(ids) } else { None }
    }

    fn to_vec(&self) -> Vec<Id> {
        (0..self.len()).map(|row| self.get(row)).collect()
    }
}
