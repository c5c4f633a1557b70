//! The connection of a live source: what comes of it waits here until the machine of the source is fed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot;
use gloo_timers::callback::Timeout;

use crate::browser::fetch::{self, Abort, Body, Fetched};
use crate::browser::file_decoder::FileDecoder;
use crate::browser::spawn_local;
use crate::browser::web_socket::{SocketEvent, WebSocket};
use crate::pipeline::sources::live::{Closing, LiveInput, LiveKind, Opened, Request};

/// The code of a WebSocket that has ended without one.
const NO_CODE: u16 = 1006;
/// The code of an end as it should be.
const DONE: u16 = 1000;

/// Whether a live source is read now, and what ends its rest.
#[derive(Default)]
pub(super) struct Live {
    pub(super) is_running: bool,
    pub(super) bell: Bell,
    /// The program that decodes messages, once one needed it.
    pub(super) decoder: Option<FileDecoder>,
}

/// Ends a rest; cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Bell(Rc<RefCell<Option<oneshot::Sender<()>>>>);

impl Bell {
    /// Ends the rest, if there is one.
    pub(super) fn ring(&self) {
        let resting = self.0.borrow_mut().take();
        if let Some(resting) = resting {
            // One that does not rest any more looks by itself.
            let _ = resting.send(());
        }
    }

    /// Rests for so long, or until it rings.
    pub(super) async fn rest(&self, millis: u32) {
        let (sender, woken) = oneshot::channel();
        *self.0.borrow_mut() = Some(sender);
        let bell = self.clone();
        let timer = Timeout::new(millis, move || bell.ring());
        // A sender that is dropped ends the rest as well.
        let _ = woken.await;
        drop(timer);
    }
}

/// A connection that is made, or is there. It ends when this is dropped.
pub(super) struct Connection {
    inbox: Inbox,
    link: Link,
}

enum Link {
    /// None: only what is in the inbox comes of it.
    None,
    Socket {
        _socket: WebSocket,
    },
    Exchange(Rc<Exchange>),
}

/// A request, and its answer once that is there.
struct Exchange {
    abort: Abort,
    body: RefCell<Option<Rc<Body>>>,
}

/// What came of a connection, oldest first; cheap to clone.
#[derive(Clone, Default)]
struct Inbox {
    inputs: Rc<RefCell<VecDeque<LiveInput>>>,
    bell: Bell,
}

impl Inbox {
    fn push(&self, input: LiveInput) {
        self.inputs.borrow_mut().push_back(input);
        self.bell.ring();
    }

    /// Adds a message to those that came just before.
    fn push_message(&self, message: Vec<u8>) {
        let mut inputs = self.inputs.borrow_mut();
        match inputs.back_mut() {
            Some(LiveInput::Messages(messages)) => messages.push(message),
            _ => inputs.push_back(LiveInput::Messages(vec![message])),
        }
        drop(inputs);
        self.bell.ring();
    }
}

impl Connection {
    /// Makes a connection to `url`, the address of the request with the token in its place. `hint` says what else may be
    /// the reason when it fails.
    pub(super) fn open(
        request: Request,
        url: String,
        authorization: Option<String>,
        hint: &'static str,
        bell: &Bell,
    ) -> Self {
        let inbox = Inbox { bell: bell.clone(), ..Inbox::default() };
        let has_token = url != *request.url;
        let link = match request.kind {
            LiveKind::WebSocket => open_socket(&url, hint, &inbox),
            LiveKind::Sse | LiveKind::Poll => {
                let mut headers = request.headers;
                headers.extend(authorization.map(|value| ("authorization", value)));
                open_exchange(url, headers, has_token, hint, &inbox)
            }
        };
        let link = link.unwrap_or_else(|reason| {
            inbox.push(LiveInput::Closed(Closing::Broken(without_address(reason, has_token))));
            Link::None
        });
        Self { inbox, link }
    }

    /// None, for this reason.
    pub(super) fn refused(sentence: String) -> Self {
        let inbox = Inbox::default();
        inbox.push(LiveInput::Closed(Closing::Refused(sentence)));
        Self { inbox, link: Link::None }
    }

    /// The next of what came.
    pub(super) fn next(&self) -> Option<LiveInput> {
        self.inbox.inputs.borrow_mut().pop_front()
    }

    /// Whether there is more of it.
    pub(super) fn has_more(&self) -> bool {
        !self.inbox.inputs.borrow().is_empty()
    }

    /// Asks for the next bytes of the body.
    pub(super) fn read(&self) {
        let Link::Exchange(exchange) = &self.link else { return };
        let body = exchange.body.borrow().clone();
        let Some(body) = body else { return };
        let inbox = self.inbox.clone();
        spawn_local(async move {
            inbox.push(match body.next().await {
                Ok(bytes) if bytes.is_empty() => LiveInput::Closed(Closing::End { code: DONE, reason: String::new() }),
                Ok(bytes) => LiveInput::Bytes(bytes),
                Err(reason) => LiveInput::Closed(Closing::Broken(reason)),
            });
        });
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Link::Exchange(exchange) = &self.link {
            exchange.abort.abort();
        }
    }
}

/// What the browser says, unless it names an address that has a token in it.
fn without_address(reason: String, has_token: bool) -> String {
    if has_token && reason.contains("://") { "the browser does not take the address".to_owned() } else { reason }
}

fn open_socket(url: &str, hint: &'static str, inbox: &Inbox) -> Result<Link, String> {
    let inbox = inbox.clone();
    let socket = WebSocket::open(url, move |event| match event {
        SocketEvent::Opened => inbox.push(LiveInput::Opened(Opened { status: 101, headers: Vec::new() })),
        SocketEvent::Message(message) => inbox.push_message(message),
        SocketEvent::Closed { code: NO_CODE, .. } => {
            let reason = format!("the browser does not say why{hint}");
            inbox.push(LiveInput::Closed(Closing::Broken(reason)));
        }
        SocketEvent::Closed { code, reason } => inbox.push(LiveInput::Closed(Closing::End { code, reason })),
    })?;
    Ok(Link::Socket { _socket: socket })
}

fn open_exchange(
    url: String,
    headers: Vec<(&'static str, String)>,
    has_token: bool,
    hint: &'static str,
    inbox: &Inbox,
) -> Result<Link, String> {
    let exchange = Rc::new(Exchange { abort: Abort::new()?, body: RefCell::default() });
    let (shared, inbox) = (Rc::clone(&exchange), inbox.clone());
    spawn_local(async move {
        inbox.push(match fetch::get(&url, &headers, &shared.abort).await {
            Ok(Fetched { status, headers, body }) => {
                *shared.body.borrow_mut() = Some(Rc::new(body));
                LiveInput::Opened(Opened { status, headers })
            }
            Err(reason) => LiveInput::Closed(Closing::Broken([&*without_address(reason, has_token), hint].concat())),
        });
    });
    Ok(Link::Exchange(exchange))
}
