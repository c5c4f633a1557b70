//! Files of people's own: previews of them, and reading them into the pipeline.
//!
//! Read [`on_request`] first. One file is read at a time, by [`read_all`]: it opens and reads what the pure machine asks
//! for, see `pipeline::sources`, and works in slices, between which the worker handles messages, heartbeats and batches.

use std::rc::Rc;

use futures_channel::oneshot;
use gloo_timers::callback::Timeout;

use super::peer::Peer;
use super::state::{Shared, Worker};
use crate::api::App;
use crate::browser::file_decoder::FileDecoder;
use crate::browser::message::FileRef;
use crate::browser::{clock, spawn_local, yield_now};
use crate::pipeline::sniff::Choices;
use crate::pipeline::sources::{Ask, Input, ReadFrom};
use crate::protocol::{FileControl, FileFacts, FilePreview, FileRequest, FromWorker};
use crate::service::FileJob;
use crate::time::Timestamp;

/// How long a file is read before others have their turn.
const SLICE_MILLIS: f64 = 16.0;
/// How often a file that rests is looked at, beside each change of the settings.
const REST_MILLIS: u32 = 200;
/// The longest rest: timers further ahead than this are set in parts.
const LONGEST_REST_MILLIS: f64 = 60_000.0;

/// Handles a request about files; `file` came beside it. `step` is called whenever batches may have been completed.
pub(super) fn on_request(
    worker: &Shared,
    reply: &Peer,
    request: FileRequest,
    file: Option<FileRef>,
    step: fn(&Shared),
) {
    let (worker, reply) = (Rc::clone(worker), reply.clone());
    match request {
        FileRequest::Preview { id, name, choices } => spawn_local(async move {
            let preview = preview(&worker, &name, choices, file).await;
            reply.send(&FromWorker::FilePreview { id, preview });
        }),
        FileRequest::Load { id, name, reading, pace, is_continued } => spawn_local(async move {
            let job = |facts: FileFacts| FileJob {
                name,
                epoch: facts.epoch,
                bytes: facts.bytes,
                reading_on: facts.reading_on,
                reading,
                pace: pace.into(),
                is_continued,
            };
            let number = add(&worker, file, job).await;
            let is_added = number.is_ok();
            reply.send(&FromWorker::FileLoading { id, number });
            if is_added {
                read_all(&worker, step).await;
            }
        }),
        FileRequest::Control(control) => {
            apply(&worker, control);
            look_again(&worker, step);
        }
    }
}

/// Looks at the files again after one was paused, resumed or sought, also if it had ended.
pub(super) fn look_again(worker: &Shared, step: fn(&Shared)) {
    worker.borrow_mut().loading.wake();
    let worker = Rc::clone(worker);
    spawn_local(async move { read_all(&worker, step).await });
}

/// Why there is no answer: the page has lost the file, or this worker does not run the pipeline.
const NO_FILE: &str = "no file came with the request; choose it again";
const NOT_OWNER: &str = "the pipeline has moved to another tab; try again";

fn with_app<T>(worker: &Shared, work: impl FnOnce(&mut App, Timestamp) -> T) -> Option<T> {
    worker.borrow_mut().app.as_mut().map(|app| work(app, clock::now()))
}

async fn preview(
    worker: &Shared,
    name: &str,
    choices: Choices,
    file: Option<FileRef>,
) -> Result<Box<FilePreview>, String> {
    let file = file.ok_or(NO_FILE)?.open().await?;
    let settings = with_app(worker, |app, _| app.service().settings_in_force()).ok_or(NOT_OWNER)?;
    // Another file is looked at soon, so the program stays.
    let kept = worker.borrow_mut().loading.previewer.take();
    let mut decoder = match kept {
        Some(decoder) => decoder,
        None => start(worker).await?,
    };
    let (epoch, mut preview) = decoder.preview(&file, name.to_owned(), choices, settings).await?;
    worker.borrow_mut().loading.previewer = Some(decoder);
    preview.loaded = with_app(worker, |app, _| app.service().loaded_before(name, epoch)).ok_or(NOT_OWNER)?;
    Ok(preview)
}

/// Starts the program that reads files.
async fn start(worker: &Shared) -> Result<FileDecoder, String> {
    let decoders = worker.borrow().decoders.clone();
    Ok(FileDecoder::start(&decoders, "files").await?)
}

async fn add(
    worker: &Shared,
    file: Option<FileRef>,
    job: impl FnOnce(FileFacts) -> FileJob,
) -> Result<u32, Vec<String>> {
    let (file, facts) = look(worker, file).await.map_err(|sentence| vec![sentence])?;
    let added = with_app(worker, |app, _| app.service_mut().add_file(job(facts)));
    let number = added.ok_or_else(|| vec![NOT_OWNER.to_owned()])??;
    let files = &mut worker.borrow_mut().loading.files;
    // A pipeline that this worker ran before numbered its files alike.
    files.retain(|(known, _)| *known != number);
    files.push((number, file));
    Ok(number)
}

async fn look(worker: &Shared, file: Option<FileRef>) -> Result<(FileRef, FileFacts), String> {
    let file = file.ok_or(NO_FILE)?;
    let facts = start(worker).await?.look(&file.open().await?).await?;
    Ok((file, facts))
}

/// Applies what a person wants. What no file can do is left: the page shows what each can.
fn apply(worker: &Shared, control: FileControl) {
    with_app(worker, |app, now| {
        let service = app.service_mut();
        drop(match control {
            FileControl::Pause => service.pause_source(now),
            FileControl::Resume => service.resume_source(now),
            FileControl::Seek(seek) => service.seek_source(seek.into(), now),
            FileControl::Speed(speed) => service.set_source_speed(speed, now),
            FileControl::Loop(is_looped) => service.set_source_looped(is_looped),
            FileControl::Cancel { number } => {
                service.cancel_file(number);
                Ok(())
            }
            FileControl::Clear => {
                service.clear_ended_files();
                Ok(())
            }
        });
    });
}

/// Reads the files that wait, one after the other, unless that is done already.
async fn read_all(worker: &Shared, step: fn(&Shared)) {
    if std::mem::replace(&mut worker.borrow_mut().loading.is_running, true) {
        return;
    }
    while let Some(Some((number, is_begun))) = with_app(worker, |app, _| app.service().next_file()) {
        let file =
            worker.borrow().loading.files.iter().find(|(known, _)| *known == number).map(|(_, file)| file.clone());
        let is_begun = is_begun || with_app(worker, |app, now| app.service_mut().begin_file(number, now)) == Some(true);
        match file {
            Some(file) if is_begun => read(worker, number, &file, step).await,
            Some(_) => {}
            // Its page was of an earlier run of this worker.
            None => {
                with_app(worker, |app, _| app.service_mut().cancel_file(number));
            }
        }
        step(worker);
        forget_unknown(worker);
    }
    worker.borrow_mut().loading.is_running = false;
}

/// Lets go of files that are not shown any more: those that are can be sought even when they have ended.
fn forget_unknown(worker: &Shared) {
    let mut shared = worker.borrow_mut();
    let Worker { app: Some(app), loading, .. } = &mut *shared else { return };
    loading.files.retain(|(number, _)| app.service().knows_file(*number));
}

/// Reads a file until it has ended.
async fn read(worker: &Shared, number: u32, file: &FileRef, step: fn(&Shared)) {
    let (mut decoder, mut input, mut slice_millis) = (None, Input::Tick, clock::monotonic_millis());
    loop {
        let asks = with_app(worker, |app, now| app.service_mut().feed_file(number, input, now));
        let Some(asks) = asks else { return };
        input = Input::Tick;
        let mut wake: Option<Timestamp> = None;
        for ask in asks {
            match ask {
                Ask::Close => return,
                Ask::Wake(at) => wake = Some(wake.map_or(at, |wake| wake.min(at))),
                Ask::Open(from) => {
                    let opened = open(worker, number, file, from, &mut decoder).await;
                    input = opened.unwrap_or_else(Input::Closed);
                }
                Ask::Read => input = next_rows(worker, number, &mut decoder).await.unwrap_or_else(Input::Closed),
            }
        }
        if clock::monotonic_millis() - slice_millis >= SLICE_MILLIS {
            // Batches that were completed are written, and the store is maintained; then messages have their turn.
            step(worker);
            yield_now().await;
            slice_millis = clock::monotonic_millis();
        }
        if input == Input::Tick {
            let rest_millis = wake.map_or(f64::from(REST_MILLIS), |wake| (wake - clock::now()).as_millis());
            if rest_millis > 0.0 {
                step(worker);
                rest(worker, rest_millis.min(LONGEST_REST_MILLIS).ceil() as u32).await;
                slice_millis = clock::monotonic_millis();
            }
        }
    }
}

async fn open(
    worker: &Shared,
    number: u32,
    file: &FileRef,
    from: ReadFrom,
    decoder: &mut Option<FileDecoder>,
) -> Result<Input, String> {
    let how = with_app(worker, |app, _| app.service().file_reading(number)).flatten();
    let (settings, reading) = how.ok_or(NOT_OWNER)?;
    let file = file.open().await?;
    let decoder = match decoder {
        Some(decoder) => decoder,
        None => decoder.insert(start(worker).await?),
    };
    let facts = decoder.open_rows(&file, reading, settings, from).await?;
    Ok(Input::Opened { bytes: facts.plain_bytes, epoch: facts.epoch })
}

async fn next_rows(worker: &Shared, number: u32, decoder: &mut Option<FileDecoder>) -> Result<Input, String> {
    let decoder = decoder.as_mut().ok_or("the file is not open; choose it again")?;
    let (block, file_bytes) = decoder.next_rows().await?;
    with_app(worker, |app, _| app.service_mut().note_file_bytes(number, file_bytes));
    Ok(Input::Rows(Box::new(block)))
}

/// Rests for so long, or until something about the files is wanted.
async fn rest(worker: &Shared, millis: u32) {
    let (sender, woken) = oneshot::channel();
    worker.borrow_mut().loading.resting = Some(sender);
    let shared = Rc::clone(worker);
    let timer = Timeout::new(millis, move || shared.borrow_mut().loading.wake());
    // A sender that is dropped ends the rest as well.
    let _ = woken.await;
    drop(timer);
}
