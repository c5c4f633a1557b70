//! What the columns of an Arrow or Parquet file are, by their types.

use super::columns::Profile;
use super::preview::{ColumnKind, TimeGuess};
use crate::pipeline::records::columns::{Kind, Other};

/// What the cells of a column of this type are. How many are missing is not known before they are read.
pub(super) fn profile_of_kind(kind: Kind) -> Profile {
    let (kind, time) = match kind {
        Kind::Null => (ColumnKind::Empty, None),
        Kind::Int(_) => (ColumnKind::Integer, None),
        Kind::Float(_) | Kind::Decimal(..) => (ColumnKind::Number, None),
        Kind::Text(_) | Kind::TextView | Kind::Uuid => (ColumnKind::Text, None),
        Kind::Days => (ColumnKind::Time, Some(false)),
        Kind::Time { is_naive, .. } => (ColumnKind::Time, Some(!is_naive)),
        Kind::Other(Other::Booleans) => (ColumnKind::Boolean, None),
        Kind::Other(_) => (ColumnKind::Nested, None),
    };
    let is_bare = matches!(kind, ColumnKind::Number | ColumnKind::Time);
    let auto = || "auto".to_owned();
    let time = time.map(|has_offset| TimeGuess { format: auto(), possible_formats: vec![auto()], has_offset });
    Profile { kind, missing: 0, time, is_bare, grouped: None }
}
