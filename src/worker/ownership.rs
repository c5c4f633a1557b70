//! Which tab's worker runs the pipeline: the owner holds the lock and the files, the others wait and check its
//! heartbeats.
//!
//! The owner sends heartbeats five times a second, from its event loop and from a thread of its own. When it is silent
//! (its tab was frozen, or it hangs) and does not answer a question, a waiting worker steals the lock: `watch` has the
//! rules. When its tab closes or crashes the browser passes the lock on. In both cases the new owner goes on from the
//! files, and the old one, if it wakes, reads another number at the fence and stops (see `store::Journal`).

use std::rc::Rc;

use gloo_timers::callback::Interval;

use super::peer::Peer;
use super::state::Shared;
use super::watch::{CHECK_MILLIS, Verdict};
use crate::api::App;
use crate::browser::channel::Channel;
use crate::browser::locks::{self, Wanting};
use crate::browser::opfs::{OpenError, Opfs};
use crate::browser::{clock, random, spawn_local, zone};
use crate::pipeline::{SourceKind, settings_of_address};
use crate::protocol::{FromWorker, Mode, Role, Start, WorkerBroadcast};
use crate::service::PipelineService;
use crate::store::{Disk, Storage, StoreError};

pub(super) use super::watch::{LONG_SILENCE_MILLIS, USUAL_SILENCE_MILLIS};

/// A worker that stole in vain waits for up to this number of checks less, at random, before it steals again: workers
/// that stole from one another at the same time do not do so each time.
const SPREAD_CHECKS: f64 = 5.0;

/// Handles the page's first message: requests the lock, and listens for its owner's heartbeats.
pub(super) fn begin(worker: &Shared, start: Start) {
    {
        let own = &mut worker.borrow_mut().ownership;
        if own.pulse.is_some() || own.is_opening {
            return;
        }
        own.is_memory_only = start.is_memory_only;
        (own.base, own.query) = (start.base, start.query);
    }
    if start.mode == Mode::Rescue {
        return open(worker, true);
    }
    let (listening, beating) = (Rc::clone(worker), Rc::clone(worker));
    let channel = Channel::join(&lock_name(worker), move |message| on_broadcast(&listening, message));
    let pulse = Interval::new(CHECK_MILLIS, move || tick(&beating));
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
    if worker.is_owner() {
        worker.ownership.send_heartbeat(silence_millis);
    }
    worker.page.send(&FromWorker::Heartbeat { busy_millis: Some(silence_millis) });
}

/// Gives up the pipeline, since another owner has the files, and waits for the lock again.
pub(super) fn lose(worker: &Shared) {
    let (app, files) = {
        let mut worker = worker.borrow_mut();
        worker.streams.lose();
        (worker.take_app(), worker.files.take())
    };
    if app.is_none() {
        return;
    }
    if let Some(files) = files {
        files.close();
    }
    let page = {
        let mut worker = worker.borrow_mut();
        worker.ownership.heartbeat_worker = None;
        worker.ownership.watch.renew(0);
        worker.page.clone()
    };
    page.send(&FromWorker::Role(Role::Waiting));
    want(worker, Wanting::Wait);
}

/// Opens the files that could not be opened for want of space: no post was taken since.
pub(super) fn reopen(worker: &Shared) {
    let app = worker.borrow_mut().take_app();
    drop(app);
    open(worker, false);
}

/// Removes all files and starts anew, as on a first visit.
pub(super) fn erase(worker: &Shared, reply: &Peer) {
    worker.borrow_mut().ownership.is_memory_only = false;
    let (app, files, base) = {
        let mut worker = worker.borrow_mut();
        worker.streams.lose();
        worker.ownership.query.clear();
        // It owns the pipeline all the while.
        worker.ownership.is_opening = true;
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
        worker.borrow_mut().ownership.is_opening = false;
        open(&worker, false);
    });
}

fn lock_name(worker: &Shared) -> String {
    crate::protocol::lock_name(&worker.borrow().ownership.base)
}

fn want(worker: &Shared, wanting: Wanting) {
    // A worker that stole the lock is still in the queue for it, and needs no second place there.
    if wanting == Wanting::Wait && std::mem::replace(&mut worker.borrow_mut().ownership.is_queued, true) {
        return;
    }
    let (waiting, lost) = (Rc::clone(worker), Rc::clone(worker));
    let granted = move || {
        if wanting == Wanting::Wait {
            waiting.borrow_mut().ownership.is_queued = false;
        }
        open(&waiting, false);
    };
    locks::hold(&lock_name(worker), wanting, granted, move || lose(&lost));
}

/// Handles a message of another tab's worker, or of a heartbeat worker.
fn on_broadcast(worker: &Shared, message: WorkerBroadcast) {
    let mut shared = worker.borrow_mut();
    match (message, shared.is_owner()) {
        (WorkerBroadcast::Heartbeat { thread, claim_millis, busy_until_millis }, false) => {
            let now_millis = clock::now().as_millis();
            shared.ownership.watch.heard(thread, claim_millis, busy_until_millis, now_millis);
        }
        (WorkerBroadcast::Owner { since_millis }, false) => {
            // The page is still connected to the previous owner.
            shared.ownership.watch.renew(0);
            shared.page.send(&FromWorker::Role(Role::Replaced { since_millis }));
        }
        (WorkerBroadcast::Question, true) => shared.ownership.send_usual_heartbeat(),
        (WorkerBroadcast::Heartbeat { .. } | WorkerBroadcast::Owner { .. }, true)
        | (WorkerBroadcast::Question, false) => {}
    }
}

/// Sends the owner's heartbeat, or checks whether another worker sends one.
fn tick(worker: &Shared) {
    let verdict = {
        let mut shared = worker.borrow_mut();
        if shared.is_owner() {
            return shared.ownership.send_usual_heartbeat();
        }
        let own = &mut shared.ownership;
        let verdict = own.watch.check(clock::now().as_millis());
        match verdict {
            Verdict::Wait => {}
            Verdict::Ask => own.broadcast(WorkerBroadcast::Question),
            // The worker that gets the lock, this one or another, needs time to announce itself; if none does, this one
            // steals again.
            Verdict::Steal => own.watch.renew((random::unit() * SPREAD_CHECKS) as u32),
        }
        verdict
    };
    if verdict == Verdict::Steal {
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
    worker.borrow_mut().ownership.watch.claim(clock::now().as_millis());
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
            Err(OpenError::Unavailable(reason)) => {
                (Disk::None(format!("the browser gives this page no files: {reason}")), None)
            }
            Err(OpenError::Unread(StoreError::Full(reason))) => {
                (Disk::Unread(StoreError::Full(format!("no file can be opened: {reason}"))), None)
            }
            Err(OpenError::Unread(error)) => (Disk::Unread(error), None),
        };
        start(&worker, disk, files, &query, is_rescue);
    });
}

fn start(worker: &Shared, disk: Disk, files: Option<Rc<Opfs>>, query: &str, is_rescue: bool) {
    let (mut settings, problems) = settings_of_address(query);
    if is_rescue {
        settings.source = SourceKind::None;
        settings.sink_subject = None;
    }
    let is_memory_only = worker.borrow().ownership.is_memory_only;
    let start_millis = clock::monotonic_millis();
    let service = random::entropy().and_then(|entropy| {
        let (zone, now) = (zone::local(), clock::now());
        PipelineService::open_with_address(disk, settings, query, is_memory_only, zone, entropy, now)
            .map_err(|error| error.to_string())
    });
    let page = worker.borrow().page.clone();
    worker.borrow_mut().ownership.is_opening = false;
    match service {
        Ok((mut service, held)) => {
            service.set_zones(zone::named);
            let since_millis = clock::now().as_millis();
            {
                let mut shared = worker.borrow_mut();
                (shared.app, shared.files) = (Some(App::new(service)), files);
                shared.opening_millis = clock::monotonic_millis() - start_millis;
                shared.ownership.broadcast(WorkerBroadcast::Owner { since_millis });
            }
            heartbeat(worker, USUAL_SILENCE_MILLIS);
            page.send(&FromWorker::Role(Role::Owner { since_millis, problems, held }));
            let on_owned = worker.borrow().on_owned;
            on_owned(worker);
        }
        Err(sentence) => {
            page.send(&FromWorker::Failed(sentence));
        }
    }
}
