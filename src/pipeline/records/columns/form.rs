//! The form in which columns go from the program that decodes files to the reader of rows.
//!
//! A stream of messages. Each is the length of its head in four bytes, the head in postcard, and the buffers whose
//! lengths the head lists, one behind the other. [`Head::Schema`] comes first and once; the dictionaries that a batch
//! uses come before it. What is in the buffers is that of the Arrow format, with the lowest byte first: bits of the
//! cells that are there, and the cells. So Arrow is passed on as it is, and its reader needs none of the rest of it.

use serde::{Deserialize, Serialize};

use super::kind::Field;

/// The head of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Head {
    /// The columns.
    Schema(Vec<Field>),
    /// Values of a dictionary.
    Dictionary {
        /// Its number, which its columns name.
        id: i64,
        /// Whether they come behind those that it has, not instead of them.
        is_delta: bool,
        /// How many they are.
        rows: u64,
        /// The values.
        values: Lengths,
    },
    /// Rows.
    Batch {
        /// How many they are.
        rows: u64,
        /// The first one that is wanted; those before it are passed over.
        from: u64,
        /// A column for each of the schema; `None`: nothing is read of it.
        columns: Vec<Option<Lengths>>,
    },
}

/// The buffers of a column, by their lengths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lengths {
    /// Whether the first one has a bit a cell, which is missing where it is 0; else none is missing.
    pub has_missing: bool,
    /// Their lengths in bytes.
    pub buffers: Vec<u32>,
}

/// The buffers of a column.
#[derive(Debug, Clone, Default)]
pub struct Buffers<'a> {
    /// A bit a cell, which is missing where it is 0; `None`: none is missing.
    pub present: Option<&'a [u8]>,
    /// What the cells are made of, see [`Kind`](super::Kind).
    pub cells: Vec<&'a [u8]>,
}

impl Buffers<'_> {
    fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.present.into_iter().chain(self.cells.iter().copied())
    }

    fn lengths(&self) -> Lengths {
        // No buffer of 4 GB fits into memory where this runs.
        let length = |buffer: &[u8]| u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        Lengths { has_missing: self.present.is_some(), buffers: self.all().map(length).collect() }
    }
}

/// Appends the message of a schema.
pub fn write_schema(fields: Vec<Field>, out: &mut Vec<u8>) {
    write(&Head::Schema(fields), [], out);
}

/// Appends values of a dictionary.
pub fn write_dictionary(id: i64, is_delta: bool, rows: u64, values: &Buffers<'_>, out: &mut Vec<u8>) {
    write(&Head::Dictionary { id, is_delta, rows, values: values.lengths() }, values.all(), out);
}

/// Appends a batch of rows, of which the first one that is wanted is `from`.
pub fn write_batch(rows: u64, from: u64, columns: &[Option<Buffers<'_>>], out: &mut Vec<u8>) {
    let lengths = columns.iter().map(|column| column.as_ref().map(Buffers::lengths)).collect();
    write(&Head::Batch { rows, from, columns: lengths }, columns.iter().flatten().flat_map(Buffers::all), out);
}

fn write<'a>(head: &Head, buffers: impl IntoIterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
    // Into memory everything can be written.
    let head = postcard::to_allocvec(head).unwrap_or_default();
    out.extend_from_slice(&(head.len() as u32).to_le_bytes());
    out.extend_from_slice(&head);
    buffers.into_iter().for_each(|buffer| out.extend_from_slice(buffer));
}

impl Head {
    /// The head in these bytes; `None` where there is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let head = postcard::from_bytes(bytes).ok()?;
        match &head {
            Self::Schema(fields) if !fields.iter().all(Field::is_sound) => None,
            _ => Some(head),
        }
    }

    /// Bytes of all its buffers.
    pub(super) fn buffer_bytes(&self) -> Option<usize> {
        let columns: &[Option<Lengths>] = match self {
            Self::Schema(_) => &[],
            Self::Dictionary { values, .. } => return values.bytes(),
            Self::Batch { columns, .. } => columns,
        };
        columns.iter().flatten().try_fold(0_usize, |sum, column| sum.checked_add(column.bytes()?))
    }
}

impl Lengths {
    fn bytes(&self) -> Option<usize> {
        self.buffers.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length as usize))
    }
}

/// The columns of a stream that begins like this.
pub(crate) fn read_schema(start: &[u8]) -> Option<Vec<Field>> {
    let (length, rest) = start.split_first_chunk::<4>()?;
    match Head::read(rest.get(..u32::from_le_bytes(*length) as usize)?)? {
        Head::Schema(fields) => Some(fields),
        Head::Dictionary { .. } | Head::Batch { .. } => None,
    }
}
