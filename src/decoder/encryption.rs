//! Which columns of a file are encrypted. The parquet crate passes that over unless it is built to decrypt, and would
//! then take what is encrypted for damaged.
//!
//! Source: the compact protocol of Thrift,
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>, and the structures of
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

/// Fields of `FileMetaData`, `RowGroup` and `ColumnChunk`.
const ROW_GROUPS: i16 = 4;
const COLUMNS: i16 = 1;
const CRYPTO_METADATA: i16 = 8;

/// Types of values. Of two more, true and false, a field has no further bytes.
const BYTE: u8 = 3;
const I16: u8 = 4;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// Structures within structures: those of Parquet are seven at most.
const MAX_DEPTH: usize = 32;

/// The columns of values that are encrypted in the first group of rows, by their places; none where `metadata`, the
/// footer of a file, cannot be read.
pub(super) fn encrypted_columns(metadata: &[u8]) -> Vec<usize> {
    find(&mut Thrift(metadata)).unwrap_or_default()
}

fn find(thrift: &mut Thrift<'_>) -> Option<Vec<usize>> {
    let mut encrypted = Vec::new();
    let groups = thrift.list_of(ROW_GROUPS)?;
    let columns = if groups > 0 { thrift.list_of(COLUMNS)? } else { 0 };
    for column in 0..columns {
        let mut id = 0;
        while let Some(kind) = thrift.next_field(&mut id)? {
            if id == CRYPTO_METADATA {
                encrypted.push(column);
            }
            thrift.skip(kind, MAX_DEPTH)?;
        }
    }
    Some(encrypted)
}

/// Bytes that are not read yet. Its methods return `None` where the bytes are not what they should be.
struct Thrift<'a>(&'a [u8]);

impl Thrift<'_> {
    /// Goes on to the first element of a list that is this field of a structure; returns the number of elements.
    fn list_of(&mut self, field: i16) -> Option<usize> {
        let mut id = 0;
        while let Some(kind) = self.next_field(&mut id)? {
            if id == field && kind == LIST {
                return self.list().map(|(elements, _)| elements);
            }
            self.skip(kind, MAX_DEPTH)?;
        }
        Some(0)
    }

    /// The type of the next field of a structure, whose number follows that of the field before; `Some(None)` at its
    /// end.
    fn next_field(&mut self, id: &mut i16) -> Option<Option<u8>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        *id = match head >> 4 {
            0 => self.zigzag()?,
            delta => id.checked_add(delta.into())?,
        };
        Some(Some(head & 0x0f))
    }

    /// The number of elements of a list, and their type.
    fn list(&mut self) -> Option<(usize, u8)> {
        let head = self.byte()?;
        let elements = match head >> 4 {
            15 => usize::try_from(self.varint()?).ok()?,
            few => few.into(),
        };
        Some((elements, head & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            BYTE => self.bytes(1),
            I16..=I64 => self.varint().map(drop),
            DOUBLE => self.bytes(8),
            BINARY => {
                let length = self.varint()?;
                self.bytes(usize::try_from(length).ok()?)
            }
            LIST | SET => {
                let (elements, kind) = self.list()?;
                (0..elements).try_for_each(|_| self.skip_element(kind, depth))
            }
            MAP => {
                let entries = self.varint()?;
                let kinds = if entries > 0 { self.byte()? } else { 0 };
                (0..entries).try_for_each(|_| {
                    self.skip_element(kinds >> 4, depth)?;
                    self.skip_element(kinds & 0x0f, depth)
                })
            }
            STRUCT => {
                let mut id = 0;
                while let Some(kind) = self.next_field(&mut id)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            UUID => self.bytes(16),
            _ => None,
        }
    }

    /// Of an element, unlike of a field, true and false are a byte.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        if matches!(kind, 1 | 2) { self.bytes(1) } else { self.skip(kind, depth) }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn bytes(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i16> {
        let number = self.varint()?;
        i16::try_from((number >> 1).cast_signed() ^ -(number & 1).cast_signed()).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A footer whose one group has columns with or without the field, among other fields of each type.
    fn footer(are_encrypted: &[bool]) -> Vec<u8> {
        // version, schema of one element {name}, rows as i64.
        let mut bytes = vec![0x15, 2, 0x19, 0x1c, 0x48, 1, b'a', 0, 0x16, 0x80, 0x01];
        // row groups: one, whose first field is the list of columns.
        bytes.extend([0x19, 0x1c, 0x19, 0xfc, are_encrypted.len() as u8]);
        for is_encrypted in are_encrypted {
            // file_offset (2), meta_data (3) with a double (1), a list of truths (2) and a map (3).
            bytes.extend([0x26, 0x08, 0x1c]);
            bytes.extend([0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0x19, 0x21, 1, 2, 0x1b, 1, 0x83, 1, b'k', 9, 0]);
            if *is_encrypted {
                // The number of the field in full, 8, then a structure.
                bytes.extend([0x0c, 16, 0]);
            }
            bytes.push(0);
        }
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn encrypted_columns_are_found_among_others() {
        let all = footer(&[false, true, false, true]);
        assert_eq!(encrypted_columns(&all), [1, 3]);
        assert_eq!(encrypted_columns(&footer(&[])), [0_usize; 0]);
        assert_eq!(encrypted_columns(&[]), [0_usize; 0]);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_bytes_are_a_footer_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            encrypted_columns(&bytes);
        }

        #[test]
        fn a_footer_that_is_cut_ends_the_search(columns in prop::collection::vec(any::<bool>(), 0..20), cut in 0..900_usize) {
            let whole = footer(&columns);
            encrypted_columns(&whole[..cut.min(whole.len())]);
        }
    }
}
