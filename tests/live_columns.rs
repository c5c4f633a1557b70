//! Messages of Arrow and Parquet from a server: another program makes columns of them, and their rows come in order.

use bytes::Bytes;
use millrace::decoder::Decoder;
use millrace::pipeline::records::{CsvOptions, Mapping};
use millrace::pipeline::sources::live::{Closing, EncodedMessage, LiveAsk, LiveHead, LiveInput, LiveKind, Opened};
use millrace::pipeline::sources::nats::{
    ConsumerState, Message, NatsAsk, NatsInput, NatsMode, NatsPlan, NatsSource, NatsStart, StreamState,
};
use millrace::pipeline::sources::{LiveSource, Source};
use millrace::pipeline::{Overflow, Settings, SourceFormat};
use millrace::protocol::Coding;
use millrace::time::{Clock, Duration, Timestamp};

use super::service::{NOON, Service};

const NOW: Timestamp = Timestamp::from_nanos(NOON);

fn mapping() -> Mapping {
    Mapping::of(&Settings::default(), Clock::Utc)
}

/// Rows of these values as an Arrow stream.
fn arrow(values: [u32; 2]) -> Vec<u8> {
    let mut service = Service::new(&[("batch_size", "1")]);
    let rows = values.map(|value| format!("{{\"timestamp\":\"2025-06-01T12:00:00Z\",\"value\":{value}}}"));
    assert_eq!(service.post("application/x-ndjson", &rows.join("\n")).status, 202);
    service.ask("GET", "query?start=2025-06-01&views=latest&format=arrow").body
}

/// What the program makes of a message that a worker asks it for.
fn decode(message: &EncodedMessage) -> Result<Vec<u8>, String> {
    let coding = Coding::of(&message.bytes).expect("a message of columns");
    let opened = Decoder::open(Bytes::from(message.bytes.clone()), coding, Some(&message.columns), 0);
    let (mut decoder, _) = opened.map_err(|error| error.to_string())?;
    let mut columns = Vec::new();
    while let Some((piece, _)) = decoder.next_piece().map_err(|error| error.to_string())? {
        columns.extend(piece);
    }
    Ok(columns)
}

/// Feeds a source until it has nothing to do; returns the values and the number of refused rows.
fn run<S: Source<Input: Clone>>(
    source: &mut S,
    inputs: Vec<S::Input>,
    tick: &S::Input,
    answer: impl Fn(&S::Ask) -> Option<S::Input>,
) -> (Vec<u32>, usize) {
    let (mut inputs, mut values, mut refused) = (std::collections::VecDeque::from(inputs), Vec::new(), 0);
    for _ in 0..50 {
        let fed = source.feed(inputs.pop_front().unwrap_or_else(|| tick.clone()), 1, NOW, 0.5);
        values.extend(fed.rows.iter().map(|(_, draft)| draft.values[0] as u32));
        refused += fed.refused.len() + fed.refused_unlisted;
        inputs.extend(fed.asks.iter().filter_map(&answer));
    }
    (values, refused)
}

#[test]
fn a_live_source_takes_the_rows_of_columns_in_order() {
    let parquet = std::fs::read("tests/fixtures/parquet/pyarrow_delta_v2.parquet").unwrap();
    let damaged = arrow([8, 9])[..200].to_vec();
    let text = b"{\"value\":3}".to_vec();
    for (kind, format, messages, expected) in [
        (LiveKind::WebSocket, SourceFormat::Auto, vec![arrow([1, 2]), text.clone(), damaged, arrow([4, 5])], (5, 1)),
        (LiveKind::WebSocket, SourceFormat::Arrow, vec![arrow([1, 2]), text, arrow([3, 4])], (4, 1)),
        (LiveKind::Poll, SourceFormat::Auto, vec![arrow([1, 2])], (2, 0)),
        (LiveKind::Poll, SourceFormat::Parquet, vec![parquet], (0, 1)),
    ] {
        let head = LiveHead {
            kind,
            url: "https://example.org/a".into(),
            format,
            csv: CsvOptions::FOUND,
            mapping: mapping(),
            poll_interval: Duration::from_secs(5),
            overflow: Overflow::Block,
        };
        let mut source = LiveSource::new(head, None);
        source.feed(LiveInput::Tick, 1, NOW, 0.5);
        let mut inputs = vec![LiveInput::Opened(Opened { status: 200, headers: Vec::new() })];
        if kind == LiveKind::Poll {
            inputs.extend(messages.into_iter().map(LiveInput::Bytes));
            inputs.push(LiveInput::Closed(Closing::End { code: 1000, reason: String::new() }));
        } else {
            inputs.push(LiveInput::Messages(messages));
        }
        let answer = |ask: &LiveAsk| match ask {
            LiveAsk::Decode(message) => {
                let is_encoded = Coding::of(&message.bytes).is_some();
                Some(LiveInput::Decoded(if is_encoded { decode(message) } else { Err("it is text".to_owned()) }))
            }
            _ => None,
        };
        let (values, refused) = run(&mut source, inputs, &LiveInput::Tick, answer);
        let counted: Vec<u32> = (1..=expected.0).collect();
        assert_eq!((values, refused), (counted, expected.1), "{kind:?} {format:?}");
        assert_eq!(source.progress(NOW).lag_messages, Some(0));
    }
}

#[test]
fn a_stream_takes_the_rows_of_columns_in_order_and_asks_for_each_once() {
    let plan = NatsPlan {
        stream: "a".into(),
        subject: ">".into(),
        start: NatsStart::All,
        mode: NatsMode::Follow,
        format: SourceFormat::Auto,
        csv: CsvOptions::FOUND,
        mapping: mapping(),
    };
    let mut source = NatsSource::new(plan, []);
    source.feed(NatsInput::Tick, 1, NOW, 0.5);
    let payloads = [arrow([1, 2]), b"{\"value\":3}".to_vec(), b"ARROW1\0\0 that is none".to_vec(), arrow([4, 5])];
    let message = |(at, payload): (usize, Vec<u8>)| {
        let number = at as u64 + 1;
        Message { sequence: number, delivery: number, deliveries: 1, stored: NOW, pending: 4 - number, payload }
    };
    let consumer = ConsumerState {
        ack_floor: 0,
        delivered: 0,
        pending: 4,
        ack_wait: Duration::from_secs(30),
        max_messages: None,
        is_old: false,
    };
    let inputs = vec![
        NatsInput::Connected(StreamState { created: NOW, first: 1, last: 4 }),
        NatsInput::Consuming(consumer),
        NatsInput::Messages(payloads.into_iter().enumerate().map(message).collect()),
        // Of a message that was given back.
        NatsInput::Decoded { sequence: 9, columns: Err("it is late".to_owned()) },
    ];
    let asked = std::cell::RefCell::new(Vec::new());
    let answer = |ask: &NatsAsk| match ask {
        NatsAsk::Decode { sequence, encoded } => {
            asked.borrow_mut().push(*sequence);
            Some(NatsInput::Decoded { sequence: *sequence, columns: decode(encoded) })
        }
        _ => None,
    };
    let (values, refused) = run(&mut source, inputs, &NatsInput::Tick, answer);
    assert_eq!((values, refused), (vec![1, 2, 3, 4, 5], 1));
    assert_eq!((asked.into_inner(), source.cursor().position), (vec![1, 3, 4], 4));
}
