//! The event loop: it handles messages, steps the engine when it is due, and sends responses.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};

use super::access::Access;
use super::bodies::Bodies;
use super::connection::Live;
use super::files;
use super::goodbye;
use super::live;
use super::loading::Loading;
use super::nats;
use super::nats_connections::Nats;
use super::ownership;
use super::peer::Peer;
use super::ports::Ports;
use super::receiving;
use super::state::{Ownership, Pace, Shared, Worker};
use super::streams::{Streams, lost};
use crate::api::{App, Reply, Request};
use crate::browser::file_decoder::Decoders;
use crate::browser::message::{Received, Target};
use crate::browser::opfs::Opfs;
use crate::browser::{clock, memory, spawn_local};
use crate::pipeline::Input;
use crate::protocol::{
    FromWorker, HEARTBEAT_MILLIS, ProtocolError, RawFileEntry, RequestHead, RequestPart, Role, Start, StorageAction,
    ToWorker, View,
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

/// Starts to listen for messages and sends [`FromWorker::Ready`] to the page.
pub fn start() {
    let Some(target) = Target::page() else { return };
    let page = Peer::new(target.clone(), Access::OwnPage);
    let worker = Rc::new(RefCell::new(Worker {
        page: page.clone(),
        build: None,
        app: None,
        files: None,
        ownership: Ownership::default(),
        on_owned: |worker| step(worker, Input::Tick),
        opening_millis: 0.0,
        timer: None,
        is_step_near: false,
        rested_millis: 0.0,
        told_version: 0,
        pace: Pace::default(),
        streams: Streams::default(),
        bodies: Bodies::default(),
        ports: Ports::default(),
        loading: Loading::default(),
        live: Live::default(),
        nats: Nats::default(),
        decoders: Decoders::new(target.clone()),
    }));
    listen(&worker, target, Access::OwnPage);
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

fn listen(worker: &Shared, target: Target, access: Access) {
    let peer = Peer::new(target, access);
    let access = Rc::new(Cell::new(access));
    let (shared, reply, known) = (Rc::clone(worker), peer.clone(), Rc::clone(&access));
    let admits = move |message: &ToWorker, build: Option<&str>| {
        let mut access = known.get();
        let is_admitted = access.admit(message, build);
        known.set(access);
        is_admitted.then_some(access)
    };
    let guard = peer.listen(move |received| match received {
        Ok(received) => {
            let admitted = admits(&received.message, shared.borrow().build.as_deref());
            match admitted {
                Some(access) => on_message(&shared, &reply, received, access),
                None => reply.send(&FromWorker::Refused),
            }
        }
        Err(ProtocolError::Version(_)) => reply.send(&FromWorker::Refused),
        Err(ProtocolError::Malformed) => {}
    });
    worker.borrow_mut().ports.add(peer, access, guard);
}

fn on_message(worker: &Shared, reply: &Peer, received: Received<ToWorker>, access: Access) {
    let Received { message, port, body, file, .. } = received;
    match message {
        ToWorker::Hello { build, start } => {
            handshake(worker, reply, build, start);
            if let (Access::Page, Some(app)) = (access, &worker.borrow().app) {
                reply.send(&settings_in_force(app));
            }
        }
        ToWorker::Port { is_page } => {
            if let Some(port) = port {
                listen(worker, Target::port(port), Access::of_port(is_page));
            }
        }
        ToWorker::Heartbeats => {
            if let Some(port) = port {
                worker.borrow_mut().ownership.repeat_heartbeats(Target::port(port));
            }
        }
        ToWorker::Decoder { number, failure } => worker.borrow().decoders.hear(number, port, failure),
        ToWorker::Request(RequestHead { id, method, path, query, headers, has_more }) => {
            let is_own = access.is_own();
            let request = Request { method, path, query, headers, body: Vec::new(), is_own };
            let controls_source = request.path.trim_start_matches('/').starts_with("source/");
            if App::reads_body(&request) {
                let step: fn(&Shared) = if controls_source { step_files } else { step_soon };
                return receiving::receive(worker, reply, id, request, (body, has_more), step);
            }
            // A body that nothing reads is left where it is.
            answer(worker, reply, id, &request);
            if controls_source {
                step_files(worker);
            }
        }
        ToWorker::Body(RequestPart { id, has_more }) => worker.borrow_mut().bodies.receive(reply, id, body, has_more),
        message @ (ToWorker::Abandon { .. } | ToWorker::Pull { .. } | ToWorker::Cancel { .. } | ToWorker::Alive) => {
            read_on(worker, reply, &message)
        }
        ToWorker::Holding { lock } => goodbye::close_after(worker, reply, lock),
        // This worker ends with its page.
        ToWorker::Goodbye if access == Access::OwnPage => nats::say_goodbye(worker),
        ToWorker::Goodbye => goodbye::close(worker, reply),
        ToWorker::View(view) => draw(worker, reply, &view),
        ToWorker::Ping => reply.send(&FromWorker::Heartbeat { busy_millis: None }),
        ToWorker::Step => step(worker, Input::Step),
        ToWorker::Address { query } => worker.borrow_mut().ownership.set_query(query),
        ToWorker::Storage(action) => manage_storage(worker, reply, action),
        ToWorker::File(request) => files::on_request(worker, reply, request, file, step_soon),
        ToWorker::RawFiles { base } => spawn_local(send_raw_files(Rc::clone(worker), reply.clone(), base)),
    }
}

/// Answers [`ToWorker::Hello`]: refuses pages of another build, requests ownership if this worker's own page sends a
/// [`Start`], and reports whether this worker runs the pipeline. The service worker names no build: the version of its
/// messages is checked instead.
fn handshake(worker: &Shared, reply: &Peer, build: Option<String>, start: Option<Start>) {
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

/// What a worker starts with next. A hidden page asks for no snapshots, and has to know the key all the same.
fn settings_in_force(app: &App) -> FromWorker {
    FromWorker::Settings { query: app.service().address_in_force() }
}

fn answer(worker: &Shared, reply: &Peer, id: u32, request: &Request) {
    {
        let mut worker = worker.borrow_mut();
        let Worker { app: Some(app), streams, ports, .. } = &mut *worker else {
            reply.send(&FromWorker::Role(Role::Waiting));
            return;
        };
        app.set_memory_bytes(memory::bytes());
        app.set_open_streams(streams.len());
        app.set_open_ports(ports.len());
        let (now, start_millis) = (clock::now(), clock::monotonic_millis());
        match app.begin(request, now) {
            Reply::Ready(response) => {
                app.observe_request((clock::monotonic_millis() - start_millis) / 1e3);
                streams.answer(reply, id, response, app, (now, start_millis));
                if request.method == "GET" {
                    return;
                }
            }
            Reply::Later(pending) => streams.begin(reply, id, pending, app, (now, start_millis)),
        }
    }
    // A request may have changed settings or completed batches, or have work to do, so the next wake-up may differ.
    step_soon(worker);
}

/// Applies the user's choice about the files.
fn manage_storage(worker: &Shared, reply: &Peer, action: StorageAction) {
    let choice = match action {
        StorageAction::Retry => return spawn_local(retry(Rc::clone(worker))),
        StorageAction::DropOldest => return spawn_local(drop_oldest(Rc::clone(worker))),
        StorageAction::Memory => StorageChoice::Memory,
        StorageAction::Erase => return ownership::erase(worker, reply),
    };
    if let Some(app) = &mut worker.borrow_mut().app {
        app.service_mut().choose_storage(choice, clock::now());
    }
    step(worker, Input::Tick);
}

/// Tries to write again. Files that could not be opened are opened first.
async fn retry(worker: Shared) {
    let (files, is_full) = {
        let shared = worker.borrow();
        let durability = shared.app.as_ref().map(|app| app.service().store().durability());
        (shared.files.clone(), matches!(durability, Some(Durability::Full(_))))
    };
    match files {
        Some(files) => files.grow().await,
        None if is_full => return ownership::reopen(&worker),
        None => {}
    }
    if let Some(app) = &mut worker.borrow_mut().app {
        app.service_mut().choose_storage(StorageChoice::Retry, clock::now());
    }
    step(&worker, Input::Tick);
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
async fn send_raw_files(worker: Shared, reply: Peer, base: String) {
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

/// Handles a reader's message about its answers: [`ToWorker::Abandon`], [`ToWorker::Pull`], [`ToWorker::Cancel`] or
/// [`ToWorker::Alive`].
fn read_on(worker: &Shared, reply: &Peer, message: &ToWorker) {
    {
        let mut worker = worker.borrow_mut();
        let Worker { app, streams, bodies, .. } = &mut *worker;
        let now_millis = clock::monotonic_millis();
        match message {
            ToWorker::Pull { stream } if app.is_some() => streams.pull(*stream, reply, now_millis),
            ToWorker::Pull { stream } => {
                reply.send(&lost(*stream));
                return;
            }
            ToWorker::Cancel { stream } => streams.cancel(*stream),
            ToWorker::Abandon { id } => {
                streams.abandon(reply, *id);
                bodies.close(reply, *id);
            }
            _ => streams.keep(reply, now_millis),
        }
    }
    // A reader that waits for a batch may be due a part before the batch, which moves the next wake-up.
    step_soon(worker);
}

fn draw(worker: &Shared, reply: &Peer, view: &View) {
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

/// After a request that controls a source: a file may have to go on.
fn step_files(worker: &Shared) {
    files::look_again(worker, step_soon);
    step_soon(worker);
}

/// Steps now if as much time has passed since the last step as that took, else soon: steps at once for messages that come
/// in a burst would keep heartbeats waiting.
fn step_soon(worker: &Shared) {
    if clock::monotonic_millis() >= worker.borrow().rested_millis {
        step(worker, Input::Tick);
    } else if !worker.borrow().is_step_near {
        step_after(worker, REST_MILLIS);
    }
}

/// Sets the timer of the next step.
fn step_after(worker: &Shared, rest_millis: u32) {
    let shared = Rc::clone(worker);
    let mut worker = worker.borrow_mut();
    worker.is_step_near = rest_millis <= REST_MILLIS;
    worker.timer = Some(Timeout::new(rest_millis, move || step(&shared, Input::Tick)));
}

/// Runs the engine for one slice, gives turns to answers, maintains the store, then sets the timer of the next tick.
pub(super) fn step(worker: &Shared, input: Input) {
    let (next_wake, is_taken_over, files) = {
        let mut worker = worker.borrow_mut();
        (worker.timer, worker.is_step_near) = (None, false);
        let Worker {
            app: Some(app),
            pace,
            streams,
            page,
            files,
            rested_millis,
            ports,
            told_version,
            loading,
            live,
            ..
        } = &mut *worker
        else {
            return;
        };
        let start_millis = clock::monotonic_millis();
        let due = work(app, pace, input);
        let waiting = streams.serve(app, clock::now(), &clock::monotonic_millis, page);
        let upkeep = app.service_mut().maintain(clock::now());
        let end_millis = clock::monotonic_millis();
        *rested_millis = end_millis + (end_millis - start_millis);
        if app.service().config_version() != *told_version {
            *told_version = app.service().config_version();
            let settings = settings_in_force(app);
            ports.tell_pages(&settings);
            page.send(&settings);
            // It may go on now, or rest, or go on faster.
            loading.wake();
            live.bell.ring();
        }
        let is_taken_over = *app.service().store().durability() == Durability::TakenOver;
        ([due, waiting, upkeep].into_iter().flatten().min(), is_taken_over, files.clone())
    };
    if is_taken_over {
        return ownership::lose(worker);
    }
    if let Some(files) = files.filter(|files| files.is_short()) {
        // The journal uses the files that it has until there are more.
        spawn_local(async move { files.grow().await });
    }
    live::look(worker, step_soon);
    nats::look(worker, step_soon);
    let Some(wake) = next_wake else { return };
    let rest_millis = (wake - clock::now()).as_millis().clamp(f64::from(REST_MILLIS), LONGEST_REST_MILLIS);
    step_after(worker, rest_millis.ceil() as u32);
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
