//! Reading a file that somebody chose.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

/// A chosen file, read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads the first file of an `<input type="file">` and empties the field, so that the same file can be chosen again.
///
/// # Errors
/// A sentence, when the file cannot be read. `Ok(None)` when none was chosen.
pub async fn read_chosen(event: web_sys::Event) -> Result<Option<ChosenFile>, String> {
    let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    let Some(file) = input.as_ref().and_then(|input| input.files()).and_then(|files| files.get(0)) else {
        return Ok(None);
    };
    let name = file.name();
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|_| format!("\"{name}\" cannot be read"))?;
    if let Some(input) = input {
        input.set_value("");
    }
    Ok(Some(ChosenFile { name, bytes: Uint8Array::new(&buffer).to_vec() }))
}
