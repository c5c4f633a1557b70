//! A channel between all tabs' workers of one pipeline.

use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use super::message::Message;

/// Hears and says until it is dropped; what one says, all others callback.
#[derive(Debug)]
pub struct Channel {
    channel: BroadcastChannel,
    _callback: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Joins the channel of this name; `None` where the browser has none.
    pub fn join(name: &str, mut callback: impl FnMut(Message) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let callback =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| callback(Message::from_event(&event)));
        channel.set_onmessage(Some(callback.as_ref().unchecked_ref()));
        Some(Self { channel, _callback: callback })
    }

    /// Says something to all others.
    pub fn say(&self, message: &Message) {
        // Only a closed channel refuses, and nobody closes this one.
        let _ = self.channel.post_message(message.as_value());
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
