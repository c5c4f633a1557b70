//! The NATS client: bindings to `nats_client.js`, which is loaded when it is needed first.

use std::cell::RefCell;

use js_sys::{Float64Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::sentence;
use crate::pipeline::Credentials;
use crate::pipeline::sources::nats::{
    Consumer, ConsumerState, Message, NatsFault, NatsInput, NatsStart, OutboxInput, PullEnd, StreamState,
};
use crate::time::{Clock, Duration, Timestamp};

#[wasm_bindgen]
extern "C" {
    /// The dynamic `import()`, which is written like a call. Its address is relative to the program's script.
    #[wasm_bindgen(js_name = "import")]
    fn import_script(address: &str) -> Promise;

    type Script;
    #[wasm_bindgen(method, js_name = connectionTo)]
    fn connection_to(
        this: &Script,
        address: &str,
        credentials: &Object,
        on_messages: &Function,
        on_event: &Function,
    ) -> Client;

    #[derive(Debug, Clone)]
    type Client;
    #[wasm_bindgen(method)]
    fn open(this: &Client, stream: &str) -> Promise;
    #[wasm_bindgen(method)]
    fn consume(this: &Client, durable: Option<&str>, subject: &str, start: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn pull(this: &Client, pull: f64, messages: f64, max_bytes: f64);
    #[wasm_bindgen(method)]
    fn answer(this: &Client, sequences: &Float64Array, is_taken: bool);
    #[wasm_bindgen(method)]
    fn look(this: &Client) -> Promise;
    #[wasm_bindgen(method)]
    fn disconnect(this: &Client) -> Promise;
    #[wasm_bindgen(method)]
    fn end(this: &Client) -> Promise;
    #[wasm_bindgen(method, js_name = openSubject)]
    fn open_subject(this: &Client, subject: &str) -> Promise;
    #[wasm_bindgen(method)]
    fn publish(this: &Client, subject: &str, payload: &Uint8Array, message_id: &str, expected: f64) -> Promise;
}

/// Numbers that the script tells of a message.
const NUMBERS: usize = 6;

type OnMessages = Closure<dyn FnMut(Float64Array, Uint8Array)>;
type OnEvent = Closure<dyn FnMut(String, f64, Option<f64>, Option<String>)>;

/// A connection to a server, or to another one of its cluster. It is not open yet; it ends for good when this is
/// dropped.
#[derive(Debug)]
pub struct NatsConnection {
    client: Client,
    /// The stream that was looked for last.
    stream: RefCell<String>,
    _on_messages: OnMessages,
    _on_event: OnEvent,
}

impl NatsConnection {
    /// Loads the client. `hear` is called with what comes without being waited for: messages, ends of pulls, and the
    /// end of the connection.
    ///
    /// # Errors
    /// [`NatsFault::NoClient`].
    pub async fn load(
        address: &str,
        credentials: Option<&Credentials>,
        hear: impl Fn(NatsInput) + Clone + 'static,
    ) -> Result<Self, NatsFault> {
        let shown = shown(credentials);
        let script = JsFuture::from(import_script("./nats_client.js")).await;
        let script: Script = script.map_err(|error| NatsFault::NoClient(sentence(&error)))?.unchecked_into();
        let told = hear.clone();
        let on_messages = OnMessages::new(move |numbers: Float64Array, bytes: Uint8Array| {
            told(NatsInput::Messages(messages(&numbers.to_vec(), &bytes.to_vec())));
        });
        let on_event = OnEvent::new(move |kind: String, pull: f64, left: Option<f64>, said: Option<String>| {
            hear(event(&kind, pull as u64, left.map(|left| left as u64), &said.unwrap_or_default()));
        });
        let (messages, events) = (on_messages.as_ref().unchecked_ref(), on_event.as_ref().unchecked_ref());
        let client = script.connection_to(address, &shown, messages, events);
        Ok(Self { client, stream: RefCell::default(), _on_messages: on_messages, _on_event: on_event })
    }

    /// Connects, and looks for a stream.
    ///
    /// # Errors
    /// [`NatsFault`], as all that follow.
    pub fn open(&self, stream: &str) -> impl Future<Output = Result<StreamState, NatsFault>> + use<> {
        *self.stream.borrow_mut() = stream.to_owned();
        let (opened, name) = (self.client.open(stream), stream.to_owned());
        async move { stream_state(&answer(opened, &name).await?) }
    }

    /// Makes a consumer, or finds it.
    pub fn consume(&self, consumer: &Consumer) -> impl Future<Output = Result<ConsumerState, NatsFault>> + use<> {
        let Consumer { durable, subject, start } = consumer;
        let start = match start {
            NatsStart::New => "new".into(),
            NatsStart::All => "all".into(),
            NatsStart::Sequence(sequence) => JsValue::from(*sequence as f64),
            NatsStart::Time(time) => time.to_text(&Clock::Utc).into(),
        };
        let consuming = self.client.consume(durable.as_deref(), subject, &start);
        let name = self.stream.borrow().clone();
        async move { consumer_state(&answer(consuming, &name).await?) }
    }

    /// Asks the consumer for messages.
    pub fn pull(&self, pull: u64, messages: u64, max_bytes: Option<u64>) {
        self.client.pull(pull as f64, messages as f64, max_bytes.unwrap_or_default() as f64);
    }

    /// Acknowledges messages, or gives them back.
    pub fn answer(&self, sequences: &[u64], is_taken: bool) {
        let numbers: Vec<f64> = sequences.iter().map(|sequence| *sequence as f64).collect();
        self.client.answer(&Float64Array::from(&numbers[..]), is_taken);
    }

    /// How far stream and consumer are.
    pub fn look(&self) -> impl Future<Output = Result<(StreamState, ConsumerState), NatsFault>> + use<> {
        let (looking, name) = (self.client.look(), self.stream.borrow().clone());
        async move {
            let found = answer(looking, &name).await?;
            Ok((stream_state(&field(&found, "stream"))?, consumer_state(&field(&found, "consumer"))?))
        }
    }

    /// Closes the connection once what was sent is on its way; it may be opened again.
    pub fn disconnect(&self) {
        // What fails on the way out is of no interest: the script catches it.
        drop(self.client.disconnect());
    }

    /// Connects, and looks for the last message of a subject.
    pub fn open_subject(&self, subject: &str) -> impl Future<Output = OutboxInput> + use<> {
        let (opened, name) = (self.client.open_subject(subject), subject.to_owned());
        async move {
            match answer(opened, &name).await {
                Ok(last) => {
                    let sequence = number(&last, "sequence").unwrap_or_default() as u64;
                    OutboxInput::Last { sequence, message_id: field(&last, "message_id").as_string() }
                }
                Err(fault) => OutboxInput::Failed(fault),
            }
        }
    }

    /// Publishes a message behind the last one of its subject.
    pub fn publish(
        &self,
        subject: &str,
        payload: &[u8],
        message_id: &str,
        expected: u64,
    ) -> impl Future<Output = OutboxInput> + use<> {
        // A copy: the client sends it later, when this program's memory may lie elsewhere.
        let payload = Uint8Array::from(payload);
        let publishing = self.client.publish(subject, &payload, message_id, expected as f64);
        let name = subject.to_owned();
        async move {
            let error = match JsFuture::from(publishing).await {
                Ok(sequence) => {
                    return OutboxInput::Published { sequence: sequence.as_f64().unwrap_or_default() as u64 };
                }
                Err(error) => error,
            };
            let (kind, said) = (kind(&error), sentence(&error));
            match kind.as_str() {
                "overtaken" => OutboxInput::Overtaken,
                "too_large" => {
                    let mut bytes = said.split(' ').map(|number| number.parse().unwrap_or_default());
                    let (bytes, max_bytes) = (bytes.next().unwrap_or_default(), bytes.next().unwrap_or_default());
                    OutboxInput::TooLarge { bytes, max_bytes }
                }
                kind => OutboxInput::Failed(NatsFault::of_kind(kind, &said, &name)),
            }
        }
    }
}

impl Drop for NatsConnection {
    fn drop(&mut self) {
        drop(self.client.end());
    }
}

/// The credentials as the script takes them.
fn shown(credentials: Option<&Credentials>) -> Object {
    let object = Object::new();
    let fields: &[(&str, &str)] = match credentials {
        None => &[],
        Some(Credentials::Token(token)) => &[("token", token.as_str())],
        Some(Credentials::User { user, password }) => &[("user", user.as_str()), ("password", password.as_str())],
        Some(Credentials::Creds(creds)) => &[("creds", creds.as_str())],
    };
    for (name, text) in fields.iter().copied() {
        // Setting a field of an object of our own cannot fail.
        let _ = Reflect::set(&object, &name.into(), &text.into());
    }
    object
}

fn messages(numbers: &[f64], bytes: &[u8]) -> Vec<Message> {
    let mut rest = bytes;
    let message = |numbers: &[f64]| {
        let [deliveries, sequence, delivery, nanos, pending, bytes] = numbers else { return None };
        let (payload, behind) = rest.split_at_checked(*bytes as usize)?;
        rest = behind;
        Some(Message {
            sequence: *sequence as u64,
            delivery: *delivery as u64,
            deliveries: *deliveries as u64,
            stored: Timestamp::from_nanos(*nanos as i64),
            pending: *pending as u64,
            payload: payload.to_vec(),
        })
    };
    numbers.chunks_exact(NUMBERS).filter_map(message).collect()
}

fn event(kind: &str, pull: u64, left: Option<u64>, said: &str) -> NatsInput {
    let end = match kind {
        "heartbeat" => return NatsInput::Heartbeat,
        "expired" => PullEnd::Expired,
        "too_large" => PullEnd::TooLarge,
        "standby" => PullEnd::Standby,
        "consumer_gone" if pull > 0 => PullEnd::ConsumerGone,
        kind => return NatsInput::Failed(NatsFault::of_kind(kind, said, "")),
    };
    NatsInput::PullEnded { pull, left, end }
}

async fn answer(promise: Promise, name: &str) -> Result<JsValue, NatsFault> {
    let answered = JsFuture::from(promise).await;
    answered.map_err(|error| NatsFault::of_kind(&kind(&error), &sentence(&error), name))
}

fn kind(error: &JsValue) -> String {
    field(error, "kind").as_string().unwrap_or_default()
}

fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// A number of an answer; `None` where it has none.
fn number(object: &JsValue, name: &str) -> Option<f64> {
    field(object, name).as_f64()
}

fn unexpected<T>(name: &str) -> Result<T, NatsFault> {
    Err(NatsFault::Other(format!("it tells no {name}; see whether it is a NATS server from 2.9 on")))
}

fn stream_state(state: &JsValue) -> Result<StreamState, NatsFault> {
    let nanos = field(state, "created").as_string().and_then(|text| text.parse().ok());
    let (Some(nanos), Some(first), Some(last)) = (nanos, number(state, "first"), number(state, "last")) else {
        return unexpected("state of the stream");
    };
    Ok(StreamState { created: Timestamp::from_nanos(nanos), first: first as u64, last: last as u64 })
}

fn consumer_state(state: &JsValue) -> Result<ConsumerState, NatsFault> {
    let [floor, delivered, pending, wait] =
        ["ack_floor", "delivered", "pending", "ack_wait_millis"].map(|name| number(state, name));
    let (Some(floor), Some(delivered), Some(pending), Some(wait)) = (floor, delivered, pending, wait) else {
        return unexpected("state of the consumer");
    };
    Ok(ConsumerState {
        ack_floor: floor as u64,
        delivered: delivered as u64,
        pending: pending as u64,
        ack_wait: Duration::from_nanos((wait * 1e6) as i64),
        max_messages: number(state, "max_messages").map(|most| most as u64),
        is_old: field(state, "is_old").is_truthy(),
    })
}
