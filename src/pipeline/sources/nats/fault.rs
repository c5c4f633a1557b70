//! Why a NATS server does not serve, in sentences that name the mend.

use std::fmt;

use crate::pipeline::records::brief;

/// Why something that was asked of a server failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NatsFault {
    /// The browser would refuse the address: a sentence.
    Refused(String),
    /// No server answers at the address, or what answers is no NATS server: what the client says.
    Unreachable(String),
    /// The server refuses the credentials, or wants some.
    Unauthorized {
        /// Whether credentials were given.
        is_given: bool,
    },
    /// The credentials do not allow something: what the server says.
    Forbidden(String),
    /// The credentials cannot be read.
    BadCredentials,
    /// The server has no JetStream.
    NoJetStream,
    /// There is no stream of this name.
    NoStream(String),
    /// No stream stores the messages of this subject.
    NoSink(String),
    /// The consumer cannot be made or used: what the server says.
    Consumer(String),
    /// A consumer is there, but it acknowledges in another way than explicitly.
    NotExplicit(String),
    /// The consumer is gone.
    ConsumerGone,
    /// The connection has ended.
    Closed,
    /// There was no answer in time.
    Silent,
    /// The client itself could not be loaded: what the browser says.
    NoClient(String),
    /// Anything else: what the server or the client says.
    Other(String),
}

impl NatsFault {
    /// The fault of a kind that `nats_client.js` names, what it says of it, and what was asked for.
    #[must_use]
    pub fn of_kind(kind: &str, said: &str, name: &str) -> Self {
        let (said, name) = (said.to_owned(), name.to_owned());
        match kind {
            "unreachable" => Self::Unreachable(said),
            "unauthorized" => Self::Unauthorized { is_given: true },
            "needs_credentials" => Self::Unauthorized { is_given: false },
            "forbidden" => Self::Forbidden(said),
            "bad_credentials" => Self::BadCredentials,
            "no_jetstream" => Self::NoJetStream,
            "no_stream" => Self::NoStream(name),
            "no_sink" => Self::NoSink(name),
            "consumer" => Self::Consumer(said),
            "not_explicit" => Self::NotExplicit(said),
            "consumer_gone" => Self::ConsumerGone,
            "closed" => Self::Closed,
            "silent" => Self::Silent,
            _ => Self::Other(said),
        }
    }
}

impl fmt::Display for NatsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(sentence) => f.write_str(sentence),
            Self::Unreachable(said) => write!(
                f,
                "no NATS server answers at source_url ({}); check the address, that the server has a websocket \
                 listener and that its allowed_origins has this page's origin",
                brief(said)
            ),
            Self::Unauthorized { is_given: true } => {
                f.write_str("the server refuses the credentials; give other ones on the page, or by PUT /credentials")
            }
            Self::Unauthorized { is_given: false } => {
                f.write_str("the server wants credentials; give them on the page, or by PUT /credentials")
            }
            Self::Forbidden(said) => write!(
                f,
                "the credentials do not allow this: {}; let the user publish to $JS.API.> and $JS.ACK.>, and subscribe \
                 to _INBOX.>",
                brief(said)
            ),
            Self::BadCredentials => f.write_str("the .creds file holds no user JWT with its seed; give the whole file"),
            Self::NoJetStream => {
                f.write_str("the server has no JetStream for this account; start it with jetstream { store_dir: … }")
            }
            Self::NoStream(name) => {
                write!(f, "the stream \"{}\" does not exist; make it, or change nats_stream", brief(name))
            }
            Self::NoSink(subject) => write!(
                f,
                "no stream stores the subject \"{}\"; add it to the subjects of one, or change sink_subject",
                brief(subject)
            ),
            Self::Consumer(said) => {
                write!(
                    f,
                    "the server refuses the consumer ({}); check nats_subject, nats_start and nats_durable",
                    brief(said)
                )
            }
            Self::NotExplicit(name) => write!(
                f,
                "the consumer \"{}\" does not take explicit acknowledgements; make it anew with AckPolicy explicit, or \
                 change nats_durable",
                brief(name)
            ),
            Self::ConsumerGone => f.write_str("the server has deleted the consumer; another one is made"),
            Self::Closed => f.write_str("the connection to the server has ended; it is tried again"),
            Self::Silent => f.write_str("the server does not answer; check that it runs, and the network to it"),
            Self::NoClient(said) => {
                write!(f, "the NATS client could not be loaded ({}); reload the page", brief(said))
            }
            Self::Other(said) => write!(f, "the server says: {}; see its log for more", brief(said)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind that the script names.
    const KINDS: [&str; 14] = [
        "unreachable",
        "unauthorized",
        "needs_credentials",
        "forbidden",
        "bad_credentials",
        "no_jetstream",
        "no_stream",
        "no_sink",
        "consumer",
        "not_explicit",
        "consumer_gone",
        "closed",
        "silent",
        "other",
    ];

    #[test]
    fn each_fault_is_a_sentence_with_a_mend_and_no_long_value() {
        let long = "x".repeat(5000);
        for kind in KINDS {
            let sentence = NatsFault::of_kind(kind, &long, &long).to_string();
            assert!(sentence.len() < 600, "{kind}: {} bytes", sentence.len());
            assert!(sentence.contains(';') || sentence.contains(", or change"), "{kind}: {sentence}");
        }
    }

    #[test]
    fn the_script_names_no_kind_that_is_unknown() {
        let script = include_str!("../../../browser/nats_client.js");
        let faults = script.split("new Fault(").skip(1).filter_map(|rest| rest.strip_prefix('"')?.split('"').next());
        // These two are told apart by the outbox.
        let known = |kind: &&str| KINDS.contains(kind) || ["overtaken", "too_large"].contains(kind);
        let unknown: Vec<_> = faults.filter(|kind| !known(kind)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
