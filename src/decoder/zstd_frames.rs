//! zstd, frame by frame: a file may have several, and frames that are skipped.
//!
//! Source: RFC 8878. As `zstd -d` does, the checksum of a frame is checked where it has one.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::error::{DecoderError, FileFault};

/// The largest window that is kept in memory, as `zstd -d` has it unless it is asked for more.
pub(super) const MAX_WINDOW_BYTES: u64 = 128 << 20;
/// Bytes of a piece, and up to a block more.
const PIECE_BYTES: usize = 4 << 20;

/// A zstd file as what was compressed.
pub(super) struct ZstdFile<R> {
    frames: Frames<R>,
    /// Bytes that are not asked for.
    skip: u64,
}

impl<R: Read> ZstdFile<R> {
    /// Begins at byte `from` of what was compressed: all before is decompressed too, and left out.
    pub(super) fn new(source: R, from: u64) -> Self {
        Self { frames: Frames::new(source, FrameDecoder::new()), skip: from }
    }

    /// Bytes of the file that are read.
    pub(super) fn read_bytes(&self) -> u64 {
        self.frames.source.bytes
    }

    /// The next piece; `None` at the end.
    pub(super) fn next_piece(&mut self) -> Result<Option<Vec<u8>>, DecoderError> {
        let mut piece = Vec::new();
        loop {
            let has_more = self.frames.read_to(&mut piece, PIECE_BYTES)?;
            let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece.len());
            piece.drain(..skipped);
            self.skip -= skipped as u64;
            if !piece.is_empty() || !has_more {
                return Ok((!piece.is_empty()).then_some(piece));
            }
        }
    }
}

/// Reads frame after frame.
pub(super) struct Frames<R> {
    source: Counted<R>,
    decoder: FrameDecoder,
    is_within: bool,
    has_begun: bool,
}

impl<R: Read> Frames<R> {
    /// From the start of a frame; the memory of the decoder is used again.
    pub(super) fn new(source: R, mut decoder: FrameDecoder) -> Self {
        decoder.set_max_window_size(MAX_WINDOW_BYTES);
        let source = Counted { source, bytes: 0, is_ended: false, fault: None };
        Self { source, decoder, is_within: false, has_begun: false }
    }

    /// The decoder, for other frames.
    pub(super) fn into_decoder(self) -> FrameDecoder {
        self.decoder
    }

    /// Appends what follows to `out`, until it has at least `enough` bytes; false at the end.
    pub(super) fn read_to(&mut self, out: &mut Vec<u8>, enough: usize) -> Result<bool, DecoderError> {
        while out.len() < enough {
            if !self.is_within && !self.begin()? {
                return Ok(false);
            }
            let decoded = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
            decoded.map_err(|error| self.error(&error))?;
            self.decoder.collect_to_writer(&mut *out).map_err(|error| self.damaged(error.to_string()))?;
            if self.decoder.is_finished() {
                self.is_within = false;
                let expected = self.decoder.get_checksum_from_data();
                if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
                    return Err(self.damaged("the checksum of a frame is another one".to_owned()));
                }
            }
        }
        Ok(true)
    }

    /// Reads the head of the next frame; false when there is none.
    fn begin(&mut self) -> Result<bool, DecoderError> {
        loop {
            let mut magic = [0; 4];
            let length = self.source.read_up_to(&mut magic);
            if let Some(fault) = self.source.fault.take() {
                return Err(DecoderError::Zstd { at: self.source.bytes, fault });
            }
            match length {
                0 if self.has_begun => return Ok(false),
                0 => return Err(DecoderError::Empty),
                4 => {}
                _ => return Err(DecoderError::ZstdCut(self.source.bytes)),
            }
            match self.decoder.reset(magic.as_slice().chain(&mut self.source)) {
                Ok(()) => {
                    (self.is_within, self.has_begun) = (true, true);
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    self.has_begun = true;
                    let skipped = io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink());
                    if skipped.is_ok_and(|skipped| skipped < u64::from(length)) {
                        return Err(DecoderError::ZstdCut(self.source.bytes));
                    }
                }
                Err(error) => return Err(self.error(&error)),
            }
        }
    }

    fn error(&self, error: &FrameDecoderError) -> DecoderError {
        if let Some(fault) = self.source.fault.clone() {
            return DecoderError::Zstd { at: self.source.bytes, fault };
        }
        match error {
            _ if self.source.is_ended => DecoderError::ZstdCut(self.source.bytes),
            FrameDecoderError::WindowSizeTooBig { requested, .. } => DecoderError::ZstdWindow(*requested),
            FrameDecoderError::DictNotProvided { .. } => DecoderError::ZstdDictionary,
            FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_)) if !self.has_begun => {
                DecoderError::NotZstd
            }
            other => self.damaged(other.to_string()),
        }
    }

    fn damaged(&self, reason: String) -> DecoderError {
        DecoderError::Zstd { at: self.source.bytes, fault: FileFault::Damaged(reason) }
    }
}

/// A source that knows how much of it was read, and whether it has ended or failed.
struct Counted<R> {
    source: R,
    bytes: u64,
    is_ended: bool,
    /// Why it cannot be read on.
    fault: Option<FileFault>,
}

impl<R: Read> Counted<R> {
    /// Fills `out`, unless the source ends or fails before; returns the number of bytes.
    fn read_up_to(&mut self, out: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < out.len() {
            match self.read(&mut out[filled..]) {
                Ok(0) | Err(_) => break,
                Ok(length) => filled += length,
            }
        }
        filled
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.source.read(out) {
            Ok(length) => {
                self.bytes += length as u64;
                self.is_ended |= length == 0 && !out.is_empty();
                Ok(length)
            }
            Err(error) => {
                let fault = FileFault::of_io(&error).unwrap_or_else(|| FileFault::Damaged(error.to_string()));
                self.fault = Some(fault);
                Err(error)
            }
        }
    }
}
