//! What a file would become, from its first bytes.

use parquet::file::reader::ChunkReader;

use super::file_bytes::{FileBytes, Piece};
use crate::pipeline::Settings;
use crate::pipeline::records::MAX_ROW_BYTES;
use crate::pipeline::sniff::{self, Choices, FileKind, Sample, Zones};
use crate::protocol::FilePreview;

/// Bytes that a preview looks at; of text in which no row ends there, as many more as a row may have.
const SAMPLE_BYTES: usize = 256 << 10;
/// The same of Arrow, of which whole record batches are read: pandas writes some MiB of them.
const ARROW_SAMPLE_BYTES: usize = 16 << 20;
/// Columns that a preview says of why they cannot be read.
const MAX_UNREADABLE_NOTES: usize = 10;

/// What a file of this name would become, and its epoch; what the choices leave open is guessed. How far it was loaded
/// before is not known here.
///
/// # Errors
/// A sentence with reason and mend, when nothing of it can be shown.
pub fn preview<R: ChunkReader + Clone + 'static>(
    file: R,
    name: &str,
    choices: &Choices,
    settings: &Settings,
    zones: Zones<'_>,
) -> Result<(u64, FilePreview), String> {
    let mut bytes = FileBytes::open(file, None, 0)?;
    let columns_of = bytes.columns_of();
    let (mut sample, mut is_whole, mut problems) = (Vec::new(), false, Vec::new());
    while !is_whole && sample.len() < sample_bytes(&sample, columns_of) {
        match bytes.read(sample.len() as u64) {
            Ok(Piece { bytes, is_last }) => {
                is_whole = is_last;
                sample.extend_from_slice(&bytes);
            }
            Err(sentence) if sample.is_empty() => return Err(sentence),
            // What stands before the fault is shown, so that a person recognises the file.
            Err(sentence) => {
                problems.push(sentence);
                break;
            }
        }
    }
    let most_bytes = sample_bytes(&sample, columns_of);
    if sample.len() > most_bytes && columns_of.is_none() {
        is_whole = false;
        sample.truncate(most_bytes);
    }
    let packing = bytes.packing().map(str::to_owned);
    let inner_name = if packing.is_some() { name.rsplit_once('.').map_or(name, |(inner, _)| inner) } else { name };
    let sample = Sample { name: inner_name, bytes: &sample, is_whole, columns_of };
    let mut preview = sniff::preview(sample, choices, settings, zones).map_err(|error| error.to_string())?;
    preview.notes.extend(bytes.unreadable().take(MAX_UNREADABLE_NOTES).map(str::to_owned));
    Ok((bytes.epoch(), FilePreview { bytes: bytes.len(), packing, preview, problems, loaded: None }))
}

/// Bytes that a preview of a file needs that begins like this, or of the columns of such a file.
fn sample_bytes(start: &[u8], columns_of: Option<FileKind>) -> usize {
    match start.get(..SAMPLE_BYTES) {
        _ if columns_of == Some(FileKind::Arrow) => ARROW_SAMPLE_BYTES,
        // Whole batches come of it, as many as hold so many bytes.
        _ if columns_of.is_some() => SAMPLE_BYTES,
        Some(sample) if sample.contains(&b'\n') || sample.contains(&b'\r') => SAMPLE_BYTES,
        _ => SAMPLE_BYTES + MAX_ROW_BYTES,
    }
}
