//! Live sources: reads what the settings name into the pipeline, for as long as they do.
//!
//! Read [`look`] first. One source is read at a time, by [`run`]: it makes the connections that the pure machine asks for,
//! see `pipeline::sources::live`, and feeds what comes of them, in slices, between which the worker handles messages,
//! heartbeats and batches.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

use super::connection::{Bell, Connection};
use super::message_decoder::decode;
use super::nats;
use super::nats_connections::Inbox;
use super::state::Shared;
use crate::api::App;
use crate::browser::{clock, location, random, spawn_local, yield_now};
use crate::pipeline::sources::live::{LiveAsk, LiveInput, Request};
use crate::pipeline::sources::{PageOrigin, check_address, space_of};
use crate::pipeline::{Credentials, SourceKind};
use crate::time::Timestamp;

/// How long a source is read before others have their turn.
const SLICE_MILLIS: f64 = 16.0;
/// How often a source that rests is looked at, so that a change of the settings is seen.
const REST_MILLIS: u32 = 200;
/// How long messages gather that come one by one: each step of the machine takes all that are there.
const GATHER_MILLIS: u32 = 4;

/// What else may be the reason when a connection fails to a host that is nearer than the page's.
const HINT: &str = "; browsers ask before a page from elsewhere reaches this machine or its network: allow it in the \
                    settings of this site";

/// Reads the live source of the settings, unless that is done already. `step` is called whenever batches may have been
/// completed.
pub(super) fn look(worker: &Shared, step: fn(&Shared)) {
    let is_wanted = with_app(worker, |app, _| app.service_mut().live_run().is_some()) == Some(true);
    if is_wanted && !std::mem::replace(&mut worker.borrow_mut().live.is_running, true) {
        let worker = Rc::clone(worker);
        spawn_local(async move { run(&worker, step).await });
    }
}

fn with_app<T>(worker: &Shared, work: impl FnOnce(&mut App, Timestamp) -> T) -> Option<T> {
    worker.borrow_mut().app.as_mut().map(|app| work(app, clock::now()))
}

/// Reads one source after the other, as the settings change.
async fn run(worker: &Shared, step: fn(&Shared)) {
    while let Some(Some(run)) = with_app(worker, |app, _| app.service_mut().live_run()) {
        match run.kind {
            SourceKind::Websocket | SourceKind::Sse | SourceKind::Poll => read(worker, run.number, step).await,
            SourceKind::Nats => nats::read(worker, run.number, step).await,
            // No other source is a live one.
            _ => break,
        }
    }
    let live = &mut worker.borrow_mut().live;
    (live.is_running, live.decoder) = (false, None);
}

/// Reads a source until its run is over.
async fn read(worker: &Shared, number: u32, step: fn(&Shared)) {
    let bell = worker.borrow().live.bell.clone();
    let decoded = Inbox::new(bell.clone());
    let (mut connection, mut slice_millis) = (None::<Connection>, clock::monotonic_millis());
    loop {
        let input = decoded.next().or_else(|| connection.as_ref()?.next()).unwrap_or(LiveInput::Tick);
        let chance = random::unit();
        let asks = with_app(worker, |app, now| app.service_mut().feed_live(number, input, now, chance));
        let Some(Some(asks)) = asks else { return };
        let mut wake: Option<Timestamp> = None;
        for ask in asks {
            match ask {
                LiveAsk::Connect(request) => {
                    // The one before ends first: a server may allow one alone.
                    drop(connection.take());
                    connection = Some(connect(worker, request, &bell));
                }
                LiveAsk::Read => connection.iter().for_each(Connection::read),
                LiveAsk::Close => connection = None,
                LiveAsk::Decode(message) => {
                    let (worker, decoded) = (Rc::clone(worker), decoded.clone());
                    spawn_local(async move {
                        let columns = decode(&worker, number, &message).await;
                        columns.into_iter().for_each(|columns| decoded.push(LiveInput::Decoded(columns)));
                    });
                }
                LiveAsk::Wake(at) => wake = Some(wake.map_or(at, |wake| wake.min(at))),
            }
        }
        if clock::monotonic_millis() - slice_millis >= SLICE_MILLIS {
            // Batches that were completed are written, and the store is maintained; then messages have their turn.
            step(worker);
            yield_now().await;
            slice_millis = clock::monotonic_millis();
        }
        if decoded.has_more() || connection.as_ref().is_some_and(Connection::has_more) {
            continue;
        }
        let rest_millis = f64::from(REST_MILLIS);
        let rest_millis = wake.map_or(rest_millis, |wake| (wake - clock::now()).as_millis().min(rest_millis));
        if rest_millis > 0.0 {
            step(worker);
            bell.rest(rest_millis.ceil() as u32).await;
            TimeoutFuture::new(GATHER_MILLIS).await;
            slice_millis = clock::monotonic_millis();
        }
    }
}

/// Makes a connection, unless a browser would refuse it: that is said before it is tried.
fn connect(worker: &Shared, request: Request, bell: &Bell) -> Connection {
    let (is_https, host) = location::scheme_and_host();
    let page = PageOrigin { is_https, space: space_of(&host) };
    match check_address(&request.url, request.kind.schemes(), Some(page)) {
        Err(sentence) => Connection::refused(sentence),
        Ok(notes) => {
            let credentials = with_app(worker, |app, _| app.service().credentials().cloned()).flatten();
            let url = credentials.as_ref().map_or_else(|| request.url.to_string(), |known| known.fill(&request.url));
            let authorization = credentials.as_ref().and_then(Credentials::authorization);
            let hint = if notes.needs_permission { HINT } else { "" };
            Connection::open(request, url, authorization, hint, bell)
        }
    }
}
