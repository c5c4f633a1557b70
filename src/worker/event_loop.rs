//! The loop: messages come in, the engine steps when it is due, answers go out.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use js_sys::{Float64Array, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use super::ownership::{self, Ownership};
use super::streams::Streams;
use crate::api::{App, Body, Part, Request, Response};
use crate::browser::message::{ListenerGuard, Message, Target, pairs};
use crate::browser::opfs::Opfs;
use crate::browser::{clock, memory};
use crate::pipeline::Input;
use crate::protocol::{HEARTBEAT_MILLIS, VERSION, View, pack, unpack};
use crate::service::{WorkerStats, snapshot};
use crate::store::{Durability, Storage as _, StorageChoice};
use crate::time::Timestamp;

/// How long the engine works without looking at messages.
const SLICE_MILLIS: f64 = 8.0;
/// The shortest rest between two slices; browsers make it four milliseconds anyway.
const REST_MILLIS: u32 = 1;
/// The longest rest: timers further ahead than this are set in parts.
const LONGEST_REST_MILLIS: f64 = 60_000.0;

/// A request with a larger body may take so long that others must be told.
const LARGE_BODY_BYTES: usize = 256 << 10;

/// The worker of one page.
pub(super) struct Worker {
    pub(super) page: Target,
    /// The build that the page is of, and so is this worker.
    build: Option<String>,
    /// The pipeline, once this worker owns it.
    pub(super) app: Option<App>,
    /// Its files, if the browser has any.
    pub(super) files: Option<Rc<Opfs>>,
    /// Who runs the pipeline, and whether that is this worker.
    pub(super) ownership: Ownership,
    /// Milliseconds that opening the files took.
    pub(super) opening_millis: f64,
    /// The tick that is set.
    timer: Option<Timeout>,
    pace: Pace,
    /// Bodies that are being read.
    streams: Streams,
    /// Everybody who speaks to this worker. Ports of those who went away stay: they are silent, and few.
    listeners: Vec<ListenerGuard>,
}

/// What batches cost lately. Browser clocks tick every tenth of a millisecond or so, several batches long, so only a mean
/// over many tells anything.
#[derive(Default)]
struct Pace {
    millis: f64,
    batches: f64,
}

impl Pace {
    /// Batches that the mean goes back over, roughly.
    const MEMORY: f64 = 200.0;

    fn add(&mut self, millis: f64, batches: usize) {
        if self.batches > Self::MEMORY {
            self.millis /= 2.0;
            self.batches /= 2.0;
        }
        self.millis += millis;
        self.batches += batches as f64;
    }

    fn micros_per_batch(&self) -> f64 {
        self.millis * 1e3 / self.batches.max(1.0)
    }
}

pub(super) type Shared = Rc<RefCell<Worker>>;

/// Starts listening, and tells the page that messages are heard from now on.
pub fn start() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    let page = Target::Page(scope);
    let worker = Rc::new(RefCell::new(Worker {
        page: page.clone(),
        build: None,
        app: None,
        files: None,
        ownership: Ownership::default(),
        opening_millis: 0.0,
        timer: None,
        pace: Pace::default(),
        streams: Streams::default(),
        listeners: Vec::new(),
    }));
    listen(&worker, &page);
    page.send(&Message::new("ready").with("version", VERSION));
    // For as long as the worker lives.
    Interval::new(HEARTBEAT_MILLIS, move || page.send(&Message::new("beat"))).forget();
}

/// What a batch of ten costs here, in microseconds, over so many batches; see `worker::bench_batch`.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "exported to JavaScript: benches/batch.mjs calls it")]
pub fn bench_batch(batches: u32) -> f64 {
    super::bench_batch(batches, clock::monotonic_millis).unwrap_or(f64::NAN)
}

/// How many events a second go through the pipeline into flushed files; see `worker::bench_journal`.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "exported to JavaScript: benches/log.mjs calls it")]
pub async fn bench_log(batches: u32, batch_size: u32, persist: bool) -> f64 {
    let name = "/benchmark";
    let Ok(files) = Opfs::open(name).await else { return f64::NAN };
    let storage = Rc::clone(&files) as Rc<dyn crate::store::Storage>;
    let rate = super::bench_journal(storage, batches, batch_size as usize, persist, clock::monotonic_millis);
    files.close();
    let _ = Opfs::erase(name).await;
    rate.unwrap_or(f64::NAN)
}

fn listen(worker: &Shared, speaker: &Target) {
    let (shared, reply) = (Rc::clone(worker), speaker.clone());
    let guard = speaker.listen(move |event| on_message(&shared, &reply, &event));
    worker.borrow_mut().listeners.push(guard);
}

fn on_message(worker: &Shared, reply: &Target, event: &MessageEvent) {
    let message = Message::from_event(event);
    match message.kind().as_str() {
        "hello" => handshake(worker, reply, &message),
        "port" => {
            if let Ok(port) = event.ports().get(0).dyn_into::<MessagePort>() {
                listen(worker, &Target::Port(port));
            }
        }
        "request" => answer(worker, reply, &message),
        "pull" | "cancel" | "alive" => read_on(worker, reply, &message),
        "view" => draw(worker, reply, &message),
        "ping" => reply.send(&Message::new("beat")),
        "step" => {
            step(worker, Input::Step);
        }
        "address" => ownership::follow_address(worker, &message),
        "storage" => manage_storage(worker, reply, &message),
        "raw" => spawn_local(send_raw_files(Rc::clone(worker), reply.clone(), message)),
        // Unknown kinds come from other versions, which were refused when they said hello.
        _ => {}
    }
}

/// Answers a hello: refuses another version and pages of another build; starts to become the owner if our own page asks;
/// tells others whether the pipeline is here. The service worker names no build: what it speaks changes with the version.
fn handshake(worker: &Shared, reply: &Target, message: &Message) {
    let build = message.text("build");
    if matches!(reply, Target::Page(_)) {
        worker.borrow_mut().build.clone_from(&build);
    }
    let is_other_build = build.is_some() && build != worker.borrow().build;
    if is_other_build || message.number("version") != Some(f64::from(VERSION)) {
        reply.send(&Message::new("refused").with("version", VERSION));
        return;
    }
    let is_owner = worker.borrow().app.is_some();
    reply.send(&if is_owner {
        Message::new("welcome").with("version", VERSION)
    } else {
        Message::new("role").with("is_owner", false)
    });
    if !is_owner && matches!(reply, Target::Page(_)) {
        ownership::begin(worker, message);
    }
}

fn answer(worker: &Shared, reply: &Target, message: &Message) {
    let request = Request {
        method: message.text("method").unwrap_or_default(),
        path: message.text("path").unwrap_or_default(),
        query: message.text("query").unwrap_or_default(),
        headers: message.pairs("headers"),
        body: message.bytes("body"),
        is_own: message.get("is_own").is_truthy(),
    };
    if request.body.len() > LARGE_BODY_BYTES {
        ownership::heartbeat(worker, ownership::LONG_SILENCE_MILLIS);
    }
    {
        let mut worker = worker.borrow_mut();
        let Worker { app: Some(app), streams, .. } = &mut *worker else {
            reply.send(&Message::new("role").with("is_owner", false).with("id", message.get("id")));
            return;
        };
        app.set_memory_bytes(memory::bytes());
        app.set_open_streams(streams.len());
        let start_millis = clock::monotonic_millis();
        let Response { status, headers, body } = app.handle(&request, clock::now());
        if *app.service().store().durability() == Durability::TakenOver {
            // Whoever has the files now answers this, if it is asked again.
            reply.send(&Message::new("role").with("is_owner", false).with("id", message.get("id")));
        } else {
            app.observe_request((clock::monotonic_millis() - start_millis) / 1e3);
            let (body, stream) = start_of(body, app, streams, reply);
            let body = Uint8Array::from(body.as_slice()).buffer();
            let answer = Message::new("response")
                .with("id", message.get("id"))
                .with("status", status)
                .with("headers", pairs(headers))
                .with("body", &body)
                .with("stream", stream);
            reply.send_with(&answer, &[&body]);
        }
    }
    // A request may have changed settings or completed batches, so the next wake may be another.
    if request.method != "GET" {
        step(worker, Input::Tick);
    }
}

/// Somebody chose on a page what becomes of the files.
fn manage_storage(worker: &Shared, reply: &Target, message: &Message) {
    let choice = match message.text("action").unwrap_or_default().as_str() {
        "retry" => StorageChoice::Retry,
        "drop_oldest" => return spawn_local(drop_oldest(Rc::clone(worker))),
        "memory" => StorageChoice::Memory,
        "erase" => return ownership::erase(worker, reply),
        _ => return,
    };
    if let Some(app) = &mut worker.borrow_mut().app {
        app.service_mut().choose_storage(choice, clock::now());
    }
    step(worker, Input::Tick);
}

/// Makes room on a full disk: first what the browser holds for nothing, then the oldest rows.
async fn drop_oldest(worker: Shared) {
    let files = worker.borrow().files.clone();
    if let Some(files) = files {
        // What cannot be opened again is missed by the checkpoint that follows, which tells it.
        drop(files.give_way().await);
    }
    if let Some(app) = &mut worker.borrow_mut().app {
        app.service_mut().choose_storage(StorageChoice::DropOldest, clock::now());
    }
    step(&worker, Input::Tick);
}

/// Hands out the files as they are, for when nobody can read them, or the program fails in doing so.
async fn send_raw_files(worker: Shared, reply: Target, message: Message) {
    let open = worker.borrow().files.clone();
    let files = match open {
        Some(files) => Some(files),
        None => Opfs::open(&message.text("base").unwrap_or_default()).await.ok(),
    };
    let list = js_sys::Array::new();
    for (files, file) in files.iter().flat_map(|files| files.files().into_iter().map(move |file| (files, file))) {
        let bytes = files.read_all(file).unwrap_or_default();
        let raw = Message::new("file").with("name", format!("{file:04}"));
        list.push(raw.with("bytes", Uint8Array::from(bytes.as_slice()).buffer()).as_value());
    }
    reply.send(&Message::new("raw").with("files", list));
}

/// What can be sent of a body at once, and the number of the stream that the rest is read from, if there is a rest.
fn start_of(body: Body, app: &App, streams: &mut Streams, reply: &Target) -> (Vec<u8>, Option<u32>) {
    let mut flow = match body {
        Body::Whole(bytes) => return (bytes, None),
        Body::Flow(flow) => flow,
    };
    let mut start = Vec::new();
    // Two parts: most bodies have but one, and then end.
    for _ in 0..2 {
        match flow.next(app.service(), clock::now()) {
            Part::Bytes(bytes) => start.extend_from_slice(&bytes),
            Part::Wait(_) => break,
            Part::End => return (start, None),
        }
    }
    (start, Some(streams.open(reply, flow, clock::monotonic_millis())))
}

/// Somebody who reads a body wants more of it, or no more.
fn read_on(worker: &Shared, reply: &Target, message: &Message) {
    let stream = message.number("stream").unwrap_or(-1.0) as u32;
    {
        let mut worker = worker.borrow_mut();
        let Worker { app: Some(app), streams, .. } = &mut *worker else {
            reply.send(&Message::new("part").with("stream", stream).with("is_lost", true));
            return;
        };
        let now_millis = clock::monotonic_millis();
        match message.kind().as_str() {
            "pull" => streams.pull(stream, reply, app, clock::now(), now_millis),
            "cancel" => streams.cancel(stream),
            _ => streams.keep(reply, now_millis),
        }
    }
    // Whoever waits for a batch may have to be told something before it comes.
    step(worker, Input::Tick);
}

fn draw(worker: &Shared, reply: &Target, message: &Message) {
    let view: View = unpack(&message.bytes("bytes")).unwrap_or_default();
    let mut worker = worker.borrow_mut();
    let (processing_micros, opening_millis) = (worker.pace.micros_per_batch(), worker.opening_millis);
    let Some(app) = &mut worker.app else {
        reply.send(&Message::new("role").with("is_owner", false));
        return;
    };
    let stats =
        WorkerStats { processing_micros, memory_bytes: memory::bytes(), requests: app.requests(), opening_millis };
    let (snapshot, chart) = snapshot(app.service_mut(), &view, clock::now(), stats);
    let bytes = Uint8Array::from(pack(&snapshot).as_slice()).buffer();
    let chart = Float64Array::from(chart.as_slice());
    let drawing = Message::new("snapshot").with("bytes", &bytes).with("chart", &chart);
    reply.send_with(&drawing, &[&bytes, &chart.buffer()]);
}

/// Lets the engine work for a slice, keeps and hands on what came of it, then sets the next tick.
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
        // Until there are more the log goes on in the files that it has.
        spawn_local(async move { drop(files.grow().await) });
    }
    let Some(wake) = next_wake else { return };
    let rest_millis = (wake - clock::now()).as_millis().clamp(f64::from(REST_MILLIS), LONGEST_REST_MILLIS);
    let shared = Rc::clone(worker);
    worker.borrow_mut().timer = Some(Timeout::new(rest_millis.ceil() as u32, move || step(&shared, Input::Tick)));
}

/// Steps the engine until nothing is due or the slice is over; returns the next wake.
fn work(app: &mut App, pace: &mut Pace, mut input: Input) -> Option<Timestamp> {
    let start_millis = clock::monotonic_millis();
    let mut batches = 0;
    loop {
        let now = clock::now();
        // The engine refuses nothing but settings, and those come through requests.
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
