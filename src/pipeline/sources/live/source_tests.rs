//! What a live source does that the suite of all sources does not ask for.

use super::*;
use crate::pipeline::Settings;
use crate::pipeline::sources::{Fed, Source, SourceState};
use crate::time::Clock;

/// Bytes of messages of a WebSocket that wait to be read.
const MAX_INBOX_BYTES: usize = 16 << 20;
const NOON: Timestamp = Timestamp::from_nanos(1_790_000_000_000_000_000);

fn head(kind: LiveKind, overflow: Overflow) -> LiveHead {
    LiveHead {
        kind,
        url: "https://example.org/a".into(),
        format: SourceFormat::Auto,
        csv: CsvOptions::FOUND,
        mapping: Mapping::of(&Settings::default(), Clock::Utc),
        poll_interval: Duration::from_secs(5),
        overflow,
    }
}

fn source(kind: LiveKind) -> LiveSource {
    LiveSource::new(head(kind, Overflow::Block), None)
}

fn opened(status: u16, headers: &[(&str, &str)]) -> LiveInput {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    LiveInput::Opened(Opened { status, headers })
}

fn broken() -> LiveInput {
    LiveInput::Closed(Closing::Broken("Failed to fetch".to_owned()))
}

fn ended() -> LiveInput {
    LiveInput::Closed(Closing::End { code: 1000, reason: String::new() })
}

fn text(text: &str) -> LiveInput {
    LiveInput::Messages(vec![text.as_bytes().to_vec()])
}

fn values(fed: &Fed<LiveAsk>) -> Vec<f64> {
    fed.rows.iter().map(|(_, draft)| draft.values[0]).collect()
}

/// The headers of the connection that is asked for.
fn request(fed: &Fed<LiveAsk>) -> Option<Vec<(&'static str, String)>> {
    fed.asks
        .iter()
        .find_map(|ask| if let LiveAsk::Connect(request) = ask { Some(request.headers.clone()) } else { None })
}

/// Feeds ticks until a connection is asked for, at the time at which the source wants to be woken.
fn reconnect(source: &mut LiveSource, now: &mut Timestamp) -> Vec<(&'static str, String)> {
    for _ in 0..10 {
        let fed = source.feed(LiveInput::Tick, 100, *now, 1.0);
        if let Some(headers) = request(&fed) {
            return headers;
        }
        let wakes = fed.asks.iter().filter_map(|ask| if let LiveAsk::Wake(at) = ask { Some(*at) } else { None });
        *now = wakes.min().expect("it wants to be woken").max(*now);
    }
    panic!("it does not connect again");
}

/// A source whose connection is there.
fn connected(kind: LiveKind) -> LiveSource {
    let mut source = source(kind);
    assert!(request(&source.feed(LiveInput::Tick, 100, NOON, 0.5)).is_some());
    let is_sse = kind == LiveKind::Sse;
    source.feed(opened(200, if is_sse { &[("content-type", "text/event-stream")] } else { &[] }), 100, NOON, 0.5);
    source
}

#[test]
fn a_poll_names_what_it_knows_and_comes_again_when_the_server_says_so() {
    let (mut source, mut now) = (source(LiveKind::Poll), NOON);
    let first = reconnect(&mut source, &mut now);
    assert!(first.iter().all(|(name, _)| *name == "accept"), "{first:?}");
    source.feed(opened(200, &[("etag", "\"a\""), ("retry-after", "20")]), 100, now, 0.5);
    source.feed(LiveInput::Bytes(b"[{\"value\":1}]".to_vec()), 100, now, 0.5);
    assert_eq!(values(&source.feed(ended(), 100, now, 0.5)), [1.0]);
    let asked = now;
    let second = reconnect(&mut source, &mut now);
    assert_eq!(now - asked, Duration::from_secs(20));
    assert!(second.contains(&("if-none-match", "\"a\"".to_owned())), "{second:?}");
    assert!(source.feed(opened(304, &[]), 100, now, 0.5).rows.is_empty());
    let asked = now;
    reconnect(&mut source, &mut now);
    assert_eq!(now - asked, Duration::from_secs(5), "the interval");
    source.feed(opened(429, &[("retry-after", "60")]), 100, now, 0.5);
    assert!(source.progress(now).error.is_some_and(|error| error.contains("429")));
    assert_eq!(source.progress(now).next_try, Some(now + Duration::from_secs(60)));
    assert_eq!(source.state(), SourceState::Waiting);
}

#[test]
fn an_answer_that_is_the_one_before_brings_nothing_where_its_rows_have_times() {
    for (answer, expected) in [("{\"timestamp\":\"2025-06-01T12:00:00Z\",\"value\":1}", 1), ("{\"value\":1}", 3)] {
        let (mut source, mut now, mut rows) = (source(LiveKind::Poll), NOON, 0);
        for _ in 0..3 {
            reconnect(&mut source, &mut now);
            source.feed(opened(200, &[]), 100, now, 0.5);
            source.feed(LiveInput::Bytes(answer.as_bytes().to_vec()), 100, now, 0.5);
            rows += source.feed(ended(), 100, now, 0.5).rows.len();
        }
        assert_eq!(rows, expected, "{answer}");
    }
}

#[test]
fn a_server_that_takes_no_conditions_is_polled_without() {
    let (mut source, mut now) = (source(LiveKind::Poll), NOON);
    let (mut answered, mut conditions) = (0, 0);
    for _ in 0..20 {
        let is_conditional = reconnect(&mut source, &mut now).iter().any(|(name, _)| *name == "if-none-match");
        if is_conditional {
            conditions += 1;
            source.feed(broken(), 100, now, 0.5);
        } else {
            answered += 1;
            source.feed(opened(200, &[("etag", &*format!("\"{answered}\""))]), 100, now, 0.5);
            source.feed(LiveInput::Bytes(b"{\"value\":1}".to_vec()), 100, now, 0.5);
            source.feed(ended(), 100, now, 0.5);
        }
    }
    assert_eq!((answered, conditions), (18, 2));
    assert_eq!(source.progress(now).given, 18);
}

#[test]
fn a_lost_web_socket_is_a_gap_and_comes_back_ever_later() {
    let mut source = connected(LiveKind::WebSocket);
    assert_eq!(values(&source.feed(text("{\"value\":1}"), 100, NOON, 0.5)), [1.0]);
    let mut now = NOON;
    source.feed(broken(), 100, now, 1.0);
    let mut waits = Vec::new();
    for _ in 0..3 {
        let lost = now;
        reconnect(&mut source, &mut now);
        waits.push((now - lost).as_millis());
        assert_eq!(source.progress(now).gaps, 0, "not before it is there again");
        if waits.len() < 3 {
            source.feed(broken(), 100, now, 1.0);
        }
    }
    assert_eq!(waits, [500.0, 1000.0, 2000.0]);
    source.feed(opened(101, &[]), 100, now, 0.5);
    let progress = source.progress(now);
    assert_eq!((progress.gaps, progress.gap_time.as_millis(), progress.retries), (1, 3500.0, 3));
    assert_eq!(progress.error, None);
}

#[test]
fn a_stream_that_is_none_is_told_apart() {
    for (status, headers, expected) in [
        (200, &[("content-type", "text/html")][..], "\"text/html\""),
        (200, &[], "no content type"),
        (401, &[], "credentials"),
        (404, &[], "check the path"),
        (503, &[("retry-after", "7")], "503"),
    ] {
        let mut source = source(LiveKind::Sse);
        source.feed(LiveInput::Tick, 100, NOON, 0.5);
        let fed = source.feed(opened(status, headers), 100, NOON, 0.5);
        assert!(fed.asks.contains(&LiveAsk::Close));
        let progress = source.progress(NOON);
        assert!(progress.error.as_ref().is_some_and(|error| error.contains(expected)), "{status}: {progress:?}");
        let wait = progress.next_try.map(|at| at - NOON).expect("it tries again");
        assert!(wait >= Duration::from_secs(if headers.contains(&("retry-after", "7")) { 7 } else { 0 }));
    }
    let mut source = source(LiveKind::Sse);
    source.feed(LiveInput::Tick, 100, NOON, 0.5);
    source.feed(opened(204, &[]), 100, NOON, 0.5);
    assert_eq!(source.state(), SourceState::Done, "the server wants no further connection");
}

#[test]
fn a_stream_resumes_behind_the_last_event_that_was_given_out() {
    let mut source = connected(LiveKind::Sse);
    let mut now = NOON;
    let events = b"retry: 2000\nid: a\xc3\xa4\ndata: {\"value\":1}\n\ndata: {\"value\":2}\n\nid: c\ndata: {\"val";
    assert_eq!(values(&source.feed(LiveInput::Bytes(events.to_vec()), 100, NOON, 0.5)), [1.0, 2.0]);
    source.feed(broken(), 100, NOON, 1.0);
    let headers = reconnect(&mut source, &mut now);
    assert_eq!(now - NOON, Duration::from_secs(2), "as the server asked");
    assert!(headers.contains(&("last-event-id", "aä".to_owned())), "{headers:?}");
    source.feed(opened(200, &[("content-type", "text/event-stream")]), 100, now, 0.5);
    // The event without an id follows that id: it comes again, and is passed over.
    let events = b"data: {\"value\":2}\n\nid: c\ndata: {\"value\":3}\n\n";
    assert_eq!(values(&source.feed(LiveInput::Bytes(events.to_vec()), 100, now, 0.5)), [3.0]);
    assert_eq!(source.progress(now).gaps, 0);
    assert_eq!((&*source.cursor().token, source.cursor().taken), ("c", 3));
}

#[test]
fn an_id_that_a_server_gives_each_connection_hides_no_event() {
    let mut source = connected(LiveKind::Sse);
    let mut now = NOON;
    let session = b"id: 1\ndata: {\"value\":1}\n\ndata: {\"value\":2}\n\n";
    source.feed(LiveInput::Bytes(session.to_vec()), 100, NOON, 0.5);
    source.feed(broken(), 100, NOON, 0.5);
    reconnect(&mut source, &mut now);
    source.feed(opened(200, &[("content-type", "text/event-stream")]), 100, now, 0.5);
    let session = b"id: 2\ndata: {\"value\":3}\n\ndata: {\"value\":4}\n\n";
    assert_eq!(values(&source.feed(LiveInput::Bytes(session.to_vec()), 100, now, 0.5)), [3.0, 4.0]);
}

#[test]
fn a_server_that_repeats_the_id_that_it_was_told_doubles_no_row() {
    let mut source = connected(LiveKind::Sse);
    let mut now = NOON;
    let rest = b"id: 2\ndata: [{\"value\":1},{\"value\":2},{\"value\":3}]\n\n";
    let events = [&b"id: 1\ndata: {\"value\":0}\n\n"[..], rest].concat();
    assert_eq!(values(&source.feed(LiveInput::Bytes(events), 3, NOON, 0.5)), [0.0, 1.0, 2.0]);
    // Another pipeline goes on at what this one has stored.
    let mut source = LiveSource::new(head(LiveKind::Sse, Overflow::Block), Some(source.cursor().clone()));
    let headers = reconnect(&mut source, &mut now);
    assert!(headers.contains(&("last-event-id", "1".to_owned())), "{headers:?}");
    source.feed(opened(200, &[("content-type", "text/event-stream")]), 100, now, 0.5);
    let events = [&b"id: 1\n\n"[..], rest].concat();
    assert_eq!(values(&source.feed(LiveInput::Bytes(events), 100, now, 0.5)), [3.0]);
}

#[test]
fn a_stream_is_read_on_when_there_is_room() {
    let mut source = connected(LiveKind::Sse);
    let events: String = (0..10).map(|value| format!("data: {{\"value\":{value}}}\n\n")).collect();
    let fed = source.feed(LiveInput::Bytes(events.into_bytes()), 4, NOON, 0.5);
    assert_eq!((values(&fed), fed.asks.contains(&LiveAsk::Read)), (vec![0.0, 1.0, 2.0, 3.0], false));
    for _ in 0..5 {
        let fed = source.feed(LiveInput::Tick, 0, NOON, 0.5);
        assert!(fed.rows.is_empty() && !fed.asks.contains(&LiveAsk::Read), "there is no room: {fed:?}");
    }
    let fed = source.feed(LiveInput::Tick, 100, NOON, 0.5);
    assert_eq!((fed.rows.len(), fed.asks.contains(&LiveAsk::Read)), (6, true));
}

#[test]
fn what_a_web_socket_brings_beyond_its_buffer_follows_overflow() {
    let message = format!("{{\"value\":1,\"x\":\"{}\"}}", "x".repeat(100_000));
    let most = MAX_INBOX_BYTES / message.len();
    for (overflow, dropped, refused) in
        [(Overflow::Block, 9, 0), (Overflow::DropNewest, 9, 0), (Overflow::DropOldest, 9, 0), (Overflow::Reject, 0, 9)]
    {
        let mut source = LiveSource::new(head(LiveKind::WebSocket, overflow), None);
        source.feed(LiveInput::Tick, 0, NOON, 0.5);
        source.feed(opened(101, &[]), 0, NOON, 0.5);
        let (mut lost, mut bad) = (0, 0);
        for number in 0..most + 9 {
            let message = message.replacen('1', &number.to_string(), 1);
            let fed = source.feed(text(&message), 0, NOON, 0.5);
            lost += fed.dropped;
            bad += fed.refused.len() + fed.refused_unlisted;
        }
        assert_eq!((lost, bad), (dropped, refused), "{overflow:?}");
        let progress = source.progress(NOON);
        assert_eq!((progress.dropped, progress.refused), (lost as u64, bad as u64));
        // A long message takes several steps.
        let mut steps = (0..5).map(|_| values(&source.feed(LiveInput::Tick, 1, NOON, 0.5)));
        let first = steps.find(|values| !values.is_empty());
        let expected = if overflow == Overflow::DropOldest { lost as f64 } else { 0.0 };
        assert_eq!(first, Some(vec![expected]), "{overflow:?}");
    }
}

#[test]
fn an_address_that_may_not_be_connected_to_is_not_tried_again() {
    let mut source = source(LiveKind::WebSocket);
    source.feed(LiveInput::Tick, 100, NOON, 0.5);
    let fed = source.feed(LiveInput::Closed(Closing::Refused("mixed content; use wss".to_owned())), 100, NOON, 0.5);
    assert!(fed.asks.is_empty(), "{:?}", fed.asks);
    assert_eq!(source.state(), SourceState::Failed("mixed content; use wss".to_owned()));
    assert_eq!(request(&source.feed(LiveInput::Tick, 100, NOON + Duration::from_secs(1000), 0.5)), None);
}

#[test]
fn a_source_that_rests_has_no_connection() {
    let mut source = connected(LiveKind::WebSocket);
    source.hold(true, NOON);
    let fed = source.feed(text("{\"value\":1}"), 100, NOON, 0.5);
    assert_eq!((fed.asks, fed.rows, source.state()), (vec![LiveAsk::Close], vec![], SourceState::Paused));
    source.hold(false, NOON);
    assert!(request(&source.feed(LiveInput::Tick, 100, NOON, 0.5)).is_some());
}

#[test]
fn no_answer_is_waited_for_forever() {
    let mut source = source(LiveKind::WebSocket);
    source.feed(LiveInput::Tick, 100, NOON, 0.5);
    let later = NOON + Duration::from_secs(30);
    assert!(source.feed(LiveInput::Tick, 100, later, 0.5).asks.contains(&LiveAsk::Close));
    assert!(source.progress(later).error.is_some_and(|error| error.contains("nothing came for 30 s")));
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait() {
    let mut source = source(LiveKind::WebSocket);
    source.feed(LiveInput::Tick, 100, NOON, 0.5);
    source.feed(broken(), 100, NOON, 0.5);
    let before = NOON - Duration::from_secs(100_000);
    assert!(request(&source.feed(LiveInput::Tick, 100, before, 0.5)).is_some());
}

#[test]
fn a_message_that_is_decoded_elsewhere_keeps_its_place() {
    let source = &mut connected(LiveKind::WebSocket);
    let messages =
        [&b"{\"value\":1}"[..], b"ARROW1\0\0 and so on", b"{\"value\":2}", b"PAR1 and so on", b"{\"value\":3}"];
    let mut fed = source.feed(LiveInput::Messages(messages.map(<[u8]>::to_vec).into()), 100, NOON, 0.5);
    let (mut given, mut refused) = (values(&fed), 0);
    for (message, before) in [(messages[1], vec![1.0]), (messages[3], vec![1.0, 2.0])] {
        let columns = ["timestamp", "id", "value"].map(str::to_owned).into();
        let asked = LiveAsk::Decode(EncodedMessage { bytes: message.to_vec(), columns });
        while !fed.asks.contains(&asked) {
            assert!(fed.asks.iter().any(|ask| matches!(ask, LiveAsk::Wake(_))), "it goes on: {fed:?}");
            fed = source.feed(LiveInput::Tick, 100, NOON, 0.5);
            given.extend(values(&fed));
        }
        // It is asked for once, and nothing behind it is read before.
        fed = source.feed(LiveInput::Tick, 100, NOON, 0.5);
        given.extend(values(&fed));
        assert_eq!(
            (&given, &fed.asks, source.progress(NOON).lag_messages.is_some_and(|lag| lag > 0)),
            (&before, &vec![], true)
        );
        fed = source.feed(LiveInput::Decoded(Err("it is damaged".to_owned())), 100, NOON, 0.5);
        given.extend(values(&fed));
        refused +=
            fed.refused.iter().filter(|bad| bad.reason == "it is damaged" && bad.input.contains("so on")).count();
    }
    for _ in 0..5 {
        fed = source.feed(LiveInput::Tick, 100, NOON, 0.5);
        given.extend(values(&fed));
        refused +=
            fed.refused.iter().filter(|bad| bad.reason == "it is damaged" && bad.input.contains("so on")).count();
    }
    assert_eq!((given, refused, source.progress(NOON).lag_messages), (vec![1.0, 2.0, 3.0], 2, Some(0)));
    assert_eq!(source.feed(LiveInput::Decoded(Ok(Vec::new())), 100, NOON, 0.5).rows, [], "nothing was asked for");
}
