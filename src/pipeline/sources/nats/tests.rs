//! Pipelines read a stream of a server in memory, while they crash, lose their connections and their messages.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::prelude::*;

use super::*;
use crate::pipeline::records::{CsvOptions, Mapping};
use crate::pipeline::sources::{Seek, Source, SourceState};
use crate::pipeline::{Cursor, MAX_RANGES, Settings, SourceFormat};
use crate::time::{Clock, Duration, Timestamp};

const NOON: Timestamp = Timestamp::from_nanos(1_790_000_000_000_000_000);
const ACK_WAIT: Duration = Duration::from_secs(30);

fn plan(mode: NatsMode, start: NatsStart) -> NatsPlan {
    NatsPlan {
        stream: "EVENTS".into(),
        subject: ">".into(),
        start,
        mode,
        format: SourceFormat::Auto,
        csv: CsvOptions::FOUND,
        mapping: Mapping::of(&Settings::default(), Clock::Utc),
    }
}

fn shared() -> NatsMode {
    NatsMode::Share { durable: "pipelines".into() }
}

/// The values of the rows of a message: every fifth one has three.
fn values(sequence: u64) -> Vec<f64> {
    (0..if sequence.is_multiple_of(5) { 3 } else { 1 }).map(|row| (sequence * 10 + row) as f64).collect()
}

fn payload(sequence: u64) -> Vec<u8> {
    let rows: Vec<_> = values(sequence).iter().map(|value| format!("{{\"value\":{value}}}")).collect();
    if let [row] = &rows[..] { row.clone().into_bytes() } else { format!("[{}]", rows.join(",")).into_bytes() }
}

/// A stream, and its durable consumer.
struct Server {
    created: Timestamp,
    first: u64,
    last: u64,
    is_up: bool,
    /// The next message that the durable consumer delivers first.
    next: u64,
    acked: BTreeSet<u64>,
    /// Deliveries that wait for an acknowledgement: how often, and until when.
    waiting: BTreeMap<u64, (u64, Timestamp)>,
}

impl Server {
    fn new(last: u64) -> Self {
        let (acked, waiting) = (BTreeSet::new(), BTreeMap::new());
        Self { created: NOON, first: 1, last, is_up: true, next: 1, acked, waiting }
    }

    fn stream(&self) -> StreamState {
        StreamState { created: self.created, first: self.first, last: self.last }
    }

    fn floor(&self) -> u64 {
        (1..).take_while(|sequence| self.acked.contains(sequence)).last().unwrap_or(0)
    }

    fn consumer(&self) -> ConsumerState {
        ConsumerState {
            ack_floor: self.floor(),
            delivered: self.next - 1,
            pending: (self.last + 1).saturating_sub(self.next),
            ack_wait: ACK_WAIT,
            max_messages: None,
            is_old: self.next > 1,
        }
    }

    /// What the durable consumer delivers next, and how often it did.
    fn deliver(&mut self, now: Timestamp) -> Option<(u64, u64)> {
        let due = self.waiting.iter().find(|(_, (_, until))| *until <= now).map(|(sequence, _)| *sequence);
        let sequence = due.or_else(|| (self.next <= self.last).then_some(self.next))?;
        self.next = self.next.max(sequence + 1);
        let deliveries = self.waiting.get(&sequence).map_or(0, |(deliveries, _)| *deliveries) + 1;
        self.waiting.insert(sequence, (deliveries, now + ACK_WAIT));
        Some((sequence, deliveries))
    }

    fn message(&self, sequence: u64, delivery: u64, deliveries: u64) -> Message {
        let pending = self.last - sequence;
        Message { sequence, delivery, deliveries, stored: NOON, pending, payload: payload(sequence) }
    }
}

/// A pipeline that reads the stream.
struct Machine {
    source: NatsSource,
    plan: NatsPlan,
    /// What a crash does not take: the cursors and the values of the rows.
    cursors: Vec<Cursor>,
    kept: Vec<f64>,
    /// What it does.
    fresh_cursor: Option<Cursor>,
    fresh: Vec<f64>,
    moves: u64,
    inputs: VecDeque<NatsInput>,
    pulls: VecDeque<(u64, u64)>,
    /// Of a consumer of its own: the next sequence, and the number of the last delivery.
    next: u64,
    delivery: u64,
    notes: Vec<String>,
}

impl Machine {
    fn new(plan: NatsPlan) -> Self {
        Self {
            source: NatsSource::new(plan.clone(), []),
            plan,
            cursors: Vec::new(),
            kept: Vec::new(),
            fresh_cursor: None,
            fresh: Vec::new(),
            moves: 0,
            inputs: VecDeque::new(),
            pulls: VecDeque::new(),
            next: 1,
            delivery: 0,
            notes: Vec::new(),
        }
    }

    fn is_shared(&self) -> bool {
        self.plan.mode != NatsMode::Follow
    }

    fn feed(&mut self, server: &mut Server, room: usize, now: Timestamp) -> Vec<NatsAsk> {
        let input = self.inputs.pop_front().unwrap_or(NatsInput::Tick);
        let fed = self.source.feed(input, room, now, 0.5);
        assert!(fed.rows.len() <= room);
        self.fresh.extend(fed.rows.iter().map(|(_, draft)| draft.values[0]));
        if fed.has_moved {
            self.moves += 1;
            self.fresh_cursor = Some(self.source.cursor().clone());
            self.source.note_move(self.moves);
        }
        self.notes.extend(self.source.take_notes());
        for ask in &fed.asks {
            self.act(ask, server, now);
        }
        fed.asks
    }

    fn act(&mut self, ask: &NatsAsk, server: &mut Server, now: Timestamp) {
        let silent = NatsInput::Failed(NatsFault::Silent);
        match ask {
            NatsAsk::Connect if server.is_up => self.inputs.push_back(NatsInput::Connected(server.stream())),
            NatsAsk::Connect => self.inputs.push_back(NatsInput::Failed(NatsFault::Unreachable(String::new()))),
            NatsAsk::Consume(_) | NatsAsk::Look if !server.is_up => self.inputs.push_back(silent),
            NatsAsk::Consume(consumer) => {
                self.pulls.clear();
                self.delivery = 0;
                if consumer.durable.is_some() && server.next == 1 && consumer.start == NatsStart::New {
                    (server.next, server.acked) = (server.last + 1, (1..=server.last).collect());
                }
                self.next = match consumer.start {
                    NatsStart::Sequence(sequence) => sequence.max(server.first),
                    _ => server.first,
                };
                self.inputs.push_back(NatsInput::Consuming(server.consumer()));
            }
            NatsAsk::Look => {
                let (stream, consumer) = (server.stream(), server.consumer());
                self.inputs.push_back(NatsInput::Looked { stream, consumer });
            }
            NatsAsk::Pull { pull, messages, .. } => self.pulls.push_back((*pull, *messages)),
            NatsAsk::Ack(sequences) if server.is_up => {
                for sequence in sequences {
                    server.acked.insert(*sequence);
                    server.waiting.remove(sequence);
                }
            }
            NatsAsk::Nak(sequences) if server.is_up => {
                for sequence in sequences {
                    server.waiting.entry(*sequence).and_modify(|(_, until)| *until = now);
                }
            }
            NatsAsk::Disconnect => self.pulls.clear(),
            NatsAsk::Ack(_) | NatsAsk::Nak(_) | NatsAsk::Wake(_) | NatsAsk::Decode { .. } => {}
        }
    }

    /// The server sends so many messages, as far as they were pulled; the first one is lost on the way if `is_lossy`.
    fn deliver(&mut self, server: &mut Server, most: usize, is_lossy: bool, now: Timestamp) {
        let mut messages = Vec::new();
        for _ in 0..most {
            let Some((_, left)) = self.pulls.front_mut() else { break };
            let message = if self.plan.mode == NatsMode::Follow {
                if self.next > server.last {
                    break;
                }
                self.delivery += 1;
                self.next += 1;
                server.message(self.next - 1, self.delivery, 1)
            } else {
                let Some((sequence, deliveries)) = server.deliver(now) else { break };
                server.message(sequence, 0, deliveries)
            };
            *left -= 1;
            if *left == 0 {
                self.pulls.pop_front();
            }
            messages.push(message);
        }
        if is_lossy && !messages.is_empty() {
            messages.remove(0);
        }
        if !messages.is_empty() {
            self.inputs.push_back(NatsInput::Messages(messages));
        }
    }

    fn flush(&mut self, server: &mut Server, now: Timestamp) {
        self.kept.append(&mut self.fresh);
        if let Some(cursor) = self.fresh_cursor.take() {
            self.cursors.retain(|known| !known.is_of(&cursor.source, cursor.epoch));
            self.cursors.insert(0, cursor);
        }
        if let Some(ask) = self.source.acknowledge(self.moves) {
            self.act(&ask, server, now);
        }
    }

    /// What was not flushed is gone, with the connection.
    fn crash(&mut self) {
        self.source = NatsSource::new(self.plan.clone(), &self.cursors);
        (self.fresh, self.fresh_cursor, self.moves) = (Vec::new(), None, 0);
        self.disconnect();
    }

    fn disconnect(&mut self) {
        self.inputs.clear();
        self.pulls.clear();
        self.inputs.push_back(NatsInput::Failed(NatsFault::Closed));
    }

    /// Feeds it until it waits.
    fn settle(&mut self, server: &mut Server, now: Timestamp) {
        for _ in 0..50 {
            self.feed(server, 100, now);
            self.deliver(server, 100, false, now);
        }
        self.flush(server, now);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Feed { machine: usize, room: usize },
    Deliver { machine: usize, most: usize, is_lossy: bool },
    Flush { machine: usize },
    Crash { machine: usize },
    Disconnect { machine: usize },
    Server { is_up: bool },
    Wait { secs: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let machine = 0usize..3;
    prop_oneof![
        12 => (machine.clone(), 0usize..6).prop_map(|(machine, room)| Step::Feed { machine, room }),
        8 => (machine.clone(), 1usize..9, prop::bool::weighted(0.1))
            .prop_map(|(machine, most, is_lossy)| Step::Deliver { machine, most, is_lossy }),
        4 => machine.clone().prop_map(|machine| Step::Flush { machine }),
        1 => machine.clone().prop_map(|machine| Step::Crash { machine }),
        1 => machine.prop_map(|machine| Step::Disconnect { machine }),
        1 => any::<bool>().prop_map(|is_up| Step::Server { is_up }),
        2 => (1i64..40).prop_map(|secs| Step::Wait { secs }),
    ]
}

const MESSAGES: u64 = 40;

/// Runs the steps, then lets the pipelines read to the end.
fn run(mode: &NatsMode, steps: Vec<Step>) -> (Vec<Machine>, Server) {
    let mut machines: Vec<_> = (0..3).map(|_| Machine::new(plan(mode.clone(), NatsStart::All))).collect();
    let (mut server, mut now) = (Server::new(MESSAGES), NOON);
    for step in steps {
        match step {
            Step::Feed { machine, room } => drop(machines[machine].feed(&mut server, room, now)),
            Step::Deliver { machine, most, is_lossy } if server.is_up => {
                machines[machine].deliver(&mut server, most, is_lossy, now);
            }
            Step::Deliver { .. } => {}
            Step::Flush { machine } => machines[machine].flush(&mut server, now),
            Step::Crash { machine } => machines[machine].crash(),
            Step::Disconnect { machine } => machines[machine].disconnect(),
            Step::Server { is_up } => {
                server.is_up = is_up;
                if !is_up {
                    machines.iter_mut().for_each(Machine::disconnect);
                }
            }
            Step::Wait { secs } => now = now + Duration::from_secs(secs),
        }
        let kept: Vec<_> = machines.iter().flat_map(|machine| &machine.kept).collect();
        for sequence in &server.acked {
            let is_kept = values(*sequence).iter().all(|value| kept.contains(&value));
            assert!(is_kept, "message {sequence} is acknowledged before it is flushed");
        }
    }
    server.is_up = true;
    for _ in 0..60 {
        now = now + Duration::from_secs(40);
        for machine in &mut machines {
            for _ in 0..8 {
                machine.feed(&mut server, 20, now);
                machine.deliver(&mut server, 20, false, now);
            }
            machine.flush(&mut server, now);
        }
    }
    (machines, server)
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn each_pipeline_that_follows_has_every_row_once_and_in_order(steps in prop::collection::vec(step(), 0..120)) {
        let (machines, _) = run(&NatsMode::Follow, steps);
        let expected: Vec<f64> = (1..=MESSAGES).flat_map(values).collect();
        for machine in machines {
            prop_assert_eq!(&machine.kept, &expected);
            prop_assert_eq!(machine.source.cursor().taken, expected.len() as u64);
            prop_assert_eq!(machine.source.cursor().position, MESSAGES);
            prop_assert_eq!(machine.source.details().lost, 0);
        }
    }

    #[test]
    fn pipelines_that_share_have_every_row_together_and_none_twice(steps in prop::collection::vec(step(), 0..120)) {
        let (machines, server) = run(&shared(), steps);
        let expected: BTreeSet<u64> = (1..=MESSAGES).flat_map(values).map(|value| value as u64).collect();
        let mut all = BTreeSet::new();
        for machine in &machines {
            let own: BTreeSet<u64> = machine.kept.iter().map(|value| *value as u64).collect();
            prop_assert_eq!(own.len(), machine.kept.len(), "a row is twice in {:?}", machine.kept);
            all.extend(own);
        }
        prop_assert_eq!(all, expected);
        prop_assert_eq!(server.floor(), MESSAGES, "everything is acknowledged");
    }
}

/// A machine that has read all messages of a server.
fn caught_up(mode: NatsMode, start: NatsStart, last: u64) -> (Machine, Server) {
    let (mut machine, mut server) = (Machine::new(plan(mode, start)), Server::new(last));
    machine.settle(&mut server, NOON);
    (machine, server)
}

#[test]
fn no_more_messages_are_asked_for_than_the_queue_has_room_for() {
    let (mut machine, mut server) = (Machine::new(plan(NatsMode::Follow, NatsStart::All)), Server::new(1000));
    for _ in 0..20 {
        machine.feed(&mut server, 7, NOON);
    }
    assert_eq!(machine.pulls.iter().map(|(_, messages)| messages).sum::<u64>(), 7);
    machine.deliver(&mut server, 1000, false, NOON);
    // The queue is full.
    for _ in 0..20 {
        let asks = machine.feed(&mut server, 0, NOON);
        assert!(!asks.iter().any(|ask| matches!(ask, NatsAsk::Pull { .. })), "{asks:?}");
    }
    assert_eq!(machine.fresh, Vec::<f64>::new());
    for _ in 0..20 {
        machine.feed(&mut server, 2, NOON);
    }
    assert_eq!(machine.fresh.len(), 9, "seven messages, one of which has three rows");
}

#[test]
fn messages_that_come_after_the_first_visit_are_new_after_a_reload_too() {
    let (mut machine, mut server) = caught_up(NatsMode::Follow, NatsStart::New, 10);
    assert_eq!((machine.kept.len(), machine.cursors[0].position), (0, 10));
    server.last = 13;
    machine.crash();
    machine.settle(&mut server, NOON + Duration::from_secs(60));
    assert_eq!(machine.kept, [110.0, 120.0, 130.0]);
}

#[test]
fn a_stream_that_was_made_anew_is_a_told_gap_and_read_from_its_first_message() {
    for mode in [NatsMode::Follow, shared()] {
        let (mut machine, _) = caught_up(mode, NatsStart::New, 10);
        let mut server = Server { created: NOON + Duration::from_secs(5), ..Server::new(2) };
        machine.disconnect();
        machine.settle(&mut server, NOON);
        machine.settle(&mut server, NOON + Duration::from_secs(60));
        assert_eq!(machine.kept, [10.0, 20.0]);
        assert!(machine.notes.iter().any(|note| note.contains("made anew")), "{:?}", machine.notes);
        assert_eq!(machine.source.progress(NOON).gaps, 1);
    }
}

#[test]
fn messages_that_were_trimmed_before_they_were_read_are_counted_once() {
    let (mut machine, mut server) = caught_up(NatsMode::Follow, NatsStart::All, 3);
    (server.first, server.last) = (8, 9);
    for _ in 0..3 {
        machine.disconnect();
        machine.settle(&mut server, NOON);
        machine.settle(&mut server, NOON + Duration::from_secs(60));
    }
    assert_eq!(machine.kept, [10.0, 20.0, 30.0, 80.0, 90.0]);
    assert_eq!((machine.source.details().lost, machine.source.progress(NOON).gaps), (4, 1));
    assert!(machine.notes[0].contains("4 messages are gone") && machine.notes.len() == 1, "{:?}", machine.notes);
}

#[test]
fn a_server_that_forgot_acknowledgements_doubles_nothing() {
    let (mut machine, mut server) = caught_up(shared(), NatsStart::All, 20);
    assert_eq!((machine.kept.len(), server.floor()), (28, 20));
    machine.settle(&mut server, NOON + Duration::from_secs(3));
    // Killed before it had written them.
    (server.acked, server.next) = (BTreeSet::new(), 1);
    machine.crash();
    machine.settle(&mut server, NOON + Duration::from_secs(60));
    machine.settle(&mut server, NOON + Duration::from_secs(120));
    assert_eq!((machine.kept.len(), server.floor()), (28, 20), "they are passed over and acknowledged again");
}

#[test]
fn rows_that_are_delivered_again_are_marked_as_such_and_come_in_a_step_of_their_own() {
    let (mut machine, mut server) = (Machine::new(plan(shared(), NatsStart::All)), Server::new(4));
    server.waiting = [(1, (1, NOON)), (2, (1, NOON))].into();
    server.next = 3;
    let mut marks = Vec::new();
    for _ in 0..20 {
        let input = machine.inputs.pop_front().unwrap_or(NatsInput::Tick);
        let fed = machine.source.feed(input, 100, NOON, 0.5);
        marks.extend(fed.rows.iter().map(|(_, draft)| (draft.values[0], fed.is_redelivered)));
        fed.asks.iter().for_each(|ask| machine.act(ask, &mut server, NOON));
        machine.deliver(&mut server, 100, false, NOON);
    }
    assert_eq!(marks, [(10.0, true), (20.0, true), (30.0, false), (40.0, false)]);
}

#[test]
fn a_full_set_of_taken_messages_still_takes_what_a_machine_that_died_held() {
    let last = 2 * MAX_RANGES as u64;
    let (mut machine, mut server) = (Machine::new(plan(shared(), NatsStart::All)), Server::new(last));
    let mut now = NOON;
    machine.settle(&mut server, now);
    // Every second message goes to the other machine, until this one asks for hardly any more.
    for _ in 0..last / 2 {
        server.deliver(now);
        machine.feed(&mut server, 100, now);
        machine.deliver(&mut server, 1, false, now);
        machine.flush(&mut server, now);
    }
    assert!(machine.source.cursor().ranges.len() < MAX_RANGES / 2, "{}", machine.source.cursor().ranges.len());
    assert!(server.acked.len() < last as usize / 2, "{} acknowledged", server.acked.len());
    for _ in 0..120 {
        now = now + Duration::from_secs(1);
        for _ in 0..200 {
            machine.feed(&mut server, 1000, now);
            machine.deliver(&mut server, 1000, false, now);
        }
        machine.flush(&mut server, now);
    }
    machine.kept.sort_by(f64::total_cmp);
    assert_eq!(server.floor(), last);
    assert!(machine.kept == (1..=last).flat_map(values).collect::<Vec<_>>(), "each row once");
}

#[test]
fn a_pause_gives_shared_messages_back_and_a_close_too() {
    let (mut machine, mut server) = (Machine::new(plan(shared(), NatsStart::All)), Server::new(30));
    for _ in 0..10 {
        machine.feed(&mut server, 5, NOON);
    }
    machine.deliver(&mut server, 5, false, NOON);
    machine.source.hold(true, NOON);
    machine.feed(&mut server, 5, NOON);
    assert_eq!((server.waiting.len(), machine.fresh.len()), (5, 0));
    assert!(server.waiting.values().all(|(_, until)| *until <= NOON), "they are delivered elsewhere at once");
    assert_eq!(machine.source.state(), SourceState::Paused);

    machine.source.hold(false, NOON);
    machine.feed(&mut server, 3, NOON);
    machine.deliver(&mut server, 5, false, NOON);
    machine.feed(&mut server, 1, NOON);
    machine.flush(&mut server, NOON);
    let asks = machine.source.close();
    assert!(matches!(&asks[..], [NatsAsk::Nak(back), NatsAsk::Disconnect] if !back.is_empty()), "{asks:?}");
}

#[test]
fn a_server_that_is_away_is_tried_again_at_growing_intervals_and_says_when() {
    let (mut machine, mut server) = (Machine::new(plan(NatsMode::Follow, NatsStart::All)), Server::new(3));
    server.is_up = false;
    let (mut now, mut attempts) = (NOON, Vec::new());
    for _ in 0..600 {
        let asks = machine.feed(&mut server, 10, now);
        if asks.contains(&NatsAsk::Connect) {
            attempts.push((now - NOON).as_millis() as i64 / 1000);
        }
        now = now + Duration::from_nanos(500_000_000);
    }
    assert!((10..25).contains(&attempts.len()), "{attempts:?}");
    while machine.source.progress(now).next_try.is_none() {
        machine.feed(&mut server, 10, now);
    }
    let progress = machine.source.progress(now);
    assert_eq!(machine.source.state(), SourceState::Waiting);
    assert!(progress.next_try.is_some() && progress.error.is_some_and(|error| error.contains("source_url")));
    server.is_up = true;
    machine.settle(&mut server, now + Duration::from_secs(31));
    assert_eq!((machine.kept.len(), machine.source.progress(now).error), (3, None));
}

#[test]
fn garbage_is_refused_by_its_sequence_and_giant_messages_are_fetched_alone() {
    let (mut machine, mut server) = caught_up(NatsMode::Follow, NatsStart::All, 1);
    server.last = 2;
    let message = Message { payload: b"{not json".to_vec(), ..server.message(2, machine.delivery + 1, 1) };
    machine.inputs.push_back(NatsInput::Messages(vec![message]));
    let input = machine.inputs.pop_front().unwrap();
    let fed = machine.source.feed(input, 10, NOON, 0.5);
    assert_eq!((fed.rows.len(), fed.refused.len()), (0, 1));
    assert!(fed.refused[0].reason.starts_with("message 2: "), "{}", fed.refused[0].reason);
    assert_eq!((machine.source.cursor().position, machine.source.cursor().taken), (2, 2));

    machine.pulls.clear();
    let (mut asks, mut now) = (Vec::new(), NOON);
    for pull in 1..20 {
        machine.inputs.push_back(NatsInput::PullEnded { pull, left: None, end: PullEnd::TooLarge });
        now = now + Duration::from_nanos(1_000_000);
        asks.extend(machine.feed(&mut server, 10, now));
    }
    let alone = |ask: &NatsAsk| matches!(ask, NatsAsk::Pull { messages: 1, max_bytes: None, .. });
    assert!(asks.iter().any(alone), "{asks:?}");
}

#[test]
fn a_seek_takes_again_what_lies_behind_it_and_a_shared_consumer_has_none() {
    let (mut machine, mut server) = caught_up(NatsMode::Follow, NatsStart::All, 4);
    let fed = machine.source.seek(Seek::Position(2)).unwrap();
    assert!(fed.has_moved);
    fed.asks.iter().for_each(|ask| machine.act(ask, &mut server, NOON));
    machine.settle(&mut server, NOON);
    assert_eq!(machine.kept, [10.0, 20.0, 30.0, 40.0, 30.0, 40.0]);
    let (mut machine, _) = caught_up(shared(), NatsStart::All, 4);
    assert!(machine.is_shared() && machine.source.seek(Seek::Position(2)).is_err());
}

#[test]
fn a_shared_message_that_another_machine_has_acknowledged_is_not_taken_as_well() {
    let (mut machine, mut server) = (Machine::new(plan(shared(), NatsStart::All)), Server::new(3));
    for _ in 0..4 {
        machine.feed(&mut server, 3, NOON);
    }
    machine.deliver(&mut server, 3, false, NOON);
    // The queue is full, so that they wait; meanwhile the server delivers them elsewhere.
    machine.feed(&mut server, 0, NOON);
    server.acked = (1..=2).collect();
    machine.inputs.push_back(NatsInput::Looked { stream: server.stream(), consumer: server.consumer() });
    machine.feed(&mut server, 3, NOON);
    assert_eq!(machine.fresh, [30.0]);
}

#[test]
fn shared_messages_that_come_while_no_consumer_is_read_go_back() {
    let (mut machine, mut server) = (Machine::new(plan(shared(), NatsStart::All)), Server::new(4));
    for _ in 0..4 {
        machine.feed(&mut server, 4, NOON);
    }
    machine.inputs.push_back(NatsInput::PullEnded { pull: 0, left: None, end: PullEnd::ConsumerGone });
    machine.deliver(&mut server, 2, false, NOON);
    machine.feed(&mut server, 4, NOON);
    assert!(machine.feed(&mut server, 4, NOON).contains(&NatsAsk::Nak(vec![1, 2])));
}

#[test]
fn a_seek_while_a_consumer_is_made_leads_to_another_one() {
    let (mut machine, mut server) = caught_up(NatsMode::Follow, NatsStart::All, 4);
    let consumers = |asks: &[NatsAsk]| {
        let starts = asks.iter().filter_map(|ask| if let NatsAsk::Consume(it) = ask { Some(it.start) } else { None });
        starts.collect::<Vec<_>>()
    };
    let fed = machine.source.seek(Seek::Position(3)).unwrap();
    assert_eq!(consumers(&fed.asks), [NatsStart::Sequence(4)]);
    fed.asks.iter().for_each(|ask| machine.act(ask, &mut server, NOON));
    assert!(machine.source.seek(Seek::Position(1)).unwrap().asks.is_empty(), "its answer could be that of the first");
    let asks = machine.feed(&mut server, 10, NOON);
    assert_eq!(consumers(&asks), [NatsStart::Sequence(2)]);
    machine.settle(&mut server, NOON);
    assert_eq!(machine.kept, [10.0, 20.0, 30.0, 40.0, 20.0, 30.0, 40.0]);
}

#[test]
fn sequences_that_a_restored_stream_gives_anew_are_read() {
    let (mut machine, mut server) = (Machine::new(plan(shared(), NatsStart::All)), Server::new(8));
    // Another machine has the first two, so that what this one takes stands beside its position.
    server.next = 3;
    server.waiting = [(1, (1, NOON + ACK_WAIT)), (2, (1, NOON + ACK_WAIT))].into();
    machine.settle(&mut server, NOON);
    assert_eq!(machine.kept.len(), 8);
    // The stream is as it was after its fourth message, and gets four others.
    server = Server { acked: (3..=4).collect(), next: 5, waiting: server.waiting, ..Server::new(4) };
    machine.disconnect();
    machine.settle(&mut server, NOON + Duration::from_secs(1));
    machine.settle(&mut server, NOON + Duration::from_secs(2));
    server.last = 8;
    machine.settle(&mut server, NOON + Duration::from_secs(3));
    assert!(machine.notes.iter().any(|note| note.contains("restored")), "{:?}", machine.notes);
    assert_eq!(machine.kept.len(), 8 + values(5).len() + 3);
}

#[test]
fn a_consumer_that_is_lost_is_made_anew() {
    let (mut machine, mut server) = caught_up(NatsMode::Follow, NatsStart::All, 4);
    let start = NatsStart::Sequence(5);
    let is_anew = |ask: &NatsAsk| matches!(ask, NatsAsk::Consume(consumer) if consumer.start == start);
    machine.inputs.push_back(NatsInput::PullEnded { pull: 0, left: None, end: PullEnd::ConsumerGone });
    // The stream is looked at first: it may be another one.
    assert!(machine.feed(&mut server, 10, NOON).contains(&NatsAsk::Connect));
    assert!(machine.feed(&mut server, 10, NOON).iter().any(is_anew));
    // A server that says nothing at all has lost it too.
    machine.settle(&mut server, NOON);
    let later = NOON + Duration::from_secs(13);
    assert!(machine.feed(&mut server, 10, later).contains(&NatsAsk::Connect));
    assert!(machine.feed(&mut server, 10, later).iter().any(is_anew));
}

#[test]
fn a_consumer_that_is_deleted_again_and_again_causes_no_storm() {
    let (mut machine, mut server) = caught_up(NatsMode::Follow, NatsStart::All, 4);
    let mut attempts = 0;
    for _ in 0..50 {
        machine.inputs.push_back(NatsInput::PullEnded { pull: 0, left: None, end: PullEnd::ConsumerGone });
        let asks = machine.feed(&mut server, 10, NOON);
        attempts += asks.iter().filter(|ask| **ask == NatsAsk::Connect).count();
    }
    assert!(attempts <= 2, "{attempts}");
}
