//! What is read on a port, and how its other end is known to be gone.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::oneshot;
use millrace::browser::locks;
use millrace::browser::message::{Received, Target};
use millrace::protocol::{FromRelay, ProtocolError, ToWorker, VERSION};
use wasm_bindgen_test::wasm_bindgen_test;

/// Takes a lock as a page does; its name.
async fn held() -> String {
    let (sender, name) = oneshot::channel();
    locks::hold_for_life(move |name| drop(sender.send(name)));
    name.await.unwrap()
}

/// Settled when the holder of this lock is gone.
async fn gone(name: &str) {
    let (sender, gone) = oneshot::channel();
    locks::when_gone(name, move || {
        let _ = sender.send(());
    });
    gone.await.unwrap();
}

#[wasm_bindgen_test]
async fn a_page_is_gone_when_nobody_holds_its_lock() {
    let name = held().await;
    let is_gone = Rc::new(Cell::new(false));
    let flag = Rc::clone(&is_gone);
    locks::when_gone(&name, move || flag.set(true));
    // Requested later, and granted.
    gone(&format!("{name} of nobody")).await;
    assert!(!is_gone.get(), "this page lives");
    assert_ne!(held().await, name, "each page has a lock of its own");
}

#[wasm_bindgen_test]
async fn a_goodbye_before_a_port_is_closed_arrives() {
    let (target, port) = Target::pair().unwrap();
    target.send(&ToWorker::Goodbye);
    target.close();
    let (sender, received) = oneshot::channel();
    let mut sender = Some(sender);
    let _guard = Target::port(port).listen(move |received: Result<Received<ToWorker>, ProtocolError>| {
        if let Some(sender) = sender.take() {
            drop(sender.send(received.map(|received| received.message)));
        }
    });
    assert_eq!(received.await.unwrap(), Ok(ToWorker::Goodbye));
}

/// What a port to the service worker reads of an envelope.
async fn relayed(envelope: &str) -> Result<FromRelay, ProtocolError> {
    let (target, port) = Target::pair().unwrap();
    let (sender, received) = oneshot::channel();
    let mut sender = Some(sender);
    let _guard = target.listen_to_relay(move |received| {
        if let Some(sender) = sender.take() {
            drop(sender.send(received.map(|received| received.message)));
        }
    });
    port.post_message(&js_sys::JSON::parse(envelope).unwrap()).unwrap();
    received.await.unwrap()
}

#[wasm_bindgen_test]
async fn the_service_worker_speaks_json() {
    let envelope = |json: &str| format!("{{\"version\":{VERSION},{json}}}");
    assert_eq!(relayed(&envelope(r#""json":"\"goodbye\"""#)).await, Ok(FromRelay::Goodbye));
    for other in [r#""json":"\"ping\"""#, r#""bytes":[17]"#] {
        assert_eq!(relayed(&envelope(other)).await, Err(ProtocolError::Malformed), "{other}");
    }
    assert_eq!(relayed(r#"{"json":"\"goodbye\""}"#).await, Err(ProtocolError::Version(None)));
}
