//! Starting the dedicated worker that runs the pipeline: the same program as the page's, on another thread.

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::error::sentence;
use super::message::{ListenerGuard, Message, Target};

/// A worker with all that listens to it; it is ended, whatever it does, when this is dropped.
#[derive(Debug)]
pub struct PipelineWorker {
    worker: Worker,
    _guard: ListenerGuard,
    _failed: Closure<dyn FnMut(Event)>,
}

impl PipelineWorker {
    /// Starts the worker; `callback` gets its messages, `failed` a sentence when it cannot be loaded or stops on an error.
    ///
    /// # Errors
    /// A sentence, when the browser refuses to start it.
    pub fn spawn(
        callback: impl FnMut(Message) + 'static,
        mut failed: impl FnMut(String) + 'static,
    ) -> Result<Self, String> {
        let refused = |error: JsValue| format!("the browser refused it: {}", sentence(&error));
        let program = program().map_err(refused)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("pipeline_worker.js", &options).map_err(refused)?;
        let failed = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let message = Reflect::get(&event, &"message".into()).ok().and_then(|message| message.as_string());
            failed(message.unwrap_or_else(|| "it could not be loaded".to_owned()));
        });
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let mut callback = callback;
        let guard =
            Target::Worker(worker.clone()).listen(move |event: MessageEvent| callback(Message::from_event(&event)));
        let started = Self { worker, _guard: guard, _failed: failed };
        started.worker.post_message(&program).map_err(refused)?;
        Ok(started)
    }

    /// Where messages to it go.
    pub fn target(&self) -> Target {
        Target::Worker(self.worker.clone())
    }
}

impl Drop for PipelineWorker {
    fn drop(&mut self) {
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// The name of the build, such as `app-228fb60b6eaf86c0.js`: the script is named after the content of all of it.
pub fn build() -> String {
    let script = script().ok().and_then(|script| script.as_string()).unwrap_or_default();
    script.rsplit('/').next().unwrap_or_default().to_owned()
}

/// This program, as `pipeline_worker.js` takes it: the address of its script, and its compiled module.
fn program() -> Result<Object, JsValue> {
    let program = Object::new();
    Reflect::set(&program, &"script".into(), &script()?)?;
    Reflect::set(&program, &"module".into(), &wasm_bindgen::module())?;
    Ok(program)
}

/// The address of the script. Trunk names it after its content; the page preloads it under that name.
fn script() -> Result<JsValue, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let preload = document.and_then(|document| document.query_selector("link[rel=modulepreload]").ok().flatten());
    let script = preload.map(|link| Reflect::get(&link, &"href".into())).transpose()?;
    script.ok_or_else(|| JsValue::from_str("the page does not say where its script is"))
}
