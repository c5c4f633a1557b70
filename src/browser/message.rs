//! Envelopes of the protocol, and the targets that they are sent to.

use js_sys::{Array, ArrayBuffer, Function, Object, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, Worker};

use crate::protocol::{Encoded, ProtocolError, VERSION, pack, pack_json, unpack};

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
    pub encoded: Encoded,
    /// The port transferred with it.
    pub port: Option<Port>,
    /// What was transferred with it.
    pub body: Body,
}

/// A transferred body.
#[derive(Debug)]
pub struct Body(Option<ArrayBuffer>);

impl<T: DeserializeOwned> Received<T> {
    /// Reads the data of an event.
    ///
    /// # Errors
    /// As [`unpack`].
    pub(super) fn from_event(event: &MessageEvent) -> Result<Self, ProtocolError> {
        let data = event.data();
        let field = |name: &str| Reflect::get(&data, &name.into()).unwrap_or_default();
        let version = field("version").as_f64().map(|version| version as u32);
        let encoded = match field("json").as_string() {
            Some(text) => Encoded::Json(text),
            None => Encoded::Bytes(field("bytes").dyn_ref::<ArrayBuffer>().map(to_vec).unwrap_or_default()),
        };
        let message = unpack(version, &encoded)?;
        let (body, port) = (Body(field("body").dyn_into().ok()), event.ports().get(0).dyn_into().ok());
        Ok(Self { message, encoded, port, body })
    }
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
struct Envelope {
    object: Object,
    transfer: Array,
}

impl Envelope {
    fn new(encoded: Encoded) -> Self {
        let envelope = Self { object: Object::new(), transfer: Array::new() };
        envelope.set("version", &VERSION.into());
        match encoded {
            Encoded::Json(text) => envelope.set("json", &text.into()),
            Encoded::Bytes(bytes) => envelope.transfer("bytes", &Uint8Array::from(bytes.as_slice()).buffer()),
        }
        envelope
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
    Envelope::new(pack(message)).object.into()
}

/// The destination of messages.
#[derive(Debug, Clone)]
pub struct Target {
    end: End,
    /// Whether the other end is JavaScript.
    is_json: bool,
}

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
        js_sys::global().dyn_into().ok().map(|scope| Self { end: End::Page(scope), is_json: false })
    }

    /// A worker of this page.
    pub(super) fn worker(worker: Worker) -> Self {
        Self { end: End::Worker(worker), is_json: false }
    }

    /// The other end of a port.
    pub fn port(port: Port) -> Self {
        Self { end: End::Port(port), is_json: false }
    }

    /// Both ends of a new channel, one to use and one to transfer; `None` where the browser has none.
    pub fn pair() -> Option<(Self, Port)> {
        let channel = MessageChannel::new().ok()?;
        Some((Self::port(channel.port1()), channel.port2()))
    }

    /// The same target, with responses in the encoding of the received message.
    #[must_use]
    pub fn answering<T>(&self, received: &Received<T>) -> Self {
        Self { is_json: matches!(received.encoded, Encoded::Json(_)), ..self.clone() }
    }

    /// Whether this is the page of this worker.
    pub fn is_page(&self) -> bool {
        matches!(self.end, End::Page(_))
    }

    /// Whether both are the same end.
    pub fn is_same(&self, other: &Self) -> bool {
        self.end == other.end
    }

    /// Sends a message. A message that the browser refuses because the other end is gone is lost, like one sent just
    /// before the end was gone.
    pub fn send(&self, message: &impl Serialize) {
        self.post(&self.envelope(message));
    }

    /// Sends a message with a body.
    pub fn send_with_body(&self, message: &impl Serialize, body: &[u8]) {
        let envelope = self.envelope(message);
        envelope.transfer("body", &Uint8Array::from(body).buffer());
        self.post(&envelope);
    }

    /// Sends a message with numbers as its body.
    pub fn send_with_floats(&self, message: &impl Serialize, floats: &[f64]) {
        let envelope = self.envelope(message);
        envelope.transfer("body", &Floats::from(floats).buffer());
        self.post(&envelope);
    }

    /// Sends a message and transfers a port.
    pub fn send_with_port(&self, message: &impl Serialize, port: &Port) {
        let envelope = self.envelope(message);
        envelope.transfer.push(port);
        self.post(&envelope);
    }

    fn envelope(&self, message: &impl Serialize) -> Envelope {
        Envelope::new(if self.is_json { pack_json(message) } else { pack(message) })
    }

    fn post(&self, Envelope { object, transfer }: &Envelope) {
        let _ = match &self.end {
            End::Worker(worker) => worker.post_message_with_transfer(object, transfer),
            End::Page(scope) => scope.post_message_with_transfer(object, transfer),
            End::Port(port) => port.post_message_with_transferable(object, transfer),
        };
    }

    /// Closes the port: what was sent before is still delivered, and nothing arrives any more. A page or a worker stays
    /// as it is.
    pub fn close(&self) {
        if let End::Port(port) = &self.end {
            port.close();
        }
    }

    /// Calls `callback` with every message from this target, for as long as the returned guard is kept.
    #[must_use = "messages come only while the guard is kept"]
    pub fn listen<T: DeserializeOwned>(
        &self,
        mut callback: impl FnMut(Result<Received<T>, ProtocolError>) + 'static,
    ) -> ListenerGuard {
        let on_message = move |event: MessageEvent| callback(Received::from_event(&event));
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(on_message);
        let guard = ListenerGuard { end: self.end.clone(), _closure: Some(closure) };
        guard.set(guard._closure.as_ref().map(|closure| closure.as_ref().unchecked_ref()));
        guard
    }
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct ListenerGuard {
    end: End,
    _closure: Option<Closure<dyn FnMut(MessageEvent)>>,
}

impl ListenerGuard {
    fn set(&self, handler: Option<&Function>) {
        match &self.end {
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
