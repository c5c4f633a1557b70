//! Which content a cursor belongs to.

use crc::{CRC_64_XZ, Crc};
use memchr::memchr_iter;

/// Bytes of a file that tell it from others of its name.
pub const EPOCH_BYTES: usize = 4096;

/// The same in every build: cursors outlive builds.
static CRC64: Crc<u64> = Crc::<u64>::new(&CRC_64_XZ);

/// The epoch of a file that begins with these bytes: its first [`EPOCH_BYTES`], or all of them if there are fewer.
///
/// It depends on the first two lines alone, the header and a row, so that a file that has grown is still the same. A
/// file that is no text, or has long lines, is told by its first bytes.
#[must_use]
pub fn file_epoch(start: &[u8]) -> u64 {
    let start = &start[..start.len().min(EPOCH_BYTES)];
    let end = memchr_iter(b'\n', start).nth(1).unwrap_or(start.len());
    CRC64.checksum(start[..end].trim_ascii_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_grows_stays_the_same_and_another_row_makes_another() {
        let epoch = |text: &str| file_epoch(text.as_bytes());
        assert_eq!(epoch("id,value\na,1"), epoch("id,value\na,1\n"));
        assert_eq!(epoch("id,value\r\na,1"), epoch("id,value\r\na,1\r\nb,2\r\n"));
        assert_ne!(epoch("id,value\na,1\n"), epoch("id,value\na,2\n"));
        assert_ne!(epoch("id,value\na,1\n"), epoch("id,worth\na,1\n"));
        let long = "x".repeat(3 * EPOCH_BYTES);
        assert_eq!(epoch(&long), epoch(&long[..EPOCH_BYTES]));
    }
}
