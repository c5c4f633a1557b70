//! A broadcast channel between the workers of all tabs.

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use super::message::{Received, envelope};

/// Sends to all others that joined, and listens until it is dropped.
#[derive(Debug)]
pub struct Channel {
    channel: BroadcastChannel,
    _callback: Closure<dyn FnMut(MessageEvent)>,
}

impl Channel {
    /// Joins the channel of this name; `None` where the browser has none. Messages of other protocol versions are
    /// ignored: a worker of another version reports its version in its first message to a page.
    pub fn join<T: DeserializeOwned>(name: &str, mut callback: impl FnMut(T) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Ok(received) = Received::from_event(&event) {
                callback(received.message);
            }
        });
        channel.set_onmessage(Some(callback.as_ref().unchecked_ref()));
        Some(Self { channel, _callback: callback })
    }

    /// Sends a message to all others.
    pub fn send(&self, message: &impl Serialize) {
        // Only a closed channel refuses, and this one is closed on drop.
        let _ = self.channel.post_message(&envelope(message));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
