//! Envelopes of the protocol, and the targets that they are sent to.

use js_sys::{Array, ArrayBuffer, Function, Object, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, Worker};

use super::source_file::SourceFile;
use crate::protocol::{FromRelay, ProtocolError, ToRelay, VERSION, pack, unpack};

/// One end of a message channel between threads; it can be transferred.
pub use web_sys::MessagePort as Port;

/// Numbers in a buffer that can be transferred.
pub use js_sys::Float64Array as Floats;

/// A received message.
#[derive(Debug)]
pub struct Received<T> {
    /// The message.
    pub message: T,
    /// Its encoding; messages of equal encodings are equal.
    pub encoded: Vec<u8>,
    /// The port transferred with it.
    pub port: Option<Port>,
    /// What was transferred with it.
    pub body: Body,
    /// The file that came beside it, or the handle of one.
    pub file: Option<FileRef>,
}

/// A file that came with a message, or the handle of one that can be followed; see `browser::file_slices`.
#[derive(Debug, Clone)]
pub struct FileRef(pub(super) Object);

/// A transferred body.
#[derive(Debug)]
pub struct Body(Option<ArrayBuffer>);

impl<T: DeserializeOwned> Received<T> {
    /// Reads the data of an event.
    ///
    /// # Errors
    /// As [`unpack`].
    pub(super) fn from_event(event: &MessageEvent) -> Result<Self, ProtocolError> {
        let bytes = field(event, "bytes").dyn_ref::<ArrayBuffer>().map(to_vec).unwrap_or_default();
        Ok(Self::new(event, unpack(version(event), &bytes)?, bytes))
    }
}

impl Received<FromRelay> {
    /// Reads the data of an event of the service worker's.
    fn from_relay(event: &MessageEvent) -> Result<Self, ProtocolError> {
        let text = field(event, "json").as_string().unwrap_or_default();
        Ok(Self::new(event, FromRelay::from_json(version(event), &text)?, text.into_bytes()))
    }
}

impl<T> Received<T> {
    /// A message with what came beside it.
    fn new(event: &MessageEvent, message: T, encoded: Vec<u8>) -> Self {
        let (body, port) = (Body(field(event, "body").dyn_into().ok()), event.ports().get(0).dyn_into().ok());
        let file = field(event, "file").dyn_into().ok().map(FileRef);
        Self { message, encoded, port, body, file }
    }

    /// The same with the message that this one becomes.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Received<U> {
        let Self { message, encoded, port, body, file } = self;
        Received { message: convert(message), encoded, port, body, file }
    }
}

/// A field of an envelope, undefined if it has none of this name.
fn field(event: &MessageEvent, name: &str) -> JsValue {
    Reflect::get(&event.data(), &name.into()).unwrap_or_default()
}

fn version(event: &MessageEvent) -> Option<u32> {
    field(event, "version").as_f64().map(|version| version as u32)
}

impl Body {
    /// Its bytes; none when nothing was transferred.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.as_ref().map(to_vec).unwrap_or_default()
    }

    /// The number of its bytes.
    pub fn byte_length(&self) -> usize {
        self.0.as_ref().map_or(0, |buffer| buffer.byte_length() as usize)
    }

    /// The buffer itself, if something was transferred.
    pub(super) fn into_buffer(self) -> Option<ArrayBuffer> {
        self.0
    }

    /// Its bytes as numbers, without a copy.
    pub fn floats(&self) -> Floats {
        self.0.as_ref().map_or_else(|| Floats::new_with_length(0), |buffer| Floats::new(buffer))
    }
}

fn to_vec(buffer: &ArrayBuffer) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}

/// An envelope with its transferables.
#[derive(Debug)]
pub struct Envelope {
    object: Object,
    transfer: Array,
}

impl Envelope {
    /// Of a message between Rust programs.
    pub fn new(message: &impl Serialize) -> Self {
        let envelope = Self::empty();
        envelope.transfer("bytes", &Uint8Array::from(pack(message).as_slice()).buffer());
        envelope
    }

    /// Of a message to the service worker.
    pub fn for_relay(message: &ToRelay<'_>) -> Self {
        let envelope = Self::empty();
        envelope.set("json", &message.to_json().into());
        envelope
    }

    fn empty() -> Self {
        let envelope = Self { object: Object::new(), transfer: Array::new() };
        envelope.set("version", &VERSION.into());
        envelope
    }

    /// With a body.
    #[must_use]
    pub fn with_body(self, body: &[u8]) -> Self {
        self.transfer("body", &Uint8Array::from(body).buffer());
        self
    }

    /// With numbers as its body.
    #[must_use]
    pub fn with_floats(self, floats: &[f64]) -> Self {
        self.transfer("body", &Floats::from(floats).buffer());
        self
    }

    fn set(&self, name: &str, value: &JsValue) {
        // Setting a field of an object of our own cannot fail.
        let _ = Reflect::set(&self.object, &name.into(), value);
    }

    fn transfer(&self, name: &str, value: &JsValue) {
        self.set(name, value);
        self.transfer.push(value);
    }
}

/// The envelope of a message without transferables.
pub(super) fn envelope(message: &impl Serialize) -> JsValue {
    Envelope::new(message).object.into()
}

/// The destination of messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Target(End);

#[derive(Debug, Clone, PartialEq)]
enum End {
    /// A worker, from its page.
    Worker(Worker),
    /// The page, from its worker.
    Page(DedicatedWorkerGlobalScope),
    /// The other end of a port.
    Port(Port),
}

impl Target {
    /// The page of this worker; `None` outside of a dedicated worker.
    pub fn page() -> Option<Self> {
        js_sys::global().dyn_into().ok().map(|scope| Self(End::Page(scope)))
    }

    /// A worker of this page.
    pub(super) fn worker(worker: Worker) -> Self {
        Self(End::Worker(worker))
    }

    /// The other end of a port.
    pub fn port(port: Port) -> Self {
        Self(End::Port(port))
    }

    /// Both ends of a new channel, one to use and one to transfer; `None` where the browser has none.
    pub fn pair() -> Option<(Self, Port)> {
        let channel = MessageChannel::new().ok()?;
        Some((Self::port(channel.port1()), channel.port2()))
    }

    /// Whether this is the page of this worker.
    pub fn is_page(&self) -> bool {
        matches!(self.0, End::Page(_))
    }

    /// Sends a message.
    pub fn send(&self, message: &impl Serialize) {
        self.post(&Envelope::new(message));
    }

    /// Sends a message with a body.
    pub fn send_with_body(&self, message: &impl Serialize, body: &[u8]) {
        self.post(&Envelope::new(message).with_body(body));
    }

    /// Sends a message and the handle of a file.
    pub fn send_with_file(&self, message: &impl Serialize, file: &SourceFile) {
        let envelope = Envelope::new(message);
        envelope.set("file", &file.to_js());
        self.post(&envelope);
    }

    /// Sends a message and a file's content.
    pub(super) fn send_with_blob(&self, message: &impl Serialize, blob: &Blob) {
        let envelope = Envelope::new(message);
        envelope.set("file", blob);
        self.post(&envelope);
    }

    /// Sends a message and transfers a port.
    pub fn send_with_port(&self, message: &impl Serialize, port: &Port) {
        let envelope = Envelope::new(message);
        envelope.transfer.push(port);
        self.post(&envelope);
    }

    /// Sends an envelope. One that the browser refuses because the other end is gone is lost, like one sent just before
    /// the end was gone.
    pub fn post(&self, Envelope { object, transfer }: &Envelope) {
        let _ = match &self.0 {
            End::Worker(worker) => worker.post_message_with_transfer(object, transfer),
            End::Page(scope) => scope.post_message_with_transfer(object, transfer),
            End::Port(port) => port.post_message_with_transferable(object, transfer),
        };
    }

    /// Closes the port: what was sent before is still delivered, and nothing arrives any more. A page or a worker stays
    /// as it is.
    pub fn close(&self) {
        if let End::Port(port) = &self.0 {
            port.close();
        }
    }

    /// Calls `callback` with every message from this target, for as long as the returned guard is kept.
    #[must_use = "messages come only while the guard is kept"]
    pub fn listen<T: DeserializeOwned>(
        &self,
        mut callback: impl FnMut(Result<Received<T>, ProtocolError>) + 'static,
    ) -> ListenerGuard {
        self.on_message(move |event| callback(Received::from_event(&event)))
    }

    /// The same where the service worker has the other end.
    #[must_use = "messages come only while the guard is kept"]
    pub fn listen_to_relay(
        &self,
        mut callback: impl FnMut(Result<Received<FromRelay>, ProtocolError>) + 'static,
    ) -> ListenerGuard {
        self.on_message(move |event| callback(Received::from_relay(&event)))
    }

    fn on_message(&self, callback: impl FnMut(MessageEvent) + 'static) -> ListenerGuard {
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(callback);
        let guard = ListenerGuard { target: self.clone(), _closure: Some(closure) };
        guard.set(guard._closure.as_ref().map(|closure| closure.as_ref().unchecked_ref()));
        guard
    }
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct ListenerGuard {
    target: Target,
    _closure: Option<Closure<dyn FnMut(MessageEvent)>>,
}

impl ListenerGuard {
    fn set(&self, handler: Option<&Function>) {
        match &self.target.0 {
            End::Worker(worker) => worker.set_onmessage(handler),
            End::Page(scope) => scope.set_onmessage(handler),
            // Setting the handler also starts the port.
            End::Port(port) => port.set_onmessage(handler),
        }
    }
}

impl Drop for ListenerGuard {
    fn drop(&mut self) {
        self.set(None);
    }
}
