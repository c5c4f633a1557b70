//! Record framing: mark, length, checksum, payload. A scan finds the next whole record after damage.

use std::ops::Range;
use std::sync::LazyLock;

use crc::{CRC_32_ISCSI, Crc, Table};

/// The first bytes of every record: a scan searches for them when a record's length is damaged.
const MARK: [u8; 4] = *b"MRr\x01";
/// Mark, length of the payload, checksum of length and payload; 4 bytes each, little-endian.
pub(super) const HEAD_BYTES: usize = 12;
/// CRC-32C (Castagnoli), as in ext4, iSCSI and LevelDB, sixteen bytes at a time. The tables for that are made here: in
/// the program they would be 16 KB that no compression makes smaller.
static CRC32C: LazyLock<Crc<u32, Table<16>>> = LazyLock::new(|| Crc::<u32, Table<16>>::new(&CRC_32_ISCSI));

/// CRC-32C of `bytes`.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    CRC32C.checksum(bytes)
}

/// Appends a record; `write` appends its payload.
pub(super) fn append(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&MARK);
    out.extend_from_slice(&[0; 8]);
    write(out);
    let len = (out.len() - start - HEAD_BYTES) as u32;
    let checksum = checksum_of(len, &out[start + HEAD_BYTES..]);
    out[start + 4..start + 8].copy_from_slice(&len.to_le_bytes());
    out[start + 8..start + 12].copy_from_slice(&checksum.to_le_bytes());
}

/// The result of a scan.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// The payloads of whole records, in order.
    pub(super) records: Vec<Range<usize>>,
    /// Damaged ranges that are followed by a whole record.
    pub(super) damaged: Vec<Range<usize>>,
    /// The end of the last whole record; what follows is torn or was never written.
    pub(super) end: usize,
}

/// Finds all whole records from `start` on.
pub(super) fn scan(bytes: &[u8], start: usize) -> Scan {
    let mut found = Scan { end: start, ..Scan::default() };
    let mut at = start;
    while at + HEAD_BYTES <= bytes.len() {
        if let Some(payload) = record_at(bytes, at) {
            if at > found.end {
                found.damaged.push(found.end..at);
            }
            at = payload.end;
            found.end = at;
            found.records.push(payload);
            continue;
        }
        // The next offset where a record may begin.
        match bytes[at + 1..].windows(MARK.len()).position(|window| window == MARK) {
            Some(skipped) => at += 1 + skipped,
            None => break,
        }
    }
    found
}

/// The payload of the record at `at`, if the record is whole.
pub(super) fn record_at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let head = bytes.get(at..at + HEAD_BYTES)?;
    let word = |place: usize| Some(u32::from_le_bytes(head[place..place + 4].try_into().ok()?));
    let (len, checksum) = (word(4)?, word(8)?);
    let payload = at + HEAD_BYTES..(at + HEAD_BYTES).checked_add(len as usize)?;
    (head[..4] == MARK && checksum_of(len, bytes.get(payload.clone())?) == checksum).then_some(payload)
}

fn checksum_of(len: u32, payload: &[u8]) -> u32 {
    let mut digest = CRC32C.digest();
    digest.update(&len.to_le_bytes());
    digest.update(payload);
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(payloads: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for payload in payloads {
            append(&mut bytes, |out| out.extend_from_slice(payload));
        }
        bytes
    }

    fn payloads(bytes: &[u8]) -> Vec<Vec<u8>> {
        scan(bytes, 0).records.into_iter().map(|payload| bytes[payload].to_vec()).collect()
    }

    #[test]
    fn the_checksum_is_crc_32c() {
        assert_eq!(checksum(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn a_file_truncated_in_its_last_record_keeps_the_others() {
        let whole = file(&[b"one", b"", b"three"]);
        let two = file(&[b"one", b""]).len();
        for len in two..whole.len() {
            let found = scan(&whole[..len], 0);
            assert_eq!((found.records.len(), found.end, found.damaged.len()), (2, two, 0), "cut at {len}");
        }
        let mut reserved = whole.clone();
        reserved.resize(whole.len() + 1000, 0);
        assert_eq!(scan(&reserved, 0), Scan { end: whole.len(), ..scan(&whole, 0) });
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(200))]

        #[test]
        fn one_damaged_byte_loses_only_its_record(
            contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..8),
            place in any::<prop::sample::Index>(),
            flip in 1u8..,
        ) {
            let parts: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
            let mut bytes = file(&parts);
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            let mut start = 0;
            let hit = contents.iter().position(|content| {
                start += HEAD_BYTES + content.len();
                place < start
            }).unwrap();
            let mut expected = contents.clone();
            expected.remove(hit);
            prop_assert_eq!(payloads(&bytes), expected);
            prop_assert_eq!(scan(&bytes, 0).damaged.len(), usize::from(hit + 1 < contents.len()));
        }
    }
}
