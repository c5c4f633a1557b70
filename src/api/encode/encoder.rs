//! What a format implements.

use crate::frame::Frame;

/// Writes tables piece by piece. Only JSON holds more than one.
pub(crate) trait Encoder {
    /// Starts a table of this name.
    fn open_table(&mut self, name: &str, out: &mut Vec<u8>);

    /// Writes the next rows of the table; the first rows, which may be none, define its columns.
    fn rows(&mut self, rows: &Frame, out: &mut Vec<u8>);

    /// Ends the table.
    fn close_table(&mut self, out: &mut Vec<u8>);

    /// Ends the response.
    fn finish(&mut self, out: &mut Vec<u8>);
}
