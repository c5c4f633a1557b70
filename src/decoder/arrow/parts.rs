//! The parts of a record batch: its nodes and buffers, in the order of the schema.

use std::borrow::Cow;
use std::io::{Error, Read};
use std::vec::IntoIter;

use arrow_ipc as ipc;
use lz4_flex::frame::FrameDecoder;
use ruzstd::decoding::StreamingDecoder;

/// Maximum size of the body of a message, as sent and without its compression: a batch is held as a whole.
pub(super) const MAX_BODY_BYTES: usize = 128 << 20;

/// A column, or a column within one, as a batch describes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) rows: usize,
    /// Whether cells of it are missing.
    pub(super) has_nulls: bool,
}

/// How the buffers of a batch are compressed, each by itself.
#[derive(Debug, Clone, Copy)]
enum Codec {
    Lz4,
    Zstd,
}

/// The parts of a batch that are not read yet.
pub(super) struct Parts<'a> {
    body: &'a [u8],
    nodes: IntoIter<(i64, i64)>,
    buffers: IntoIter<(i64, i64)>,
    /// For each column of views the number of its buffers of data.
    data_counts: IntoIter<i64>,
    codec: Option<Codec>,
    /// Bytes that compressed buffers may still have without their compression.
    room_bytes: usize,
}

const MISFIT: &str = "a batch does not fit the schema";

impl<'a> Parts<'a> {
    pub(super) fn new(batch: ipc::RecordBatch<'_>, body: &'a [u8]) -> Result<Self, String> {
        let nodes = batch.nodes().into_iter().flatten();
        let nodes: Vec<_> = nodes.map(|node| (node.length(), node.null_count())).collect();
        let buffers = batch.buffers().into_iter().flatten();
        let buffers: Vec<_> = buffers.map(|buffer| (buffer.offset(), buffer.length())).collect();
        let data_counts: Vec<i64> = batch.variadicBufferCounts().into_iter().flatten().collect();
        let codec = match batch.compression().map(|compression| compression.codec()) {
            None => None,
            Some(ipc::CompressionType::LZ4_FRAME) => Some(Codec::Lz4),
            Some(ipc::CompressionType::ZSTD) => Some(Codec::Zstd),
            Some(_) => {
                return Err("a batch is compressed in a way that is not read; write it with lz4 or zstd".to_owned());
            }
        };
        Ok(Self {
            body,
            nodes: nodes.into_iter(),
            buffers: buffers.into_iter(),
            data_counts: data_counts.into_iter(),
            codec,
            room_bytes: MAX_BODY_BYTES,
        })
    }

    pub(super) fn next_node(&mut self) -> Result<Node, String> {
        let (rows, nulls) = self.nodes.next().ok_or(MISFIT)?;
        Ok(Node { rows: usize::try_from(rows).map_err(|_| MISFIT)?, has_nulls: nulls != 0 })
    }

    /// The next buffer, without its compression.
    pub(super) fn next_buffer(&mut self) -> Result<Cow<'a, [u8]>, String> {
        let (start, length) = self.buffers.next().ok_or(MISFIT)?;
        let (start, length) =
            (usize::try_from(start).map_err(|_| MISFIT)?, usize::try_from(length).map_err(|_| MISFIT)?);
        let end = start.checked_add(length).ok_or(MISFIT)?;
        let buffer = self.body.get(start..end).ok_or(MISFIT)?;
        match self.codec {
            Some(codec) if length > 0 => self.decompress(codec, buffer),
            _ => Ok(buffer.into()),
        }
    }

    /// The buffers of data of the next column of views.
    pub(super) fn next_data(&mut self) -> Result<Vec<Cow<'a, [u8]>>, String> {
        let count = self.next_data_count()?;
        (0..count).map(|_| self.next_buffer()).collect()
    }

    /// The number of these buffers.
    pub(super) fn next_data_count(&mut self) -> Result<usize, String> {
        let count = self.data_counts.next().and_then(|count| usize::try_from(count).ok());
        Ok(count.filter(|count| *count <= self.buffers.len()).ok_or(MISFIT)?)
    }

    /// Passes over buffers that are not read.
    pub(super) fn skip_buffers(&mut self, count: usize) -> Result<(), String> {
        match count.checked_sub(1) {
            Some(last) => self.buffers.nth(last).map(drop).ok_or_else(|| MISFIT.to_owned()),
            None => Ok(()),
        }
    }

    /// Undoes the compression of a buffer, which the size of what was compressed precedes; -1: nothing was.
    fn decompress(&mut self, codec: Codec, buffer: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
        let (size, data) = buffer.split_first_chunk::<8>().ok_or(MISFIT)?;
        let size = i64::from_le_bytes(*size);
        if size == -1 {
            return Ok(data.into());
        }
        let room_bytes = usize::try_from(size).ok().and_then(|size| self.room_bytes.checked_sub(size));
        let Some(room_bytes) = room_bytes else {
            return Err(format!(
                "a batch has more than {MAX_BODY_BYTES} bytes without its compression; write smaller ones"
            ));
        };
        let mut bytes = Vec::new();
        let most = size as u64 + 1;
        let read = match codec {
            Codec::Lz4 => FrameDecoder::new(data).take(most).read_to_end(&mut bytes),
            Codec::Zstd => StreamingDecoder::new(data)
                .map_err(Error::other)
                .and_then(|decoder| decoder.take(most).read_to_end(&mut bytes)),
        };
        if !read.is_ok_and(|read| read as i64 == size) {
            return Err("the compressed bytes of a batch are damaged".to_owned());
        }
        self.room_bytes = room_bytes;
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn decompress(codec: Codec, buffer: Vec<u8>) -> Result<Vec<u8>, String> {
        let mut parts = Parts {
            body: &[],
            nodes: Vec::new().into_iter(),
            buffers: Vec::new().into_iter(),
            data_counts: Vec::new().into_iter(),
            codec: None,
            room_bytes: 1 << 20,
        };
        parts.decompress(codec, &buffer).map(Cow::into_owned)
    }

    fn compressed(codec: Codec, bytes: &[u8]) -> Vec<u8> {
        match codec {
            Codec::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(bytes).unwrap();
                encoder.finish().unwrap()
            }
            Codec::Zstd => ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest),
        }
    }

    #[test]
    fn a_compressed_buffer_is_read_up_to_the_size_that_it_names() {
        let bytes: Vec<u8> = (0..10_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        for codec in [Codec::Lz4, Codec::Zstd] {
            let data = compressed(codec, &bytes);
            let buffer = |size: i64, data: &[u8]| [&size.to_le_bytes()[..], data].concat();
            assert_eq!(decompress(codec, buffer(40_000, &data)).as_ref(), Ok(&bytes));
            assert_eq!(decompress(codec, buffer(-1, b"as it is")), Ok(b"as it is".to_vec()));
            for damaged in
                [buffer(39_999, &data), buffer(40_001, &data), buffer(40_000, &data[..data.len() / 2]), vec![1; 5]]
            {
                assert!(decompress(codec, damaged).is_err());
            }
            let large = decompress(codec, buffer(1 << 40, &data)).unwrap_err();
            assert!(large.contains("write smaller ones"), "{large}");
        }
    }
}
