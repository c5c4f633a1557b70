//! The event loop: it handles messages, steps the engine when it is due, and sends responses.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};

use super::ownership;
use super::state::{Ownership, Pace, Shared, Worker};
use super::streams::Streams;
use crate::api::{App, Body, Part, Request, Response};
use crate::browser::message::{Received, Target};
use crate::browser::opfs::Opfs;
use crate::browser::{clock, memory, spawn_local};
use crate::pipeline::Input;
use crate::protocol::{
    FromWorker, HEARTBEAT_MILLIS, PartKind, ProtocolError, RawFileEntry, Role, Start, StorageAction, ToWorker, View,
};
use crate::service::{WorkerStats, snapshot};
use crate::store::{Durability, Storage as _, StorageChoice};
use crate::time::Timestamp;

/// How long the engine runs before the worker handles messages again.
const SLICE_MILLIS: f64 = 8.0;
/// The shortest rest between two slices; browsers raise it to four milliseconds.
const REST_MILLIS: u32 = 1;
/// The longest rest: timers further ahead than this are set in parts.
const LONGEST_REST_MILLIS: f64 = 60_000.0;

/// Before a request with a larger body the worker announces a long silence.
const LARGE_BODY_BYTES: usize = 256 << 10;

/// Starts to listen for messages and sends [`FromWorker::Ready`] to the page.
pub fn start() {
    let Some(page) = Target::page() else { return };
    let worker = Rc::new(RefCell::new(Worker {
        page: page.clone(),
        build: None,
        app: None,
        files: None,
        ownership: Ownership::default(),
        on_owned: |worker| step(worker, Input::Tick),
        opening_millis: 0.0,
        timer: None,
        pace: Pace::default(),
        streams: Streams::default(),
        listeners: Vec::new(),
    }));
    listen(&worker, &page);
    page.send(&FromWorker::Ready);
    // It runs for as long as the worker lives.
    Interval::new(HEARTBEAT_MILLIS, move || page.send(&FromWorker::Heartbeat { busy_millis: None })).forget();
}

/// Events a second through the pipeline into flushed files of this browser, NaN when it offers none; see
/// [`super::bench_journal`].
pub async fn bench_journal_here(batches: u32, batch_size: u32, persist: bool) -> f64 {
    let name = "/benchmark";
    let Ok(files) = Opfs::open(name).await else { return f64::NAN };
    let storage = Rc::clone(&files) as Rc<dyn crate::store::Storage>;
    let rate = super::bench_journal(storage, batches, batch_size as usize, persist, clock::monotonic_millis);
    files.close();
    let _ = Opfs::erase(name).await;
    rate.unwrap_or(f64::NAN)
}

/// Microseconds that a batch of ten takes here; see [`super::bench_batch`].
pub fn bench_batch_here(batches: u32) -> f64 {
    super::bench_batch(batches, clock::monotonic_millis).unwrap_or(f64::NAN)
}

fn listen(worker: &Shared, speaker: &Target) {
    let (shared, reply) = (Rc::clone(worker), speaker.clone());
    let guard = speaker.listen(move |received| match received {
        Ok(received) => on_message(&shared, &reply.answering(&received), received),
        Err(ProtocolError::Version(_)) => reply.send(&FromWorker::Refused),
        Err(ProtocolError::Malformed) => {}
    });
    worker.borrow_mut().listeners.push(guard);
}

fn on_message(worker: &Shared, reply: &Target, received: Received<ToWorker>) {
    let Received { message, port, body, .. } = received;
    match message {
        ToWorker::Hello { build, start } => handshake(worker, reply, build, start),
        ToWorker::Port => {
            if let Some(port) = port {
                listen(worker, &Target::port(port));
            }
        }
        ToWorker::Request { id, method, path, query, headers, is_own } => {
            answer(worker, reply, id, &Request { method, path, query, headers, body: body.bytes(), is_own });
        }
        message @ (ToWorker::Pull { .. } | ToWorker::Cancel { .. } | ToWorker::Alive) => {
            read_on(worker, reply, &message)
        }
        ToWorker::View(view) => draw(worker, reply, &view),
        ToWorker::Ping => reply.send(&FromWorker::Heartbeat { busy_millis: None }),
        ToWorker::Step => step(worker, Input::Step),
        ToWorker::Address { query } => worker.borrow_mut().ownership.set_query(query),
        ToWorker::Storage(action) => manage_storage(worker, reply, action),
        ToWorker::RawFiles { base } => spawn_local(send_raw_files(Rc::clone(worker), reply.clone(), base)),
    }
}

/// Answers [`ToWorker::Hello`]: refuses pages of another build, requests ownership if this worker's own page sends a
/// [`Start`], and reports whether this worker runs the pipeline. The service worker names no build: the version of its
/// messages is checked instead.
fn handshake(worker: &Shared, reply: &Target, build: Option<String>, start: Option<Start>) {
    if reply.is_page() {
        worker.borrow_mut().build.clone_from(&build);
    }
    if build.is_some() && build != worker.borrow().build {
        return reply.send(&FromWorker::Refused);
    }
    let is_owner = worker.borrow().app.is_some();
    reply.send(&if is_owner { FromWorker::Welcome } else { FromWorker::Role(Role::Waiting) });
    if let Some(start) = start.filter(|_| !is_owner && reply.is_page()) {
        ownership::begin(worker, start);
    }
}

fn answer(worker: &Shared, reply: &Target, id: u32, request: &Request) {
    if request.body.len() > LARGE_BODY_BYTES {
        ownership::heartbeat(worker, ownership::LONG_SILENCE_MILLIS);
    }
    {
        let mut worker = worker.borrow_mut();
        let Worker { app: Some(app), streams, .. } = &mut *worker else {
            reply.send(&FromWorker::Role(Role::Waiting));
            return;
        };
        app.set_memory_bytes(memory::bytes());
        app.set_open_streams(streams.len());
        let start_millis = clock::monotonic_millis();
        let Response { status, headers, body } = app.handle(request, clock::now());
        if *app.service().store().durability() == Durability::TakenOver {
            // The new owner of the files answers this request when it is sent again.
            reply.send(&FromWorker::Role(Role::Waiting));
        } else {
            app.observe_request((clock::monotonic_millis() - start_millis) / 1e3);
            let (body, stream) = start_of(body, app, streams, reply);
            let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            reply.send_with_body(&FromWorker::Response { id, status, headers, stream }, &body);
        }
    }
    // A request may have changed settings or completed batches, so the next wake-up may differ.
    if request.method != "GET" {
        step(worker, Input::Tick);
    }
}

/// Applies the user's choice about the files.
fn manage_storage(worker: &Shared, reply: &Target, action: StorageAction) {
    let choice = match action {
        StorageAction::Retry => StorageChoice::Retry,
        StorageAction::DropOldest => return spawn_local(drop_oldest(Rc::clone(worker))),
        StorageAction::Memory => StorageChoice::Memory,
        StorageAction::Erase => return ownership::erase(worker, reply),
    };
    if let Some(app) = &mut worker.borrow_mut().app {
        app.service_mut().choose_storage(choice, clock::now());
    }
    step(worker, Input::Tick);
}

/// Frees space on a full disk: first the ballast and empty files, then the oldest rows.
async fn drop_oldest(worker: Shared) {
    let files = worker.borrow().files.clone();
    if let Some(files) = files {
        // The checkpoint that follows fails on a file that cannot be opened again, and reports it.
        drop(files.give_way().await);
    }
    if let Some(app) = &mut worker.borrow_mut().app {
        app.service_mut().choose_storage(StorageChoice::DropOldest, clock::now());
    }
    step(&worker, Input::Tick);
}

/// Sends the journal's files as they are, for the case that recovery refuses them or panics.
async fn send_raw_files(worker: Shared, reply: Target, base: String) {
    let open = worker.borrow().files.clone();
    let files = match open {
        Some(files) => Some(files),
        None => Opfs::open(&base).await.ok(),
    };
    let (mut entries, mut body) = (Vec::new(), Vec::new());
    for (files, file) in files.iter().flat_map(|files| files.files().into_iter().map(move |file| (files, file))) {
        let bytes = files.read_all(file).unwrap_or_default();
        entries.push(RawFileEntry { name: format!("{file:04}"), len: bytes.len() as u32 });
        body.extend_from_slice(&bytes);
    }
    reply.send_with_body(&FromWorker::RawFiles(entries), &body);
}

/// The start of a body that can be sent at once, and the number of the stream that has the rest, if there is more.
fn start_of(body: Body, app: &App, streams: &mut Streams, reply: &Target) -> (Vec<u8>, Option<u32>) {
    let mut flow = match body {
        Body::Whole(bytes) => return (bytes, None),
        Body::Flow(flow) => flow,
    };
    let mut start = Vec::new();
    // Two parts: most bodies consist of one part and the end.
    for _ in 0..2 {
        match flow.next(app.service(), clock::now()) {
            Part::Bytes(bytes) => start.extend_from_slice(&bytes),
            Part::Wait(_) => break,
            Part::End => return (start, None),
        }
    }
    (start, Some(streams.open(reply, flow, clock::monotonic_millis())))
}

/// Handles a reader's message about its streams: [`ToWorker::Pull`], [`ToWorker::Cancel`] or [`ToWorker::Alive`].
fn read_on(worker: &Shared, reply: &Target, message: &ToWorker) {
    {
        let mut worker = worker.borrow_mut();
        let Worker { app, streams, .. } = &mut *worker;
        let now_millis = clock::monotonic_millis();
        match (message, app) {
            (ToWorker::Pull { stream }, Some(app)) => streams.pull(*stream, reply, app, clock::now(), now_millis),
            (ToWorker::Pull { stream }, None) => {
                reply.send(&FromWorker::Part { stream: *stream, part: PartKind::Lost });
                return;
            }
            (ToWorker::Cancel { stream }, _) => streams.cancel(*stream),
            _ => streams.keep(reply, now_millis),
        }
    }
    // A reader that waits for a batch may be due a part before the batch, which moves the next wake-up.
    step(worker, Input::Tick);
}

fn draw(worker: &Shared, reply: &Target, view: &View) {
    let mut worker = worker.borrow_mut();
    let (processing_micros, opening_millis) = (worker.pace.micros_per_batch(), worker.opening_millis);
    let Some(app) = &mut worker.app else {
        reply.send(&FromWorker::Role(Role::Waiting));
        return;
    };
    let stats =
        WorkerStats { processing_micros, memory_bytes: memory::bytes(), requests: app.requests(), opening_millis };
    let (snapshot, chart) = snapshot(app.service_mut(), view, clock::now(), stats);
    reply.send_with_floats(&FromWorker::Snapshot(Box::new(snapshot)), &chart);
}

/// Runs the engine for one slice, sends parts of bodies, maintains the store, then sets the timer of the next tick.
pub(super) fn step(worker: &Shared, input: Input) {
    let (next_wake, is_taken_over, files) = {
        let mut worker = worker.borrow_mut();
        worker.timer = None;
        let Worker { app: Some(app), pace, streams, page, files, .. } = &mut *worker else { return };
        let due = work(app, pace, input);
        let waiting = streams.serve(app, clock::now(), clock::monotonic_millis(), page);
        let upkeep = app.service_mut().maintain(clock::now());
        let is_taken_over = *app.service().store().durability() == Durability::TakenOver;
        ([due, waiting, upkeep].into_iter().flatten().min(), is_taken_over, files.clone())
    };
    if is_taken_over {
        return ownership::lose(worker);
    }
    if let Some(files) = files.filter(|files| files.is_short()) {
        // The journal uses the files that it has until there are more.
        spawn_local(async move { drop(files.grow().await) });
    }
    let Some(wake) = next_wake else { return };
    let rest_millis = (wake - clock::now()).as_millis().clamp(f64::from(REST_MILLIS), LONGEST_REST_MILLIS);
    let shared = Rc::clone(worker);
    worker.borrow_mut().timer = Some(Timeout::new(rest_millis.ceil() as u32, move || step(&shared, Input::Tick)));
}

/// Steps the engine until nothing is due or the slice is over; returns the next wake-up.
fn work(app: &mut App, pace: &mut Pace, mut input: Input) -> Option<Timestamp> {
    let start_millis = clock::monotonic_millis();
    let mut batches = 0;
    loop {
        let now = clock::now();
        // The engine refuses only settings, and those arrive in requests.
        let Ok(output) = app.service_mut().step(input, now) else { return Some(now) };
        batches += output.batches;
        let elapsed_millis = clock::monotonic_millis() - start_millis;
        if output.next_wake.is_none_or(|wake| wake > clock::now()) || elapsed_millis > SLICE_MILLIS {
            if batches > 0 {
                pace.add(elapsed_millis, batches);
                app.observe_batches(elapsed_millis / 1e3, batches);
            }
            return output.next_wake;
        }
        input = Input::Tick;
    }
}
