//! An outbox publishes to a subject in memory, while it crashes, loses answers and is overtaken.

use proptest::prelude::*;

use super::*;
use crate::pipeline::{Cursor, Epoch, Position};
use crate::time::{Duration, Timestamp};

const NOON: Timestamp = Timestamp::from_nanos(1_790_000_000_000_000_000);

/// A subject: the ids of its messages, with their sequences.
#[derive(Default)]
struct Subject {
    stored: Vec<(u64, Option<String>)>,
    last: u64,
}

impl Subject {
    fn last_sequence(&self) -> u64 {
        self.stored.last().map_or(0, |(sequence, _)| *sequence)
    }

    fn store(&mut self, id: Option<String>) -> u64 {
        self.last += 1;
        self.stored.push((self.last, id));
        self.last
    }

    /// The numbers of the batches, in order.
    fn batches(&self) -> Vec<u64> {
        let ids = self.stored.iter().filter_map(|(_, id)| id.as_deref());
        ids.filter_map(|id| id.parse::<Position>().ok()).map(|position| position.batch).collect()
    }
}

/// A pipeline with a sink.
struct Machine {
    outbox: Outbox,
    batches: Batches,
    /// What a crash does not take.
    kept: Option<Cursor>,
    fresh: Option<Cursor>,
    input: OutboxInput,
}

fn batches(last: u64) -> Batches {
    Batches { epoch: Epoch::from(7), first: 1, last }
}

impl Machine {
    fn new(last: u64) -> Self {
        let batches = batches(last);
        let outbox = Outbox::new("out", "https://h:443", batches, None);
        Self { outbox, batches, kept: None, fresh: None, input: OutboxInput::Tick }
    }

    /// Feeds it once; `is_lost`: the answer to what it publishes does not come.
    fn feed(&mut self, subject: &mut Subject, is_lost: bool, now: Timestamp) -> Vec<OutboxAsk> {
        let input = std::mem::replace(&mut self.input, OutboxInput::Tick);
        let (has_moved, asks) = self.outbox.feed(input, self.batches, now, 0.5);
        if has_moved {
            self.fresh = Some(self.outbox.cursor().clone());
        }
        for ask in &asks {
            match ask {
                OutboxAsk::Connect => {
                    let message_id = subject.stored.last().and_then(|(_, id)| id.clone());
                    self.input = OutboxInput::Last { sequence: subject.last_sequence(), message_id };
                }
                OutboxAsk::Publish { message_id, expected, .. } => {
                    self.input = if *expected == subject.last_sequence() {
                        OutboxInput::Published { sequence: subject.store(Some(message_id.clone())) }
                    } else {
                        OutboxInput::Overtaken
                    };
                    if is_lost {
                        self.input = OutboxInput::Failed(NatsFault::Silent);
                    }
                }
                OutboxAsk::Disconnect | OutboxAsk::Wake(_) => {}
            }
        }
        asks
    }

    fn crash(&mut self) {
        self.outbox = Outbox::new("out", "https://h:443", self.batches, self.kept.clone());
        (self.fresh, self.input) = (None, OutboxInput::Tick);
    }

    fn flush(&mut self) {
        self.kept = self.fresh.take().or(self.kept.take());
    }
}

#[derive(Debug, Clone)]
enum Step {
    Feed { is_lost: bool },
    Batch,
    Flush,
    Crash,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => prop::bool::weighted(0.1).prop_map(|is_lost| Step::Feed { is_lost }),
        4 => Just(Step::Batch),
        2 => Just(Step::Flush),
        1 => Just(Step::Crash),
        2 => Just(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn each_batch_is_on_the_subject_once_and_in_order(steps in prop::collection::vec(step(), 0..150)) {
        let (mut machine, mut subject, mut now) = (Machine::new(0), Subject::default(), NOON);
        machine.feed(&mut subject, false, now);
        machine.flush();
        for step in steps {
            match step {
                Step::Feed { is_lost } => drop(machine.feed(&mut subject, is_lost, now)),
                Step::Batch => machine.batches.last += 1,
                Step::Flush => machine.flush(),
                Step::Crash => machine.crash(),
                Step::Wait => now = now + Duration::from_secs(31),
            }
        }
        for _ in 0..400 {
            now = now + Duration::from_secs(31);
            machine.feed(&mut subject, false, now);
        }
        let expected: Vec<u64> = (1..=machine.batches.last).collect();
        prop_assert_eq!(subject.batches(), expected);
        prop_assert_eq!(machine.outbox.cursor().position, machine.batches.last);
    }
}

#[test]
fn a_new_sink_begins_with_the_next_batch_and_remembers_that() {
    let (mut machine, mut subject) = (Machine::new(5), Subject::default());
    machine.feed(&mut subject, false, NOON);
    machine.flush();
    machine.batches.last = 7;
    machine.crash();
    for _ in 0..10 {
        machine.feed(&mut subject, false, NOON);
    }
    assert_eq!(subject.batches(), [6, 7]);
}

#[test]
fn another_publisher_is_named_and_does_not_stop_it() {
    let (mut machine, mut subject) = (Machine::new(0), Subject::default());
    machine.batches.last = 3;
    // It looks, and then somebody else publishes.
    machine.feed(&mut subject, false, NOON);
    subject.store(None);
    for _ in 0..5 {
        machine.feed(&mut subject, false, NOON);
    }
    let error = machine.outbox.progress().error.clone().unwrap();
    assert!(error.contains("others publish") && subject.batches().is_empty(), "{error}");
    for secs in 1..20 {
        machine.feed(&mut subject, false, NOON + Duration::from_secs(secs));
    }
    assert_eq!((subject.batches(), machine.outbox.progress().error.clone()), (vec![1, 2, 3], None));
}

#[test]
fn batches_that_are_gone_are_counted_and_forgotten_ones_counted_anew() {
    let (mut machine, mut subject) = (Machine::new(0), Subject::default());
    machine.feed(&mut subject, false, NOON);
    machine.batches = Batches { first: 4, last: 5, ..machine.batches };
    for _ in 0..10 {
        machine.feed(&mut subject, false, NOON);
    }
    assert_eq!((subject.batches(), machine.outbox.progress().lost), (vec![4, 5], 3));
    machine.batches = Batches { epoch: Epoch::from(8), first: 1, last: 1 };
    for _ in 0..10 {
        machine.feed(&mut subject, false, NOON);
    }
    assert_eq!(subject.batches(), [4, 5, 1]);
}

#[test]
fn a_batch_that_is_too_large_is_told_with_its_mend() {
    let (mut machine, mut subject) = (Machine::new(0), Subject::default());
    machine.batches.last = 1;
    machine.feed(&mut subject, false, NOON);
    machine.feed(&mut subject, true, NOON);
    machine.input = OutboxInput::TooLarge { bytes: 2_000_000, max_bytes: 1_048_576 };
    machine.feed(&mut subject, false, NOON);
    let error = machine.outbox.progress().error.clone().unwrap();
    assert!(error.contains("batch 1") && error.contains("max_payload"), "{error}");
}
