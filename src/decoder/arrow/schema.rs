//! What the columns of record batches are: their types, and how many parts of a batch each has.

use arrow_ipc as ipc;

use super::parts::Parts;
use crate::pipeline::records::brief;
use crate::pipeline::records::columns::{self, Dictionary, Int, Kind, Other};

/// A column, or a column within one.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) column: columns::Field,
    /// Whether its cells are handed on.
    pub(super) is_read: bool,
    /// Its buffers, besides those of data that a batch counts.
    buffers: usize,
    has_data: bool,
    children: Vec<Field>,
}

impl Field {
    /// The columns of a schema. Those are read whose names are needed, if any name is, and that have cells.
    pub(super) fn all(schema: ipc::Schema<'_>, needed: Option<&[String]>) -> Result<Vec<Self>, String> {
        if schema.endianness() != ipc::Endianness::Little {
            return Err(
                "the Arrow data has its numbers in big-endian order; write it in little-endian order".to_owned()
            );
        }
        let mut fields = schema.fields().into_iter().flatten().map(Self::read).collect::<Result<Vec<_>, _>>()?;
        for Self { column, is_read, .. } in &mut fields {
            // The reader of rows chooses among those whose names differ in case.
            let is_needed = needed.is_none_or(|names| names.iter().any(|name| is_named(&column.name, name)));
            *is_read = is_needed && !matches!(column.kind, Kind::Null | Kind::Other(_));
        }
        Ok(fields)
    }

    fn read(field: ipc::Field<'_>) -> Result<Self, String> {
        let name = field.name().unwrap_or_default().to_owned();
        let unknown = || format!("the column \"{}\" is of a type that is not read; leave it out", brief(&name));
        let (kind, buffers) = kind(field).ok_or_else(unknown)?;
        let children = field.children().into_iter().flatten().map(Self::read).collect::<Result<_, _>>()?;
        let dictionary = match field.dictionary() {
            Some(dictionary) => Some(Dictionary {
                id: dictionary.id(),
                index: match dictionary.indexType() {
                    Some(index) => int(index).ok_or_else(unknown)?,
                    None => Int { bytes: 4, is_signed: true },
                },
            }),
            None => None,
        };
        let has_data = matches!(field.type_type(), ipc::Type::Utf8View | ipc::Type::BinaryView);
        let column = columns::Field { name, kind, dictionary };
        Ok(Self { column, is_read: false, buffers, has_data, children })
    }

    /// Passes over its parts of a batch, and those of the columns within it.
    pub(super) fn skip(&self, parts: &mut Parts<'_>) -> Result<(), String> {
        parts.next_node()?;
        if self.column.dictionary.is_some() {
            return parts.skip_buffers(2);
        }
        parts.skip_buffers(self.buffers)?;
        if self.has_data {
            let count = parts.next_data_count()?;
            parts.skip_buffers(count)?;
        }
        self.children.iter().try_for_each(|child| child.skip(parts))
    }
}

/// Whether a column has this name, without regard to case and to blanks around it.
fn is_named(column: &str, name: &str) -> bool {
    column.trim_ascii().eq_ignore_ascii_case(name.trim_ascii())
}

/// What the cells of a column are, and the number of its buffers; `None` for a type that is not known.
fn kind(field: ipc::Field<'_>) -> Option<(Kind, usize)> {
    Some(match field.type_type() {
        ipc::Type::Null => (Kind::Null, 0),
        ipc::Type::Int => (Kind::Int(int(field.type_as_int()?)?), 2),
        ipc::Type::FloatingPoint => match field.type_as_floating_point()?.precision() {
            ipc::Precision::HALF => (Kind::Float(2), 2),
            ipc::Precision::SINGLE => (Kind::Float(4), 2),
            ipc::Precision::DOUBLE => (Kind::Float(8), 2),
            _ => return None,
        },
        ipc::Type::Decimal => {
            let decimal = field.type_as_decimal()?;
            match decimal.bitWidth() {
                32 => (Kind::Decimal(4, decimal.scale()), 2),
                64 => (Kind::Decimal(8, decimal.scale()), 2),
                128 => (Kind::Decimal(16, decimal.scale()), 2),
                256 => (Kind::Decimal(32, decimal.scale()), 2),
                _ => return None,
            }
        }
        ipc::Type::Utf8 => (Kind::Text(4), 3),
        ipc::Type::LargeUtf8 => (Kind::Text(8), 3),
        ipc::Type::Utf8View => (Kind::TextView, 2),
        ipc::Type::Date => match field.type_as_date()?.unit() {
            ipc::DateUnit::DAY => (Kind::Days, 2),
            ipc::DateUnit::MILLISECOND => (Kind::Time { unit_nanos: 1_000_000, is_naive: true }, 2),
            _ => return None,
        },
        ipc::Type::Timestamp => {
            let timestamp = field.type_as_timestamp()?;
            let unit_nanos = match timestamp.unit() {
                ipc::TimeUnit::SECOND => 1_000_000_000,
                ipc::TimeUnit::MILLISECOND => 1_000_000,
                ipc::TimeUnit::MICROSECOND => 1_000,
                ipc::TimeUnit::NANOSECOND => 1,
                _ => return None,
            };
            (Kind::Time { unit_nanos, is_naive: timestamp.timezone().is_none_or(str::is_empty) }, 2)
        }
        ipc::Type::FixedSizeBinary if field.type_as_fixed_size_binary()?.byteWidth() == 16 => (Kind::Uuid, 2),
        ipc::Type::FixedSizeBinary | ipc::Type::BinaryView => (Kind::Other(Other::Bytes), 2),
        ipc::Type::Binary | ipc::Type::LargeBinary => (Kind::Other(Other::Bytes), 3),
        ipc::Type::Bool => (Kind::Other(Other::Booleans), 2),
        ipc::Type::Time => (Kind::Other(Other::TimesOfDay), 2),
        ipc::Type::Duration | ipc::Type::Interval => (Kind::Other(Other::Durations), 2),
        ipc::Type::List | ipc::Type::LargeList | ipc::Type::Map => (Kind::Other(Other::Lists), 2),
        ipc::Type::ListView | ipc::Type::LargeListView => (Kind::Other(Other::Lists), 3),
        ipc::Type::FixedSizeList => (Kind::Other(Other::Lists), 1),
        ipc::Type::Struct_ => (Kind::Other(Other::Objects), 1),
        ipc::Type::Union => match field.type_as_union()?.mode() {
            ipc::UnionMode::Sparse => (Kind::Other(Other::Unions), 1),
            ipc::UnionMode::Dense => (Kind::Other(Other::Unions), 2),
            _ => return None,
        },
        ipc::Type::RunEndEncoded => (Kind::Other(Other::Runs), 0),
        _ => return None,
    })
}

fn int(int: ipc::Int<'_>) -> Option<Int> {
    let bytes = match int.bitWidth() {
        8 => 1,
        16 => 2,
        32 => 4,
        64 => 8,
        _ => return None,
    };
    Some(Int { bytes, is_signed: int.is_signed() })
}
