//! Whatever a server sends is answered: the framing of event streams, and the machine of the live sources behind it.
//!
//! As in `inputs.rs`, each `check_…` is a target of the fuzzer too. Nothing panics; events are the same in pieces of any
//! size; no more rows are given out than there is room for; each row is given out, refused or dropped, and counted.

use millrace::pipeline::records::{CsvOptions, Mapping};
use millrace::pipeline::sources::live::{
    Closing, EventStream, LiveAsk, LiveHead, LiveInput, LiveKind, Opened, StreamItem,
};
use millrace::pipeline::sources::{Fed, LiveSource, Source};
use millrace::pipeline::{Overflow, Settings, SourceFormat};
use millrace::time::{Clock, Duration, Timestamp};

const NOON: Timestamp = Timestamp::from_nanos(1_790_000_000_000_000_000);

/// Reads `data` as an event stream: its first byte is the size of pieces.
pub(crate) fn check_events(data: &[u8]) {
    let Some((step, bytes)) = data.split_first() else { return };
    let read = |step: usize| {
        let (mut stream, mut items) = (EventStream::default(), Vec::new());
        bytes.chunks(step.max(1)).for_each(|piece| stream.push(piece, &mut items));
        items
    };
    let items = read(bytes.len());
    assert_eq!(items, read(usize::from(*step)), "pieces of {step} bytes have other events");
    let length = |item: &StreamItem| match item {
        StreamItem::Event { data, .. } | StreamItem::TooLong { start: data, .. } => data.len(),
        StreamItem::Retry(_) => 0,
    };
    assert!(items.iter().map(length).sum::<usize>() <= bytes.len(), "data comes of the stream alone");
}

/// A source, what there is room for, and the bytes that say what happens to it.
fn begin(data: &[u8]) -> Option<(LiveSource, usize, &[u8])> {
    let [choice, policy, script @ ..] = data else { return None };
    const FORMATS: [SourceFormat; 6] = [
        SourceFormat::Auto,
        SourceFormat::Json,
        SourceFormat::Ndjson,
        SourceFormat::Csv,
        SourceFormat::Arrow,
        SourceFormat::Parquet,
    ];
    const POLICIES: [Overflow; 4] = [Overflow::Block, Overflow::Reject, Overflow::DropOldest, Overflow::DropNewest];
    let head = LiveHead {
        kind: [LiveKind::WebSocket, LiveKind::Sse, LiveKind::Poll][usize::from(choice % 3)],
        url: "https://example.org/a".into(),
        format: FORMATS[usize::from(choice / 3 % 6)],
        csv: CsvOptions::FOUND,
        mapping: Mapping::of(&Settings::default(), Clock::Utc),
        poll_interval: Duration::from_secs(1),
        overflow: POLICIES[usize::from(policy % 4)],
    };
    Some((LiveSource::new(head, None), usize::from(policy / 4), script))
}

/// The next thing that happens, and what is left of the script.
fn next(script: &[u8]) -> Option<(LiveInput, &[u8])> {
    let [kind, length, rest @ ..] = script else { return None };
    let (bytes, rest) = rest.split_at(rest.len().min(usize::from(*length)));
    let text = || String::from_utf8_lossy(bytes).into_owned();
    let header = |name: &str| vec![(name.to_owned(), text())];
    let stream = || vec![("content-type".to_owned(), "text/event-stream".to_owned())];
    let input = match kind % 11 {
        0 => LiveInput::Opened(Opened { status: 200, headers: stream() }),
        1 => LiveInput::Opened(Opened { status: 200, headers: header("etag") }),
        2 => LiveInput::Opened(Opened { status: u16::from(*length) * 4, headers: header("retry-after") }),
        3 | 4 => LiveInput::Bytes(bytes.to_vec()),
        5 | 6 => LiveInput::Messages(bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()),
        7 => LiveInput::Closed(Closing::Broken(text())),
        8 => LiveInput::Closed(Closing::End { code: u16::from(*length) * 20, reason: text() }),
        9 => LiveInput::Decoded(if length % 2 == 0 { Ok(bytes.to_vec()) } else { Err(text()) }),
        _ => LiveInput::Tick,
    };
    Some((input, rest))
}

/// Reads `data` as what a server does: its first two bytes choose the source.
pub(crate) fn check_source(data: &[u8]) {
    let Some((mut source, room, mut script)) = begin(data) else { return };
    let (mut now, mut given, mut refused, mut dropped) = (NOON, 0, 0, 0);
    let mut feed = |source: &mut LiveSource, input, now| {
        let Fed { rows, refused: bad, refused_unlisted, dropped: lost, asks, .. } = source.feed(input, room, now, 0.5);
        assert!(rows.len() <= room, "{} rows where there is room for {room}", rows.len());
        given += rows.len() as u64;
        refused += (bad.len() + refused_unlisted) as u64;
        dropped += lost as u64;
        let progress = source.progress(now);
        assert_eq!((progress.given, progress.refused, progress.dropped), (given, refused, dropped));
        assert!(progress.error.is_none_or(|error| error.len() < 4_000), "a value is cut");
        assert!(bad.iter().all(|bad| bad.reason.len() < 4_000 && bad.input.len() < 4_000), "a value is cut");
        let connects = asks.iter().filter(|ask| matches!(ask, LiveAsk::Connect(_))).count();
        assert!(connects <= 1, "one connection at a time");
        asks
    };
    while let Some((input, rest)) = next(script) {
        script = rest;
        feed(&mut source, input, now);
        now = now + Duration::from_nanos(700_000_000);
    }
    // A server that is silent is left, and tried again in time: there is no storm.
    let mut connects = 0;
    for _ in 0..400 {
        let asks = feed(&mut source, LiveInput::Tick, now);
        connects += asks.iter().filter(|ask| matches!(ask, LiveAsk::Connect(_))).count();
        now = now + Duration::from_secs(1);
    }
    assert!(connects <= 20, "{connects} connections in 400 s to a server that is silent");
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::tests::form::cases;

    /// Something that happens, in the bytes that [`next`] reads.
    fn deed() -> impl Strategy<Value = Vec<u8>> {
        let text = prop_oneof![
            Just("{\"value\":1}".to_owned()),
            Just("id: 1\ndata: {\"value\":1}\n\n".to_owned()),
            Just("id,value\na,1\nb,x\n".to_owned()),
            Just("[{\"value\":1},{}]".to_owned()),
            "\\PC{0,20}",
        ];
        (any::<u8>(), text).prop_map(|(kind, text)| {
            let bytes = &text.as_bytes()[..text.len().min(255)];
            [&[kind, bytes.len() as u8][..], bytes].concat()
        })
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn event_streams_of_any_bytes_are_read(step: u8, bytes in prop_oneof![
            vec(any::<u8>(), 0..80),
            "((data|id|retry|)(: ?)?[a-z0-9]{0,4}(\n|\r|\r\n)){0,12}".prop_map(String::into_bytes),
        ]) {
            check_events(&[&[step][..], &bytes[..]].concat());
        }

        #[test]
        fn live_sources_take_whatever_a_server_does(choice: u8, policy: u8, deeds in vec(deed(), 0..30)) {
            check_source(&[&[choice, policy][..], &deeds.concat()[..]].concat());
        }
    }
}
