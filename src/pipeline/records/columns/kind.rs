//! What the columns of a stream are: their names and types.

use serde::{Deserialize, Serialize};

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What its cells are, in its dictionary if it has one.
    pub kind: Kind,
    /// Its dictionary.
    pub dictionary: Option<Dictionary>,
}

/// A dictionary, in which the cells of a column are numbers of values: one buffer has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    /// Its number.
    pub id: i64,
    /// What the numbers are.
    pub index: Int,
}

/// A whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Int {
    /// Its size: 1, 2, 4 or 8 bytes.
    pub bytes: u8,
    /// Whether it may be negative.
    pub is_signed: bool,
}

/// What the cells of a column are. They are in one buffer, one after the other, unless it is said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// All missing: there are no buffers.
    Null,
    /// Whole numbers.
    Int(Int),
    /// IEEE 754 of 2, 4 or 8 bytes.
    Float(u8),
    /// Whole numbers of 4, 8, 16 or 32 bytes, with so many digits behind the point.
    Decimal(u8, i32),
    /// Texts, of which the ends have 4 or 8 bytes: a buffer has the start of the first one and the end of each, a
    /// second one the texts.
    Text(u8),
    /// Texts of sixteen bytes, or their lengths, starts and places: where they lie, the other buffers have.
    TextView,
    /// Days since the epoch, four bytes.
    Days,
    /// Times of eight bytes.
    Time {
        /// So many nanoseconds since the epoch are one of their units.
        unit_nanos: i64,
        /// Whether they are of a wall clock; else of UTC.
        is_naive: bool,
    },
    /// Sixteen bytes.
    Uuid,
    /// What is not read.
    Other(Other),
}

/// Cells that are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Other {
    /// Bytes that are neither text nor a UUID.
    Bytes,
    /// Truth values.
    Booleans,
    /// Times without a date.
    TimesOfDay,
    /// Lengths of time.
    Durations,
    /// Lists and maps.
    Lists,
    /// Structures.
    Objects,
    /// Values of several types.
    Unions,
    /// Runs of equal values.
    Runs,
}

impl Field {
    /// Whether its cells have sizes that there are.
    pub(super) fn is_sound(&self) -> bool {
        let is_int = |int: Int| matches!(int.bytes, 1 | 2 | 4 | 8);
        let has_index = self.dictionary.is_none_or(|dictionary| is_int(dictionary.index));
        has_index
            && match self.kind {
                Kind::Int(int) => is_int(int),
                Kind::Float(bytes) => matches!(bytes, 2 | 4 | 8),
                Kind::Decimal(bytes, _) => matches!(bytes, 4 | 8 | 16 | 32),
                Kind::Text(bytes) => matches!(bytes, 4 | 8),
                Kind::Null | Kind::TextView | Kind::Days | Kind::Time { .. } | Kind::Uuid | Kind::Other(_) => true,
            }
    }
}

impl Kind {
    /// What the cells are, as a sentence has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "whole numbers",
            Self::Float(_) => "numbers with a fraction",
            Self::Decimal(..) => "decimal numbers",
            Self::Text(_) | Self::TextView => "texts",
            Self::Days | Self::Time { .. } => "times",
            Self::Uuid => "UUIDs",
            Self::Other(other) => other.name(),
        }
    }

    /// The size of a cell, where all have the same; else 0.
    #[must_use]
    pub fn cell_bytes(self) -> usize {
        match self {
            Self::Int(int) => int.bytes.into(),
            Self::Float(bytes) | Self::Decimal(bytes, _) => bytes.into(),
            Self::Days => 4,
            Self::Time { .. } => 8,
            Self::Uuid | Self::TextView => 16,
            Self::Null | Self::Text(_) | Self::Other(_) => 0,
        }
    }
}

impl Other {
    fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Booleans => "booleans",
            Self::TimesOfDay => "times of day",
            Self::Durations => "lengths of time",
            Self::Lists => "lists",
            Self::Objects => "objects",
            Self::Unions => "values of several types",
            Self::Runs => "runs of equal values",
        }
    }
}
