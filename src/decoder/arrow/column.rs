//! The buffers of a column of a record batch, checked.

use std::borrow::Cow;

use super::parts::Parts;
use super::schema::Field;
use crate::pipeline::records::columns::{Buffers, Kind};

/// A column of a batch, or values of a dictionary.
pub(super) struct Column<'a> {
    /// A bit a cell, which is missing where it is 0; `None`: none is missing.
    present: Option<Cow<'a, [u8]>>,
    cells: Vec<Cow<'a, [u8]>>,
}

impl<'a> Column<'a> {
    /// The column of `rows` rows of which the parts are next. `has_values` says whether those of its dictionary came.
    pub(super) fn read(field: &Field, rows: usize, has_values: bool, parts: &mut Parts<'a>) -> Result<Self, String> {
        let Some(dictionary) = field.column.dictionary else { return Self::read_plain(field, rows, parts) };
        let present = read_present(rows, parts)?;
        let indices = parts.next_buffer()?;
        check(holds(&indices, rows, dictionary.index.bytes.into()), field)?;
        // Writers leave out a dictionary of which nothing is used.
        let is_used = || present.as_ref().map_or(rows > 0, |present| (0..rows).any(|row| bit(present, row)));
        if !has_values && is_used() {
            let name = &field.column.name;
            return Err(format!("the dictionary of \"{name}\" does not come before its use; write a stream anew"));
        }
        Ok(Self { present, cells: vec![indices] })
    }

    /// The same without a dictionary: the values of one are such a column.
    pub(super) fn read_plain(field: &Field, rows: usize, parts: &mut Parts<'a>) -> Result<Self, String> {
        let kind = field.column.kind;
        let present = read_present(rows, parts)?;
        let mut cells = vec![parts.next_buffer()?];
        let first = &cells[0];
        match kind {
            Kind::Text(end_bytes) => {
                check(rows == 0 || holds(first, rows.saturating_add(1), end_bytes.into()), field)?;
                cells.push(parts.next_buffer()?);
            }
            Kind::TextView => {
                check(holds(first, rows, kind.cell_bytes()), field)?;
                cells.extend(parts.next_data()?);
            }
            _ => check(holds(first, rows, kind.cell_bytes()), field)?,
        }
        Ok(Self { present, cells })
    }

    pub(super) fn buffers(&self) -> Buffers<'_> {
        Buffers { present: self.present.as_deref(), cells: self.cells.iter().map(|cells| &**cells).collect() }
    }

    /// Bytes of all its buffers.
    pub(super) fn bytes(&self) -> usize {
        self.present.iter().chain(&self.cells).map(|buffer| buffer.len()).sum()
    }
}

/// Which cells are there; `None`: all.
fn read_present<'a>(rows: usize, parts: &mut Parts<'a>) -> Result<Option<Cow<'a, [u8]>>, String> {
    let node = parts.next_node()?;
    let present = parts.next_buffer()?;
    if node.rows != rows {
        return Err("a batch has columns of several lengths".to_owned());
    }
    if !node.has_nulls {
        return Ok(None);
    }
    if !holds(&present, rows.div_ceil(8), 1) {
        return Err("a batch does not say which cells are missing".to_owned());
    }
    Ok(Some(present))
}

/// Whether a buffer has so many cells of so many bytes.
fn holds(buffer: &[u8], cells: usize, bytes: usize) -> bool {
    cells.checked_mul(bytes).is_some_and(|bytes| bytes <= buffer.len())
}

/// The bit at a place, the lowest one of a byte first.
fn bit(bits: &[u8], place: usize) -> bool {
    bits.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1)
}

fn check(is_sound: bool, field: &Field) -> Result<(), String> {
    if is_sound { Ok(()) } else { Err(format!("the column \"{}\" of a batch is too short", field.column.name)) }
}
