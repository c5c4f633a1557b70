//! Wide to long.

use std::sync::Arc;

use crate::frame::{Column, Dtype, Frame, FrameError, Name, Strings, StringsBuilder};

/// What [`melt`] is asked for; the default is that of pandas.
#[derive(Debug, Clone)]
pub struct Melt<'a> {
    /// Columns that stay beside every value.
    pub id_vars: &'a [&'a str],
    /// Columns laid end to end; `None` means all that are no `id_vars`.
    pub value_vars: Option<&'a [&'a str]>,
    /// What the column of column names is called.
    pub var_name: Name,
    /// What the column of values is called.
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
/// *Errors*: [`FrameError::ColumnNotFound`]; [`FrameError::DuplicateColumn`] when two columns of the answer would have
/// one name; [`FrameError::InvalidArgument`] when `value_name` names a column of the frame.
/// *Source*: pandas `melt` (polars: unpivot, arquero: fold). A column named twice among `value_vars`, or also among
/// `id_vars`, is not laid again, as in pandas.
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

/// The columns to lay, each once, without ids.
fn value_vars<'a>(frame: &'a Frame, options: &Melt<'a>) -> Vec<&'a str> {
    let is_id = |name: &str| options.id_vars.contains(&name);
    match options.value_vars {
        // Without any names at all pandas lays every column, too.
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

/// Column names as text, whatever they look like: a UUID among them costs nothing here.
fn names(value_vars: &[&str]) -> Strings {
    let mut builder = StringsBuilder::default();
    value_vars.iter().for_each(|name| builder.push(name));
    builder.finish()
}

/// The columns end to end, each cast to the type of all if there is one.
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
