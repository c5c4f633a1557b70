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

    /// The distinct ids in the order of their first rows, and the place among them of each row's id.
    pub(super) fn numbered(&self) -> (Arc<Vec<Id>>, Vec<u32>) {
        let mut numbers = Dictionary::default();
        let codes = match self {
            Self::Open(ids) => numbers.encode(ids.iter()),
            Self::Uuids(uuids) => numbers.encode(uuids.iter().map(|uuid| Id::Uuid(*uuid)).collect::<Vec<_>>().iter()),
            Self::Coded { codes, ids } => return renumbered(codes, ids),
        };
        (numbers.ids(), codes)
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
        let mut codes = own.encode(open.iter());
        let distinct = own.len();
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
        // Each distinct id is looked up once more, in the order in which the rows have them.
        let shared = dictionary.encode(own.ids().iter());
        codes.iter_mut().for_each(|code| *code = shared[*code as usize]);
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

/// The same codes for a list of the ids that have rows alone, in the order of these. No id is hashed.
fn renumbered(codes: &[u32], ids: &[Id]) -> (Arc<Vec<Id>>, Vec<u32>) {
    const NONE: u32 = u32::MAX;
    let mut numbers = vec![NONE; ids.len()];
    let mut list = Vec::new();
    let renumber = |code: &u32| {
        let number = &mut numbers[*code as usize];
        if *number == NONE {
            *number = list.len() as u32;
            list.push(ids[*code as usize].clone());
        }
        *number
    };
    let codes = codes.iter().map(renumber).collect();
    (Arc::new(list), codes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: u8) -> Id {
        match number {
            0..4 => Id::Uuid(Uuid::from_u128(u128::from(number))),
            _ => Id::Text(format!("pump-{number}").into()),
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        /// Codes of a dictionary that has ids of other segments too are the same as those of the rows by themselves.
        #[test]
        fn sealed_ids_are_numbered_as_open_ones(
            before in prop::collection::vec(0_u8..12, 0..20),
            rows in prop::collection::vec(0_u8..12, 1..60),
        ) {
            let mut dictionary = Dictionary::default();
            dictionary.encode(before.into_iter().map(id).collect::<Vec<_>>().iter());
            let open = Ids::Open(rows.iter().copied().map(id).collect());
            let mut sealed = open.clone();
            sealed.seal(&mut dictionary);
            prop_assert_eq!(open.to_vec(), sealed.to_vec());
            prop_assert_eq!(open.numbered(), sealed.numbered());
            let mut first_seen: Vec<u8> = Vec::new();
            rows.iter().for_each(|number| if !first_seen.contains(number) { first_seen.push(*number) });
            prop_assert_eq!(&**open.numbered().0, &first_seen.into_iter().map(id).collect::<Vec<_>>()[..]);
        }
    }
}
