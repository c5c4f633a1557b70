//! The NATS stream that is read, and the subject that batches are published to.
//!
//! Read [`read`] first: it asks the server for what the pure machine asks for, see `pipeline::sources::nats`, and feeds
//! what comes of it. [`publish`] does the same for the outbox. Neither waits for an answer before messages, heartbeats
//! and batches have their turn.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

use super::message_decoder::decode;
use super::nats_connections::{Inbox, Reading, Slot};
use super::state::Shared;
use crate::api::App;
use crate::browser::nats::NatsConnection;
use crate::browser::{clock, location, random, spawn_local, yield_now};
use crate::pipeline::Credentials;
use crate::pipeline::sources::nats::{NatsAsk, NatsFault, NatsInput, OutboxAsk, OutboxInput};
use crate::pipeline::sources::{PageOrigin, check_address, space_of};
use crate::time::Timestamp;

/// How long a stream is read before others have their turn.
const SLICE_MILLIS: f64 = 5.0;
/// How often one that rests is looked at, so that a change of the settings is seen.
const REST_MILLIS: f64 = 200.0;
/// How long a tab that is about to close asks for nothing more: one that stays open all the same goes on then.
const GOODBYE_MILLIS: f64 = 5_000.0;

fn with_app<T>(worker: &Shared, work: impl FnOnce(&mut App, Timestamp) -> T) -> Option<T> {
    worker.borrow_mut().app.as_mut().map(|app| work(app, clock::now()))
}

/// Reads a stream until its run is over. `step` is called whenever batches may have been completed.
pub(super) async fn read(worker: &Shared, number: u32, step: fn(&Shared)) {
    let bell = worker.borrow().live.bell.clone();
    let reading = Reading { number, slot: Slot::default(), inbox: Inbox::new(bell.clone()) };
    worker.borrow_mut().nats.source = Some(reading.clone());
    let Reading { slot, inbox, .. } = &reading;
    let (mut has_moved, mut slice_millis) = (false, clock::monotonic_millis());
    loop {
        while clock::monotonic_millis() < worker.borrow().nats.away_until_millis {
            bell.rest(REST_MILLIS as u32).await;
        }
        let chance = random::unit();
        let fed = with_app(worker, |app, now| {
            // What came for a run that is over stays in the inbox, to be given back.
            app.service_mut().live_run().filter(|run| run.number == number)?;
            let input = inbox.next().unwrap_or(NatsInput::Tick);
            let moves = app.service().engine().cursors().moves();
            let asks = app.service_mut().feed_nats(number, input, now, chance)?;
            Some((asks, app.service().engine().cursors().moves() != moves))
        });
        let Some(Some((asks, moves))) = fed else { break };
        has_moved |= moves;
        let mut wake: Option<Timestamp> = None;
        for ask in asks {
            match ask {
                NatsAsk::Wake(at) => wake = Some(wake.map_or(at, |wake| wake.min(at))),
                NatsAsk::Decode { sequence, encoded } => {
                    let (worker, inbox) = (Rc::clone(worker), inbox.clone());
                    spawn_local(async move {
                        let columns = decode(&worker, number, &encoded).await;
                        columns.into_iter().for_each(|columns| inbox.push(NatsInput::Decoded { sequence, columns }));
                    });
                }
                ask => act(worker, ask, slot, inbox),
            }
        }
        if clock::monotonic_millis() - slice_millis >= SLICE_MILLIS {
            // Batches that were completed are written, and the store is maintained; then messages have their turn.
            step(worker);
            yield_now().await;
            (has_moved, slice_millis) = (false, clock::monotonic_millis());
        }
        if inbox.has_more() {
            continue;
        }
        let rest_millis = wake.map_or(REST_MILLIS, |wake| (wake - clock::now()).as_millis().min(REST_MILLIS));
        if rest_millis > 0.0 {
            if std::mem::take(&mut has_moved) {
                step(worker);
            }
            bell.rest(rest_millis.ceil() as u32).await;
            slice_millis = clock::monotonic_millis();
        }
    }
    give_back(worker, &reading);
    let nats = &mut worker.borrow_mut().nats;
    if nats.source.as_ref().is_some_and(|known| known.number == number) {
        nats.source = None;
    }
}

/// Flushes what was taken and gives the rest back to the server, since this tab is about to close: a message that is
/// not given back waits until the server has missed its acknowledgement.
pub(super) fn say_goodbye(worker: &Shared) {
    let source = worker.borrow().nats.source.clone();
    if let Some(reading) = source {
        worker.borrow_mut().nats.away_until_millis = clock::monotonic_millis() + GOODBYE_MILLIS;
        give_back(worker, &reading);
    }
}

/// Acknowledges what is flushed, gives back what was not taken, and closes the connection.
fn give_back(worker: &Shared, Reading { number, slot, inbox }: &Reading) {
    let asks = with_app(worker, |app, now| app.service_mut().end_nats(*number, now)).unwrap_or_default();
    let connection = slot.borrow().clone();
    let Some(connection) = connection else { return };
    for ask in asks {
        match ask {
            NatsAsk::Ack(sequences) => connection.answer(&sequences, true),
            NatsAsk::Nak(sequences) => connection.answer(&sequences, false),
            _ => {}
        }
    }
    while let Some(input) = inbox.next() {
        if let NatsInput::Messages(messages) = input {
            let unread: Vec<u64> = messages.iter().map(|message| message.sequence).collect();
            connection.answer(&unread, false);
        }
    }
    connection.disconnect();
}

/// Does what the source asks for; what comes of it goes to the inbox.
fn act(worker: &Shared, ask: NatsAsk, slot: &Slot, inbox: &Inbox<NatsInput>) {
    let connection = slot.borrow().clone();
    match (ask, connection) {
        (NatsAsk::Connect, _) => {
            let (worker, slot, inbox) = (Rc::clone(worker), Rc::clone(slot), inbox.clone());
            spawn_local(async move {
                let opened = open(&worker, &slot, &inbox).await;
                inbox.push(opened.unwrap_or_else(NatsInput::Failed));
            });
        }
        (NatsAsk::Consume(consumer), Some(connection)) => {
            let (consuming, inbox) = (connection.consume(&consumer), inbox.clone());
            spawn_local(
                async move { inbox.push(consuming.await.map_or_else(NatsInput::Failed, NatsInput::Consuming)) },
            );
        }
        (NatsAsk::Look, Some(connection)) => {
            let (looking, inbox) = (connection.look(), inbox.clone());
            let looked = |(stream, consumer)| NatsInput::Looked { stream, consumer };
            spawn_local(async move { inbox.push(looking.await.map_or_else(NatsInput::Failed, looked)) });
        }
        (NatsAsk::Pull { pull, messages, max_bytes }, Some(connection)) => connection.pull(pull, messages, max_bytes),
        (NatsAsk::Ack(sequences), Some(connection)) => connection.answer(&sequences, true),
        (NatsAsk::Nak(sequences), Some(connection)) => connection.answer(&sequences, false),
        (NatsAsk::Disconnect, Some(connection)) => connection.disconnect(),
        // The end of the connection was told.
        (NatsAsk::Consume(_) | NatsAsk::Look, None) => inbox.push(NatsInput::Failed(NatsFault::Closed)),
        (_, None) | (NatsAsk::Wake(_) | NatsAsk::Decode { .. }, Some(_)) => {}
    }
}

/// Connects, and looks for the stream.
async fn open(worker: &Shared, slot: &Slot, inbox: &Inbox<NatsInput>) -> Result<NatsInput, NatsFault> {
    let stream = with_app(worker, |app, _| {
        let name = app.service().engine().settings().nats_stream.as_ref();
        name.map(|name| name.as_str().to_owned())
    });
    let stream = stream.flatten().ok_or(NatsFault::Closed)?;
    let heard = inbox.clone();
    let connection = connection(worker, slot, move |input| heard.push(input)).await?;
    connection.open(&stream).await.map(NatsInput::Connected)
}

/// The connection of a slot, which is loaded into it first. The address and the credentials are those that it was
/// loaded with: another run has another slot.
async fn connection(
    worker: &Shared,
    slot: &Slot,
    hear: impl Fn(NatsInput) + Clone + 'static,
) -> Result<Rc<NatsConnection>, NatsFault> {
    if let Some(connection) = slot.borrow().clone() {
        return Ok(connection);
    }
    let shown = with_app(worker, |app, _| {
        let address = app.service().engine().settings().source_url.as_ref().map(|url| url.as_str().to_owned());
        (address, app.service().credentials().cloned())
    });
    let (address, credentials): (Option<String>, Option<Credentials>) = shown.unwrap_or_default();
    let address = address.ok_or(NatsFault::Closed)?;
    let (is_https, host) = location::scheme_and_host();
    let page = PageOrigin { is_https, space: space_of(&host) };
    check_address(&address, &["ws", "wss"], Some(page)).map_err(NatsFault::Refused)?;
    let connection = Rc::new(NatsConnection::load(&address, credentials.as_ref(), hear).await?);
    *slot.borrow_mut() = Some(Rc::clone(&connection));
    Ok(connection)
}

/// Publishes the batches that were completed, if the settings have a subject for them.
pub(super) fn look(worker: &Shared, step: fn(&Shared)) {
    let is_wanted = with_app(worker, |app, _| app.service_mut().sink_run().is_some()) == Some(true);
    if !is_wanted {
        return;
    }
    worker.borrow().nats.outbox.ring();
    if !std::mem::replace(&mut worker.borrow_mut().nats.is_publishing, true) {
        let worker = Rc::clone(worker);
        spawn_local(async move {
            while let Some(Some(number)) = with_app(&worker, |app, _| app.service_mut().sink_run()) {
                publish(&worker, number, step).await;
            }
            worker.borrow_mut().nats.is_publishing = false;
        });
    }
}

/// Publishes batches until the run of the outbox is over.
async fn publish(worker: &Shared, number: u32, step: fn(&Shared)) {
    let bell = worker.borrow().nats.outbox.clone();
    let (inbox, slot) = (Inbox::new(bell.clone()), Slot::default());
    let mut slice_millis = clock::monotonic_millis();
    loop {
        let (input, chance) = (inbox.next().unwrap_or(OutboxInput::Tick), random::unit());
        let is_published = matches!(input, OutboxInput::Published { .. });
        let asks = with_app(worker, |app, now| app.service_mut().feed_sink(number, input, now, chance));
        let Some(Some(asks)) = asks else { return };
        let mut wake: Option<Timestamp> = None;
        for ask in asks {
            match ask {
                OutboxAsk::Wake(at) => wake = Some(at),
                ask => act_for_outbox(worker, ask, &slot, &inbox),
            }
        }
        if inbox.has_more() && clock::monotonic_millis() - slice_millis < SLICE_MILLIS {
            continue;
        }
        if is_published {
            // How far it has come is written soon.
            step(worker);
        }
        let rest_millis = wake.map_or(REST_MILLIS, |wake| (wake - clock::now()).as_millis().clamp(0.0, REST_MILLIS));
        if inbox.has_more() || rest_millis == 0.0 {
            TimeoutFuture::new(0).await;
        } else {
            bell.rest(rest_millis.ceil() as u32).await;
        }
        slice_millis = clock::monotonic_millis();
    }
}

/// Does what the outbox asks for; what comes of it goes to the inbox.
fn act_for_outbox(worker: &Shared, ask: OutboxAsk, slot: &Slot, inbox: &Inbox<OutboxInput>) {
    let subject = with_app(worker, |app, _| {
        let subject = app.service().engine().settings().sink_subject.as_ref();
        subject.map(|subject| subject.as_str().to_owned())
    });
    let Some(subject) = subject.flatten() else { return };
    let (open, inbox) = (slot.borrow().clone(), inbox.clone());
    match ask {
        OutboxAsk::Connect => {
            let (worker, slot) = (Rc::clone(worker), Rc::clone(slot));
            spawn_local(async move {
                let heard = inbox.clone();
                let hear = move |input| {
                    if let NatsInput::Failed(fault) = input {
                        heard.push(OutboxInput::Failed(fault));
                    }
                };
                inbox.push(match connection(&worker, &slot, hear).await {
                    Ok(connection) => connection.open_subject(&subject).await,
                    Err(fault) => OutboxInput::Failed(fault),
                });
            });
        }
        OutboxAsk::Publish { batch, message_id, expected } => {
            let body = with_app(worker, |app, now| app.batch_body(batch, now)).flatten();
            let (Some(body), Some(open)) = (body, open) else {
                return inbox.push(OutboxInput::Failed(NatsFault::Closed));
            };
            let publishing = open.publish(&subject, &body, &message_id, expected);
            spawn_local(async move { inbox.push(publishing.await) });
        }
        OutboxAsk::Disconnect => open.iter().for_each(|open| open.disconnect()),
        OutboxAsk::Wake(_) => {}
    }
}
