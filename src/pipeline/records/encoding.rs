//! The encoding of a text, by its byte order mark: UTF-8 with or without one, UTF-16 with one. All that follows reads
//! UTF-8.
//!
//! What is not text in its encoding is kept as bytes that are not UTF-8, so that the row that holds them is refused, and
//! no other.

use std::borrow::Cow;

/// An encoding of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, the low byte of each unit first.
    Utf16Le,
    /// UTF-16, the high byte of each unit first.
    Utf16Be,
}

impl Encoding {
    /// The encoding that the mark at the start of a text names, and the number of bytes of the mark: up to three.
    #[must_use]
    pub fn of_mark(start: &[u8]) -> Option<(Self, usize)> {
        match start {
            [0xef, 0xbb, 0xbf, ..] => Some((Self::Utf8, 3)),
            [0xff, 0xfe, ..] => Some((Self::Utf16Le, 2)),
            [0xfe, 0xff, ..] => Some((Self::Utf16Be, 2)),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
        }
    }
}

/// A text as UTF-8, without its mark, and the encoding that it had: `expected`, unless a mark says otherwise.
#[must_use]
pub fn to_utf8(text: &[u8], expected: Encoding) -> (Cow<'_, [u8]>, Encoding) {
    let (encoding, mark) = Encoding::of_mark(text).unwrap_or((expected, 0));
    if encoding == Encoding::Utf8 {
        return (Cow::Borrowed(&text[mark..]), encoding);
    }
    let mut utf8 = Vec::with_capacity(text.len() / 2);
    Decoder::new(encoding).push(&text[mark..], true, &mut utf8);
    (Cow::Owned(utf8), encoding)
}

/// Turns text that comes in pieces, without its mark, into UTF-8.
#[derive(Debug, Clone)]
pub(super) struct Decoder {
    encoding: Encoding,
    /// The start of a character that goes on in the next piece.
    rest: Vec<u8>,
}

impl Decoder {
    /// For text in this encoding.
    #[must_use]
    pub(super) fn new(encoding: Encoding) -> Self {
        Self { encoding, rest: Vec::new() }
    }

    /// Appends the next piece as UTF-8 to `out`. An unpaired surrogate becomes the three bytes that it had in UTF-8 if
    /// it were a character, and half a unit at the end becomes the byte 0xff: neither is UTF-8.
    pub(super) fn push(&mut self, piece: &[u8], is_last: bool, out: &mut Vec<u8>) {
        if self.encoding == Encoding::Utf8 {
            out.extend_from_slice(piece);
            return;
        }
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(piece);
        let unit = |pair: [u8; 2]| match self.encoding {
            Encoding::Utf16Be => u16::from_be_bytes(pair),
            Encoding::Utf16Le | Encoding::Utf8 => u16::from_le_bytes(pair),
        };
        let (pairs, odd) = bytes.as_chunks::<2>();
        let is_split = !is_last && pairs.last().is_some_and(|pair| matches!(unit(*pair), 0xd800..=0xdbff));
        let whole = pairs.len() - usize::from(is_split);
        for character in char::decode_utf16(pairs[..whole].iter().map(|pair| unit(*pair))) {
            match character {
                Ok(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(error) => {
                    let code = error.unpaired_surrogate();
                    let bits = |shift: u16| 0x80 | ((code >> shift) as u8 & 0x3f);
                    out.extend_from_slice(&[0xed, bits(6), bits(0)]);
                }
            }
        }
        if is_last {
            out.extend(odd.iter().map(|_| 0xff));
        } else {
            self.rest = bytes.split_off(2 * whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16(text: &str, encoding: Encoding) -> Vec<u8> {
        let bytes = |unit: u16| if encoding == Encoding::Utf16Be { unit.to_be_bytes() } else { unit.to_le_bytes() };
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn a_mark_is_no_part_of_the_text() {
        assert_eq!(to_utf8(b"\xef\xbb\xbfid", Encoding::Utf8), (Cow::Borrowed(&b"id"[..]), Encoding::Utf8));
        assert_eq!(to_utf8(b"\xff\xfei\0d\0", Encoding::Utf8), (Cow::Borrowed(&b"id"[..]), Encoding::Utf16Le));
        assert_eq!(to_utf8(b"\xff", Encoding::Utf8), (Cow::Borrowed(&b"\xff"[..]), Encoding::Utf8));
    }

    #[test]
    fn what_is_no_text_spoils_its_line_alone() {
        let mut text = utf16("a\nb?\nc", Encoding::Utf16Le);
        text[8..10].copy_from_slice(&0xd800_u16.to_le_bytes());
        text.push(b'x');
        let (utf8, _) = to_utf8(&text, Encoding::Utf8);
        let lines: Vec<_> = utf8.split(|byte| *byte == b'\n').map(|line| str::from_utf8(line).ok()).collect();
        assert_eq!(lines, [Some("a"), None, None]);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn utf16_reads_back_in_pieces_of_any_size(text in "(\\PC|😀|\n){0,20}", step in 1_usize..6, is_big in any::<bool>()) {
            let encoding = if is_big { Encoding::Utf16Be } else { Encoding::Utf16Le };
            let bytes = utf16(&text, encoding);
            let (utf8, found) = to_utf8(&bytes, Encoding::Utf8);
            prop_assert_eq!((str::from_utf8(&utf8).unwrap(), found), (&*text, encoding));
            let (mut decoder, mut out) = (Decoder::new(encoding), Vec::new());
            bytes[2..].chunks(step).for_each(|piece| decoder.push(piece, false, &mut out));
            decoder.push(&[], true, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
