//! The frame: named columns of one length.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::{Column, FrameError};

/// A column's name; names in the code itself cost no allocation.
pub type Name = Cow<'static, str>;

/// Named columns of equal length, in order. Cloning shares all of it.
///
/// ```
/// use millrace::frame::{Column, Frame};
///
/// let frame = Frame::new(vec![
///     ("id".into(), Column::String(["a", "b"].into_iter().map(Some).collect())),
///     ("value".into(), vec![1.5, 2.5].into()),
/// ])?;
/// assert_eq!((frame.len(), frame.columns().len()), (2, 2));
/// assert_eq!(frame.column("value")?, &Column::from(vec![1.5, 2.5]));
/// # Ok::<(), millrace::frame::FrameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    columns: Arc<Vec<(Name, Column)>>,
    rows: usize,
}

impl Frame {
    /// A frame of these columns; no columns make an empty frame.
    ///
    /// # Errors
    /// [`FrameError::DuplicateColumn`] and [`FrameError::LengthMismatch`].
    pub fn new(columns: Vec<(Name, Column)>) -> Result<Self, FrameError> {
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        for (index, (name, column)) in columns.iter().enumerate() {
            if column.len() != rows {
                return Err(FrameError::LengthMismatch {
                    column: name.to_string(),
                    expected: rows,
                    found: column.len(),
                });
            }
            if columns[..index].iter().any(|(other, _)| other == name) {
                return Err(FrameError::DuplicateColumn { name: name.to_string() });
            }
        }
        Ok(Self { columns: columns.into(), rows })
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.columns.len())
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The columns in order.
    pub fn columns(&self) -> &[(Name, Column)] {
        &self.columns
    }

    /// The column of this name.
    ///
    /// # Errors
    /// [`FrameError::ColumnNotFound`].
    pub fn column(&self, name: &str) -> Result<&Column, FrameError> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, column)| column).ok_or_else(|| {
            FrameError::ColumnNotFound {
                name: name.to_owned(),
                columns: self.columns.iter().map(|(name, _)| name.to_string()).collect(),
            }
        })
    }

    /// This frame with one more column at the end, or with a column of that name replaced.
    ///
    /// # Errors
    /// [`FrameError::LengthMismatch`].
    pub fn with_column(mut self, name: impl Into<Name>, column: Column) -> Result<Self, FrameError> {
        let name = name.into();
        if !self.columns.is_empty() && column.len() != self.rows {
            return Err(FrameError::LengthMismatch {
                column: name.to_string(),
                expected: self.rows,
                found: column.len(),
            });
        }
        self.rows = column.len();
        let columns = Arc::make_mut(&mut self.columns);
        match columns.iter_mut().find(|(other, _)| *other == name) {
            Some((_, place)) => *place = column,
            None => columns.push((name, column)),
        }
        Ok(self)
    }

    /// Some of the columns, in the order named.
    ///
    /// # Errors
    /// [`FrameError::ColumnNotFound`].
    pub fn select(&self, names: &[&str]) -> Result<Self, FrameError> {
        let columns = names
            .iter()
            .map(|name| Ok((Name::from((*name).to_owned()), self.column(name)?.clone())))
            .collect::<Result<Vec<_>, FrameError>>()?;
        Ok(Self { columns: columns.into(), rows: self.rows })
    }

    /// The rows of `range`, shared with this frame.
    ///
    /// # Panics
    /// When the range reaches past the end, as slices do.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let rows = range.len();
        let columns = self.columns.iter().map(|(name, column)| (name.clone(), column.slice(range.clone())));
        Self { columns: Arc::new(columns.collect()), rows }
    }

    /// The named rows, in that order.
    ///
    /// # Panics
    /// When a row does not exist.
    pub fn take(&self, rows: &[u32]) -> Self {
        let columns = self.columns.iter().map(|(name, column)| (name.clone(), column.take(rows)));
        Self { columns: Arc::new(columns.collect()), rows: rows.len() }
    }
}
