//! Which tab's worker runs the pipeline: the owner holds the lock and the files, the others wait and check its
//! heartbeats.
//!
//! The owner sends a heartbeat five times a second. When it is silent (its tab was frozen, or it hangs) a waiting
//! worker steals the lock; when its tab closes or crashes the browser passes the lock on. In both cases the new owner
//! goes on from the files, and the old one, if it wakes, reads another number at the fence and stops (see
//! `store::Journal`).

use std::rc::Rc;

use gloo_timers::callback::Interval;

use super::state::Shared;
use crate::api::App;
use crate::browser::channel::Channel;
use crate::browser::locks::{self, Wanting};
use crate::browser::message::Target;
use crate::browser::opfs::Opfs;
use crate::browser::{clock, random, spawn_local, zone};
use crate::pipeline::{SourceKind, names_setting, settings_of_address};
use crate::protocol::{FromWorker, Mode, Role, Start, WorkerBroadcast};
use crate::service::PipelineService;
use crate::store::{Disk, Storage};

/// How often the owner sends a heartbeat, and waiting workers check for it.
const HEARTBEAT_MILLIS: u32 = 200;
/// How long an owner may be silent between heartbeats.
pub(super) const USUAL_SILENCE_MILLIS: f64 = 700.0;
/// How long an owner may be silent after it announced a long operation.
pub(super) const LONG_SILENCE_MILLIS: f64 = 60_000.0;
/// A worker that stole in vain waits for up to this long more, at random, before it steals again: workers that stole from
/// one another at the same time do not do so each time. Nothing delays the first attempt after a silence.
const SPREAD_MILLIS: f64 = 400.0;

/// Handles the page's first message: requests the lock, and listens for its owner's heartbeats.
pub(super) fn begin(worker: &Shared, start: Start) {
    {
        let mut worker = worker.borrow_mut();
        let own = &mut worker.ownership;
        if own.pulse.is_some() || own.is_opening {
            return;
        }
        (own.base, own.query) = (start.base, start.query);
        own.checked_millis = clock::monotonic_millis();
        own.heard_millis = own.checked_millis;
        own.silence_millis = 2.0 * USUAL_SILENCE_MILLIS;
    }
    if start.mode == Mode::Rescue {
        return open(worker, true);
    }
    let (listening, beating) = (Rc::clone(worker), Rc::clone(worker));
    let channel = Channel::join(&lock_name(worker), move |message| on_broadcast(&listening, message));
    let pulse = Interval::new(HEARTBEAT_MILLIS, move || tick(&beating));
    {
        let own = &mut worker.borrow_mut().ownership;
        (own.channel, own.pulse) = (channel, Some(pulse));
    }
    want(worker, Wanting::Wait);
}

/// Sends a heartbeat to the page and, from the owner, to the other workers: this worker lives, and may be silent for
/// `silence_millis` from now on.
pub(super) fn heartbeat(worker: &Shared, silence_millis: f64) {
    let worker = worker.borrow();
    if worker.app.is_some() || worker.ownership.is_opening {
        worker.ownership.broadcast(WorkerBroadcast::Heartbeat { busy_millis: silence_millis });
    }
    worker.page.send(&FromWorker::Heartbeat { busy_millis: Some(silence_millis) });
}

/// Gives up the pipeline, since another owner has the files, and waits for the lock again.
pub(super) fn lose(worker: &Shared) {
    let (app, files) = {
        let mut worker = worker.borrow_mut();
        (worker.app.take(), worker.files.take())
    };
    if app.is_none() {
        return;
    }
    if let Some(files) = files {
        files.close();
    }
    let now_millis = clock::monotonic_millis();
    let page = {
        let mut worker = worker.borrow_mut();
        (worker.ownership.heard_millis, worker.ownership.silence_millis) = (now_millis, 2.0 * USUAL_SILENCE_MILLIS);
        worker.page.clone()
    };
    page.send(&FromWorker::Role(Role::Waiting));
    want(worker, Wanting::Wait);
}

/// Removes all files and starts anew, as on a first visit.
pub(super) fn erase(worker: &Shared, reply: &Target) {
    let (app, files, base) = {
        let mut worker = worker.borrow_mut();
        worker.ownership.query.clear();
        (worker.app.take(), worker.files.take(), worker.ownership.base.clone())
    };
    drop(app);
    if let Some(files) = files {
        files.close();
    }
    let (worker, reply) = (Rc::clone(worker), reply.clone());
    spawn_local(async move {
        // Files that cannot be removed are found by the worker that opens them next.
        let _ = Opfs::erase(&base).await;
        reply.send(&FromWorker::Erased);
        open(&worker, false);
    });
}

fn lock_name(worker: &Shared) -> String {
    format!("millrace:{}", worker.borrow().ownership.base)
}

fn want(worker: &Shared, wanting: Wanting) {
    let (granted, lost) = (Rc::clone(worker), Rc::clone(worker));
    locks::hold(&lock_name(worker), wanting, move || open(&granted, false), move || lose(&lost));
}

/// Handles a message of another tab's worker.
fn on_broadcast(worker: &Shared, message: WorkerBroadcast) {
    let mut shared = worker.borrow_mut();
    shared.ownership.heard_millis = clock::monotonic_millis();
    match message {
        WorkerBroadcast::Heartbeat { busy_millis } => shared.ownership.silence_millis = busy_millis,
        WorkerBroadcast::Owner { since_millis } if shared.app.is_none() && !shared.ownership.is_opening => {
            // The page is still connected to the previous owner.
            shared.ownership.silence_millis = USUAL_SILENCE_MILLIS;
            shared.page.send(&FromWorker::Role(Role::Replaced { since_millis }));
        }
        WorkerBroadcast::Owner { .. } => {}
    }
}

/// Sends the owner's heartbeat, or checks whether another worker sends one.
fn tick(worker: &Shared) {
    let now_millis = clock::monotonic_millis();
    let (is_owner, is_opening) = {
        let worker = worker.borrow();
        (worker.app.is_some(), worker.ownership.is_opening)
    };
    if is_owner {
        let heartbeat = WorkerBroadcast::Heartbeat { busy_millis: USUAL_SILENCE_MILLIS };
        return worker.borrow().ownership.broadcast(heartbeat);
    }
    if is_opening {
        return;
    }
    let is_silent = {
        let own = &mut worker.borrow_mut().ownership;
        let slept = now_millis - own.checked_millis > USUAL_SILENCE_MILLIS;
        own.checked_millis = now_millis;
        if slept {
            own.heard_millis = now_millis;
        }
        let is_silent = now_millis - own.heard_millis > own.silence_millis;
        if is_silent {
            // The worker that gets the lock, this one or another, needs time to announce itself; if none does, this one
            // steals again.
            own.heard_millis = now_millis;
            own.silence_millis = 2.0 * USUAL_SILENCE_MILLIS + random::unit() * SPREAD_MILLIS;
        }
        is_silent
    };
    if is_silent {
        want(worker, Wanting::Steal);
    }
}

/// Opens the files and starts the pipeline in this worker; a rescue opens them read-only and without a source.
fn open(worker: &Shared, is_rescue: bool) {
    {
        let own = &mut worker.borrow_mut().ownership;
        if own.is_opening {
            return;
        }
        own.is_opening = true;
    }
    if worker.borrow().app.is_some() {
        worker.borrow_mut().ownership.is_opening = false;
        return;
    }
    // Recovery of a large journal takes long.
    heartbeat(worker, LONG_SILENCE_MILLIS);
    let worker = Rc::clone(worker);
    spawn_local(async move {
        let (base, query) = {
            let shared = worker.borrow();
            (shared.ownership.base.clone(), shared.ownership.query.clone())
        };
        let (disk, files) = match Opfs::open(&base).await {
            Ok(files) if is_rescue => (Disk::ReadOnly(Rc::clone(&files) as Rc<dyn Storage>), Some(files)),
            Ok(files) => (Disk::Files(Rc::clone(&files) as Rc<dyn Storage>), Some(files)),
            Err(reason) => (Disk::None(format!("the browser gives this page no files: {reason}")), None),
        };
        start(&worker, disk, files, &query, is_rescue);
    });
}

fn start(worker: &Shared, disk: Disk, files: Option<Rc<Opfs>>, query: &str, is_rescue: bool) {
    let (mut settings, problems) = settings_of_address(query);
    if is_rescue {
        settings.source = SourceKind::None;
    }
    let are_named = ["history_rows", "memory_rows"].map(|name| names_setting(query, name));
    let start_millis = clock::monotonic_millis();
    let service = random::entropy().and_then(|entropy| {
        PipelineService::open(disk, settings, are_named, zone::local(), entropy, clock::now())
            .map_err(|error| error.to_string())
    });
    let page = worker.borrow().page.clone();
    worker.borrow_mut().ownership.is_opening = false;
    match service {
        Ok(service) => {
            let since_millis = clock::now().as_millis();
            {
                let mut shared = worker.borrow_mut();
                (shared.app, shared.files) = (Some(App::new(service)), files);
                shared.opening_millis = clock::monotonic_millis() - start_millis;
                shared.ownership.broadcast(WorkerBroadcast::Owner { since_millis });
            }
            heartbeat(worker, USUAL_SILENCE_MILLIS);
            page.send(&FromWorker::Role(Role::Owner { since_millis, problems }));
            let on_owned = worker.borrow().on_owned;
            on_owned(worker);
        }
        Err(sentence) => page.send(&FromWorker::Failed(sentence)),
    }
}
