//! Starting the dedicated worker that runs the pipeline.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Event, Worker, WorkerOptions, WorkerType};

use super::error::sentence;

/// Starts the worker; `failed` hears a sentence when it cannot be loaded or stops on an error.
///
/// # Errors
/// A sentence, when the browser refuses to start it.
pub fn spawn(failed: impl Fn(String) + 'static) -> Result<Worker, String> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options("worker_loader.js", &options)
        .map_err(|error| format!("the pipeline worker was refused: {}", sentence(&error)))?;
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let message = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
        failed(message.unwrap_or_else(|| "it could not be loaded".to_owned()));
    });
    worker.set_onerror(Some(closure.as_ref().unchecked_ref()));
    // The worker lives as long as the page, and so does this listener.
    closure.forget();
    Ok(worker)
}
