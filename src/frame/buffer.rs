//! A shared run of values of one type.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Values that several columns may share; cloning and slicing cost no copy.
#[derive(Clone)]
pub struct Buffer<T> {
    values: Arc<Vec<T>>,
    start: usize,
    len: usize,
}

impl<T> Buffer<T> {
    /// The values of `range`, shared with this buffer.
    ///
    /// # Panics
    /// When the range reaches past the end, as slices do.
    pub fn slice(&self, range: Range<usize>) -> Self {
        assert!(range.start <= range.end && range.end <= self.len, "range {range:?} of {} values", self.len);
        Self { values: Arc::clone(&self.values), start: self.start + range.start, len: range.end - range.start }
    }

    /// Bytes that the values take, counted once for this buffer.
    pub fn heap_bytes(&self) -> usize {
        self.values.capacity() * size_of::<T>()
    }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(values: Vec<T>) -> Self {
        Self { start: 0, len: values.len(), values: Arc::new(values) }
    }
}

impl<T> FromIterator<T> for Buffer<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Vec::from_iter(values).into()
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.values[self.start..self.start + self.len]
    }
}

impl<T: fmt::Debug> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

impl<T: PartialEq> PartialEq for Buffer<T> {
    fn eq(&self, other: &Self) -> bool {
        self.deref() == other.deref()
    }
}
