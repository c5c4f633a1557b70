//! A turn for the other tasks of this thread.

use futures_channel::oneshot;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;
use web_sys::MessageChannel;

/// Goes on once the tasks that wait have had their turn. A timer would take four milliseconds, as browsers have it for
/// timers that are set by timers.
pub async fn yield_now() {
    let Ok(channel) = MessageChannel::new() else { return TimeoutFuture::new(0).await };
    let (sender, turn) = oneshot::channel::<()>();
    let come = Closure::once(move || drop(sender));
    channel.port1().set_onmessage(Some(come.as_ref().unchecked_ref()));
    if channel.port2().post_message(&JsValue::NULL).is_ok() {
        // It comes by being dropped.
        let _ = turn.await;
    }
    channel.port1().close();
}
