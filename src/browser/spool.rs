//! Bodies of requests, kept outside of the memory of this program: that memory never shrinks.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::error::sentence;
use super::message::Body;

/// A body of one part, which stays the buffer that it came in, or of many parts, which the browser keeps as a blob, on
/// disk when it is large.
#[derive(Debug, Default)]
pub struct Spool {
    parts: Array,
    whole: Option<Whole>,
}

#[derive(Debug)]
enum Whole {
    Buffer(ArrayBuffer),
    Blob(Blob),
}

impl Spool {
    /// Keeps the next part.
    ///
    /// # Errors
    /// A sentence, when the browser has no room for it.
    pub fn push(&mut self, part: Body, is_last: bool) -> Result<(), String> {
        let Some(buffer) = part.into_buffer() else { return self.end(is_last) };
        if is_last && self.parts.length() == 0 {
            self.whole = Some(Whole::Buffer(buffer));
            return Ok(());
        }
        let part = blob_of(&Array::of1(&buffer))?;
        self.parts.push(&part);
        self.end(is_last)
    }

    /// Keeps bytes of one's own as the next part.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_bytes(&mut self, bytes: &[u8], is_last: bool) -> Result<(), String> {
        let part = blob_of(&Array::of1(&Uint8Array::from(bytes)))?;
        self.parts.push(&part);
        self.end(is_last)
    }

    /// All of it, once the last part has come. Nothing is copied.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn to_blob(&self) -> Result<Blob, String> {
        match &self.whole {
            None => blob_of(&Array::new()),
            Some(Whole::Buffer(buffer)) => blob_of(&Array::of1(buffer)),
            Some(Whole::Blob(blob)) => Ok(blob.clone()),
        }
    }

    fn end(&mut self, is_last: bool) -> Result<(), String> {
        if is_last {
            // A blob of blobs: nothing is copied.
            self.whole = Some(Whole::Blob(blob_of(&std::mem::take(&mut self.parts))?));
        }
        Ok(())
    }

    /// Reads bytes from this one on, up to so many; none before the last part has come.
    ///
    /// # Errors
    /// A sentence, when the browser has lost them.
    pub async fn read(&self, from: usize, bytes: usize) -> Result<Vec<u8>, String> {
        match &self.whole {
            None => Ok(Vec::new()),
            Some(Whole::Buffer(buffer)) => {
                let length = (buffer.byte_length() as usize).saturating_sub(from).min(bytes);
                Ok(Uint8Array::new_with_byte_offset_and_length(buffer, from as u32, length as u32).to_vec())
            }
            Some(Whole::Blob(blob)) => {
                let refused = |error| format!("the browser has lost the body: {}", sentence(&error));
                let slice = blob.slice_with_f64_and_f64(from as f64, (from + bytes) as f64).map_err(refused)?;
                let buffer = JsFuture::from(slice.array_buffer()).await.map_err(refused)?;
                Ok(Uint8Array::new(&buffer).to_vec())
            }
        }
    }
}

fn blob_of(parts: &Array) -> Result<Blob, String> {
    let blob = Blob::new_with_buffer_source_sequence(parts);
    blob.map_err(|error| format!("the browser cannot keep the body: {}", sentence(&error)))
}
