//! The values of a column of Parquet, as the buffers that are handed on.

use half::f16;
use parquet::column::page::PageReader;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnDescPtr;
use uuid::Uuid;

use super::number::{big_endian, decimal, int96};
use super::schema::Kind;
use crate::pipeline::records::columns::{self, Buffers};

const DAY_MILLIS: i64 = 86_400_000;

/// Values of a batch: bits of those that are there, ends of texts, and the values themselves.
#[derive(Debug)]
pub(super) struct Array {
    kind: columns::Kind,
    rows: usize,
    /// Number of missing values.
    nulls: usize,
    present: Vec<u8>,
    /// Of texts alone: where each begins, and the end of the last one, in four bytes each.
    ends: Vec<u8>,
    data: Vec<u8>,
}

impl Array {
    pub(super) fn new(kind: columns::Kind) -> Self {
        let ends = if kind == columns::Kind::Text(4) { vec![0; 4] } else { Vec::new() };
        Self { kind, rows: 0, nulls: 0, present: Vec::new(), ends, data: Vec::new() }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        self.present.len() + self.ends.len() + self.data.len()
    }

    /// The buffers, as they are handed on.
    pub(super) fn buffers(&self) -> Buffers<'_> {
        let cells = match self.kind {
            columns::Kind::Text(_) => vec![&self.ends[..], &self.data],
            _ => vec![&self.data[..]],
        };
        Buffers { present: (self.nulls > 0).then_some(&self.present), cells }
    }

    fn push_word(&mut self, word: Option<[u8; 8]>) {
        self.data.extend_from_slice(&word.unwrap_or_default());
        self.push(word.is_some());
    }

    fn push_truth(&mut self, truth: Option<bool>) {
        set_next_bit(&mut self.data, self.rows, truth == Some(true));
        self.push(truth.is_some());
    }

    fn push_text(&mut self, text: Option<&[u8]>) {
        self.data.extend_from_slice(text.unwrap_or_default());
        // No more bytes fit into memory where this runs.
        let end = i32::try_from(self.data.len()).unwrap_or(i32::MAX);
        self.ends.extend_from_slice(&end.to_le_bytes());
        self.push(text.is_some());
    }

    fn push(&mut self, is_present: bool) {
        set_next_bit(&mut self.present, self.rows, is_present);
        self.rows += 1;
        self.nulls += usize::from(!is_present);
    }
}

/// Appends a bit, the one of this row.
fn set_next_bit(bits: &mut Vec<u8>, row: usize, is_set: bool) {
    if row.is_multiple_of(8) {
        bits.push(0);
    }
    if let Some(last) = bits.last_mut() {
        *last |= u8::from(is_set) << (row % 8);
    }
}

/// Reads a column of a group of rows from its beginning to its end.
pub(super) struct ColumnValues {
    reader: ColumnReader,
    kind: Kind,
    is_optional: bool,
}

/// Does the same with whatever type a reader has.
macro_rules! each_type {
    ($reader:expr, $typed:ident => $work:expr) => {
        match $reader {
            ColumnReader::BoolColumnReader($typed) => $work,
            ColumnReader::Int32ColumnReader($typed) => $work,
            ColumnReader::Int64ColumnReader($typed) => $work,
            ColumnReader::Int96ColumnReader($typed) => $work,
            ColumnReader::FloatColumnReader($typed) => $work,
            ColumnReader::DoubleColumnReader($typed) => $work,
            ColumnReader::ByteArrayColumnReader($typed) => $work,
            ColumnReader::FixedLenByteArrayColumnReader($typed) => $work,
        }
    };
}

impl ColumnValues {
    pub(super) fn new(column: ColumnDescPtr, kind: Kind, pages: Box<dyn PageReader>) -> Self {
        let is_optional = column.max_def_level() > 0;
        Self { reader: get_column_reader(column, pages), kind, is_optional }
    }

    /// Passes rows over; returns their number, which is smaller at the end.
    pub(super) fn skip(&mut self, rows: usize) -> Result<usize, ParquetError> {
        each_type!(&mut self.reader, reader => reader.skip_records(rows))
    }

    /// Appends the values of rows; returns their number, which is smaller at the end.
    pub(super) fn read(&mut self, rows: usize, out: &mut Array) -> Result<usize, ParquetError> {
        let is_optional = self.is_optional;
        match (&mut self.reader, self.kind) {
            (ColumnReader::BoolColumnReader(reader), _) => {
                read(reader, is_optional, rows, |value| out.push_truth(value.copied()))
            }
            (ColumnReader::Int32ColumnReader(reader), Kind::Decimal(scale)) => {
                read(reader, is_optional, rows, |value| {
                    out.push_word(value.map(|v| double(decimal((*v).into(), scale))))
                })
            }
            (ColumnReader::Int32ColumnReader(reader), Kind::Date) => {
                read(reader, is_optional, rows, |value| out.push_word(value.map(|v| whole(DAY_MILLIS * i64::from(*v)))))
            }
            (ColumnReader::Int32ColumnReader(reader), Kind::UInt32) => {
                read(reader, is_optional, rows, |value| out.push_word(value.map(|v| whole(v.cast_unsigned().into()))))
            }
            (ColumnReader::Int32ColumnReader(reader), _) => {
                read(reader, is_optional, rows, |value| out.push_word(value.map(|v| whole((*v).into()))))
            }
            (ColumnReader::Int64ColumnReader(reader), Kind::Decimal(scale)) => {
                read(reader, is_optional, rows, |value| {
                    out.push_word(value.map(|v| double(decimal((*v).into(), scale))))
                })
            }
            (ColumnReader::Int64ColumnReader(reader), _) => {
                read(reader, is_optional, rows, |value| out.push_word(value.map(|v| whole(*v))))
            }
            (ColumnReader::Int96ColumnReader(reader), _) => read(reader, is_optional, rows, |value| {
                out.push_text(value.map(|v| int96(v.data())).as_deref().map(str::as_bytes));
            }),
            (ColumnReader::FloatColumnReader(reader), _) => {
                read(reader, is_optional, rows, |value| out.push_word(value.map(|v| double((*v).into()))))
            }
            (ColumnReader::DoubleColumnReader(reader), _) => {
                read(reader, is_optional, rows, |value| out.push_word(value.map(|v| double(*v))))
            }
            (ColumnReader::ByteArrayColumnReader(reader), Kind::Decimal(scale)) => {
                read_decimals(reader, is_optional, rows, scale, |v| v.data(), out)
            }
            (ColumnReader::ByteArrayColumnReader(reader), _) => {
                read(reader, is_optional, rows, |value| out.push_text(value.map(|v| v.data())))
            }
            (ColumnReader::FixedLenByteArrayColumnReader(reader), Kind::Decimal(scale)) => {
                read_decimals(reader, is_optional, rows, scale, |v| v.data(), out)
            }
            (ColumnReader::FixedLenByteArrayColumnReader(reader), Kind::Half) => {
                read(reader, is_optional, rows, |value| {
                    // Their length is that of the schema, two.
                    let number = |bytes: &[u8]| f16::from_le_bytes(bytes.try_into().unwrap_or_default()).to_f64();
                    out.push_word(value.map(|v| double(number(v.data()))));
                })
            }
            (ColumnReader::FixedLenByteArrayColumnReader(reader), _) => read(reader, is_optional, rows, |value| {
                // Their length is that of the schema, sixteen.
                match value.map(|v| Uuid::from_slice(v.data()).unwrap_or_default()) {
                    Some(id) => {
                        out.push_text(Some(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes()));
                    }
                    None => out.push_text(None),
                }
            }),
        }
    }
}

/// Hands the values of rows on, `None` where one is missing; returns the number of rows.
fn read<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    is_optional: bool,
    rows: usize,
    mut push: impl FnMut(Option<&T::T>),
) -> Result<usize, ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::with_capacity(rows));
    let (records, _, _) = reader.read_records(rows, is_optional.then_some(&mut levels), None, &mut values)?;
    if is_optional {
        let mut values = values.iter();
        levels.iter().for_each(|level| push(if *level > 0 { values.next() } else { None }));
    } else {
        values.iter().for_each(|value| push(Some(value)));
    }
    Ok(records)
}

/// The same for decimals in bytes of any width.
fn read_decimals<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    is_optional: bool,
    rows: usize,
    scale: i32,
    bytes: impl Fn(&T::T) -> &[u8],
    out: &mut Array,
) -> Result<usize, ParquetError> {
    let mut is_wide = false;
    let records = read(reader, is_optional, rows, |value| {
        let number = value.map(|value| big_endian(bytes(value)));
        is_wide |= number == Some(None);
        out.push_word(number.flatten().map(|unscaled| double(decimal(unscaled, scale))));
    })?;
    if is_wide { Err(ParquetError::General("a decimal has more than 38 digits".to_owned())) } else { Ok(records) }
}

fn whole(number: i64) -> [u8; 8] {
    number.to_le_bytes()
}

fn double(number: f64) -> [u8; 8] {
    number.to_le_bytes()
}
