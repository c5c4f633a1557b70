//! The cells of a column of a batch, read where they lie.

use std::rc::Rc;
use std::vec::IntoIter;

use half::f16;
use uuid::Uuid;

use super::buffer::{Body, Buffer};
use super::form::Lengths;
use super::kind::{Field, Int, Kind};
use crate::pipeline::records::fields::brief;

/// A column of a batch, or values of a dictionary. Cloning shares its bytes.
#[derive(Debug, Clone)]
pub(super) struct Column {
    kind: Kind,
    rows: usize,
    /// A bit a cell, which is missing where it is 0; `None`: none is missing.
    present: Option<Buffer>,
    cells: Cells,
}

#[derive(Debug, Clone)]
enum Cells {
    /// All are missing.
    Missing,
    /// Of equal size, one after the other.
    Fixed(Buffer),
    /// Where the texts begin and end, and the texts.
    Texts { ends: Buffer, bytes: Buffer },
    /// Sixteen bytes a text, and the longer texts.
    Views { views: Buffer, data: Vec<Buffer> },
    /// Numbers of values.
    Indices { indices: Buffer, index: Int, values: Rc<Values> },
}

/// The values of a dictionary, which may come in several parts.
#[derive(Debug, Clone, Default)]
pub(super) struct Values(Vec<Column>);

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Missing,
    Int(i128),
    Float(f64),
    /// A number, and its digits behind the point.
    Decimal(i128, i32),
    Text(&'a [u8]),
    /// Nanoseconds since the epoch, of a wall clock or in UTC.
    Time {
        nanos: i128,
        is_naive: bool,
    },
    Uuid(Uuid),
    /// It lies elsewhere than in its column.
    Damaged,
}

/// The longest text that lies in its view.
const SHORT_BYTES: usize = 12;
const NANOS_PER_DAY: i128 = 86_400_000_000_000;

impl Column {
    /// The column of `rows` rows whose buffers are next. `values` are those of its dictionary; without them no cell of
    /// it is there, since writers leave out a dictionary of which nothing is used.
    pub(super) fn read(
        field: &Field,
        rows: usize,
        values: Option<&Rc<Values>>,
        lengths: &Lengths,
        body: &mut Body,
    ) -> Result<Self, String> {
        let Some(dictionary) = field.dictionary else { return Self::read_plain(field, rows, lengths, body) };
        let mut buffers = Buffers::new(lengths, body);
        let (present, index) = (buffers.present(field, rows)?, dictionary.index);
        let indices = buffers.next(field)?;
        check(indices.holds(rows, index.bytes.into()), field)?;
        let cells = match values {
            Some(values) => Cells::Indices { indices, index, values: Rc::clone(values) },
            None => Cells::Missing,
        };
        Ok(Self { kind: field.kind, rows, present, cells })
    }

    /// The same without a dictionary: the values of one are such a column.
    pub(super) fn read_plain(field: &Field, rows: usize, lengths: &Lengths, body: &mut Body) -> Result<Self, String> {
        let (kind, mut buffers) = (field.kind, Buffers::new(lengths, body));
        let present = buffers.present(field, rows)?;
        let cells = match kind {
            Kind::Null | Kind::Other(_) => Cells::Missing,
            Kind::Text(end_bytes) => {
                let ends = buffers.next(field)?;
                check(rows == 0 || ends.holds(rows.saturating_add(1), end_bytes.into()), field)?;
                Cells::Texts { ends, bytes: buffers.next(field)? }
            }
            Kind::TextView => {
                let views = buffers.next(field)?;
                check(views.holds(rows, kind.cell_bytes()), field)?;
                Cells::Views { views, data: buffers.rest.collect() }
            }
            _ => {
                let cells = buffers.next(field)?;
                check(cells.holds(rows, kind.cell_bytes()), field)?;
                Cells::Fixed(cells)
            }
        };
        Ok(Self { kind, rows, present, cells })
    }

    pub(super) fn cell(&self, row: usize) -> Cell<'_> {
        if self.present.as_ref().is_some_and(|present| !present.bit(row)) {
            return Cell::Missing;
        }
        match &self.cells {
            Cells::Missing => Cell::Missing,
            Cells::Fixed(cells) => fixed(self.kind, cells, row),
            Cells::Texts { ends, bytes } => {
                let end = |place: usize| match self.kind {
                    Kind::Text(8) => usize::try_from(i64::from_le_bytes(ends.cell(place))).ok(),
                    _ => usize::try_from(i32::from_le_bytes(ends.cell(place))).ok(),
                };
                let range = end(row).zip(end(row + 1));
                range.and_then(|(start, end)| bytes.bytes().get(start..end)).map_or(Cell::Damaged, Cell::Text)
            }
            Cells::Views { views, data } => view(views, data, row).map_or(Cell::Damaged, Cell::Text),
            Cells::Indices { indices, index, values } => match usize::try_from(int(*index, indices, row)) {
                Ok(place) => values.cell(place),
                Err(_) => Cell::Damaged,
            },
        }
    }
}

impl Values {
    /// Adds values behind the others.
    pub(super) fn push(&mut self, values: Column) {
        self.0.push(values);
    }

    fn cell(&self, mut place: usize) -> Cell<'_> {
        for part in &self.0 {
            match place.checked_sub(part.rows) {
                Some(rest) => place = rest,
                None => return part.cell(place),
            }
        }
        Cell::Damaged
    }
}

/// The buffers of a column that are not taken yet.
struct Buffers {
    has_missing: bool,
    rest: IntoIter<Buffer>,
}

impl Buffers {
    fn new(lengths: &Lengths, body: &mut Body) -> Self {
        let all: Vec<Buffer> = lengths.buffers.iter().map(|length| body.take(*length)).collect();
        Self { has_missing: lengths.has_missing, rest: all.into_iter() }
    }

    fn next(&mut self, field: &Field) -> Result<Buffer, String> {
        self.rest.next().ok_or_else(|| format!("the column \"{}\" of a batch lacks a part", brief(&field.name)))
    }

    /// Which cells are there.
    fn present(&mut self, field: &Field, rows: usize) -> Result<Option<Buffer>, String> {
        if !self.has_missing {
            return Ok(None);
        }
        let present = self.next(field)?;
        check(present.holds(rows.div_ceil(8), 1), field)?;
        Ok(Some(present))
    }
}

fn check(is_sound: bool, field: &Field) -> Result<(), String> {
    if is_sound { Ok(()) } else { Err(format!("the column \"{}\" of a batch is too short", brief(&field.name))) }
}

fn fixed(kind: Kind, cells: &Buffer, row: usize) -> Cell<'static> {
    match kind {
        Kind::Int(kind) => Cell::Int(int(kind, cells, row)),
        Kind::Float(2) => Cell::Float(f16::from_le_bytes(cells.cell(row)).into()),
        Kind::Float(4) => Cell::Float(f32::from_le_bytes(cells.cell(row)).into()),
        Kind::Float(_) => Cell::Float(f64::from_le_bytes(cells.cell(row))),
        Kind::Decimal(bytes, scale) => {
            decimal(bytes, cells, row).map_or(Cell::Damaged, |digits| Cell::Decimal(digits, scale))
        }
        Kind::Days => {
            let nanos = i128::from(i32::from_le_bytes(cells.cell(row))) * NANOS_PER_DAY;
            Cell::Time { nanos, is_naive: true }
        }
        Kind::Time { unit_nanos, is_naive } => {
            let nanos = i128::from(i64::from_le_bytes(cells.cell(row))) * i128::from(unit_nanos);
            Cell::Time { nanos, is_naive }
        }
        Kind::Uuid => Cell::Uuid(Uuid::from_bytes(cells.cell(row))),
        Kind::Null | Kind::Text(_) | Kind::TextView | Kind::Other(_) => Cell::Missing,
    }
}

fn int(kind: Int, cells: &Buffer, row: usize) -> i128 {
    match (kind.bytes, kind.is_signed) {
        (1, true) => i8::from_le_bytes(cells.cell(row)).into(),
        (1, false) => u8::from_le_bytes(cells.cell(row)).into(),
        (2, true) => i16::from_le_bytes(cells.cell(row)).into(),
        (2, false) => u16::from_le_bytes(cells.cell(row)).into(),
        (4, true) => i32::from_le_bytes(cells.cell(row)).into(),
        (4, false) => u32::from_le_bytes(cells.cell(row)).into(),
        (_, true) => i64::from_le_bytes(cells.cell(row)).into(),
        (_, false) => u64::from_le_bytes(cells.cell(row)).into(),
    }
}

/// The digits of a decimal number; `None` for more than 38 of them.
fn decimal(bytes: u8, cells: &Buffer, row: usize) -> Option<i128> {
    match bytes {
        4 => Some(i32::from_le_bytes(cells.cell(row)).into()),
        8 => Some(i64::from_le_bytes(cells.cell(row)).into()),
        16 => Some(i128::from_le_bytes(cells.cell(row))),
        _ => {
            let (low, high) = (i128::from_le_bytes(cells.cell(2 * row)), i128::from_le_bytes(cells.cell(2 * row + 1)));
            (high == low >> 127).then_some(low)
        }
    }
}

/// The text of a view: its length, then the text, or four of its bytes, its buffer and its start there.
fn view<'a>(views: &'a Buffer, data: &'a [Buffer], row: usize) -> Option<&'a [u8]> {
    let number = |place: usize| usize::try_from(i32::from_le_bytes(views.cell(place))).ok();
    let length = number(4 * row)?;
    if length <= SHORT_BYTES {
        return views.bytes().get(16 * row + 4..)?.get(..length);
    }
    let (buffer, start) = (number(4 * row + 2)?, number(4 * row + 3)?);
    data.get(buffer)?.bytes().get(start..)?.get(..length)
}
