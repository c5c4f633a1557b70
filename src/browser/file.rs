//! Reads files chosen by the user.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, File, HtmlInputElement};

/// A chosen file, read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A chosen file of any size.
#[derive(Debug)]
pub struct LargeFile(File);

impl LargeFile {
    /// The first file of an `<input type="file">`. The field is cleared, so that the same file can be chosen again.
    pub fn chosen(event: &Event) -> Option<Self> {
        let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
        let file = input.files()?.get(0);
        input.set_value("");
        file.map(Self)
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// Its length in bytes.
    pub fn len(&self) -> f64 {
        self.0.size()
    }

    /// A range of its bytes.
    ///
    /// # Errors
    /// A sentence, when it cannot be read.
    pub async fn read(&self, from: f64, until: f64) -> Result<Vec<u8>, String> {
        let refused = |_| format!("\"{}\" cannot be read", self.0.name());
        let slice = self.0.slice_with_f64_and_f64(from, until).map_err(refused)?;
        let buffer = JsFuture::from(slice.array_buffer()).await.map_err(refused)?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    /// All of its bytes.
    ///
    /// # Errors
    /// A sentence, when it cannot be read.
    pub async fn read_whole(&self) -> Result<ChosenFile, String> {
        let bytes = self.read(0.0, self.len()).await?;
        Ok(ChosenFile { name: self.name(), bytes })
    }
}
