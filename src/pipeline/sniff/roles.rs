//! What becomes of columns, by their names and kinds: the time, the id, the measures.

use super::columns::Profile;
use super::names::{id_rank, is_numbering, time_rank};
use super::preview::ColumnKind;
use crate::pipeline::{MAX_MEASURES, Measures};

/// The column of the times: the one of times with the likeliest name, or the first of texts that are times. Elapsed
/// numbers count by their names alone.
pub(super) fn timestamp(names: &[&str], profiles: &[Profile]) -> Option<usize> {
    let times = (0..profiles.len()).filter(|at| profiles[*at].kind == ColumnKind::Time);
    times.min_by_key(|at| (time_rank(names[*at]).unwrap_or(usize::MAX), *at))
}

/// The column of the ids: the one with the likeliest name, else the first of texts. Whole numbers are ids by their
/// names alone, other texts that could be numbers or times where the name is `id`, which no measure has.
pub(super) fn id(names: &[&str], profiles: &[Profile], timestamp: Option<usize>) -> Option<usize> {
    let can_be = |at: &usize| {
        let profile = &profiles[*at];
        Some(*at) != timestamp
            && match profile.kind {
                ColumnKind::Text => profile.grouped.is_none(),
                ColumnKind::Integer => id_rank(names[*at]).is_some() && !profile.is_bare,
                ColumnKind::Number | ColumnKind::Time => names[*at] == "id" && !profile.is_bare,
                _ => false,
            }
    };
    (0..profiles.len()).filter(can_be).min_by_key(|at| (id_rank(names[*at]).unwrap_or(usize::MAX), *at))
}

/// The measures: the other columns of numbers, unless their name says that they number rows or things, or cannot be one
/// of a measure; and a sentence about each column of the latter sort.
pub(super) fn measures(
    names: &[&str],
    profiles: &[Profile],
    [timestamp, id]: [Option<usize>; 2],
) -> (Vec<usize>, Vec<String>) {
    let (mut found, mut notes): (Vec<usize>, Vec<String>) = (Vec::new(), Vec::new());
    for (at, profile) in profiles.iter().enumerate() {
        let is_number = matches!(profile.kind, ColumnKind::Integer | ColumnKind::Number);
        if !is_number || Some(at) == timestamp || Some(at) == id {
            continue;
        }
        if profile.kind == ColumnKind::Integer && is_numbering(names[at]) {
            continue;
        }
        if found.len() == MAX_MEASURES {
            notes.push(format!("the file has more columns of numbers than the {MAX_MEASURES} that can be measures"));
            break;
        }
        match Measures::new(found.iter().chain([&at]).map(|at| names[*at])) {
            Ok(_) => found.push(at),
            Err(reason) => notes.push(format!("column {} cannot be a measure: {reason}", at + 1)),
        }
    }
    (found, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(kind: ColumnKind) -> Profile {
        Profile { kind, missing: 0, time: None, is_bare: false, grouped: None }
    }

    /// The names of time, id and measures.
    fn roles(columns: &[(&'static str, ColumnKind)]) -> (&'static str, &'static str, Vec<&'static str>) {
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let profiles: Vec<Profile> = columns.iter().map(|(_, kind)| profile(*kind)).collect();
        let time = timestamp(&names, &profiles);
        let id = id(&names, &profiles, time);
        let (measures, _) = measures(&names, &profiles, [time, id]);
        let name = |at: Option<usize>| at.map_or("-", |at| columns[at].0);
        (name(time), name(id), measures.into_iter().map(|at| columns[at].0).collect())
    }

    #[test]
    fn names_and_kinds_say_what_becomes_of_columns() {
        use ColumnKind::{Boolean, Integer, Number, Text, Time};
        assert_eq!(
            roles(&[("id", Integer), ("timestamp", Time), ("value", Number)]),
            ("timestamp", "id", vec!["value"])
        );
        assert_eq!(
            roles(&[
                ("trade_id", Integer),
                ("Symbol", Text),
                ("created", Time),
                ("time", Time),
                ("px", Number),
                ("size", Integer)
            ]),
            ("time", "Symbol", vec!["px", "size"])
        );
        assert_eq!(
            roles(&[
                ("", Integer),
                ("note", Text),
                ("sensorId", Integer),
                ("on", Boolean),
                ("at", Time),
                ("°C", Number)
            ]),
            ("at", "sensorId", vec!["°C"])
        );
        assert_eq!(roles(&[("note", Text), ("more", Text), ("x", Number)]), ("-", "note", vec!["x"]));
        assert_eq!(roles(&[("id", Number), ("x", Number)]), ("-", "id", vec!["x"]));
        assert_eq!(roles(&[("id", Time), ("timestamp", Time), ("x", Number)]), ("timestamp", "id", vec!["x"]));
        assert_eq!(roles(&[("id", Time), ("x", Number)]), ("id", "-", vec!["x"]));
        assert_eq!(roles(&[("x", Number)]), ("-", "-", vec!["x"]));
        assert_eq!(roles(&[]), ("-", "-", vec![]));
    }

    #[test]
    fn a_name_that_no_measure_can_have_is_said() {
        let columns = [profile(ColumnKind::Number), profile(ColumnKind::Number), profile(ColumnKind::Number)];
        let (found, notes) = measures(&["x", "moving_avg", ""], &columns, [None, None]);
        assert_eq!(found, [0]);
        assert_eq!(notes.len(), 2);
        assert!(notes[0].starts_with("column 2 cannot be a measure: \"moving_avg\""), "{notes:?}");
    }
}
