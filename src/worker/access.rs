//! What the other end of a connection may ask of this worker: a property of the connection, which no message claims.

use crate::protocol::ToWorker;

/// The rights of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The channel of the page that started this worker: nobody else has it.
    OwnPage,
    /// A port that the service worker brokered for another page of the app, before the handshake.
    Unproven,
    /// Such a port, after the handshake of a page of this build.
    Page,
    /// A port on which the service worker relays the requests of whoever sends them, in a protocol of its own.
    Relay,
}

impl Access {
    /// The rights of a port that the own page passed on; `is_page` is the service worker's mark.
    pub(super) fn of_port(is_page: bool) -> Self {
        if is_page { Self::Unproven } else { Self::Relay }
    }

    /// Whether a message may be handled. The first one on another page's port has to name the `build` of this worker.
    pub(super) fn admit(&mut self, message: &ToWorker, build: Option<&str>) -> bool {
        match self {
            Self::OwnPage => true,
            Self::Unproven => {
                let is_proven =
                    matches!(message, ToWorker::Hello { build: Some(named), .. } if Some(&**named) == build);
                if is_proven {
                    *self = Self::Page;
                }
                is_proven || is_farewell(message)
            }
            Self::Page => !is_order(message),
            // Its protocol has no message that it may not send, see `FromRelay`.
            Self::Relay => true,
        }
    }

    /// Whether requests on this connection are the page's own: neither key nor rate limit applies to them.
    pub(super) fn is_own(self) -> bool {
        matches!(self, Self::OwnPage | Self::Page)
    }
}

/// Whether only the page that started the worker says it.
fn is_order(message: &ToWorker) -> bool {
    matches!(
        message,
        ToWorker::Port { .. } | ToWorker::Heartbeats | ToWorker::Decoder { .. } | ToWorker::Address { .. }
    )
}

/// Whether a message is about the end of its own port alone: that of a refused sender has to end too.
fn is_farewell(message: &ToWorker) -> bool {
    matches!(message, ToWorker::Holding { .. } | ToWorker::Goodbye)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{FileControl, FileRequest, RequestHead, StorageAction, View};

    const BUILD: Option<&str> = Some("app-1.js");

    fn hello(build: Option<&str>) -> ToWorker {
        ToWorker::Hello { build: build.map(str::to_owned), start: None }
    }

    fn request() -> ToWorker {
        let [method, path] = ["PATCH", "config"].map(str::to_owned);
        ToWorker::Request(RequestHead { id: 1, method, path, ..RequestHead::default() })
    }

    /// What only a page asks for: each reads what is stored past the key, changes it, or decides about it.
    fn commands() -> [ToWorker; 6] {
        [
            ToWorker::View(View::default()),
            ToWorker::Step,
            ToWorker::Ping,
            ToWorker::Storage(StorageAction::Erase),
            ToWorker::File(FileRequest::Control(FileControl::Pause)),
            ToWorker::RawFiles { base: "/".into() },
        ]
    }

    /// What only the page that started the worker says.
    fn orders() -> [ToWorker; 4] {
        [
            ToWorker::Port { is_page: true },
            ToWorker::Heartbeats,
            ToWorker::Decoder { number: 0, failure: None },
            ToWorker::Address { query: "api_key=k".into() },
        ]
    }

    #[test]
    fn the_own_page_is_the_page_from_the_start() {
        let mut access = Access::OwnPage;
        for message in commands().into_iter().chain(orders()).chain([hello(BUILD), request()]) {
            assert!(access.admit(&message, None) && access.is_own(), "{message:?}");
        }
    }

    #[test]
    fn the_relay_never_asks_for_the_page() {
        let mut access = Access::of_port(false);
        for message in [hello(None), hello(BUILD), request(), ToWorker::Pull { stream: 0 }, ToWorker::Alive] {
            assert!(access.admit(&message, BUILD) && !access.is_own(), "{message:?}");
        }
    }

    #[test]
    fn whoever_speaks_on_a_port_may_end_it() {
        for mut access in [false, true].map(Access::of_port) {
            for message in [ToWorker::Holding { lock: "of a page".into() }, ToWorker::Goodbye] {
                assert!(access.admit(&message, BUILD) && !access.is_own(), "{message:?}");
            }
        }
    }

    #[test]
    fn another_page_is_one_after_the_handshake_of_this_build() {
        for (named, build) in [(None, BUILD), (None, None), (Some("app-2.js"), BUILD), (Some("app-2.js"), None)] {
            let mut access = Access::of_port(true);
            for message in [request(), hello(named), request()].into_iter().chain(commands()) {
                assert!(!access.admit(&message, build) && !access.is_own(), "{message:?} after {named:?}");
            }
            assert_eq!(access.admit(&hello(BUILD), build), build == BUILD, "another attempt");
        }
        let mut access = Access::of_port(true);
        for message in [hello(BUILD), request()].into_iter().chain(commands()) {
            assert!(access.admit(&message, BUILD) && access.is_own(), "{message:?}");
        }
        for message in orders() {
            assert!(!access.admit(&message, BUILD), "{message:?}");
        }
    }
}
