//! `fetch` requests whose response bodies are read part by part.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, DedicatedWorkerGlobalScope, Headers, RequestCache, RequestCredentials, RequestInit, Response,
};

use super::byte_stream::ByteStream;
use super::error::sentence;

/// A response.
pub struct Fetched {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

/// A body that is read part by part; a part is only requested when it is read.
pub struct Body(Option<ByteStream>);

impl Body {
    /// The next part; empty at the end, and after [`Self::cancel`].
    ///
    /// # Errors
    /// A sentence, when the body ends with an error.
    pub async fn next(&self) -> Result<Vec<u8>, String> {
        let Some(stream) = &self.0 else { return Ok(Vec::new()) };
        Ok(stream.next().await.map_err(failed)?.unwrap_or_default())
    }

    /// Cancels the body: its source is notified, and a pending read ends.
    pub fn cancel(&self) {
        self.0.iter().for_each(ByteStream::cancel);
    }
}

/// Sends a request to an address relative to the page's.
///
/// # Errors
/// A sentence, when there is no response.
pub async fn fetch(
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: Option<&[u8]>,
) -> Result<Fetched, String> {
    let init = RequestInit::new();
    init.set_method(method);
    let sent = Headers::new().map_err(failed)?;
    for (name, value) in headers {
        sent.set(name, value).map_err(failed)?;
    }
    init.set_headers(&sent);
    if let Some(body) = body {
        init.set_body(&Uint8Array::from(body));
    }
    let window = web_sys::window().ok_or("there is no page to send from")?;
    let response = JsFuture::from(window.fetch_with_str_and_init(target, &init)).await.map_err(failed)?;
    Ok(fetched(response))
}

fn fetched(response: JsValue) -> Fetched {
    let response: Response = response.unchecked_into();
    Fetched { status: response.status(), headers: pairs(&response), body: Body(ByteStream::of_response(&response)) }
}

/// Ends a request: it gets no answer, or its body ends with an error.
#[derive(Debug)]
pub struct Abort(AbortController);

impl Abort {
    /// For one request.
    ///
    /// # Errors
    /// A sentence, where the browser has none.
    pub fn new() -> Result<Self, String> {
        AbortController::new().map(Self).map_err(|error| sentence(&error))
    }

    /// Ends it.
    pub fn abort(&self) {
        self.0.abort();
    }
}

/// Sends a request from a worker to an absolute address, past the cache of the browser and without its cookies. Its body
/// may never end.
///
/// # Errors
/// What the browser says, when there is no response.
pub async fn get(url: &str, headers: &[(&'static str, String)], abort: &Abort) -> Result<Fetched, String> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&abort.0.signal()));
    let sent = Headers::new().map_err(|error| sentence(&error))?;
    for (name, value) in headers {
        // Headers are bytes, which a text stands for one by one: what is not ASCII goes as UTF-8.
        let value: String = value.bytes().map(char::from).collect();
        sent.set(name, &value).map_err(|error| sentence(&error))?;
    }
    init.set_headers(&sent);
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let response = JsFuture::from(scope.fetch_with_str_and_init(url, &init)).await.map_err(|error| sentence(&error))?;
    Ok(fetched(response))
}

fn failed(error: JsValue) -> String {
    format!("the request got no answer: {}", sentence(&error))
}

fn pairs(response: &Response) -> Vec<(String, String)> {
    let Ok(Some(entries)) = js_sys::try_iter(&response.headers().entries()) else { return Vec::new() };
    entries
        .filter_map(|entry| {
            let entry: Array = entry.ok()?.dyn_into().ok()?;
            Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
        })
        .collect()
}
