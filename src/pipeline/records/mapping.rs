//! What becomes of a record's fields: the last of three layers. Framing finds records, the layer of the format names
//! their fields, and a [`Mapping`] says which of them are the time, the id and the measures, and how they are read.

use std::borrow::Cow;
use std::sync::Arc;

use super::fields::{brief, is_missing_mark, number, unreadable};
use super::ignored::Ignored;
use super::row::Draft;
use crate::pipeline::{Decimal, EventError, Id, Measures, Missing, Settings, Values};
use crate::time::{Clock, Timestamp, TimestampFormat};

/// Which fields of a record an event is made of, and how they are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The names of the fields that are numbers, in the order of a draft's values.
    pub measures: Measures,
    /// Whether a measure may be missing; one of them has to be there.
    pub missing: Missing,
    /// The name of the field that is the time; `None`: each row gets the time of arrival.
    pub timestamp_field: Option<Arc<str>>,
    /// The name of the field that is the id; `None`: each row gets a random UUID.
    pub id_field: Option<Arc<str>>,
    /// How the time is written.
    pub timestamp_format: TimestampFormat,
    /// How a time without an offset is read.
    pub clock: Clock,
}

/// What a field is to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Its time.
    Timestamp,
    /// Its id.
    Id,
    /// The measure at this position.
    Measure(usize),
}

/// Where the fields stand among the columns of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) timestamp: Option<usize>,
    pub(super) id: Option<usize>,
    /// One for each measure; `None` only where measures may be missing.
    pub(super) measures: Vec<Option<usize>>,
}

impl Mapping {
    /// The mapping that these settings define. `clock` is that of the zone which `timestamp_zone` names.
    #[must_use]
    pub fn of(settings: &Settings, clock: Clock) -> Self {
        Self {
            measures: settings.measures.clone(),
            missing: settings.missing,
            timestamp_field: Some(settings.timestamp_field.as_str().into()),
            id_field: Some(settings.id_field.as_str().into()),
            timestamp_format: settings.timestamp_format.clone(),
            clock,
        }
    }

    /// The names of all fields that are read: the time, the id, the measures.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = [&self.timestamp_field, &self.id_field];
        names.into_iter().flatten().map(|name| &**name).chain(self.measures.names())
    }

    /// A header row that has them, as an example.
    pub(super) fn example_header(&self) -> String {
        brief(&self.names().collect::<Vec<_>>().join(",")).into_owned()
    }

    /// What the field of this name is; `None`: it is ignored.
    pub(super) fn role(&self, name: &str) -> Option<Role> {
        let is = |field: &Option<Arc<str>>| field.as_deref() == Some(name);
        match self.measures.position(name) {
            Some(position) => Some(Role::Measure(position)),
            None if is(&self.timestamp_field) => Some(Role::Timestamp),
            None if is(&self.id_field) => Some(Role::Id),
            None => None,
        }
    }

    /// Finds the fields among the columns of a table, which is `whole` in errors: by their names exactly, else without
    /// regard to case and to blanks around them. The other columns are ignored.
    ///
    /// # Errors
    /// A sentence, for a name that occurs twice, and for a measure that is not there and may not be missing.
    pub(super) fn find(
        &self,
        whole: &str,
        columns: &[impl AsRef<str>],
        ignored: &mut Ignored,
    ) -> Result<Places, String> {
        let wanted = [self.timestamp_field.as_deref(), self.id_field.as_deref()];
        let wanted: Vec<_> = wanted.into_iter().chain(self.measures.names().map(Some)).collect();
        let mut places = vec![None; wanted.len()];
        let mut is_found = vec![false; columns.len()];
        let exactly: fn(&str, &str) -> bool = |column, name| column == name;
        for is_named in [exactly, is_named] {
            for (name, place) in wanted.iter().zip(&mut places).filter(|(_, place)| place.is_none()) {
                let Some(name) = name else { continue };
                let mut found = (0..columns.len()).filter(|at| !is_found[*at] && is_named(columns[*at].as_ref(), name));
                let (first, second) = (found.next(), found.next());
                if let (Some(first), Some(second)) = (first, second) {
                    return Err(format!(
                        "{whole} has the column \"{}\" twice, as fields {} and {}; send it once",
                        brief(name),
                        first + 1,
                        second + 1
                    ));
                }
                *place = first;
                first.into_iter().for_each(|at| is_found[at] = true);
            }
        }
        let measures = places.split_off(2);
        self.check_columns(whole, columns, &measures)?;
        let others = columns.iter().zip(is_found).filter(|(_, is_found)| !is_found);
        others.for_each(|(name, _)| ignored.add(name.as_ref()));
        Ok(Places { timestamp: places[0], id: places[1], measures })
    }

    /// Checks that there is a column for each measure, or for one of them where they may be missing.
    fn check_columns(
        &self,
        whole: &str,
        columns: &[impl AsRef<str>],
        measures: &[Option<usize>],
    ) -> Result<(), String> {
        let names = self.measures.names().zip(measures).filter(|(_, place)| place.is_none()).map(|(name, _)| name);
        let missing: Vec<&str> = names.collect();
        let is_enough = match self.missing {
            Missing::Reject => missing.is_empty(),
            Missing::Allow => missing.len() < measures.len(),
        };
        if is_enough {
            return Ok(());
        }
        let what = match (&missing[..], self.missing) {
            ([_], _) => "no column",
            (_, Missing::Reject) => "no columns",
            (_, Missing::Allow) => "none of the columns",
        };
        let has = columns.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("\", \"");
        Err(format!("{whole} has {what} \"{}\"; it has \"{}\"", brief(&missing.join("\", \"")), brief(&has)))
    }

    /// The time that a text means; blanks around it do not count.
    pub(super) fn timestamp(&self, text: &str) -> Result<Timestamp, EventError> {
        // A text that is cut is none that can be read.
        let read = self.timestamp_format.read(text.trim(), &self.clock);
        read.map_err(|error| EventError::Unreadable(format!("{} {error}", self.timestamp_name())))
    }

    /// The time that a number means, which a format other than text has as such.
    pub(super) fn timestamp_of_number(&self, number: &str) -> Result<Timestamp, EventError> {
        let read = match &self.timestamp_format {
            TimestampFormat::Auto | TimestampFormat::Epoch => Timestamp::parse_number(number),
            // Digits alone may be a date: 20260605 as `%Y%m%d`.
            format => format.read(number, &self.clock),
        };
        read.map_err(|error| EventError::Unreadable(format!("{} {error}", self.timestamp_name())))
    }

    /// The name of the time in errors.
    pub(super) fn timestamp_name(&self) -> Cow<'_, str> {
        brief(self.timestamp_field.as_deref().unwrap_or("timestamp"))
    }

    /// The name of the id in errors.
    pub(super) fn id_name(&self) -> Cow<'_, str> {
        brief(self.id_field.as_deref().unwrap_or("id"))
    }

    /// The number that a text means as a measure; `None` where it says that there is none, and there may be none.
    pub(super) fn number(&self, name: &str, text: &str, decimal: Decimal) -> Result<Option<f64>, EventError> {
        match number(name, text, decimal) {
            Ok(number) => Ok(Some(number)),
            Err(_) if self.missing == Missing::Allow && is_missing_mark(text.trim()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A row of these parts; `read` gives the measure at a position, of a name, and `None` where it is missing.
    ///
    /// # Errors
    /// What `read` refuses; a measure that is missing and may not be; a row without any.
    pub(super) fn draft(
        &self,
        timestamp: Option<Timestamp>,
        id: Option<Id>,
        mut read: impl FnMut(usize, &str) -> Result<Option<f64>, EventError>,
    ) -> Result<Draft, EventError> {
        let mut values = Values::with_capacity(self.measures.count());
        let mut is_any = false;
        for (position, name) in self.measures.names().enumerate() {
            match read(position, name)? {
                Some(value) => {
                    is_any = true;
                    values.push(value);
                }
                None if self.missing == Missing::Allow => values.push(f64::NAN),
                None if self.measures.is_default() => return Err(EventError::MissingValue),
                None => {
                    return unreadable(format!(
                        "{name} is missing; send a finite number, or let measures be missing with missing=allow"
                    ));
                }
            }
        }
        if !is_any {
            let names = self.measures.names().collect::<Vec<_>>().join("\", \"");
            return unreadable(format!("no measure is there; send a finite number as \"{}\"", brief(&names)));
        }
        Ok(Draft { timestamp, id, values })
    }
}

/// Whether a column has this name, without regard to case and to blanks around it.
pub(super) fn is_named(column: &str, name: &str) -> bool {
    column.trim_ascii().eq_ignore_ascii_case(name.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(changes: &[(&str, &str)]) -> Mapping {
        let changes = changes.iter().map(|(name, text)| (*name, Some(*text)));
        Mapping::of(&Settings::default().merged(changes).unwrap(), Clock::Utc)
    }

    /// Where the fields stand: the time, the id, then the measures; and the names of the other columns.
    fn find(mapping: &Mapping, header: &str) -> Result<(Vec<Option<usize>>, Vec<String>), String> {
        let mut ignored = Ignored::default();
        let columns: Vec<&str> = header.split(',').collect();
        let places = mapping.find("the header row", &columns, &mut ignored)?;
        let all = [places.timestamp, places.id].into_iter().chain(places.measures).collect();
        Ok((all, ignored.names().to_vec()))
    }

    #[test]
    fn a_column_is_found_by_its_name_exactly_else_in_any_case() {
        let several = mapping(&[("measures", "T,t,rpm"), ("timestamp_field", "Zeit"), ("id_field", "device id")]);
        for (header, places, ignored) in [
            ("Zeit,device id,T,t,rpm", [Some(0), Some(1), Some(2), Some(3), Some(4)], vec![]),
            ("zeit, DEVICE ID ,t,T,RPM,timestamp", [Some(0), Some(1), Some(3), Some(2), Some(4)], vec!["timestamp"]),
            ("rpm,RPM,t,T", [None, None, Some(3), Some(2), Some(0)], vec!["RPM"]),
        ] {
            let ignored: Vec<String> = ignored.into_iter().map(str::to_owned).collect();
            assert_eq!(find(&several, header), Ok((places.to_vec(), ignored)), "{header}");
        }
    }

    #[test]
    fn a_column_stands_for_one_measure_alone() {
        let error = find(&mapping(&[("measures", "T,t")]), "id,T").unwrap_err();
        assert_eq!(error, "the header row has no column \"t\"; it has \"id\", \"T\"");
    }

    #[test]
    fn measures_without_a_column_are_named() {
        let (two, one) = (mapping(&[("measures", "a,b")]), mapping(&[("measures", "a,b"), ("missing", "allow")]));
        for (mapping, header, expected) in [
            (&two, "id,a", "the header row has no column \"b\"; it has \"id\", \"a\""),
            (&two, "id", "the header row has no columns \"a\", \"b\"; it has \"id\""),
            (&one, "id", "the header row has none of the columns \"a\", \"b\"; it has \"id\""),
            (&one, "A,a,a", "the header row has the column \"a\" twice, as fields 2 and 3; send it once"),
        ] {
            assert_eq!(find(mapping, header).unwrap_err(), expected, "{header}");
        }
        assert_eq!(find(&one, "b"), Ok((vec![None, None, None, Some(0)], vec![])));
    }

    #[test]
    fn a_row_needs_each_measure_or_one_of_them() {
        let read = |missing: &str, values: [Option<f64>; 2]| {
            let mapping = mapping(&[("measures", "a,b"), ("missing", missing)]);
            let draft = mapping.draft(None, None, |position, _| Ok(values[position]));
            draft.map(|draft| draft.values.to_vec()).map_err(|error| error.to_string())
        };
        assert_eq!(read("reject", [Some(1.0), Some(2.0)]), Ok(vec![1.0, 2.0]));
        assert!(read("reject", [Some(1.0), None]).unwrap_err().starts_with("b is missing; send a finite number"));
        let values = read("allow", [None, Some(2.0)]).unwrap();
        assert!(values[0].is_nan() && values[1] == 2.0, "{values:?}");
        let error = read("allow", [None, None]).unwrap_err();
        assert_eq!(error, "no measure is there; send a finite number as \"a\", \"b\"");
    }

    #[test]
    fn marks_of_missing_numbers_count_where_they_may_be_missing() {
        let (allow, reject) = (mapping(&[("missing", "allow")]), mapping(&[]));
        for text in ["NA", " nan ", "NULL", "n/a", "-", ""] {
            let is_mark = text != "-";
            assert_eq!(allow.number("value", text, Decimal::Point).ok(), is_mark.then_some(None), "{text:?}");
            assert!(reject.number("value", text, Decimal::Point).is_err(), "{text:?}");
        }
    }
}
