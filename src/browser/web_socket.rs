//! WebSockets.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, CloseEvent, MessageEvent};

use super::error::sentence;

/// What a WebSocket brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// The handshake is done.
    Opened,
    /// A message, text as UTF-8.
    Message(Vec<u8>),
    /// It has ended, or was never there.
    Closed {
        /// 1006 where the other end gave none: the connection broke, or the handshake failed.
        code: u16,
        /// What the other end says; usually nothing.
        reason: String,
    },
}

/// A connection, which is closed when it is dropped; then nothing more comes of it.
#[derive(Debug)]
pub struct WebSocket {
    socket: web_sys::WebSocket,
    _on_open: Closure<dyn FnMut()>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl WebSocket {
    /// Connects to an address; what comes of it is given to `callback`.
    ///
    /// # Errors
    /// What the browser says of an address that it does not connect to.
    pub fn open(url: &str, callback: impl Fn(SocketEvent) + 'static) -> Result<Self, String> {
        let socket = web_sys::WebSocket::new(url).map_err(|error| sentence(&error))?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let opened = Rc::new(callback);
        let (messages, closed) = (Rc::clone(&opened), Rc::clone(&opened));
        let on_open = Closure::<dyn FnMut()>::new(move || opened(SocketEvent::Opened));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            messages(SocketEvent::Message(bytes_of(&event.data())));
        });
        let on_close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            closed(SocketEvent::Closed { code: event.code(), reason: event.reason() });
        });
        socket.set_onopen(Some(function(on_open.as_ref())));
        socket.set_onmessage(Some(function(on_message.as_ref())));
        // An error is followed by the end, and says nothing beside it.
        socket.set_onclose(Some(function(on_close.as_ref())));
        Ok(Self { socket, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // It fails for codes and reasons that are none, and none is given.
        let _ = self.socket.close();
    }
}

fn function(closure: &JsValue) -> &Function {
    closure.unchecked_ref()
}

fn bytes_of(data: &JsValue) -> Vec<u8> {
    match data.as_string() {
        Some(text) => text.into_bytes(),
        None => data.dyn_ref::<ArrayBuffer>().map(|buffer| Uint8Array::new(buffer).to_vec()).unwrap_or_default(),
    }
}
