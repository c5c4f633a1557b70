//! The page's side of the service worker: registration, control, and messages.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use gloo_timers::callback::Interval;
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration};

use super::error::sentence;
use super::location;
use super::message::Port;
use crate::protocol::ToServiceWorker;

/// The service worker's script, beside the page.
const SCRIPT: &str = "sw.js";
/// Time between two requests for control of the page.
const CLAIM_MILLIS: u32 = 1_000;

/// The service worker of this page.
#[derive(Debug, Clone)]
pub struct Relay {
    container: ServiceWorkerContainer,
    registration: ServiceWorkerRegistration,
}

/// A port that the service worker hands to a page for its worker.
#[derive(Debug)]
pub struct BrokeredPort {
    /// The port.
    pub port: Port,
    /// Whether another page of the app has the other end; else the service worker relays anybody's requests on it.
    pub is_page: bool,
}

impl BrokeredPort {
    /// Reads a message that arrived at the page. Service workers of other folders can post to any page of the origin,
    /// so only messages of this page's own count.
    fn from_event(event: &MessageEvent) -> Option<Self> {
        let sender: ServiceWorker = event.source()?.dyn_into().ok()?;
        if sender.script_url() != script_address() {
            return None;
        }
        let port = event.ports().get(0).dyn_into().ok()?;
        // Its field names are sw.js's.
        let is_page = Reflect::get(&event.data(), &"isPage".into()).is_ok_and(|mark| mark == true);
        Some(Self { port, is_page })
    }
}

/// Calls `callback` with each port that the service worker hands to this page for its worker, for the lifetime
/// of the page.
///
/// Call it before [`register`], so that no port is missed. Without service workers it does nothing.
pub fn on_port(callback: impl Fn(BrokeredPort) + 'static) {
    let Some(container) = container() else { return };
    let closure = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        // The service worker sends pages no other messages.
        if let Some(brokered) = BrokeredPort::from_event(&event) {
            callback(brokered);
        }
    });
    container.set_onmessage(Some(closure.as_ref().unchecked_ref()));
    // The listener lives as long as the page.
    closure.forget();
}

/// Calls `callback` whenever the service worker of this page is replaced by another. The first one to control a page,
/// on a first visit or after a hard reload, replaces none.
///
/// Call it before [`register`], like [`on_port`].
pub fn on_succession(callback: impl Fn() + 'static) {
    let Some(container) = container() else { return };
    let is_controlled = Cell::new(container.controller().is_some());
    let closure = Closure::<dyn Fn()>::new(move || {
        if is_controlled.replace(true) {
            callback();
        }
    });
    // Only an invalid listener is refused.
    let _ = container.add_event_listener_with_callback("controllerchange", closure.as_ref().unchecked_ref());
    closure.forget();
}

/// Registers the script beside the page and waits until it controls the page; a page that was loaded without it (hard
/// reload) requests control.
///
/// # Errors
/// A sentence that says why HTTP requests to the API do not work.
pub async fn register() -> Result<Relay, String> {
    let container =
        container().ok_or("this browser or window offers no service worker (they need https or localhost)")?;
    let refused = |error: JsValue| format!("the service worker was refused: {}", sentence(&error));
    let registration = JsFuture::from(container.register(SCRIPT)).await.map_err(refused)?;
    if !registration.is_object() {
        // Privacy tools may replace the registration by this value.
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
    /// Requests a connection to the tab that runs the pipeline; its messages arrive at the port's other end.
    pub fn attach(&self, port: &Port) {
        self.send(ToServiceWorker::Attach, &js_sys::Array::of1(port));
    }

    /// Keeps the service worker from being stopped for a while: it relays response bodies that are being read.
    pub fn keep_awake(&self) {
        self.say(ToServiceWorker::KeepAwake);
    }

    /// Reports that this page terminated its pipeline worker and started another.
    pub fn report_restart(&self) {
        self.say(ToServiceWorker::Restarted);
    }

    /// Reports that another worker has run the pipeline since this time, in milliseconds since the epoch.
    pub fn report_owner(&self, at_millis: f64) {
        self.say(ToServiceWorker::Owner { at: at_millis });
    }

    /// Unregisters the service worker and removes its caches.
    pub fn forget(&self) {
        self.say(ToServiceWorker::Forget);
    }

    /// Calls `callback` with whether a newer service worker waits to take over: now, and on each possible change.
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
        // It never throws.
        let _ = function.call0(&JsValue::NULL);
    }

    /// Lets the waiting service worker take over; returns false when there is none. It takes over as soon as the
    /// current one has answered all its requests.
    pub fn let_in(&self) -> bool {
        let waiting = self.registration.waiting();
        if let Some(worker) = &waiting {
            self.say(ToServiceWorker::GiveWay);
            post(worker, ToServiceWorker::TakeOver, &js_sys::Array::new());
        }
        waiting.is_some()
    }

    /// Checks whether the host has a newer version.
    pub async fn look_for_update(&self) {
        if let Ok(update) = self.registration.update() {
            // Without a network the check fails, and there is no update.
            let _ = JsFuture::from(update).await;
        }
    }

    fn say(&self, message: ToServiceWorker) {
        self.send(message, &js_sys::Array::new());
    }

    fn send(&self, message: ToServiceWorker, transfer: &js_sys::Array) {
        if let Some(worker) = self.active() {
            post(&worker, message, transfer);
        }
    }

    fn active(&self) -> Option<ServiceWorker> {
        self.registration.active().or_else(|| self.container.controller())
    }

    /// Requests control of the page, and waits for it. The request is repeated: a service worker that ends at that
    /// moment, with its process or on a slow machine, does not answer the first one.
    async fn controlled(&self) {
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            self.container.set_oncontrollerchange(Some(&resolve));
            self.say(ToServiceWorker::Claim);
            // Control may have started between the request and the listener.
            if self.container.controller().is_some() {
                let _ = resolve.call0(&JsValue::NULL);
            }
        });
        let relay = self.clone();
        let repeated = Interval::new(CLAIM_MILLIS, move || relay.say(ToServiceWorker::Claim));
        let _ = JsFuture::from(promise).await;
        drop(repeated);
        self.container.set_oncontrollerchange(None);
    }
}

fn post(worker: &ServiceWorker, message: ToServiceWorker, transfer: &js_sys::Array) {
    // Neither fails: the text is JSON, and a service worker that is gone is started again.
    if let Ok(text) = serde_json::to_string(&message)
        && let Ok(message) = js_sys::JSON::parse(&text)
    {
        let _ = worker.post_message_with_transferable(&message, transfer);
    }
}

/// The absolute address of the script.
fn script_address() -> String {
    [location::origin(), location::base_path(), SCRIPT.to_owned()].concat()
}

/// The container, if the browser has one for this page.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    let value = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    value.is_object().then(|| value.unchecked_into())
}
