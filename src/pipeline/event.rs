//! Events: the readings of one id at one instant.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;
use uuid::Uuid;

use crate::frame::{Strings, Text, canonical_uuid};
use crate::time::Timestamp;

/// The longest id that is accepted, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = 256;

/// An event, as it waits in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When it happened (event time).
    pub timestamp: Timestamp,
    /// The id that the reading belongs to.
    pub id: Id,
    /// The readings, one a measure, in the order of the setting `measures`: finite, or NaN where one is missing, which
    /// `missing=allow` alone lets in. At least one is finite.
    pub values: Values,
}

/// The numbers of one event, one a measure, in the order of the setting `measures`; NaN where a measure is missing. Up to
/// four, as most streams have them, need no allocation.
pub type Values = SmallVec<[f64; 4]>;

/// The id of an event: sixteen bytes when it is a UUID in its usual spelling, shared text otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Id {
    /// A UUID, printed hyphenated in lower case.
    Uuid(Uuid),
    /// Any other text of 1 to [`MAX_ID_BYTES`] bytes.
    Text(Arc<str>),
}

impl Id {
    /// Parses an id.
    ///
    /// # Errors
    /// [`EventError::EmptyId`] and [`EventError::LongId`].
    pub fn parse(text: &str) -> Result<Self, EventError> {
        if text.is_empty() {
            return Err(EventError::EmptyId);
        }
        if text.len() > MAX_ID_BYTES {
            return Err(EventError::LongId { bytes: text.len() });
        }
        Ok(canonical_uuid(text).map_or_else(|| Self::Text(text.into()), Self::Uuid))
    }

    /// The id in a row of a column of ids without missing values.
    pub fn from_column(ids: &Strings, row: usize) -> Self {
        match ids {
            Strings::Uuids(uuids) => Self::Uuid(uuids[row]),
            Strings::Dictionary { codes, categories } => {
                let text = &categories[codes[row] as usize];
                canonical_uuid(text).map_or_else(|| Self::Text(Arc::clone(text)), Self::Uuid)
            }
        }
    }

    /// Its text.
    pub fn text(&self) -> Text<'_> {
        match self {
            Self::Uuid(uuid) => Text::from(*uuid),
            Self::Text(text) => Text::Borrowed(text),
        }
    }
}

/// Ordered by text: UUIDs as numbers, which is the order of their texts; other text by code point.
impl Ord for Id {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Uuid(one), Self::Uuid(other)) => one.as_u128().cmp(&other.as_u128()),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (one, other) => str::cmp(&one.text(), &other.text()),
        }
    }
}

impl PartialOrd for Id {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Why a row cannot become an event.
#[derive(Debug, Clone, PartialEq)]
pub enum EventError {
    /// An empty id.
    EmptyId,
    /// An id of more than [`MAX_ID_BYTES`] bytes.
    LongId {
        /// Its length in bytes.
        bytes: usize,
    },
    /// No value.
    MissingValue,
    /// A value that is NaN or infinite.
    NotFinite,
    /// Any other reason; the sentence quotes the value and names the fix.
    Unreadable(String),
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyId => f.write_str("id is empty; leave the field out to get a random UUID"),
            Self::LongId { bytes } => write!(f, "id has {bytes} bytes; at most {MAX_ID_BYTES} are kept"),
            Self::MissingValue => f.write_str("value is missing; send a finite number"),
            Self::NotFinite => f.write_str("value is not finite; send a finite number"),
            Self::Unreadable(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for EventError {}
