//! Rows of batches: what becomes of the cells of a row.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::buffer::Body;
use super::column::{Cell, Column, Values};
use super::form::Lengths;
use super::kind::{Field, Kind};
use crate::frame::write_number;
use crate::pipeline::records::fields::{brief, unreadable};
use crate::pipeline::records::ids::Ids;
use crate::pipeline::records::ignored::Ignored;
use crate::pipeline::records::mapping::{Mapping, Places};
use crate::pipeline::records::row::{Draft, Rows};
use crate::pipeline::{Decimal, EventError, Id};
use crate::time::{Clock, Timestamp};

/// The columns of a stream, and the dictionaries so far of those that are read.
#[derive(Debug)]
pub(super) struct Table {
    fields: Vec<Field>,
    is_read: Vec<bool>,
    places: Places,
    dictionaries: FxHashMap<i64, Rc<Values>>,
}

/// A batch whose rows are read one by one.
#[derive(Debug)]
pub(super) struct Batch {
    /// Those that are read.
    columns: Vec<Option<Column>>,
    rows: usize,
    next: usize,
}

impl Table {
    /// The table of a schema.
    ///
    /// # Errors
    /// As [`Mapping::find`]; a sentence, for a column whose cells cannot be what they are to be.
    pub(super) fn new(fields: Vec<Field>, mapping: &Mapping, ignored: &mut Ignored) -> Result<Self, String> {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let places = mapping.find("the schema", &names, ignored)?;
        let refuse = |place: usize, what: &str| {
            let Field { name, kind, .. } = &fields[place];
            Err(format!("the column \"{}\" holds {}, {what}", brief(name), kind.name()))
        };
        let kind = |place: usize| fields[place].kind;
        let measures = || places.measures.iter().flatten().copied();
        for place in measures() {
            match kind(place) {
                Kind::Null | Kind::Int(_) | Kind::Float(_) | Kind::Decimal(..) | Kind::Text(_) | Kind::TextView => {}
                _ => return refuse(place, "which are no numbers; write it as numbers, or name another measure"),
            }
        }
        // Rows of no bytes at all would have no end.
        if let Some(place) = measures().next()
            && measures().all(|place| kind(place) == Kind::Null)
        {
            return refuse(place, "and is the measure; name another one");
        }
        if let Some(place) = places.timestamp
            && matches!(kind(place), Kind::Uuid | Kind::Other(_))
        {
            return refuse(place, "which are no times; write it as timestamps, as text, or as numbers since the epoch");
        }
        if let Some(place) = places.id
            && !matches!(kind(place), Kind::Null | Kind::Int(_) | Kind::Text(_) | Kind::TextView | Kind::Uuid)
        {
            return refuse(place, "which are no ids; write it as text");
        }
        let mut is_read = vec![false; fields.len()];
        measures().chain(places.timestamp).chain(places.id).for_each(|place| is_read[place] = true);
        Ok(Self { is_read, places, dictionaries: FxHashMap::default(), fields })
    }

    /// Keeps the values of a dictionary, if one of the columns uses it.
    pub(super) fn read_dictionary(
        &mut self,
        id: i64,
        is_delta: bool,
        rows: u64,
        values: &Lengths,
        buffers: Vec<u8>,
    ) -> Result<(), String> {
        let is_user = |field: &&Field| field.dictionary.is_some_and(|dictionary| dictionary.id == id);
        let users = self.fields.iter().zip(&self.is_read).filter(|(_, is_read)| **is_read).map(|(field, _)| field);
        let Some(field) = users.into_iter().find(is_user) else { return Ok(()) };
        let column = Column::read_plain(field, count(rows)?, values, &mut Body::new(buffers))?;
        let known = self.dictionaries.get(&id).filter(|_| is_delta);
        let mut values = known.map(|known| Values::clone(known)).unwrap_or_default();
        values.push(column);
        self.dictionaries.insert(id, Rc::new(values));
        Ok(())
    }

    /// Finds the columns of a batch.
    pub(super) fn read_batch(
        &self,
        rows: u64,
        from: u64,
        columns: &[Option<Lengths>],
        buffers: Vec<u8>,
    ) -> Result<Batch, String> {
        let (rows, from, mut body) = (count(rows)?, count(from)?, Body::new(buffers));
        if columns.len() != self.fields.len() || from > rows {
            return Err("a batch does not fit the schema".to_owned());
        }
        let read = self.fields.iter().zip(&self.is_read).zip(columns).map(|((field, is_read), lengths)| {
            let lengths = match lengths {
                Some(lengths) => lengths,
                None if *is_read && field.kind != Kind::Null => {
                    return Err(format!("a batch is without the column \"{}\"", brief(&field.name)));
                }
                None => return Ok(None),
            };
            let values = field.dictionary.and_then(|dictionary| self.dictionaries.get(&dictionary.id));
            let column = Column::read(field, rows, values, lengths, &mut body)?;
            Ok(is_read.then_some(column))
        });
        Ok(Batch { columns: read.collect::<Result<_, _>>()?, rows, next: from })
    }
}

/// A number of rows.
fn count(rows: u64) -> Result<usize, String> {
    usize::try_from(rows).map_err(|_| "a batch has too many rows".to_owned())
}

impl Batch {
    /// Whether all rows were read.
    pub(super) fn is_read(&self) -> bool {
        self.next == self.rows
    }

    /// Reads so many of the rows, or those that are left.
    pub(super) fn read(&mut self, count: usize, table: &Table, mapping: &Mapping, rows: &mut Rows) {
        let end = self.rows.min(self.next.saturating_add(count));
        for row in self.next..end {
            let draft = self.draft(row, &table.places, mapping, &mut rows.ids);
            let input = if draft.is_err() { self.shown(row, &table.places, &mapping.clock) } else { String::new() };
            // There are no lines: the rows stand for them.
            rows.push(rows.count() + 1, draft, input.as_bytes());
        }
        self.next = end;
    }

    fn draft(&self, row: usize, places: &Places, mapping: &Mapping, ids: &mut Ids) -> Result<Draft, EventError> {
        let timestamp = timestamp(self.cell(places.timestamp, row), mapping)?;
        let id = id(self.cell(places.id, row), mapping, ids)?;
        mapping.draft(timestamp, id, |position, name| {
            let cell = self.cell(places.measures[position], row);
            match cell {
                Cell::Missing => Ok(None),
                Cell::Int(number) => Ok(Some(number as f64)),
                Cell::Float(number) if number.is_finite() => Ok(Some(number)),
                Cell::Damaged => damaged(name),
                Cell::Text(bytes) => mapping.number(name, text(name, bytes)?, Decimal::Point),
                cell => mapping.number(name, &cell_text(cell, &mapping.clock), Decimal::Point),
            }
        })
    }

    fn cell(&self, place: Option<usize>, row: usize) -> Cell<'_> {
        place.and_then(|place| self.columns[place].as_ref()).map_or(Cell::Missing, |column| column.cell(row))
    }

    /// A row that was refused, as text.
    fn shown(&self, row: usize, places: &Places, clock: &Clock) -> String {
        let places = [places.timestamp, places.id].into_iter().chain(places.measures.iter().copied());
        places.map(|place| cell_text(self.cell(place, row), clock)).collect::<Vec<_>>().join(",")
    }
}

fn timestamp(cell: Cell<'_>, mapping: &Mapping) -> Result<Option<Timestamp>, EventError> {
    let name = || mapping.timestamp_name();
    match cell {
        Cell::Missing => Ok(None),
        Cell::Text(bytes) => mapping.timestamp(text(&name(), bytes)?).map(Some),
        Cell::Time { nanos, is_naive } => match instant(nanos, is_naive, &mapping.clock) {
            Some(instant) => Ok(Some(instant)),
            None => unreadable(format!(
                "{} {nanos} nanoseconds since the epoch is out of range; timestamps reach from 1677-09-21 to 2262-04-11",
                name()
            )),
        },
        Cell::Int(_) | Cell::Float(_) | Cell::Decimal(..) => {
            mapping.timestamp_of_number(&cell_text(cell, &mapping.clock)).map(Some)
        }
        Cell::Uuid(_) | Cell::Damaged => damaged(&name()),
    }
}

/// The instant so many nanoseconds after the epoch, on a wall clock or in UTC.
fn instant(nanos: i128, is_naive: bool, clock: &Clock) -> Option<Timestamp> {
    const NANOS_PER_SEC: i128 = 1_000_000_000;
    const LARGEST: i128 = i64::MAX as i128 + 172_800 * NANOS_PER_SEC;
    if !(-LARGEST..=LARGEST).contains(&nanos) {
        return None;
    }
    let utc = if is_naive {
        let (secs, part) = (nanos.div_euclid(NANOS_PER_SEC), nanos.rem_euclid(NANOS_PER_SEC));
        i128::from(clock.zone().to_utc(secs as i64)) * NANOS_PER_SEC + part
    } else {
        nanos
    };
    i64::try_from(utc).ok().map(Timestamp::from_nanos).filter(|at| *at >= Timestamp::MIN)
}

fn id(cell: Cell<'_>, mapping: &Mapping, ids: &mut Ids) -> Result<Option<Id>, EventError> {
    match cell {
        Cell::Missing => Ok(None),
        Cell::Text(bytes) => ids.parse(text(&mapping.id_name(), bytes)?).map(Some),
        Cell::Int(number) => ids.parse(&number.to_string()).map(Some),
        Cell::Uuid(uuid) => Ok(Some(Id::Uuid(uuid))),
        Cell::Float(_) | Cell::Decimal(..) | Cell::Time { .. } | Cell::Damaged => damaged(&mapping.id_name()),
    }
}

fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, EventError> {
    str::from_utf8(bytes).or_else(|_| unreadable(format!("{name} is not UTF-8 text; encode it as UTF-8")))
}

fn damaged<T>(name: &str) -> Result<T, EventError> {
    unreadable(format!("{name} lies outside of its column, or has too many digits; write the table anew"))
}

/// A cell as text: numbers to the last digit.
fn cell_text(cell: Cell<'_>, clock: &Clock) -> String {
    match cell {
        Cell::Missing | Cell::Damaged => String::new(),
        Cell::Int(number) => number.to_string(),
        Cell::Float(number) if number.is_finite() => write_number(number),
        Cell::Float(number) => number.to_string(),
        Cell::Decimal(digits, scale) => format!("{digits}e{}", -i64::from(scale)),
        Cell::Text(bytes) => brief(&String::from_utf8_lossy(bytes)).into_owned(),
        Cell::Time { nanos, is_naive } => {
            instant(nanos, is_naive, clock).map_or_else(|| nanos.to_string(), |at| at.to_text(clock))
        }
        Cell::Uuid(uuid) => uuid.to_string(),
    }
}
