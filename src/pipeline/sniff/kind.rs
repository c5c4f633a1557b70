//! What a file is, by its first bytes; a name counts only where the bytes do not tell.

use serde::de::IgnoredAny;

use super::error::SniffError;
use crate::pipeline::records::Encoding;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// deflate, with the head of zlib.
    Deflate,
    /// Zstandard.
    Zstd,
}

impl Packing {
    /// How a file that begins with these bytes is packed; `None`: not.
    #[must_use]
    pub fn detect(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x78, 0x01 | 0x9c | 0xda, ..] => Some(Self::Deflate),
            // A frame, or one that is skipped.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Its name, as a content coding has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Text with a delimiter.
    Csv,
    /// A JSON object or an array of them.
    Json,
    /// A JSON object in each line.
    Ndjson,
    /// An Arrow IPC stream or file.
    Arrow,
    /// An Apache Parquet file.
    Parquet,
}

impl FileKind {
    /// What a file is that begins with these bytes, unpacked and with its byte order mark; the name counts only where
    /// the bytes do not tell.
    ///
    /// # Errors
    /// [`SniffError`] for a file that is empty, no text, or of a format that is not read.
    pub fn detect(start: &[u8], name: &str, is_whole: bool) -> Result<Self, SniffError> {
        detect(start, name, is_whole)
    }
}

/// Formats that people have and that are not read: how they begin, what they are, what to do.
const FOREIGN: [(&[u8], &str, &str); 21] = [
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet or document", "save the sheet as CSV"),
    (b"BZh9", "packed by bzip2", "unpack it, or pack it by gzip or zstd"),
    (b"\xfd7zXZ\0", "packed by xz", "unpack it, or pack it by gzip or zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it"),
    (b"Rar!\x1a", "a RAR archive", "unpack it"),
    (b"\x04\x22\x4d\x18", "packed by LZ4", "unpack it, or pack it by gzip or zstd"),
    (b"PARE", "a Parquet file with an encrypted footer", "write it without encryption"),
    (b"FEA1", "a Feather file of version 1", "write it as Arrow IPC, which is version 2"),
    (b"\x89HDF\r\n", "an HDF5 file", "write its table as Parquet or CSV"),
    (b"CDF\x01", "a NetCDF file", "write its table as Parquet or CSV"),
    (b"Obj\x01", "an Avro file", "write it as Parquet or NDJSON"),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV"),
    (b"%PDF-", "a PDF document", "export the table as CSV"),
    (b"\x89PNG\r\n", "a picture", "choose a table"),
    (b"\xff\xd8\xff", "a picture", "choose a table"),
    (b"GIF8", "a picture", "choose a table"),
    (b"\0asm", "a WebAssembly program", "choose a table"),
    (b"\x7fELF", "a program", "choose a table"),
    (b"<?xml", "XML", "write its table as CSV or JSON"),
    (b"<!DOCTYPE", "a web page", "save its table as CSV"),
];

/// Bytes in which those that no text has are looked for.
const LOOKED_AT: usize = 4096;

/// What a file is that begins with these bytes, unpacked and with its mark.
pub(super) fn detect(start: &[u8], name: &str, is_whole: bool) -> Result<FileKind, SniffError> {
    if start.trim_ascii().is_empty() && is_whole {
        return Err(SniffError::Empty);
    }
    if let Some(&(_, what, mend)) = FOREIGN.iter().find(|(magic, _, _)| start.starts_with(magic)) {
        return Err(SniffError::Foreign { what, mend });
    }
    match start {
        [b'P', b'A', b'R', b'1', next, ..] if is_no_text(*next) => return Ok(FileKind::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] | [0xff, 0xff, 0xff, 0xff, ..] => return Ok(FileKind::Arrow),
        _ => {}
    }
    let text = match Encoding::of_mark(start) {
        // Turned into UTF-8 before it is looked at: every second byte would be no text.
        Some((Encoding::Utf16Le | Encoding::Utf16Be, _)) => return Ok(FileKind::Csv),
        Some((Encoding::Utf8, mark)) => &start[mark..],
        None => start,
    };
    check_text(text)?;
    Ok(of_text(text, name, is_whole))
}

/// What a text is, as UTF-8 and without its mark.
pub(super) fn of_text(text: &[u8], name: &str, is_whole: bool) -> FileKind {
    let text = text.trim_ascii_start();
    let second = text.get(1..).unwrap_or_default().trim_ascii_start().first();
    match (text.first(), second) {
        (Some(b'['), Some(b'{' | b'[' | b']' | b'"' | b'-' | b'0'..=b'9')) => FileKind::Json,
        (Some(b'['), None) if !is_whole => FileKind::Json,
        (Some(b'{'), Some(b'"' | b'}')) => of_object(text, name, is_whole),
        _ => FileKind::Csv,
    }
}

/// Whether a text that begins with an object has one in each line.
fn of_object(text: &[u8], name: &str, is_whole: bool) -> FileKind {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    let is_object = |line: &[u8]| serde_json::from_slice::<IgnoredAny>(line).is_ok();
    let has_name = [".ndjson", ".jsonl", ".jsonlines", ".log"]
        .iter()
        .any(|end| name.get(name.len().saturating_sub(end.len())..).is_some_and(|tail| tail.eq_ignore_ascii_case(end)));
    match second {
        // The first line may be cut, or a broken one.
        Some(second) if is_object(first) || second.starts_with(b"{") => FileKind::Ndjson,
        Some(_) => FileKind::Json,
        None if has_name || !is_whole || !is_object(first) => FileKind::Ndjson,
        None => FileKind::Json,
    }
}

/// Refuses bytes that no text has.
fn check_text(text: &[u8]) -> Result<(), SniffError> {
    let start = &text[..text.len().min(LOOKED_AT)];
    let zeros = start.iter().filter(|byte| **byte == 0).count();
    let Some(first) = start.iter().position(|byte| is_no_text(*byte)) else { return Ok(()) };
    let strange = start.iter().filter(|byte| is_no_text(**byte)).count();
    if zeros == 0 && strange * 20 < start.len() {
        // A stray control character is data.
        return Ok(());
    }
    let of_parity = |parity: usize| start.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let half = start.len() / 2;
    if half > 0 && strange == zeros && (of_parity(0) * 10 > half * 7 || of_parity(1) * 10 > half * 7) {
        return Err(SniffError::Unmarked);
    }
    let line = 1 + start[..first].iter().filter(|byte| **byte == b'\n').count();
    Err(SniffError::Binary { line, byte: start[first] })
}

/// Whether a byte is a control character that text files do not have.
fn is_no_text(byte: u8) -> bool {
    matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(start: &[u8]) -> Result<FileKind, String> {
        detect(start, "data", true).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_bytes_say_what_a_file_is() {
        for (start, expected) in [
            (&b"time,value\n1,2\n"[..], FileKind::Csv),
            (b"PAR1,PAR2\n1,2\n", FileKind::Csv),
            (b"PAR1\x15\x04\x15", FileKind::Parquet),
            (b"ARROW1\0\0\xff\xff\xff\xff", FileKind::Arrow),
            (b"\xff\xff\xff\xff\x10\x01\0\0", FileKind::Arrow),
            (b"[{\"value\":1}]", FileKind::Json),
            (b"\xef\xbb\xbf \n[\n]", FileKind::Json),
            (b"[time],[value]\n", FileKind::Csv),
            (b"{\"value\":1}", FileKind::Json),
            (b"{\n \"value\": 1\n}", FileKind::Json),
            (b"{\"value\":1}\r\n\n{\"value\":2}", FileKind::Ndjson),
            (b"{\"value\":\n{\"value\":2}\n", FileKind::Ndjson),
            (b"{a};{b}\n", FileKind::Csv),
            (b"\xff\xfet\0,\0v\0", FileKind::Csv),
            (b"a,b\n\x1b[0m,1\n", FileKind::Csv),
        ] {
            assert_eq!(kind(start), Ok(expected), "{}", String::from_utf8_lossy(start));
        }
        assert_eq!(detect(b"{\"value\":1}", "a.NDJSON", true), Ok(FileKind::Ndjson));
    }

    #[test]
    fn what_is_not_read_is_named_with_its_mend() {
        for (start, reason) in [
            (&b""[..], "it is empty"),
            (b" \r\n\n", "it is empty"),
            (b"PK\x03\x04\x14\0", "save the sheet as CSV"),
            (b"PARE\x15", "encrypted footer"),
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"time,value\n1,\0\x01\x02\x03", "byte 0x00 on line 2"),
            (b"t\0i\0m\0e\0,\0v\0\n\0", "UTF-16 without a byte order mark"),
            (b"\0t\0i\0m\0e\0,\0v\0\n", "UTF-16 without a byte order mark"),
        ] {
            let found = kind(start).unwrap_err();
            assert!(found.contains(reason), "{found}");
        }
    }

    #[test]
    fn a_packed_file_is_known_by_its_head() {
        for (start, packing) in [
            (&b"\x1f\x8b\x08"[..], Some(Packing::Gzip)),
            (b"\x28\xb5\x2f\xfd\x04", Some(Packing::Zstd)),
            (b"\x52\x2a\x4d\x18", Some(Packing::Zstd)),
            (b"\x78\x9c\x01", Some(Packing::Deflate)),
            (b"x,y\n", None),
            (b"", None),
        ] {
            assert_eq!(Packing::detect(start), packing);
        }
    }
}
