//! The body of a record batch: the buffers of each column, one after the other.

use std::ops::Range;

use arrow_ipc as ipc;

use crate::frame::{Column, Dtype, NAT, Strings, Value};
use crate::time::Clock;

/// The body of a record batch, and the lists in its head that locate each buffer.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Rows and missing cells of each column.
    pub(super) nodes: Vec<ipc::FieldNode>,
    /// Where each buffer lies in `bytes`.
    pub(super) buffers: Vec<ipc::Buffer>,
}

impl Body {
    /// Removes everything; the memory stays for the next batch.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.nodes.clear();
        self.buffers.clear();
    }

    /// Adds a column as `dtype`; cells of other types become missing. Views are followed, not written out first.
    pub(super) fn push(&mut self, column: &Column, dtype: Dtype, clock: &Clock) {
        let present = self.reserve(column.len().div_ceil(8));
        let count = match dtype {
            Dtype::Datetime | Dtype::Float | Dtype::Int => self.push_numbers(column, dtype, present.start),
            Dtype::Bool => self.push_truths(column, present.start),
            Dtype::String | Dtype::Mixed => self.push_texts(column, dtype, clock, present.start),
        };
        self.nodes.push(ipc::FieldNode::new(column.len() as i64, (column.len() - count) as i64));
    }

    /// Writes eight bytes a row; returns the number of rows with a value.
    fn push_numbers(&mut self, column: &Column, dtype: Dtype, present: usize) -> usize {
        match (column, dtype) {
            (Column::Datetime(times), Dtype::Datetime) => {
                self.push_words(times, present, |time| (*time != NAT).then_some(*time as u64))
            }
            (Column::Float(values), Dtype::Float) => {
                self.push_words(values, present, |value| (!value.is_nan()).then_some(value.to_bits()))
            }
            (Column::Int(values), Dtype::Int) => self.push_words(values, present, |value| Some(*value as u64)),
            _ => {
                let word = |value: &Value<'_>| match (dtype, value) {
                    (Dtype::Datetime, Value::Datetime(at)) => Some(at.as_nanos() as u64),
                    (Dtype::Int, Value::Int(number)) => Some(*number as u64),
                    (Dtype::Float, value) => value.to_f64().map(f64::to_bits),
                    _ => None,
                };
                self.push_words(&column.values().collect::<Vec<_>>(), present, word)
            }
        }
    }

    /// Writes the eight bytes of each value, zeros where it is missing; returns the number of those that are not.
    fn push_words<T>(&mut self, values: &[T], present: usize, word: impl Fn(&T) -> Option<u64>) -> usize {
        let words = self.reserve(8 * values.len());
        let (before, words) = self.bytes.split_at_mut(words.start);
        let (words, _) = words.as_chunks_mut::<8>();
        let mut count = 0;
        for ((values, words), bits) in values.chunks(8).zip(words.chunks_mut(8)).zip(&mut before[present..]) {
            for (row, (value, bytes)) in values.iter().zip(words).enumerate() {
                let word = word(value);
                *bytes = word.unwrap_or(0).to_le_bytes();
                *bits |= u8::from(word.is_some()) << row;
            }
            count += bits.count_ones() as usize;
        }
        count
    }

    /// Writes a bit a row; returns the number of rows with a value.
    fn push_truths(&mut self, column: &Column, present: usize) -> usize {
        let truths = self.reserve(column.len().div_ceil(8));
        let mut count = 0;
        for (row, value) in column.values().enumerate() {
            let Value::Bool(truth) = value else { continue };
            if truth {
                self.set_bit(truths.start, row);
            }
            self.set_bit(present, row);
            count += 1;
        }
        count
    }

    /// Writes the end of each text, then all texts end to end; returns the number of rows with a text.
    fn push_texts(&mut self, column: &Column, dtype: Dtype, clock: &Clock, present: usize) -> usize {
        let ends = self.reserve(4 * (column.len() + 1));
        let start = self.bytes.len();
        let mut count = 0;
        let mut end_row = |body: &mut Self, row: usize, is_present: bool| {
            if is_present {
                body.set_bit(present, row);
                count += 1;
            }
            // Parts of a response are far smaller than the two gigabytes that this type can count.
            let end = (body.bytes.len() - start) as i32;
            body.bytes[ends.start + 4 * (row + 1)..][..4].copy_from_slice(&end.to_le_bytes());
        };
        if let Column::String(Strings::Dictionary { codes, categories }) = column {
            for (row, code) in codes.iter().enumerate() {
                let text = categories.get(*code as usize);
                self.bytes.extend_from_slice(text.map_or(&[][..], |text| text.as_bytes()));
                end_row(self, row, text.is_some());
            }
        } else {
            for (row, value) in column.values().enumerate() {
                let is_present = self.push_text(value, dtype, clock);
                end_row(self, row, is_present);
            }
        }
        self.close(start);
        count
    }

    /// Adds the text of a cell; false where it is missing.
    fn push_text(&mut self, value: Value<'_>, dtype: Dtype, clock: &Clock) -> bool {
        match value {
            Value::Str(text) => self.bytes.extend_from_slice(text.as_bytes()),
            _ if dtype == Dtype::String => return false,
            Value::Datetime(at) => at.write_to(clock, &mut self.bytes),
            Value::Bool(truth) => self.bytes.extend_from_slice(if truth { b"true" } else { b"false" }),
            // Writing to memory cannot fail.
            Value::Float(number) if number.is_finite() => {
                return serde_json::to_writer(&mut self.bytes, &number).is_ok();
            }
            Value::Int(number) => return serde_json::to_writer(&mut self.bytes, &number).is_ok(),
            Value::Float(_) | Value::Null => return false,
        }
        true
    }

    fn set_bit(&mut self, bits: usize, row: usize) {
        self.bytes[bits + row / 8] |= 1 << (row % 8);
    }

    /// Adds a buffer of `len` zeros and returns its range.
    fn reserve(&mut self, len: usize) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.resize(start + len, 0);
        self.close(start);
        start..start + len
    }

    /// Ends the buffer that begins at `start`; the next one starts at a multiple of eight, which saves readers a copy.
    fn close(&mut self, start: usize) {
        let end = self.bytes.len();
        self.buffers.push(ipc::Buffer::new(start as i64, (end - start) as i64));
        self.bytes.resize(end.next_multiple_of(8), 0);
    }
}
