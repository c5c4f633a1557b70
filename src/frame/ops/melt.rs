//! Wide to long.

use std::sync::Arc;

use crate::frame::{Column, Dtype, Frame, FrameError, Name, Strings, StringsBuilder};

/// The options of [`melt`]; the defaults are those of pandas.
#[derive(Debug, Clone)]
pub struct Melt<'a> {
    /// Columns that are repeated beside every value.
    pub id_vars: &'a [&'a str],
    /// Columns laid end to end; `None` means all that are not `id_vars`.
    pub value_vars: Option<&'a [&'a str]>,
    /// The name of the column of column names.
    pub var_name: Name,
    /// The name of the column of values.
    pub value_name: Name,
    /// When false, a first column `index` holds the number of the row that each value came from, as pandas'
    /// `melt(ignore_index=False).reset_index()` shows.
    pub ignore_index: bool,
}

impl Default for Melt<'_> {
    fn default() -> Self {
        Self {
            id_vars: &[],
            value_vars: None,
            var_name: Name::Borrowed("variable"),
            value_name: Name::Borrowed("value"),
            ignore_index: true,
        }
    }
}

/// Lays value columns end to end, each value beside its column's name and its row's ids.
///
/// *Shape*: rows × value columns rows, column after column; columns `id_vars`, `var_name`, `value_name`. No values are
/// copied: the ids are [`Column::Tiled`], the names [`Column::Runs`], the values [`Column::Stacked`].
///
/// ```text
/// id  time  value        id  variable  value
/// a   21:15   1.5   ->   a   time      21:15
/// b   21:16   2.5        b   time      21:16
///                        a   value       1.5
///                        b   value       2.5
/// ```
///
/// *Types*: integers beside floats become floats; other types together make [`Dtype::Mixed`]. *Nulls*: kept.
/// *Errors*: [`FrameError::ColumnNotFound`]; [`FrameError::DuplicateColumn`] when two columns of the result would have
/// one name; [`FrameError::InvalidArgument`] when `value_name` names a column of the frame.
/// *Source*: pandas `melt` (polars: unpivot, arquero: fold). A column named twice among `value_vars`, or also among
/// `id_vars`, is melted once only, as in pandas.
///
/// ```
/// use millrace::frame::ops::{Melt, melt};
/// use millrace::frame::{Column, Frame};
///
/// let frame = Frame::new(vec![
///     ("id".into(), Column::String(["a", "b"].into_iter().map(Some).collect())),
///     ("low".into(), vec![1.0, 2.0].into()),
///     ("high".into(), vec![3.0, 4.0].into()),
/// ])?;
/// let melted = melt(&frame, &Melt { id_vars: &["id"], ..Melt::default() })?;
/// assert_eq!(melted.column("value")?, &Column::from(vec![1.0, 2.0, 3.0, 4.0]));
/// # Ok::<(), millrace::frame::FrameError>(())
/// ```
pub fn melt(frame: &Frame, options: &Melt<'_>) -> Result<Frame, FrameError> {
    refuse_value_name(frame, options)?;
    let value_vars = value_vars(frame, options);
    let values = value_vars.iter().map(|name| frame.column(name).cloned()).collect::<Result<Vec<_>, _>>()?;
    let times = values.len();

    let mut columns = Vec::with_capacity(options.id_vars.len() + 3);
    if !options.ignore_index {
        columns.push((Name::Borrowed("index"), tiled(Column::Int((0..frame.len() as i64).collect()), times)));
    }
    for name in options.id_vars {
        columns.push((Name::Owned((*name).to_owned()), tiled(frame.column(name)?.clone(), times)));
    }
    let names = Arc::new(Column::String(names(&value_vars)));
    columns.push((options.var_name.clone(), Column::Runs { column: names, run: frame.len() }));
    columns.push((options.value_name.clone(), stacked(values)));
    Frame::new(columns)
}

fn refuse_value_name(frame: &Frame, options: &Melt<'_>) -> Result<(), FrameError> {
    if frame.column(&options.value_name).is_ok() {
        return Err(FrameError::InvalidArgument(format!(
            "value_name \"{}\" is a column of the frame; choose another name",
            options.value_name
        )));
    }
    Ok(())
}

/// The columns to melt, each once, without ids.
fn value_vars<'a>(frame: &'a Frame, options: &Melt<'a>) -> Vec<&'a str> {
    let is_id = |name: &str| options.id_vars.contains(&name);
    match options.value_vars {
        // Without any names at all pandas melts every column, too.
        Some(named) if !named.is_empty() || !options.id_vars.is_empty() => {
            let mut vars = Vec::with_capacity(named.len());
            for name in named.iter().copied() {
                if !is_id(name) && !vars.contains(&name) {
                    vars.push(name);
                }
            }
            vars
        }
        _ => frame.columns().iter().map(|(name, _)| &**name).filter(|name| !is_id(name)).collect(),
    }
}

fn tiled(column: Column, times: usize) -> Column {
    Column::Tiled { column: Arc::new(column), times }
}

/// Column names as text; names that look like UUIDs need no special case.
fn names(value_vars: &[&str]) -> Strings {
    let mut builder = StringsBuilder::default();
    value_vars.iter().for_each(|name| builder.push(name));
    builder.finish()
}

/// The columns end to end, each cast to their common type if there is one.
fn stacked(mut values: Vec<Column>) -> Column {
    if values.is_empty() {
        return Column::Float(Vec::new().into());
    }
    let dtypes: Vec<Dtype> = values.iter().map(Column::dtype).collect();
    let has = |dtype| dtypes.contains(&dtype);
    let is_gap = |column: &Column| (0..column.len()).all(|row| column.is_missing(row));
    // Columns of gaps, of whatever type, take the type of the text or the instants beside them.
    let is_all = |dtype| has(dtype) && values.iter().all(|column| column.dtype() == dtype || is_gap(column));
    let target = if dtypes.iter().all(|dtype| matches!(dtype, Dtype::Int | Dtype::Float)) && has(Dtype::Float) {
        Dtype::Float
    } else if is_all(Dtype::Datetime) {
        Dtype::Datetime
    } else if is_all(Dtype::String) {
        Dtype::String
    } else {
        return Column::Stacked(Arc::new(values));
    };
    for column in values.iter_mut().filter(|column| column.dtype() != target) {
        *column = Column::collect(target, column.values());
    }
    Column::Stacked(Arc::new(values))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::frame::{NAT, Value};

    fn events() -> Frame {
        let ids: Strings = [Some("a"), Some("b")].into_iter().collect();
        Frame::new(vec![
            ("timestamp".into(), Column::Datetime(vec![10, 20].into())),
            ("id".into(), Column::String(ids)),
            ("value".into(), Column::from(vec![1.5, f64::NAN])),
        ])
        .unwrap()
    }

    /// The rows as text.
    fn shown(frame: &Frame) -> Vec<String> {
        let cell = |value: Value<'_>| match value {
            Value::Null => "-".to_owned(),
            Value::Datetime(at) => format!("@{}", at.as_nanos()),
            Value::Float(number) => format!("{number:?}"),
            Value::Int(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Str(text) => text.to_string(),
        };
        let row = |row| frame.columns().iter().map(|(_, column)| cell(column.value(row))).collect::<Vec<_>>().join(" ");
        (0..frame.len()).map(row).collect()
    }

    #[test]
    fn values_come_column_after_column_beside_their_ids() {
        let options = Melt { id_vars: &["id"], value_name: "val".into(), ..Melt::default() };
        let melted = melt(&events(), &options).unwrap();
        assert_eq!(shown(&melted), ["a timestamp @10", "b timestamp @20", "a value 1.5", "b value -"]);
        assert_eq!(melted.column("val").unwrap().dtype(), Dtype::Mixed);
    }

    #[test]
    fn the_index_is_the_row_of_each_value() {
        let options =
            Melt { value_vars: Some(&["value", "id"]), value_name: "x".into(), ignore_index: false, ..Melt::default() };
        assert_eq!(shown(&melt(&events(), &options).unwrap()), ["0 value 1.5", "1 value -", "0 id a", "1 id b"]);
    }

    #[test]
    fn integers_beside_floats_become_floats_and_gaps_take_the_type_of_instants() {
        let dtype = |a: Column, b: Column| {
            let frame = Frame::new(vec![("a".into(), a), ("b".into(), b)]).unwrap();
            melt(&frame, &Melt::default()).unwrap().column("value").unwrap().dtype()
        };
        let (ints, floats) = (Column::Int(vec![1, 2].into()), Column::from(vec![0.5, f64::NAN]));
        let (times, gaps) = (Column::Datetime(vec![1, NAT].into()), Column::from(vec![f64::NAN; 2]));
        assert_eq!(dtype(ints.clone(), floats.clone()), Dtype::Float);
        assert_eq!(dtype(times.clone(), gaps), Dtype::Datetime);
        assert_eq!(dtype(times, floats), Dtype::Mixed);
        assert_eq!(dtype(ints.clone(), ints), Dtype::Int);
    }

    #[test]
    fn refuses_unknown_columns_and_duplicate_names() {
        let refusal = |options: &Melt<'_>| melt(&events(), options).unwrap_err();
        assert!(matches!(
            refusal(&Melt { id_vars: &["Id"], value_name: "val".into(), ..Melt::default() }),
            FrameError::ColumnNotFound { .. }
        ));
        assert_eq!(
            refusal(&Melt { id_vars: &["id"], ..Melt::default() }).to_string(),
            "value_name \"value\" is a column of the frame; choose another name"
        );
        assert_eq!(
            refusal(&Melt { id_vars: &["id"], var_name: "id".into(), value_name: "val".into(), ..Melt::default() }),
            FrameError::DuplicateColumn { name: "id".into() }
        );
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn a_melted_frame_equals_a_naive_melt(
            values in prop::collection::vec((-9_i64..9, prop::option::of("[a-c]{0,2}"), any::<bool>()), 0..12),
            from in 0_usize..40,
        ) {
            let frame = Frame::new(vec![
                ("id".into(), Column::Int(values.iter().map(|row| row.0).collect())),
                ("text".into(), Column::String(values.iter().map(|row| row.1.as_ref()).collect())),
                ("truth".into(), Column::Bool(values.iter().map(|row| row.2).collect())),
            ]).unwrap();
            let melted = melt(&frame, &Melt { id_vars: &["id"], ..Melt::default() }).unwrap();
            let mut twin = Vec::new();
            for name in ["text", "truth"] {
                for row in 0..frame.len() {
                    twin.push((frame.column("id").unwrap().value(row), name, frame.column(name).unwrap().value(row)));
                }
            }
            let column = |place: usize| &melted.columns()[place].1;
            prop_assert_eq!(melted.len(), twin.len());
            for (row, (id, name, value)) in twin.iter().enumerate() {
                prop_assert_eq!(column(0).value(row), *id);
                prop_assert!(matches!(column(1).value(row), Value::Str(text) if *text == **name));
                prop_assert_eq!(column(2).value(row), *value);
            }
            // Sliced and materialized, it still has the same cells.
            let from = from.min(melted.len());
            let tail = melted.slice(from..melted.len());
            for ((_, cut), (_, whole)) in tail.columns().iter().zip(melted.columns()) {
                prop_assert!(cut.values().eq(whole.values().skip(from)));
                prop_assert!(whole.materialize().values().eq(whole.values()));
            }
        }
    }
}
