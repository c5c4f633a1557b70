//! What becomes of a column of Parquet: the type that it is handed on with, or why it has no values.
//!
//! Source: <https://github.com/apache/parquet-format/blob/master/LogicalTypes.md>; where that leaves a choice, what
//! pyarrow does, and with it `pandas.read_parquet`.

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

use super::error::Unreadable;
use crate::pipeline::records::columns::{self, Int, Other};

/// A column of the file.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// How its values are read, or why they are not.
    pub(super) kind: Result<Kind, Unreadable>,
    /// Where it stands among the columns of values; a nested column has none or several, and this is of no use then.
    pub(super) leaf: usize,
    /// Whether its values are read; else it is handed on by its name alone.
    pub(super) is_read: bool,
}

/// How values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There are none.
    Null,
    Bool,
    /// Whole numbers with a sign, of 32 or 64 bits.
    Int,
    /// Whole numbers without a sign, of up to 32 bits, or of 64.
    UInt32,
    UInt64,
    /// Numbers of 32 or 64 bits.
    Float,
    /// Numbers of 16 bits.
    Half,
    /// Numbers times a power of ten, which this is the negative exponent of.
    Decimal(i32),
    /// Days since the epoch.
    Date,
    Timestamp {
        unit: TimeUnit,
        /// Whether they are instants; else clocks on a wall.
        is_utc: bool,
    },
    /// Timestamps of twelve bytes, as Spark and Impala write them.
    Int96,
    Text,
    Uuid,
}

impl Column {
    /// What it is as it is handed on.
    pub(super) fn handed_on(&self) -> columns::Kind {
        match self.kind {
            Ok(kind) if self.is_read => kind.handed_on(),
            Err(Unreadable::Nested) => columns::Kind::Other(Other::Objects),
            Ok(_) | Err(_) => columns::Kind::Null,
        }
    }
}

impl Kind {
    fn handed_on(self) -> columns::Kind {
        let long = |is_signed| columns::Kind::Int(Int { bytes: 8, is_signed });
        match self {
            Self::Null => columns::Kind::Null,
            Self::Bool => columns::Kind::Other(Other::Booleans),
            Self::Int | Self::UInt32 => long(true),
            Self::UInt64 => long(false),
            Self::Float | Self::Half | Self::Decimal(_) => columns::Kind::Float(8),
            Self::Date => columns::Kind::Time { unit_nanos: 1_000_000, is_naive: true },
            Self::Timestamp { unit, is_utc } => {
                let unit_nanos = match unit {
                    TimeUnit::MILLIS => 1_000_000,
                    TimeUnit::MICROS => 1_000,
                    TimeUnit::NANOS => 1,
                };
                columns::Kind::Time { unit_nanos, is_naive: !is_utc }
            }
            // Not checked to be UTF-8: the reader of rows refuses those where it is not.
            Self::Int96 | Self::Text | Self::Uuid => columns::Kind::Text(4),
        }
    }
}

/// The columns of a file in order. Nothing is read of them yet.
pub(super) fn columns(schema: &SchemaDescriptor, encrypted: &[usize]) -> Vec<Column> {
    let mut leaf = 0;
    let roots = schema.root_schema().get_fields().iter().enumerate();
    roots
        .map(|(root, field)| {
            let first = leaf;
            while leaf < schema.num_columns() && schema.get_column_root_idx(leaf) == root {
                leaf += 1;
            }
            let info = field.get_basic_info();
            let is_repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
            let descriptor = schema.columns().get(first).filter(|_| leaf == first + 1);
            let kind = match descriptor {
                Some(descriptor) if field.is_primitive() && !is_repeated => {
                    if encrypted.contains(&first) {
                        Err(Unreadable::Encrypted)
                    } else {
                        kind(descriptor)
                    }
                }
                _ => Err(Unreadable::Nested),
            };
            Column { name: field.name().to_owned(), kind, leaf: first, is_read: false }
        })
        .collect()
}

/// What a column's values stand for.
enum Annotation {
    None,
    Null,
    Text,
    Unsigned,
    Decimal(i32),
    Date,
    Timestamp { unit: TimeUnit, is_utc: bool },
    TimeOfDay,
    Uuid,
    Half,
    Binary,
}

fn kind(column: &ColumnDescriptor) -> Result<Kind, Unreadable> {
    match (column.physical_type(), annotation(column)) {
        (_, Annotation::Null) => Ok(Kind::Null),
        (_, Annotation::TimeOfDay) => Err(Unreadable::TimeOfDay),
        (Physical::BOOLEAN, _) => Ok(Kind::Bool),
        (Physical::FLOAT | Physical::DOUBLE, _) => Ok(Kind::Float),
        (Physical::INT96, _) => Ok(Kind::Int96),
        (Physical::INT32, Annotation::Unsigned) => Ok(Kind::UInt32),
        (Physical::INT32, Annotation::Date) => Ok(Kind::Date),
        (Physical::INT64, Annotation::Unsigned) => Ok(Kind::UInt64),
        (Physical::INT64, Annotation::Timestamp { unit, is_utc }) => Ok(Kind::Timestamp { unit, is_utc }),
        // 16 bytes hold 38 digits.
        (Physical::FIXED_LEN_BYTE_ARRAY, Annotation::Decimal(_)) if column.type_length() > 16 => {
            Err(Unreadable::WideDecimal)
        }
        (_, Annotation::Decimal(scale)) => Ok(Kind::Decimal(scale)),
        (Physical::INT32 | Physical::INT64, _) => Ok(Kind::Int),
        (Physical::BYTE_ARRAY, Annotation::None | Annotation::Text) => Ok(Kind::Text),
        (Physical::FIXED_LEN_BYTE_ARRAY, Annotation::Uuid) if column.type_length() == 16 => Ok(Kind::Uuid),
        (Physical::FIXED_LEN_BYTE_ARRAY, Annotation::Half) if column.type_length() == 2 => Ok(Kind::Half),
        (Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY, _) => Err(Unreadable::Binary),
    }
}

/// The newer of the two annotations that a column may have.
fn annotation(column: &ColumnDescriptor) -> Annotation {
    match column.logical_type_ref() {
        Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => Annotation::Text,
        Some(LogicalType::Integer(integer)) if !integer.is_signed => Annotation::Unsigned,
        // A type that is newer than this reader is read as what it is stored in, as the format asks.
        Some(LogicalType::Integer(_) | LogicalType::_Unknown { .. }) => Annotation::None,
        Some(LogicalType::Decimal(decimal)) => Annotation::Decimal(decimal.scale),
        Some(LogicalType::Date) => Annotation::Date,
        Some(LogicalType::Timestamp(timestamp)) => {
            Annotation::Timestamp { unit: timestamp.unit, is_utc: timestamp.is_adjusted_to_u_t_c }
        }
        Some(LogicalType::Time(_)) => Annotation::TimeOfDay,
        Some(LogicalType::Unknown) => Annotation::Null,
        Some(LogicalType::Uuid) => Annotation::Uuid,
        Some(LogicalType::Float16) => Annotation::Half,
        Some(_) => Annotation::Binary,
        None => older_annotation(column),
    }
}

fn older_annotation(column: &ColumnDescriptor) -> Annotation {
    // As pyarrow reads them: files of this age do not tell instants from clocks on a wall.
    let timestamp = |unit| Annotation::Timestamp { unit, is_utc: false };
    match column.converted_type() {
        ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Annotation::Text,
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Annotation::Unsigned
        }
        ConvertedType::DECIMAL => Annotation::Decimal(column.type_scale()),
        ConvertedType::DATE => Annotation::Date,
        ConvertedType::TIMESTAMP_MILLIS => timestamp(TimeUnit::MILLIS),
        ConvertedType::TIMESTAMP_MICROS => timestamp(TimeUnit::MICROS),
        ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS | ConvertedType::INTERVAL => Annotation::TimeOfDay,
        ConvertedType::BSON => Annotation::Binary,
        _ => Annotation::None,
    }
}
