//! Requests as anybody makes them.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::error::sentence;

/// An answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fetched {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends a request to an address relative to the page.
///
/// # Errors
/// A sentence, when nothing answered.
pub async fn fetch(
    method: &str,
    target: &str,
    content_type: Option<&str>,
    body: Option<&[u8]>,
) -> Result<Fetched, String> {
    let failed = |error: JsValue| format!("the request got no answer: {}", sentence(&error));
    let init = RequestInit::new();
    init.set_method(method);
    if let Some(content_type) = content_type {
        let headers = Headers::new().map_err(failed)?;
        headers.set("Content-Type", content_type).map_err(failed)?;
        init.set_headers(&headers);
    }
    if let Some(body) = body {
        init.set_body(&Uint8Array::from(body));
    }
    let window = web_sys::window().ok_or("there is no page to send from")?;
    let response = JsFuture::from(window.fetch_with_str_and_init(target, &init)).await.map_err(failed)?;
    let response: Response = response.unchecked_into();
    let buffer = JsFuture::from(response.array_buffer().map_err(failed)?).await.map_err(failed)?;
    Ok(Fetched {
        status: response.status(),
        headers: headers(&response),
        body: Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec(),
    })
}

fn headers(response: &Response) -> Vec<(String, String)> {
    let Ok(Some(entries)) = js_sys::try_iter(&response.headers().entries()) else { return Vec::new() };
    entries
        .filter_map(|entry| {
            let entry: Array = entry.ok()?.dyn_into().ok()?;
            Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
        })
        .collect()
}
