//! Messages between threads: plain objects with a `kind` (see `protocol`), and the ends that they go through.

use js_sys::{Array, ArrayBuffer, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort, Worker};

/// A message to send or one that came.
#[derive(Debug, Clone)]
pub struct Message(Object);

impl Message {
    /// A message of this kind.
    pub fn new(kind: &str) -> Self {
        Self(Object::new()).with("kind", kind)
    }

    /// What an event brought; an empty message if that is no object.
    pub fn from_event(event: &MessageEvent) -> Self {
        Self(event.data().dyn_into().unwrap_or_default())
    }

    /// This message with one more field.
    pub fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Setting a field of an object of our own cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    /// The plain object.
    pub fn as_value(&self) -> &JsValue {
        &self.0
    }

    /// What kind of message it is.
    pub fn kind(&self) -> String {
        self.text("kind").unwrap_or_default()
    }

    /// A field, `undefined` when it is not there.
    pub fn get(&self, name: &str) -> JsValue {
        Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED)
    }

    /// A text field.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).as_string()
    }

    /// A number field.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.get(name).as_f64()
    }

    /// A field of bytes; empty when it is not there.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let value = self.get(name);
        match value.dyn_ref::<ArrayBuffer>() {
            Some(buffer) => Uint8Array::new(buffer).to_vec(),
            None => value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default(),
        }
    }

    /// A field of pairs of text, such as headers.
    pub fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let Ok(list) = self.get(name).dyn_into::<Array>() else { return Vec::new() };
        list.iter()
            .filter_map(|pair| {
                let pair: Array = pair.dyn_into().ok()?;
                Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
            })
            .collect()
    }
}

impl From<Object> for Message {
    fn from(object: Object) -> Self {
        Self(object)
    }
}

/// Pairs of text as a value of a message.
pub fn pairs(list: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> JsValue {
    let pair = |(name, value): (_, _)| Array::of2(&text(&name), &text(&value));
    return list.into_iter().map(pair).collect::<Array>().into();

    fn text(text: &impl AsRef<str>) -> JsValue {
        text.as_ref().into()
    }
}

/// Something that messages can be sent to.
#[derive(Debug, Clone)]
pub enum Target {
    /// The worker, from its page.
    Worker(Worker),
    /// The page, from its worker.
    Page(DedicatedWorkerGlobalScope),
    /// Whoever holds the other end.
    Port(MessagePort),
}

impl Target {
    /// Sends a message. A message that the browser refuses (the other end is gone) is lost, as one sent a moment before
    /// it went would have been.
    pub fn send(&self, message: &Message) {
        self.send_with(message, &[]);
    }

    /// Sends a message and hands over what it transfers.
    pub fn send_with(&self, message: &Message, transfer: &[&JsValue]) {
        let transfer: Array = transfer.iter().copied().collect();
        let _ = match self {
            Self::Worker(worker) => worker.post_message_with_transfer(&message.0, &transfer),
            Self::Page(scope) => scope.post_message_with_transfer(&message.0, &transfer),
            Self::Port(port) => port.post_message_with_transferable(&message.0, &transfer),
        };
    }

    /// Whether this leads to the same end.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Worker(one), Self::Worker(other)) => one == other,
            (Self::Page(one), Self::Page(other)) => one == other,
            (Self::Port(one), Self::Port(other)) => one == other,
            _ => false,
        }
    }

    /// Calls `callback` with every message that comes back from there, for as long as the returned guard is kept.
    #[must_use = "messages are heard only while the guard is kept"]
    pub fn listen(&self, callback: impl FnMut(MessageEvent) + 'static) -> ListenerGuard {
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(callback);
        let guard = ListenerGuard { target: self.clone(), _closure: Some(closure) };
        guard.set(guard._closure.as_ref().map(|closure| closure.as_ref().unchecked_ref()));
        guard
    }
}

/// Hears messages until it is dropped.
#[derive(Debug)]
pub struct ListenerGuard {
    target: Target,
    _closure: Option<Closure<dyn FnMut(MessageEvent)>>,
}

impl ListenerGuard {
    fn set(&self, handler: Option<&Function>) {
        match &self.target {
            Target::Worker(worker) => worker.set_onmessage(handler),
            Target::Page(scope) => scope.set_onmessage(handler),
            // Setting the handler also starts the port.
            Target::Port(port) => port.set_onmessage(handler),
        }
    }
}

impl Drop for ListenerGuard {
    fn drop(&mut self) {
        self.set(None);
    }
}
