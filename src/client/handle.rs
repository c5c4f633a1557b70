//! The page's handle on the pipeline worker: its connections, and the messages that go over them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;

use super::connection::WorkerConnection;
use super::durability;
use super::reading::{Reading, Source};
use super::supervisor::Supervisor;
use super::types::{self, ApiAccess, ClientEvent, Connection, ConsoleRequest, ConsoleResponse, Drawing, RecoveryMode};
use crate::browser::decoder_worker::DecoderWorker;
use crate::browser::fetch::{Fetched, fetch};
use crate::browser::heartbeat_worker::HeartbeatWorker;
use crate::browser::message::{Received, Target};
use crate::browser::service_worker::{self, BrokeredPort, Relay};
use crate::browser::{clock, departure, location, locks, pipeline_worker, spawn_local};
use crate::pipeline::{API_KEY, address_with_key, split_key};
use crate::protocol::{FromWorker, Mode, ProtocolError, Role, Snapshot, Start, ToWorker, View, lock_name};

/// How long this tab's worker waits for the pipeline before the page connects to another tab's: a reloaded page gets it
/// as soon as its previous worker has ended.
const TAKE_OVER_MILLIS: u32 = 300;
/// How long until an unanswered connection is tried again.
const RETRY_MILLIS: u32 = 1000;
/// How long the service worker may take to start before the page reports that it has not.
const RELAY_PATIENCE_MILLIS: u32 = 8000;
/// How long a snapshot may take before the connection counts as dead.
const SILENCE_MILLIS: u32 = 3000;

/// The name under which the browser keeps that the tour was seen or declined.
pub const SEEN_TOUR: &str = "millrace-tour";
/// The name under which the browser keeps which theme the user prefers.
pub const THEME: &str = "millrace-theme";
/// The name under which the browser keeps that single keys are switched off.
pub const NO_SINGLE_KEYS: &str = "millrace-no-single-keys";
/// The name under which the browser keeps how files of a header are read, where a person corrected it.
pub const READINGS: &str = "millrace-readings";

/// The page's handle on the pipeline; cheap to clone.
#[derive(Clone)]
pub struct Client(pub(super) Rc<Inner>);

pub(super) struct Inner {
    pub(super) on_event: Box<dyn Fn(ClientEvent)>,
    /// This tab's worker, once it listens.
    pub(super) worker: RefCell<Option<Target>>,
    /// Ports for it that arrived before it listened.
    pub(super) early_ports: RefCell<Vec<BrokeredPort>>,
    /// The connection to whichever worker runs the pipeline.
    pub(super) connection: RefCell<Option<Rc<WorkerConnection>>>,
    pub(super) supervisor: Supervisor,
    pub(super) relay: RefCell<Option<Relay>>,
    pub(super) is_owner: Cell<bool>,
    /// Sends heartbeats while this tab's worker runs the pipeline.
    pub(super) heartbeat_worker: RefCell<Option<HeartbeatWorker>>,
    /// Decode files for this tab's worker, by their numbers.
    pub(super) decoders: RefCell<Vec<(u32, DecoderWorker)>>,
    /// Since when the newest owner that this page knows runs the pipeline, in milliseconds since the epoch.
    pub(super) owner_since_millis: Cell<Option<f64>>,
    pub(super) is_live: Cell<bool>,
    /// The settings that the page's address names, and the key.
    pub(super) address: RefCell<Option<String>>,
    /// The key of the API, if one is set: no address, answer or file has it.
    pub(super) key: RefCell<Option<String>>,
    /// What servers are shown, as it was given in this tab: the body of a request, kept nowhere else.
    pub(super) credentials: RefCell<Option<Vec<u8>>>,
    /// The lock that this page holds for as long as it lives, once it does.
    pub(super) presence: RefCell<Option<String>>,
}

impl Client {
    /// Starts the worker and the service worker; `on_event` is called for every change from then on.
    pub fn start(on_event: impl Fn(ClientEvent) + 'static) -> Self {
        let client = Self(Rc::new(Inner {
            on_event: Box::new(on_event),
            worker: RefCell::default(),
            early_ports: RefCell::default(),
            connection: RefCell::default(),
            supervisor: Supervisor::default(),
            relay: RefCell::default(),
            is_owner: Cell::new(false),
            heartbeat_worker: RefCell::default(),
            decoders: RefCell::default(),
            owner_since_millis: Cell::new(None),
            is_live: Cell::new(false),
            address: RefCell::default(),
            key: RefCell::default(),
            credentials: RefCell::default(),
            presence: RefCell::default(),
        }));
        client.take_key();
        let forwarding = client.clone();
        service_worker::on_port(move |brokered| forwarding.forward(brokered));
        client.follow_succession();
        client.announce_departure();
        client.start_worker();
        spawn_local(client.clone().start_relay());
        client
    }

    /// Requests a snapshot. At most one such request may be open: call it again after the answer.
    ///
    /// # Errors
    /// A sentence, when the worker is gone.
    pub async fn snapshot(&self, view: &View) -> Result<Drawing, String> {
        let connection = self.connection()?;
        let silence = Timeout::new(SILENCE_MILLIS, {
            let (client, connection) = (self.clone(), Rc::clone(&connection));
            move || client.connection_is_silent(&connection)
        });
        let drawing = connection.snapshot(view).await?;
        drop(silence);
        self.follow_settings(&drawing.snapshot);
        Ok(drawing)
    }

    /// Sends a request to the API: by `fetch` when the service worker relays, else straight to the worker.
    ///
    /// # Errors
    /// A sentence, when nothing answered.
    pub async fn open(&self, request: &ConsoleRequest) -> Result<Reading, String> {
        if !self.0.is_live.get() {
            return self.ask(request).await;
        }
        let start_millis = clock::monotonic_millis();
        let Fetched { status, headers, body } =
            fetch(&request.method, &request.target, &request.headers(), request.body.as_deref()).await?;
        let response = ConsoleResponse { status, headers, is_through_fetch: true, ..ConsoleResponse::default() };
        Ok(Reading::new(response, Vec::new(), Source::Fetch(body), start_millis))
    }

    /// The same, and reads the body as [`Reading::whole`] does.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn request(&self, request: ConsoleRequest) -> Result<ConsoleResponse, String> {
        self.open(&request).await?.whole().await
    }

    /// Sends a request straight to the worker: the page's own requests need no service worker.
    ///
    /// # Errors
    /// A sentence, when nothing answered.
    pub async fn command(&self, request: &ConsoleRequest) -> Result<ConsoleResponse, String> {
        self.ask(request).await?.whole().await
    }

    /// The same, but returns as soon as the head of the response has arrived.
    ///
    /// # Errors
    /// As [`Self::command`].
    pub async fn ask(&self, request: &ConsoleRequest) -> Result<Reading, String> {
        let start_millis = clock::monotonic_millis();
        let connection = self.connection()?;
        let (response, first, stream) = connection.request(request).await?;
        let source = stream.map_or(Source::Nowhere, |stream| Source::WorkerConnection(connection, stream));
        Ok(Reading::new(response, first, source, start_millis))
    }

    /// Makes the simulated source produce one event now.
    pub fn step(&self) {
        if let Ok(connection) = self.connection() {
            connection.send(&ToWorker::Step);
        }
    }

    pub(super) fn connection(&self) -> Result<Rc<WorkerConnection>, String> {
        self.0.connection.borrow().clone().ok_or_else(|| "the pipeline is not connected yet".to_owned())
    }

    pub(super) fn emit(&self, event: ClientEvent) {
        (self.0.on_event)(event);
    }

    pub(super) fn fail(&self, sentence: String) {
        self.emit(ClientEvent::Connection(Connection::Failed(sentence)));
    }

    /// Handles a message of this tab's worker.
    pub(super) fn on_worker_message(&self, received: Result<Received<FromWorker>, ProtocolError>) {
        let received = match received {
            Ok(received) => received,
            Err(error @ ProtocolError::Version(_)) => return self.fail(types::other_version(&error)),
            // It is dropped; the request that waits for it fails when the worker counts as silent.
            Err(ProtocolError::Malformed) => return,
        };
        match received.message {
            FromWorker::Ready => self.handshake(),
            FromWorker::Heartbeat { busy_millis } => self.on_heartbeat(busy_millis),
            FromWorker::Role(Role::Owner { since_millis, problems, held }) => {
                self.own(since_millis, problems);
                if !held.is_empty() && self.0.supervisor.mode.get() == RecoveryMode::Unneeded {
                    self.emit(ClientEvent::HeldSettings(held));
                }
            }
            FromWorker::Role(Role::Replaced { since_millis }) => self.follow_owner(since_millis),
            FromWorker::Role(Role::Waiting) => {
                self.disown();
                let client = self.clone();
                spawn_local(async move {
                    TimeoutFuture::new(TAKE_OVER_MILLIS).await;
                    client.attach();
                });
            }
            FromWorker::Refused => self.fail(types::OTHER_BUILD.to_owned()),
            FromWorker::Settings { query } => self.prepare(query),
            FromWorker::Failed(reason) => self.fail(reason),
            FromWorker::NeedsDecoder { number } => self.start_decoder(number),
            FromWorker::EndsDecoder { number } => self.end_decoder(number),
            FromWorker::Reading => {
                if let Some(relay) = &*self.0.relay.borrow() {
                    relay.keep_awake();
                }
            }
            _ => {
                if let Some(connection) = &*self.0.connection.borrow() {
                    connection.on_message(received);
                }
            }
        }
    }

    /// Called when the worker listens: sends [`ToWorker::Hello`], and the ports that arrived early.
    pub(super) fn handshake(&self) {
        let Some(worker) = self.is_started() else { return };
        match self.0.supervisor.mode.get() {
            RecoveryMode::Files => {
                self.set_connection(&worker);
                self.emit(ClientEvent::RecoveryMode(RecoveryMode::Files));
            }
            mode => {
                let start = Start {
                    query: address_with_key(&location::query(), self.0.key.borrow().as_deref()),
                    base: location::base_path(),
                    mode: if mode == RecoveryMode::Unneeded { Mode::Run } else { Mode::Rescue },
                    is_memory_only: durability::is_off(),
                };
                worker.send(&ToWorker::Hello { build: Some(pipeline_worker::build()), start: Some(start) });
            }
        }
        *self.0.worker.borrow_mut() = Some(worker);
        for port in self.0.early_ports.take() {
            self.forward(port);
        }
    }

    /// Lets the worker of another tab know when this page is gone: by a message when it is closed or left, by a lock
    /// when it crashes. A page that is shown again connects anew.
    fn announce_departure(&self) {
        let holding = self.clone();
        locks::hold_for_life(move |lock| drop(holding.0.presence.replace(Some(lock))));
        let (leaving, returning) = (self.clone(), self.clone());
        let left = move || {
            if leaving.0.is_owner.get() {
                // What it has of a stream that others share goes back at once.
                if let Some(worker) = &*leaving.0.worker.borrow() {
                    worker.send(&ToWorker::Goodbye);
                }
            } else if let Some(connection) = leaving.0.connection.take() {
                connection.give_up();
            }
        };
        departure::on_departure(left, move || {
            if returning.0.connection.borrow().is_none() {
                returning.emit(ClientEvent::Connection(Connection::Connecting));
                returning.attach();
            }
        });
    }

    /// Connects to this tab's worker, which owns the pipeline from now on.
    pub(super) fn own(&self, since_millis: f64, problems: Vec<String>) {
        let Some(worker) = self.0.worker.borrow().clone() else { return };
        self.set_connection(&worker);
        self.report_owner(since_millis);
        if self.0.supervisor.mode.get() != RecoveryMode::Unneeded {
            return self.emit(ClientEvent::RecoveryMode(RecoveryMode::Requests));
        }
        self.start_heartbeats(&worker);
        for sentence in problems {
            self.emit(ClientEvent::Problem(sentence));
        }
        self.emit(ClientEvent::Connection(Connection::Owner));
        self.give_credentials_again();
    }

    /// Lets a thread of its own send the heartbeats of this tab's worker, which owns the pipeline.
    fn start_heartbeats(&self, worker: &Target) {
        let (heartbeat_worker, port) = HeartbeatWorker::spawn(&lock_name(&location::base_path())).unzip();
        self.0.heartbeat_worker.replace(heartbeat_worker);
        if let Some(port) = port {
            worker.send_with_port(&ToWorker::Heartbeats, &port);
        }
    }

    /// Connects to another tab's worker, which runs the pipeline from now on: the connection to the previous one is
    /// dead.
    pub(super) fn follow_owner(&self, since_millis: f64) {
        self.disown();
        if let Some(connection) = self.0.connection.take() {
            connection.give_up();
            self.emit(ClientEvent::Connection(Connection::Connecting));
        }
        self.report_owner(since_millis);
        self.attach();
    }

    /// Drops the connection to this tab's worker, if that ran the pipeline until now.
    pub(super) fn disown(&self) {
        if self.0.is_owner.replace(false) {
            self.0.heartbeat_worker.take();
            self.end_decoders();
            if let Some(connection) = self.0.connection.take() {
                connection.give_up();
            }
            self.emit(ClientEvent::Connection(Connection::Connecting));
        }
    }

    /// Lets the service worker know since when another worker runs the pipeline, now or as soon as it is there: the one
    /// before may be frozen, and answers no request.
    pub(super) fn report_owner(&self, since_millis: f64) {
        self.0.owner_since_millis.set(Some(since_millis));
        if let Some(relay) = &*self.0.relay.borrow() {
            relay.report_owner(since_millis);
        }
    }

    pub(super) fn set_connection(&self, worker: &Target) {
        self.0.is_owner.set(true);
        self.connect(&Rc::new(WorkerConnection::new(worker.clone())));
    }

    /// Uses this connection from now on, and ends the one before.
    fn connect(&self, connection: &Rc<WorkerConnection>) {
        let former = self.0.connection.replace(Some(Rc::clone(connection)));
        if let Some(former) = former.filter(|former| !Rc::ptr_eq(former, connection)) {
            former.give_up();
        }
    }

    /// Passes a port on to this tab's worker.
    pub(super) fn forward(&self, brokered: BrokeredPort) {
        match &*self.0.worker.borrow() {
            Some(worker) => {
                worker.send_with_port(&ToWorker::Port { is_page: brokered.is_page }, &brokered.port);
            }
            None => self.0.early_ports.borrow_mut().push(brokered),
        }
    }

    /// Asks the service worker for a connection to the tab that runs the pipeline, unless it is this one.
    pub(super) fn attach(&self) {
        if self.0.is_owner.get() || self.0.connection.borrow().is_some() {
            return;
        }
        let Some(relay) = self.0.relay.borrow().clone() else { return };
        let Some((target, port)) = Target::pair() else { return };
        let connection = Rc::new(WorkerConnection::new(target.clone()));
        let (client, listening) = (self.clone(), Rc::clone(&connection));
        connection.keep(target.listen(move |received| client.on_port_message(&listening, received)));
        connection.send(&ToWorker::Hello { build: Some(pipeline_worker::build()), start: None });
        if let Some(lock) = self.0.presence.borrow().clone() {
            connection.send(&ToWorker::Holding { lock });
        }
        relay.attach(&port);
    }

    /// Handles a message of another tab's worker.
    pub(super) fn on_port_message(
        &self,
        connection: &Rc<WorkerConnection>,
        received: Result<Received<FromWorker>, ProtocolError>,
    ) {
        match received {
            // This tab's worker has become the owner meanwhile.
            Ok(Received { message: FromWorker::Welcome, .. }) if self.0.is_owner.get() => connection.give_up(),
            Ok(Received { message: FromWorker::Welcome, .. }) => {
                self.connect(connection);
                self.emit(ClientEvent::Connection(Connection::Attached));
                self.give_credentials_again();
            }
            Ok(Received { message: FromWorker::Refused, .. }) => {
                connection.give_up();
                self.fail(types::OTHER_BUILD.to_owned());
            }
            Ok(Received { message: FromWorker::Role(_), .. }) => self.connection_is_silent(connection),
            Ok(Received { message: FromWorker::Settings { query }, .. }) => self.prepare(query),
            Ok(received) => connection.on_message(received),
            Err(error @ ProtocolError::Version(_)) => {
                connection.give_up();
                self.fail(types::other_version(&error));
            }
            Err(ProtocolError::Malformed) => {}
        }
    }

    /// Drops a dead connection: its requests fail, and another one is opened. This tab's own worker only counts as
    /// slow: the supervisor detects when it is dead.
    pub(super) fn connection_is_silent(&self, connection: &Rc<WorkerConnection>) {
        let is_current = self.0.connection.borrow().as_ref().is_none_or(|current| Rc::ptr_eq(current, connection));
        if is_current && self.0.is_owner.get() {
            return connection.skip_snapshot();
        }
        connection.give_up();
        if is_current {
            self.0.connection.take();
            self.emit(ClientEvent::Connection(Connection::Connecting));
            self.start_worker_if_none();
            let client = self.clone();
            spawn_local(async move {
                TimeoutFuture::new(RETRY_MILLIS).await;
                client.attach();
            });
        }
    }

    /// Registers the service worker and checks whether real requests reach the pipeline.
    async fn start_relay(self) {
        let waiting = self.clone();
        let impatience = Timeout::new(RELAY_PATIENCE_MILLIS, move || {
            let sentence = "the service worker has not started yet; reload the page if this stays so";
            waiting.emit(ClientEvent::Api(ApiAccess::ConsoleOnly(sentence.to_owned())));
        });
        let relay = match service_worker::register().await {
            Ok(relay) => relay,
            Err(sentence) => return self.emit(ClientEvent::Api(ApiAccess::ConsoleOnly(sentence))),
        };
        self.follow_updates(&relay);
        *self.0.relay.borrow_mut() = Some(relay);
        if let Some(since_millis) = self.0.owner_since_millis.get() {
            self.report_owner(since_millis);
        }
        if self.0.worker.borrow().is_some() {
            self.attach_unless_owner_soon().await;
        }
        // A static host without `health` answers with a page, or not at all.
        let is_live = fetch("GET", "health", &[], None).await.is_ok_and(|health| {
            health.status != 404
                && health.headers.iter().any(|(name, value)| name == "content-type" && value == "application/json")
        });
        drop(impatience);
        self.0.is_live.set(is_live);
        self.emit(ClientEvent::Api(if is_live {
            ApiAccess::Live
        } else {
            ApiAccess::ConsoleOnly("the service worker is there but does not answer; reload the page".to_owned())
        }));
    }

    async fn attach_unless_owner_soon(&self) {
        if !self.0.is_owner.get() {
            TimeoutFuture::new(TAKE_OVER_MILLIS).await;
            self.attach();
        }
    }

    /// Lets this tab's worker start with these settings if it takes over, and keeps their key for a worker that follows.
    fn prepare(&self, query: String) {
        *self.0.key.borrow_mut() = split_key(&query).1;
        if let (false, Some(worker)) = (self.0.is_owner.get(), &*self.0.worker.borrow()) {
            worker.send(&ToWorker::Address { query });
        }
    }

    /// Keeps the page's address in step with the settings, so that it can be shared.
    pub(super) fn follow_settings(&self, snapshot: &Snapshot) {
        let key = snapshot.settings.iter().find(|(name, _)| name == API_KEY).and_then(|(_, value)| value.as_deref());
        let address = address_with_key(&snapshot.address, key);
        let mut known = self.0.address.borrow_mut();
        if known.as_ref() != Some(&address) {
            // The first snapshot confirms what the address already says, unless part of it was refused.
            location::set_query(&snapshot.address);
            self.prepare(address.clone());
            durability::remember(&snapshot.settings);
            *known = Some(address);
        }
    }
}
