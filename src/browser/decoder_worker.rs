//! The worker of the program that decodes Parquet, Arrow and zstd files: the page starts it by [`DecoderWorker`], the
//! pipeline worker asks it by [`FileDecoder`](super::file_decoder::FileDecoder), and [`serve`] is its own side. Its
//! script is `decoder_worker.js`.
//!
//! The page starts it. In Firefox a worker that starts another one may hang for ever while the service worker takes
//! over, as it does on a first visit.

use std::rc::Rc;

use futures_channel::mpsc;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Event, MessageChannel, Worker, WorkerOptions, WorkerType};

use super::blob_reader::BlobReader;
use super::error::sentence;
use super::message::{FileRef, ListenerGuard, Port, Received, Target};
use crate::protocol::{DecoderHandshake, FromDecoder, ProtocolError, ToDecoder};

/// A decoder, which ends, whatever it does, when this is dropped.
#[derive(Debug)]
pub struct DecoderWorker {
    worker: Worker,
    _guard: ListenerGuard,
    _failed: Closure<dyn FnMut(Event)>,
}

impl DecoderWorker {
    /// Starts a decoder. `told` is called with a port to it once it is loaded, and with what the browser says when it
    /// cannot be loaded, or stops.
    ///
    /// # Errors
    /// What the browser says when it refuses to start it.
    pub fn spawn(told: impl Fn(Result<Port, String>) + 'static) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("decoder_worker.js", &options).map_err(|error| sentence(&error))?;
        let told = Rc::new(told);
        let failed = {
            let told = Rc::clone(&told);
            Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                // Else the browser reports it as an error of the page: a file that cannot be decoded is none.
                event.prevent_default();
                let reason = Reflect::get(&event, &"message".into()).ok().and_then(|reason| reason.as_string());
                told(Err(reason.unwrap_or_default()));
            })
        };
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let decoder = Target::worker(worker.clone());
        let guard = decoder.clone().listen(move |ready| told(connect(&decoder, ready)));
        Ok(Self { worker, _guard: guard, _failed: failed })
    }
}

impl Drop for DecoderWorker {
    fn drop(&mut self) {
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// A port to a decoder that is ready.
fn connect(decoder: &Target, ready: Result<Received<DecoderHandshake>, ProtocolError>) -> Result<Port, String> {
    ready.map_err(|_| "it is of another version than the page, which has to be reloaded".to_owned())?;
    let ports = MessageChannel::new().map_err(|error| sentence(&error))?;
    decoder.send_with_port(&DecoderHandshake, &ports.port1());
    Ok(ports.port2())
}

/// The decoder's own side: calls `answer` with each request and the file beside it, one after the other, and sends the
/// answer with its body. It is called once, and listens for as long as the worker lives.
pub fn serve(answer: impl AsyncFnMut(ToDecoder, Option<BlobReader>) -> (FromDecoder, Vec<u8>) + 'static) {
    let Some(page) = Target::page() else { return };
    let mut answer = Some(answer);
    let guard = page.listen(move |received: Result<Received<DecoderHandshake>, ProtocolError>| {
        let port = received.ok().and_then(|received| received.port);
        if let Some((port, answer)) = port.and_then(|port| Some((port, answer.take()?))) {
            listen(&Target::port(port), answer);
        }
    });
    std::mem::forget(guard);
    page.send(&DecoderHandshake);
}

fn listen(
    owner: &Target,
    mut answer: impl AsyncFnMut(ToDecoder, Option<BlobReader>) -> (FromDecoder, Vec<u8>) + 'static,
) {
    let (sender, mut requests) = mpsc::unbounded();
    let guard = owner.listen(move |received: Result<Received<ToDecoder>, ProtocolError>| {
        // The page of its sender is of this version, and so are its messages.
        let Ok(Received { message, file, .. }) = received else { return };
        let file = file.and_then(|FileRef(file)| file.dyn_into::<Blob>().ok());
        let file = file.and_then(|file| BlobReader::new(file).ok());
        // They are taken for as long as the worker lives.
        let _ = sender.unbounded_send((message, file));
    });
    std::mem::forget(guard);
    let reply = owner.clone();
    spawn_local(async move {
        while let Ok((request, file)) = requests.recv().await {
            let (message, body) = answer(request, file).await;
            reply.send_with_body(&message, &body);
        }
    });
}
