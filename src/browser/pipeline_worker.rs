//! Starts the dedicated worker that runs the pipeline, on another thread.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::{Event, Worker, WorkerOptions, WorkerType};

use super::error::sentence;
use super::message::{ListenerGuard, Received, Target};
use crate::protocol::{FromWorker, ProtocolError};

/// A worker with its listeners; it is terminated, whatever it does, when this is dropped.
#[derive(Debug)]
pub struct PipelineWorker {
    worker: Worker,
    _guard: ListenerGuard,
    _failed: Closure<dyn FnMut(Event)>,
}

impl PipelineWorker {
    /// Starts the worker; `callback` is called with its messages, `failed` with a sentence when it cannot be loaded or
    /// stops on an error.
    ///
    /// # Errors
    /// A sentence, when the browser refuses to start it.
    pub fn spawn(
        callback: impl FnMut(Result<Received<FromWorker>, ProtocolError>) + 'static,
        mut failed: impl FnMut(String) + 'static,
    ) -> Result<Self, String> {
        let refused = |error: JsValue| format!("the browser refused it: {}", sentence(&error));
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("pipeline_worker.js", &options).map_err(refused)?;
        let failed = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let message = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
            failed(message.unwrap_or_else(|| "it could not be loaded".to_owned()));
        });
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let guard = Target::worker(worker.clone()).listen(callback);
        Ok(Self { worker, _guard: guard, _failed: failed })
    }

    /// The target of messages to it.
    pub fn target(&self) -> Target {
        Target::worker(self.worker.clone())
    }
}

impl Drop for PipelineWorker {
    fn drop(&mut self) {
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// The name of the build, such as `app-228fb60b6eaf86c0.js`: it has a hash of the page's program.
pub fn build() -> String {
    let script = script().ok().and_then(|script| script.as_string()).unwrap_or_default();
    script.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The address of the script. Trunk adds a hash of the content to its name; the page preloads it under that name.
fn script() -> Result<JsValue, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let preload = document.and_then(|document| document.query_selector("link[rel=modulepreload]").ok().flatten());
    let script = preload.map(|link| Reflect::get(&link, &"href".into())).transpose()?;
    script.ok_or_else(|| JsValue::from_str("the page does not say where its script is"))
}
