//! `Content-Encoding`: bodies that were compressed on their way.
//!
//! The inflater is `miniz_oxide`, in pure Rust; the frame around it, gzip, is a header and a trailer.

use std::borrow::Cow;

use crc::{CRC_32_ISO_HDLC, Crc};
use miniz_oxide::inflate::stream::{InflateState, MinReset, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

/// The names of the codings that are read, as `Accept-Encoding` gives them.
pub(crate) const CODINGS: &str = "gzip, deflate";

/// Maximum number of codings that are undone: a proxy may add one to that of the client, and each takes a pass over up
/// to the largest body.
const MAX_CODINGS: usize = 2;

/// Bytes that are inflated at a time.
const PART_BYTES: usize = 64 << 10;

/// A table of 256 sums: the larger ones of the crate would weigh more than they save.
static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// Why a body cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodingError {
    /// A coding that is not read, or a list of more than are undone.
    Unknown(String),
    /// The decoded body exceeds the maximum.
    TooLarge,
    /// The body is not of its coding: a sentence.
    Damaged(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// Undoes codings, which the header lists in the order in which they were applied. `identity` is none.
pub(crate) fn decode<'a>(body: &'a [u8], codings: &str, max_bytes: usize) -> Result<Cow<'a, [u8]>, CodingError> {
    let names = codings.split(',').map(str::trim).filter(|name| !name.is_empty());
    let mut applied = Vec::new();
    for name in names {
        match name.to_ascii_lowercase().as_str() {
            "identity" => {}
            "gzip" | "x-gzip" => applied.push(Coding::Gzip),
            "deflate" => applied.push(Coding::Deflate),
            _ => return Err(CodingError::Unknown(name.to_owned())),
        }
    }
    if applied.len() > MAX_CODINGS {
        return Err(CodingError::Unknown(codings.to_owned()));
    }
    let mut decoded = Cow::Borrowed(body);
    for coding in applied.into_iter().rev() {
        decoded = Cow::Owned(match coding {
            Coding::Gzip => gunzip(&decoded, max_bytes)?,
            Coding::Deflate => undeflate(&decoded, max_bytes)?,
        });
    }
    Ok(decoded)
}

/// Undoes gzip, RFC 1952: one member or several, and zeros behind them, with which tapes are filled.
fn gunzip(body: &[u8], max_bytes: usize) -> Result<Vec<u8>, CodingError> {
    let mut out = Vec::new();
    let mut rest = body;
    let mut inflater = Inflater::new(DataFormat::Raw, "gzip", max_bytes);
    loop {
        let header = gzip_header(rest).ok_or_else(|| damaged("gzip", "its header is damaged"))?;
        let start = out.len();
        let length = inflater.append(&mut out, &rest[header..])?;
        let (sum, behind) = rest[header + length..]
            .split_first_chunk::<8>()
            .ok_or_else(|| damaged("gzip", "it ends before its checksum"))?;
        let expected = [CRC32.checksum(&out[start..]).to_le_bytes(), ((out.len() - start) as u32).to_le_bytes()];
        if sum != expected.as_flattened() {
            return Err(damaged("gzip", "its checksum does not match"));
        }
        rest = behind;
        if rest.iter().all(|byte| *byte == 0) {
            return Ok(out);
        }
    }
}

/// The length of the header of a gzip member; `None` if it is none.
fn gzip_header(member: &[u8]) -> Option<usize> {
    const HAS_SUM: u8 = 2;
    const HAS_EXTRA: u8 = 4;
    const HAS_NAME: u8 = 8;
    const HAS_COMMENT: u8 = 16;
    let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, ..] = *member else { return None };
    if flags & 0xe0 != 0 {
        return None;
    }
    let mut at = 10;
    if flags & HAS_EXTRA != 0 {
        let length = member.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    for text in [HAS_NAME, HAS_COMMENT] {
        if flags & text != 0 {
            at += member.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    if flags & HAS_SUM != 0 {
        at += 2;
    }
    (at <= member.len()).then_some(at)
}

/// Undoes `deflate`: with the header of zlib, as RFC 9110 has it, or without one, as some clients send it.
fn undeflate(body: &[u8], max_bytes: usize) -> Result<Vec<u8>, CodingError> {
    let is_zlib = matches!(*body, [method, flags, ..]
        if method & 0x0f == 8 && u16::from_be_bytes([method, flags]).is_multiple_of(31));
    let format = if is_zlib { DataFormat::Zlib } else { DataFormat::Raw };
    let mut out = Vec::new();
    let length = Inflater::new(format, "deflate", max_bytes).append(&mut out, body)?;
    if length < body.len() { Err(damaged("deflate", "something follows its end")) } else { Ok(out) }
}

/// Inflates streams one after the other. Its window and its buffer, 100 KB, are cleared once: a body may hold millions
/// of empty members.
struct Inflater {
    state: Box<InflateState>,
    part: Vec<u8>,
    /// The coding that its errors name.
    coding: &'static str,
    /// Maximum size of the output of all streams together.
    max_bytes: usize,
}

impl Inflater {
    fn new(format: DataFormat, coding: &'static str, max_bytes: usize) -> Self {
        Self { state: InflateState::new_boxed(format), part: vec![0; PART_BYTES], coding, max_bytes }
    }

    /// Appends what a stream inflates to; returns its length. A stream that would inflate to more than the maximum is
    /// not followed further.
    fn append(&mut self, out: &mut Vec<u8>, stream: &[u8]) -> Result<usize, CodingError> {
        // The window keeps the output of the stream before it: a damaged stream may copy from it, but only what is of
        // the same body.
        self.state.reset_as(MinReset);
        let mut at = 0;
        loop {
            let result = inflate(&mut self.state, &stream[at..], &mut self.part, MZFlush::None);
            at += result.bytes_consumed;
            if out.len() + result.bytes_written > self.max_bytes {
                return Err(CodingError::TooLarge);
            }
            out.extend_from_slice(&self.part[..result.bytes_written]);
            match result.status {
                Ok(MZStatus::StreamEnd) => return Ok(at),
                Ok(_) if result.bytes_consumed + result.bytes_written > 0 => {}
                _ if at == stream.len() => return Err(damaged(self.coding, "it ends early")),
                _ => return Err(damaged(self.coding, &format!("it is damaged near byte {at}"))),
            }
        }
    }
}

fn damaged(coding: &str, fault: &str) -> CodingError {
    CodingError::Damaged(format!("the body is not {coding}: {fault}; send it whole, or without Content-Encoding"))
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
    use proptest::prelude::*;

    use super::*;

    const MAX: usize = 1 << 20;

    /// A gzip member with these flags, whose optional parts are `extra`.
    fn gzip(text: &[u8], flags: u8, extra: &[u8]) -> Vec<u8> {
        let header = [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255], extra].concat();
        let trailer = [CRC32.checksum(text).to_le_bytes(), (text.len() as u32).to_le_bytes()].concat();
        [header, compress_to_vec(text, 6), trailer].concat()
    }

    fn text(body: &[u8], codings: &str) -> Result<String, CodingError> {
        decode(body, codings, MAX).map(|text| String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn each_coding_is_undone() {
        let member = gzip(b"id,value\n", 0, b"");
        for (body, codings) in [
            (b"id,value\n".to_vec(), ""),
            (b"id,value\n".to_vec(), "Identity, identity"),
            (member.clone(), "gzip"),
            (member.clone(), "X-GZIP"),
            (gzip(&member, 0, b""), "gzip, gzip"),
            (compress_to_vec_zlib(b"id,value\n", 6), "deflate"),
            (compress_to_vec(b"id,value\n", 6), "deflate"),
            (compress_to_vec(&member, 6), "gzip, identity, deflate"),
            ([gzip(b"id,", 0, b""), gzip(b"", 0, b""), gzip(b"value\n", 0, b"")].concat(), "gzip"),
            ([member, vec![0; 100]].concat(), "gzip"),
            (gzip(b"id,value\n", 4 | 8 | 16 | 2, b"\x03\0abcname\0comment\0\xff\xff"), "gzip"),
        ] {
            assert_eq!(text(&body, codings).as_deref(), Ok("id,value\n"), "{codings}");
        }
    }

    #[test]
    fn an_unknown_coding_is_never_guessed_at() {
        assert_eq!(text(b"x", "gzip, br"), Err(CodingError::Unknown("br".into())));
        assert_eq!(text(b"x", "none"), Err(CodingError::Unknown("none".into())));
    }

    #[test]
    fn more_than_two_codings_are_refused() {
        let packed = gzip(&gzip(&gzip(b"a", 0, b""), 0, b""), 0, b"");
        let refused = |codings: &str| Err(CodingError::Unknown(codings.into()));
        assert_eq!(text(&packed, "gzip, gzip, gzip"), refused("gzip, gzip, gzip"));
        assert_eq!(text(&packed, "gzip, identity, deflate, gzip"), refused("gzip, identity, deflate, gzip"));
    }

    #[test]
    fn many_members_are_read_as_one_text() {
        let texts: Vec<String> = (0..300_usize).map(|row| format!("pump-{row},{row}\n").repeat(row % 3 * 40)).collect();
        let members: Vec<u8> = texts.iter().flat_map(|text| gzip(text.as_bytes(), 0, b"")).collect();
        assert_eq!(text(&members, "gzip"), Ok(texts.concat()));
    }

    #[test]
    fn a_damaged_body_is_refused() {
        let member = gzip(b"id,value\na,1\n", 0, b"");
        let mut wrong_sum = member.clone();
        wrong_sum[member.len() - 8] ^= 1;
        for (body, codings) in [
            (&b""[..], "gzip"),
            (&b""[..], "deflate"),
            (&b"id,value\n"[..], "gzip"),
            (&member[..8], "gzip"),
            (&member[..member.len() - 1], "gzip"),
            (&member[..20], "gzip"),
            (&wrong_sum[..], "gzip"),
            (&[&member[..], b"x"].concat()[..], "gzip"),
            (&gzip(b"a", 0x80, b"")[..], "gzip"),
            (&gzip(b"a", 4, b"\xff\xff")[..], "gzip"),
            (&[&compress_to_vec(b"a", 6)[..], b"x"].concat()[..], "deflate"),
        ] {
            assert!(matches!(text(body, codings), Err(CodingError::Damaged(_))), "{body:?}");
        }
    }

    #[test]
    fn a_bomb_is_not_followed_beyond_the_limit() {
        let bomb = vec![b' '; 2 * MAX];
        assert_eq!(text(&gzip(&bomb, 0, b""), "gzip"), Err(CodingError::TooLarge));
        assert_eq!(text(&compress_to_vec_zlib(&bomb, 6), "deflate"), Err(CodingError::TooLarge));
        let members = gzip(&bomb[..MAX], 0, b"").repeat(2);
        assert_eq!(text(&members, "gzip"), Err(CodingError::TooLarge), "the limit holds for all members together");
        assert!(text(&gzip(&bomb[..MAX], 0, b""), "gzip").is_ok());
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn any_bytes_are_decoded_or_refused(
            bytes in prop::collection::vec(any::<u8>(), 0..300),
            change in prop::option::of((0..300_usize, any::<u8>())),
        ) {
            let mut body = gzip(&bytes, 0, b"");
            if let Some((at, byte)) = change && let Some(place) = body.get_mut(at) {
                *place = byte;
            }
            if let Ok(decoded) = decode(&body, "gzip", MAX) {
                prop_assert_eq!(&*decoded, &bytes[..]);
            }
            let _ = decode(&bytes, "gzip", MAX);
            let _ = decode(&bytes, "deflate", MAX);
        }
    }
}
