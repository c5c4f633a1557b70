//! gzip and deflate: bodies that were compressed on their way, and packed files, undone piece by piece.
//!
//! The inflater is `miniz_oxide`, in pure Rust; the frame around it, gzip, is a header and a trailer.

use crc::{CRC_32_ISO_HDLC, Crc, Digest};
use miniz_oxide::inflate::stream::{InflateState, MinReset, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

/// The names of the codings that are read, as `Accept-Encoding` gives them.
pub(crate) const CODINGS: &str = "gzip, deflate";

/// Maximum number of codings that are undone: a proxy may add one to that of the client, and each takes a pass over up
/// to the largest body.
const MAX_CODINGS: usize = 2;

/// Maximum number of bytes that are undone at a time.
const PART_BYTES: usize = 16 << 10;

/// Maximum size of the header of a gzip member: it may hold a name and a comment of any length.
const MAX_HEADER_BYTES: usize = 256 << 10;

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

impl CodingError {
    /// What it says of a file, packed by this coding, of which so many bytes were read.
    pub(crate) fn of_file(&self, coding: &str, at: u64) -> String {
        match self {
            Self::TooLarge => format!("the file unpacks to more than 4 GB of {coding}; cut it into smaller ones"),
            Self::Damaged(_) | Self::Unknown(_) => format!(
                "the file is not whole: its {coding} data is damaged, or ends too early, near byte {at}; get it again: what stands before was read"
            ),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// Undoes the codings of a whole body, see [`Decoding`].
pub(crate) fn decode(body: &[u8], codings: &str, max_bytes: usize) -> Result<Vec<u8>, CodingError> {
    let mut decoding = Decoding::new(codings, max_bytes)?;
    decoding.push(body, true);
    let mut out = Vec::new();
    while decoding.read(&mut out)? != Decoded::End {}
    Ok(out)
}

/// What [`Decoding::read`] found. In each case it may have appended bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// There is more to read.
    More,
    /// All that was pushed is read; more has to be pushed.
    NeedsMore,
    /// The end of the body.
    End,
}

/// Undoes the codings of a body that comes in pieces. It keeps the last piece, and a window of 40 KB for each coding.
pub(crate) struct Decoding {
    /// The coding that is undone first is the last.
    layers: Vec<Layer>,
    /// What was pushed, where there is no coding.
    plain: Input,
}

/// Bytes that wait to be read.
#[derive(Default)]
struct Input {
    bytes: Vec<u8>,
    at: usize,
    is_last: bool,
}

impl Decoding {
    /// For codings that the header lists in the order in which they were applied. `identity` is none. Neither the body
    /// nor what is between two codings may exceed the maximum.
    ///
    /// # Errors
    /// [`CodingError::Unknown`].
    pub(crate) fn new(codings: &str, max_bytes: usize) -> Result<Self, CodingError> {
        let names = codings.split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut layers = Vec::new();
        for name in names {
            match name.to_ascii_lowercase().as_str() {
                "identity" => {}
                "gzip" | "x-gzip" => layers.push(Coding::Gzip),
                "deflate" => layers.push(Coding::Deflate),
                _ => return Err(CodingError::Unknown(name.to_owned())),
            }
        }
        if layers.len() > MAX_CODINGS {
            return Err(CodingError::Unknown(codings.to_owned()));
        }
        let layers = layers.into_iter().map(|coding| Layer::new(coding, max_bytes)).collect();
        Ok(Self { layers, plain: Input::default() })
    }

    /// Whether a body can turn out to be damaged after some of it was read.
    pub(crate) fn is_coded(&self) -> bool {
        !self.layers.is_empty()
    }

    /// Takes the next piece of the body as it was sent.
    pub(crate) fn push(&mut self, piece: &[u8], is_last: bool) {
        let input = self.layers.last_mut().map_or(&mut self.plain, |layer| &mut layer.input);
        input.push(piece, is_last);
    }

    /// Appends the next bytes of the decoded body to `out`, some ten thousand at most.
    ///
    /// # Errors
    /// [`CodingError::TooLarge`] as soon as there are too many, [`CodingError::Damaged`].
    pub(crate) fn read(&mut self, out: &mut Vec<u8>) -> Result<Decoded, CodingError> {
        if self.layers.is_empty() { Ok(self.plain.read(out)) } else { read_layers(&mut self.layers, out) }
    }
}

/// Reads from the first of these layers, and feeds it from those behind it.
fn read_layers(layers: &mut [Layer], out: &mut Vec<u8>) -> Result<Decoded, CodingError> {
    let Some((layer, others)) = layers.split_first_mut() else { return Ok(Decoded::NeedsMore) };
    let decoded = layer.read(out)?;
    if decoded != Decoded::NeedsMore || others.is_empty() {
        return Ok(decoded);
    }
    let mut piece = Vec::new();
    let from = read_layers(others, &mut piece)?;
    layer.input.push(&piece, from == Decoded::End);
    Ok(if from == Decoded::NeedsMore && piece.is_empty() { from } else { Decoded::More })
}

impl Input {
    fn push(&mut self, piece: &[u8], is_last: bool) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(piece);
        self.is_last = is_last;
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Reads bytes as they are.
    fn read(&mut self, out: &mut Vec<u8>) -> Decoded {
        let rest = self.rest();
        let part = &rest[..rest.len().min(PART_BYTES)];
        out.extend_from_slice(part);
        let (is_all, bytes) = (part.len() == rest.len(), part.len());
        self.at += bytes;
        match is_all {
            false => Decoded::More,
            true if self.is_last => Decoded::End,
            true => Decoded::NeedsMore,
        }
    }
}

/// One coding.
struct Layer {
    coding: Coding,
    input: Input,
    stage: Stage,
    inflater: Box<InflateState>,
    /// The sum and the size of the present member of gzip.
    sum: Digest<'static, u32>,
    member_bytes: usize,
    /// Bytes of the input that were inflated.
    consumed: usize,
    /// What all members together may still inflate to.
    room_bytes: usize,
}

/// Where the input of a coding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before the header of a member.
    Header,
    /// Within what is deflated.
    Body,
    /// Behind that, before the sum and the size.
    Trailer,
    /// Behind a member.
    Behind,
    /// In the zeros with which tapes are filled.
    Filling,
}

impl Layer {
    fn new(coding: Coding, max_bytes: usize) -> Self {
        Self {
            coding,
            input: Input::default(),
            stage: Stage::Header,
            inflater: InflateState::new_boxed(DataFormat::Raw),
            sum: CRC32.digest(),
            member_bytes: 0,
            consumed: 0,
            room_bytes: max_bytes,
        }
    }

    /// Works through the input until there are bytes to return, or no input.
    fn read(&mut self, out: &mut Vec<u8>) -> Result<Decoded, CodingError> {
        loop {
            let is_over = self.input.rest().is_empty();
            let is_done = match self.stage {
                Stage::Header => self.read_header()?,
                Stage::Body => match self.inflate(out)? {
                    0 => self.stage != Stage::Body || !is_over,
                    _ => return Ok(Decoded::More),
                },
                Stage::Trailer => self.read_trailer()?,
                Stage::Behind | Stage::Filling if is_over && self.input.is_last => return Ok(Decoded::End),
                Stage::Behind | Stage::Filling if is_over => false,
                Stage::Behind => self.read_behind()?,
                Stage::Filling => self.read_filling()?,
            };
            if !is_done {
                // Each stage has reported an input that ends within it.
                return Ok(Decoded::NeedsMore);
            }
        }
    }

    /// Reads the header of a member; false if it has not ended.
    fn read_header(&mut self) -> Result<bool, CodingError> {
        let (rest, is_last) = (self.input.rest(), self.input.is_last);
        let (format, length) = match self.coding {
            Coding::Gzip => match gzip_header(rest) {
                Header::Length(length) => (DataFormat::Raw, length),
                Header::Short if !is_last && rest.len() < MAX_HEADER_BYTES => return Ok(false),
                Header::Short | Header::Damaged => return Err(self.damaged("its header is damaged")),
            },
            Coding::Deflate if rest.len() < 2 && !is_last => return Ok(false),
            // With the header of zlib, as RFC 9110 has it, or without one, as some clients send it.
            Coding::Deflate => match *rest {
                [method, flags, ..] if method & 0x0f == 8 && u16::from_be_bytes([method, flags]).is_multiple_of(31) => {
                    (DataFormat::Zlib, 0)
                }
                _ => (DataFormat::Raw, 0),
            },
        };
        self.input.at += length;
        // The window keeps the output of the member before it, and is not cleared: a body may hold millions of empty
        // members. A damaged one may copy from it, but only what is of the same body.
        self.inflater.reset_as(MinReset);
        if format == DataFormat::Zlib {
            self.inflater = InflateState::new_boxed(format);
        }
        (self.sum, self.member_bytes, self.stage) = (CRC32.digest(), 0, Stage::Body);
        Ok(true)
    }

    /// Inflates a part; returns the number of its bytes. The stage changes at the end of what is deflated. A stream that
    /// would inflate to more than the maximum is not followed further.
    fn inflate(&mut self, out: &mut Vec<u8>) -> Result<usize, CodingError> {
        let start = out.len();
        out.resize(start + PART_BYTES, 0);
        let rest = &self.input.bytes[self.input.at..];
        let result = inflate(&mut self.inflater, rest, &mut out[start..], MZFlush::None);
        let written = result.bytes_written;
        out.truncate(start + written);
        self.input.at += result.bytes_consumed;
        self.consumed += result.bytes_consumed;
        self.room_bytes = self.room_bytes.checked_sub(written).ok_or(CodingError::TooLarge)?;
        self.member_bytes += written;
        self.sum.update(&out[start..]);
        let is_over = self.input.rest().is_empty();
        match result.status {
            Ok(MZStatus::StreamEnd) => self.stage = Stage::Trailer,
            Ok(_) if result.bytes_consumed + written > 0 => {}
            Ok(_) | Err(MZError::Buf) if is_over && !self.input.is_last => {}
            _ if is_over && self.input.is_last => return Err(self.damaged("it ends early")),
            _ => return Err(self.damaged(&format!("it is damaged near byte {}", self.consumed))),
        }
        Ok(written)
    }

    /// Checks the sum and the size of a member of gzip; false if they have not come.
    fn read_trailer(&mut self) -> Result<bool, CodingError> {
        if self.coding == Coding::Deflate {
            self.stage = Stage::Behind;
            return Ok(true);
        }
        let Some(found) = self.input.rest().first_chunk::<8>() else {
            return if self.input.is_last { Err(self.damaged("it ends before its checksum")) } else { Ok(false) };
        };
        let expected = [self.sum.clone().finalize().to_le_bytes(), (self.member_bytes as u32).to_le_bytes()];
        if found != expected.as_flattened() {
            return Err(self.damaged("its checksum does not match"));
        }
        self.input.at += 8;
        self.stage = Stage::Behind;
        Ok(true)
    }

    /// Looks at the first byte behind a member: another member follows, or zeros.
    fn read_behind(&mut self) -> Result<bool, CodingError> {
        self.stage = match (self.coding, self.input.rest().first()) {
            (Coding::Deflate, _) => return Err(self.damaged("something follows its end")),
            (Coding::Gzip, Some(0)) => Stage::Filling,
            (Coding::Gzip, _) => Stage::Header,
        };
        Ok(true)
    }

    /// Skips zeros.
    fn read_filling(&mut self) -> Result<bool, CodingError> {
        if self.input.rest().iter().any(|byte| *byte != 0) {
            return Err(self.damaged("its header is damaged"));
        }
        self.input.at = self.input.bytes.len();
        Ok(true)
    }

    fn damaged(&self, fault: &str) -> CodingError {
        let coding = match self.coding {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
        };
        CodingError::Damaged(format!("the body is not {coding}: {fault}; send it whole, or without Content-Encoding"))
    }
}

/// The header of a member of gzip, RFC 1952.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    /// It has so many bytes.
    Length(usize),
    /// It goes on.
    Short,
    /// It is none.
    Damaged,
}

fn gzip_header(member: &[u8]) -> Header {
    const START: [u8; 3] = [0x1f, 0x8b, 8];
    const RESERVED: u8 = 0xe0;
    let is_one = member.iter().zip(START).all(|(found, expected)| *found == expected);
    if !is_one || member.get(3).is_some_and(|flags| flags & RESERVED != 0) {
        return Header::Damaged;
    }
    gzip_header_length(member).map_or(Header::Short, Header::Length)
}

/// The length of a header that begins rightly; `None` if it goes on.
fn gzip_header_length(member: &[u8]) -> Option<usize> {
    const HAS_SUM: u8 = 2;
    const HAS_EXTRA: u8 = 4;
    const HAS_NAME: u8 = 8;
    const HAS_COMMENT: u8 = 16;
    let flags = *member.get(3)?;
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

    #[test]
    fn a_bomb_is_undone_in_small_parts() {
        let mut decoding = Decoding::new("gzip, gzip", MAX).unwrap();
        decoding.push(&gzip(&gzip(&vec![b' '; MAX], 0, b""), 0, b""), true);
        let mut found = 0;
        loop {
            let mut part = Vec::new();
            let decoded = decoding.read(&mut part).unwrap();
            assert!(part.len() <= PART_BYTES, "{} bytes at once", part.len());
            found += part.len();
            if decoded == Decoded::End {
                return assert_eq!(found, MAX);
            }
        }
    }

    /// What a body that comes `step` bytes at a time is decoded to.
    fn in_pieces(body: &[u8], codings: &str, step: usize) -> Result<Vec<u8>, CodingError> {
        let mut decoding = Decoding::new(codings, MAX)?;
        let (mut out, mut pieces) = (Vec::new(), body.chunks(step).peekable());
        loop {
            match decoding.read(&mut out)? {
                Decoded::More => {}
                Decoded::End => return Ok(out),
                Decoded::NeedsMore => {
                    let piece = pieces.next().unwrap_or_default();
                    decoding.push(piece, pieces.peek().is_none());
                }
            }
        }
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

        #[test]
        fn pieces_of_any_size_are_decoded_alike(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..4),
            change in prop::option::of((0..600_usize, any::<u8>())),
            step in 1_usize..40,
            codings in prop::sample::select(vec!["", "gzip", "deflate", "gzip, gzip", "deflate, gzip", "gzip, deflate"]),
        ) {
            let members = |texts: &[Vec<u8>]| texts.iter().flat_map(|text| gzip(text, 8, b"name\0")).collect::<Vec<u8>>();
            let mut body = match codings {
                "gzip" => members(&texts),
                "deflate" => compress_to_vec_zlib(&texts.concat(), 6),
                "gzip, gzip" => gzip(&members(&texts), 0, b""),
                "deflate, gzip" => gzip(&compress_to_vec(&texts.concat(), 6), 0, b""),
                "gzip, deflate" => compress_to_vec(&members(&texts), 6),
                _ => texts.concat(),
            };
            if let Some((at, byte)) = change && let Some(place) = body.get_mut(at) {
                *place = byte;
            }
            let (found, whole) = (in_pieces(&body, codings, step), decode(&body, codings, MAX));
            // How far a damaged body was read before the damage showed depends on the pieces, the rest does not.
            prop_assert_eq!(found.is_ok(), whole.is_ok());
            if let (Ok(found), Ok(whole)) = (found, whole) {
                prop_assert_eq!(found, whole);
            }
        }
    }
}
