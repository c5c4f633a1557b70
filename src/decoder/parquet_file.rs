//! A Parquet file, group of rows by group of rows.

use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use parquet::file::reader::ChunkReader;

use super::column::{Array, ColumnValues};
use super::encryption::encrypted_columns;
use super::error::{DecoderError, FileFault, Unreadable};
use super::pages;
use super::schema::{Column, Kind, columns};
use crate::pipeline::records::brief;
use crate::pipeline::records::columns::{self, write_batch, write_schema};
use crate::protocol::{DecodedFile, MAX_UNREADABLE, UnreadableColumn};

/// What a file begins and ends with.
const MAGIC: &[u8] = b"PAR1";
/// What one ends with whose footer is encrypted.
const ENCRYPTED_MAGIC: &[u8] = b"PARE";
/// Bytes of the length of the footer and of what follows it.
const TAIL_BYTES: usize = 8;
/// The longest footer that is read. It has some hundred bytes for each column of each group of rows.
const MAX_FOOTER_BYTES: u64 = 128 << 20;

/// Rows of a batch.
const MAX_BATCH_ROWS: usize = 16 << 10;
/// A batch of more bytes has no further rows.
const MAX_BATCH_BYTES: usize = 4 << 20;
/// Rows that are read of one column before the next, so that long texts end a batch early.
const STEP_ROWS: usize = 1 << 10;
/// Columns that are read where all are asked for: each takes the memory of a page.
const MAX_COLUMNS: usize = 256;

/// A file whose groups of rows are read one after the other.
pub(super) struct ParquetFile<R> {
    file: Arc<R>,
    metadata: ParquetMetaData,
    columns: Vec<Column>,
    /// The group of rows that is read, or the next one.
    group: usize,
    /// The columns of that group which are read, once it is begun, as many as have `is_read`.
    values: Option<Vec<ColumnValues>>,
    /// Rows of the group that are read or passed over.
    read_in_group: u64,
    /// Rows of the file that are.
    row: u64,
    /// Whether the schema was handed on.
    is_begun: bool,
}

impl<R: ChunkReader + 'static> ParquetFile<R> {
    /// Opens a file to read these columns from this row on; see [`Decoder::open`](super::Decoder::open).
    pub(super) fn open(file: R, needed: Option<&[String]>, from: u64) -> Result<(Self, DecodedFile), DecoderError> {
        let (metadata, encrypted) = read_footer(&file)?;
        let mut columns = columns(metadata.file_metadata().schema_descr(), &encrypted);
        let total = total_rows(&metadata)?;
        let unreadable = unreadable(&columns);
        match needed {
            Some(names) => choose(&mut columns, names)?,
            None => choose_first(&mut columns)?,
        }
        let column_count = u32::try_from(columns.len()).unwrap_or(u32::MAX);
        let known = DecodedFile { total, is_columns: true, column_count, unreadable };
        let mut opened = Self {
            file: Arc::new(file),
            metadata,
            columns,
            group: 0,
            values: None,
            read_in_group: 0,
            row: 0,
            is_begun: false,
        };
        opened.seek(from.min(total))?;
        Ok((opened, known))
    }

    /// The next message, and the rows of the file that are read; `None` behind the last one.
    pub(super) fn next_piece(&mut self) -> Result<Option<(Vec<u8>, u64)>, DecoderError> {
        let piece = if self.is_begun { self.next_batch()? } else { Some(self.schema()) };
        self.is_begun = true;
        Ok(piece.map(|piece| (piece, self.row)))
    }

    fn schema(&self) -> Vec<u8> {
        let field =
            |column: &Column| columns::Field { name: column.name.clone(), kind: column.handed_on(), dictionary: None };
        let mut piece = Vec::new();
        write_schema(self.columns.iter().map(field).collect(), &mut piece);
        piece
    }

    /// Goes to a row: groups before it are passed over, and pages of its group.
    fn seek(&mut self, row: u64) -> Result<(), DecoderError> {
        while self.group < self.metadata.num_row_groups() && self.row + self.group_rows() <= row {
            self.row += self.group_rows();
            self.group += 1;
        }
        let skipped = row - self.row;
        if skipped == 0 {
            return Ok(());
        }
        let rows = usize::try_from(skipped).unwrap_or(usize::MAX);
        self.each_column(|values, _| values.skip(rows), rows)?;
        (self.row, self.read_in_group) = (row, skipped);
        Ok(())
    }

    fn next_batch(&mut self) -> Result<Option<Vec<u8>>, DecoderError> {
        while self.group < self.metadata.num_row_groups() && self.read_in_group == self.group_rows() {
            (self.group, self.read_in_group, self.values) = (self.group + 1, 0, None);
        }
        if self.group == self.metadata.num_row_groups() {
            return Ok(None);
        }
        let left = self.group_rows() - self.read_in_group;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(MAX_BATCH_ROWS);
        let read = self.columns.iter().filter(|column| column.is_read);
        let mut arrays: Vec<_> = read.map(|column| Array::new(column.handed_on())).collect();
        let (mut rows, mut bytes) = (0, 0);
        while rows < most && bytes < MAX_BATCH_BYTES {
            let step = STEP_ROWS.min(most - rows);
            self.each_column(|values, index| values.read(step, &mut arrays[index]), step)?;
            rows += step;
            self.row += step as u64;
            bytes = arrays.iter().map(Array::bytes).sum();
        }
        self.read_in_group += rows as u64;
        let mut read = arrays.iter();
        let in_order = self.columns.iter().map(|column| {
            let array = if column.is_read { read.next() } else { None };
            array.map(Array::buffers)
        });
        let mut piece = Vec::new();
        write_batch(rows as u64, 0, &in_order.collect::<Vec<_>>(), &mut piece);
        Ok(Some(piece))
    }

    /// Does something with each column that is read, which has to go on by so many rows.
    fn each_column(
        &mut self,
        mut work: impl FnMut(&mut ColumnValues, usize) -> Result<usize, ParquetError>,
        rows: usize,
    ) -> Result<(), DecoderError> {
        if self.values.is_none() {
            self.values = Some(open_group(&self.file, &self.metadata, self.group, &self.columns, self.row)?);
        }
        let columns = self.columns.iter().filter(|column| column.is_read);
        for (index, (values, column)) in self.values.iter_mut().flatten().zip(columns).enumerate() {
            let gone_on = work(values, index).map_err(|error| values_error(column, self.row, &error))?;
            if gone_on != rows {
                let reason = format!("it ends after {} rows of {}", self.row + gone_on as u64, self.row + rows as u64);
                return Err(values_error(column, self.row, &ParquetError::EOF(reason)));
            }
        }
        Ok(())
    }

    /// Rows of the current group.
    fn group_rows(&self) -> u64 {
        // [`total_rows`] has refused negative numbers.
        self.metadata.row_group(self.group).num_rows().cast_unsigned()
    }
}

/// The readers of the columns of a group that are read.
fn open_group<R: ChunkReader + 'static>(
    file: &Arc<R>,
    metadata: &ParquetMetaData,
    group: usize,
    columns: &[Column],
    row: u64,
) -> Result<Vec<ColumnValues>, DecoderError> {
    let group = metadata.row_group(group);
    let rows = usize::try_from(group.num_rows()).unwrap_or(usize::MAX);
    let read = columns.iter().filter(|column| column.is_read);
    let open = |column: &Column, kind: Kind| -> Result<ColumnValues, ParquetError> {
        let chunk = group.columns().get(column.leaf);
        let chunk = chunk.ok_or_else(|| ParquetError::General("a group of rows is without it".to_owned()))?;
        Ok(ColumnValues::new(chunk.column_descr_ptr(), kind, pages::open(Arc::clone(file), chunk, rows)?))
    };
    let open = |column: &Column, kind: Kind| open(column, kind).map_err(|error| values_error(column, row, &error));
    read.filter_map(|column| column.kind.ok().map(|kind| open(column, kind))).collect()
}

fn values_error(column: &Column, row: u64, error: &ParquetError) -> DecoderError {
    DecoderError::Values { column: column.name.clone(), row, fault: error.into() }
}

/// The list of columns and of groups, and the places of the columns that are encrypted.
fn read_footer<R: ChunkReader>(file: &R) -> Result<(ParquetMetaData, Vec<usize>), DecoderError> {
    let length = file.len();
    let footer_error = |error: &ParquetError| DecoderError::Footer(error.into());
    let bytes = |start: u64, length: usize| file.get_bytes(start, length).map_err(|error| footer_error(&error));
    let damaged = |reason: String| DecoderError::Footer(FileFault::Damaged(reason));
    let start = bytes(0, MAGIC.len().min(usize::try_from(length).unwrap_or(usize::MAX)))?;
    if *start != *MAGIC && *start != *ENCRYPTED_MAGIC {
        return Err(DecoderError::NotParquet);
    }
    let Some(footer_end) = length.checked_sub(TAIL_BYTES as u64).filter(|end| *end >= MAGIC.len() as u64) else {
        return Err(DecoderError::ParquetCut);
    };
    let tail = bytes(footer_end, TAIL_BYTES)?;
    let ([[a, b, c, d, magic @ ..]], []) = tail.as_chunks::<TAIL_BYTES>() else {
        return Err(DecoderError::ParquetCut);
    };
    if magic == ENCRYPTED_MAGIC {
        return Err(DecoderError::Encrypted);
    }
    if magic != MAGIC {
        return Err(DecoderError::ParquetCut);
    }
    let footer_bytes = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
    let start = footer_end.checked_sub(footer_bytes).filter(|_| footer_bytes <= MAX_FOOTER_BYTES);
    let Some(start) = start else {
        return Err(damaged(format!("it would have {footer_bytes} bytes, of a file of {length}")));
    };
    let footer = bytes(start, usize::try_from(footer_bytes).unwrap_or(usize::MAX))?;
    let encrypted = encrypted_columns(&footer);
    let skipped = || ParquetStatisticsPolicy::SkipAll;
    let options = ParquetMetaDataOptions::new()
        .with_column_stats_policy(skipped())
        .with_encoding_stats_policy(skipped())
        .with_size_stats_policy(skipped());
    match ParquetMetaDataReader::decode_metadata_with_options(&footer, Some(&options)) {
        Ok(metadata) => Ok((metadata, encrypted)),
        // Where a column has a key of its own, what the crate needs to know of it is encrypted as well.
        Err(_) if !encrypted.is_empty() => Err(DecoderError::Encrypted),
        Err(error) => Err(footer_error(&error)),
    }
}

fn total_rows(metadata: &ParquetMetaData) -> Result<u64, DecoderError> {
    let rows = metadata.row_groups().iter().map(|group| u64::try_from(group.num_rows()).ok());
    let total = rows.reduce(|total, rows| total?.checked_add(rows?)).unwrap_or(Some(0));
    let wrong = || FileFault::Damaged("its groups have impossible numbers of rows".to_owned());
    total.ok_or_else(|| DecoderError::Footer(wrong()))
}

/// The first columns that cannot be read, and why.
fn unreadable(columns: &[Column]) -> Vec<UnreadableColumn> {
    let faults = columns.iter().filter_map(|column| column.kind.err().map(|fault| (column, fault)));
    faults
        .take(MAX_UNREADABLE)
        .map(|(column, fault)| UnreadableColumn {
            name: brief(&column.name).into_owned(),
            reason: column_error(column, fault).to_string(),
        })
        .collect()
}

fn column_error(column: &Column, fault: Unreadable) -> DecoderError {
    DecoderError::Column { name: column.name.clone(), fault }
}

/// Reads the columns of these names: exactly, else without regard to case, as the reader of rows looks for them.
fn choose(columns: &mut [Column], names: &[String]) -> Result<(), DecoderError> {
    let mut is_any = false;
    for name in names {
        let is_exact = columns.iter().any(|column| column.name == *name);
        let is_like = |column: &Column| column.name.trim_ascii().eq_ignore_ascii_case(name.trim_ascii());
        for column in columns.iter_mut() {
            let is_needed = if is_exact { column.name == *name } else { is_like(column) };
            if is_needed {
                let kind = column.kind.map_err(|fault| column_error(column, fault))?;
                column.is_read = kind != Kind::Null;
                is_any = true;
            }
        }
    }
    if is_any { Ok(()) } else { Err(no_columns(columns, names)) }
}

/// Reads the first columns that can be read.
fn choose_first(columns: &mut [Column]) -> Result<(), DecoderError> {
    let is_readable = |column: &&mut Column| column.kind.is_ok();
    let mut is_any = false;
    for column in columns.iter_mut().filter(is_readable).take(MAX_COLUMNS) {
        column.is_read = column.kind != Ok(Kind::Null);
        is_any = true;
    }
    if is_any { Ok(()) } else { Err(no_columns(columns, &[])) }
}

fn no_columns(columns: &[Column], needed: &[String]) -> DecoderError {
    // A sentence names the first ten, and counts the others.
    DecoderError::NoColumns {
        needed: needed.to_vec(),
        found: columns.iter().map(|column| brief(&column.name).into_owned()).collect(),
    }
}
