//! The page's side of the service worker: registration, control, and what it asks of the page.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, MessagePort, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration};

use super::error::sentence;
use super::message::Message;

/// The browser's service workers for this page.
#[derive(Debug, Clone)]
pub struct Relay {
    container: ServiceWorkerContainer,
    registration: ServiceWorkerRegistration,
}

/// Calls `callback` with each port that the service worker hands to this page for its worker, as long as the page lives.
///
/// To be called before [`register`], so that no port is missed. Without service workers it does nothing.
pub fn on_port(callback: impl Fn(MessagePort) + 'static) {
    let Some(container) = container() else { return };
    let closure = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if Message::from_event(&event).kind() == "port"
            && let Ok(port) = event.ports().get(0).dyn_into()
        {
            callback(port);
        }
    });
    container.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    // The page's own listener: it ends with the page.
    closure.forget();
}

/// Calls `callback` whenever the service worker of this page gives way to another. The first one that comes to a page, on a
/// first visit or after a hard reload, takes no other's place.
///
/// To be called before [`register`], like [`on_port`].
pub fn on_succession(callback: impl Fn() + 'static) {
    let Some(container) = container() else { return };
    let is_controlled = Cell::new(container.controller().is_some());
    let closure = Closure::<dyn Fn()>::new(move || {
        if is_controlled.replace(true) {
            callback();
        }
    });
    // Only a listener that is none is refused.
    let _ = container.add_event_listener_with_callback("controllerchange", closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Registers `sw.js` beside the page and waits until it controls the page; a page that was loaded past it (hard reload)
/// asks to be controlled.
///
/// # Errors
/// A sentence that says why there will be no real requests.
pub async fn register() -> Result<Relay, String> {
    let container =
        container().ok_or("this browser or window offers no service worker (they need https or localhost)")?;
    let refused = |error: JsValue| format!("the service worker was refused: {}", sentence(&error));
    let registration = JsFuture::from(container.register("sw.js")).await.map_err(refused)?;
    if !registration.is_object() {
        // What privacy tools leave in place of a registration.
        return Err("the browser or an extension of it blocks service workers".to_owned());
    }
    let registration: ServiceWorkerRegistration = registration.unchecked_into();
    let ready = container.ready().map_err(refused)?;
    JsFuture::from(ready).await.map_err(refused)?;
    let relay = Relay { container, registration };
    if relay.container.controller().is_none() {
        relay.controlled().await;
    }
    Ok(relay)
}

impl Relay {
    /// Asks for a line to the tab that runs the pipeline; whatever comes, comes through the port's other end.
    pub fn attach(&self, port: &MessagePort) {
        self.say("attach", &js_sys::Array::of1(port));
    }

    /// Keeps the service worker from being stopped for a while: it relays bodies that somebody reads.
    pub fn keep_awake(&self) {
        self.say("keep-awake", &js_sys::Array::new());
    }

    /// Says that this page ended its pipeline worker and started another.
    pub fn tell_restart(&self) {
        self.say("restarted", &js_sys::Array::new());
    }

    /// Says that another worker runs the pipeline since then, in milliseconds since the epoch.
    pub fn tell_owner(&self, at_millis: f64) {
        self.send(&Message::new("owner").with("at", at_millis), &js_sys::Array::new());
    }

    /// Tells it to go, with all that it keeps.
    pub fn forget(&self) {
        self.say("forget", &js_sys::Array::new());
    }

    /// Calls `callback` with whether a newer service worker waits to take over: now, and whenever that may have changed.
    pub fn on_waiting(&self, callback: impl Fn(bool) + 'static) {
        let handler = Rc::new(OnceCell::<Function>::new());
        let (registration, own) = (self.registration.clone(), Rc::clone(&handler));
        let look = move || {
            if let Some(coming) = registration.installing() {
                coming.set_onstatechange(own.get());
            }
            callback(registration.waiting().is_some());
        };
        let closure = Closure::<dyn Fn()>::new(look);
        let function = handler.get_or_init(|| closure.into_js_value().unchecked_into());
        self.registration.set_onupdatefound(Some(function));
        // It throws nothing.
        let _ = function.call0(&JsValue::NULL);
    }

    /// Lets the service worker that waits take over; false when there is none. It gets in as soon as the other one has
    /// nothing left to answer.
    pub fn let_in(&self) -> bool {
        let waiting = self.registration.waiting();
        if let Some(worker) = &waiting {
            self.say("give-way", &js_sys::Array::new());
            say(worker, "take-over", &js_sys::Array::new());
        }
        waiting.is_some()
    }

    /// Asks the host whether there is a newer version.
    pub async fn look_for_update(&self) {
        if let Ok(update) = self.registration.update() {
            // Without a network there is none.
            let _ = JsFuture::from(update).await;
        }
    }

    fn say(&self, kind: &str, transfer: &js_sys::Array) {
        self.send(&Message::new(kind), transfer);
    }

    fn send(&self, message: &Message, transfer: &js_sys::Array) {
        if let Some(worker) = self.active() {
            // A service worker that is gone is started again.
            let _ = worker.post_message_with_transferable(message.as_value(), transfer);
        }
    }

    fn active(&self) -> Option<ServiceWorker> {
        self.registration.active().or_else(|| self.container.controller())
    }

    /// Waits until the page is controlled, and asks for it.
    async fn controlled(&self) {
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            self.container.set_oncontrollerchange(Some(&resolve));
            self.say("claim", &js_sys::Array::new());
            // Control may have come between the question and the listener.
            if self.container.controller().is_some() {
                let _ = resolve.call0(&JsValue::NULL);
            }
        });
        let _ = JsFuture::from(promise).await;
        self.container.set_oncontrollerchange(None);
    }
}

fn say(worker: &ServiceWorker, kind: &str, transfer: &js_sys::Array) {
    let message = js_sys::Object::new();
    // Neither can fail: the object is our own, and a service worker that is gone is started again.
    let _ = Reflect::set(&message, &"kind".into(), &kind.into());
    let _ = worker.post_message_with_transferable(&message, transfer);
}

/// The container, if the browser has one for this page.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    let value = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    value.is_object().then(|| value.unchecked_into())
}
