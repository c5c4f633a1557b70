//! Updates of the app: a newer version is offered, and loaded by all tabs at once, so that tabs that share a pipeline
//! are always of one build.

use std::cell::Cell;

use super::{Client, ClientEvent};
use crate::browser::service_worker::{self, Relay};
use crate::browser::visibility::on_visible;
use crate::browser::{clock, location, session, spawn_local};
use crate::time::Duration;

/// The shortest time between two checks for a newer version.
const LOOK_EVERY_SECS: i64 = 3600;
/// A page that reloaded itself does so again only after this time, so that no fault makes it reload in a loop.
const CALM_MILLIS: f64 = 10_000.0;
/// The session mark that such a page reads.
const RELOADED: &str = "millrace:reloaded";

impl Client {
    /// Reloads the page when the service worker of another version takes over: it answers with other files.
    pub(super) fn follow_succession(&self) {
        let (client, was_reloaded) = (self.clone(), session::take_mark(RELOADED));
        service_worker::on_succession(move || {
            if was_reloaded && clock::monotonic_millis() < CALM_MILLIS {
                return client.emit(ClientEvent::Update(true));
            }
            session::mark(RELOADED);
            location::reload();
        });
    }

    /// Reports when a newer version waits, and checks for one when the page becomes visible, at most once an hour.
    pub(super) fn follow_updates(&self, relay: &Relay) {
        let client = self.clone();
        relay.on_waiting(move |is_waiting| client.emit(ClientEvent::Update(is_waiting)));
        // Loading the page was already a check.
        let (relay, last) = (relay.clone(), Cell::new(clock::now()));
        on_visible(move || {
            let now = clock::now();
            if now - last.get() > Duration::from_secs(LOOK_EVERY_SECS) {
                last.set(now);
                let relay = relay.clone();
                spawn_local(async move { relay.look_for_update().await });
            }
        });
    }

    /// Loads the newer version in all tabs.
    pub fn update(&self) {
        let is_let_in = self.0.relay.borrow().as_ref().is_some_and(Relay::let_in);
        if !is_let_in {
            location::reload();
        }
    }
}
