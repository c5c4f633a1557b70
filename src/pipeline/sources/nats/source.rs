//! The machine that reads a stream.

use std::collections::{HashSet, VecDeque};

use super::NatsFault;
use super::messages::{
    Consumer, ConsumerState, Message, NatsAsk, NatsInput, NatsMode, NatsPlan, NatsProgress, NatsStart, PullEnd,
    StreamState,
};
use super::opened::OpenMessage;
use super::pulls::Pulls;
use super::taken::TakenMessages;
use crate::pipeline::records::{Rows, brief};
use crate::pipeline::sources::backoff::{Backoff, LONGEST};
use crate::pipeline::sources::live::{Body, MessageReader};
use crate::pipeline::sources::{Fed, Seek, Source, SourceProgress, SourceState};
use crate::pipeline::{Cursor, Measures};
use crate::time::{Duration, Timestamp};

/// Rows that are given out in one step at most.
pub const STEP_ROWS: usize = 1024;
/// Bytes of messages that are read in one step, besides the last one.
const STEP_BYTES: usize = 256 << 10;
/// Messages that are asked for ahead of the queue, at most: at 40 ms to the server they are 400,000 a second.
const MAX_AHEAD: u64 = 16_384;
/// The same of a shared consumer, where others could have them meanwhile.
const MAX_AHEAD_SHARED: u64 = 4096;
/// Bytes that one pull brings at most: else a thousand giant messages would fill the memory.
const PULL_BYTES: u64 = 8 << 20;
/// Time between two looks at how far stream and consumer are.
const LOOK_AFTER: Duration = Duration::from_secs(2);
/// A server that was asked for messages and says nothing for so long has lost the consumer; it sends a heartbeat every
/// 5 s else.
const SILENT_AFTER: Duration = Duration::from_secs(12);
/// Time until it is looked anew whether rows are flushed: as long as they wait for that at most.
const ACK_AFTER: Duration = Duration::from_nanos(100_000_000);
/// Time until the next pull after one that brought nothing: a server that turns each down is not flooded with them.
const PULL_AFTER: Duration = Duration::from_nanos(100_000_000);
/// Messages that one pull asks for while the set of taken ones is full, and the time until the next such pull once a
/// message came that was never delivered before: that one may be a run of its own.
const FULL_PULL: u64 = 10;
const FULL_AFTER: Duration = Duration::from_secs(1);
/// Runs of sequences that were passed over and of which it is not known whether they were lost.
const MAX_HOLES: usize = 1000;
/// Sentences about gaps that wait to be shown.
const MAX_NOTES: usize = 20;

/// What it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing is asked for.
    Closed,
    /// The server was asked for.
    Connecting,
    /// The consumer was asked for.
    Consuming,
    /// Messages come.
    Open,
    /// It is tried again at this instant.
    Retrying(Timestamp),
}

/// A message that waits to be read, and when it came.
#[derive(Debug)]
struct Waiting {
    /// Without its payload.
    message: Message,
    body: Body,
    /// Bytes of the payload.
    bytes: usize,
    /// Whether columns are made of it.
    is_decoding: bool,
    arrived: Timestamp,
}

impl Waiting {
    fn new(mut message: Message, arrived: Timestamp) -> Self {
        let payload = std::mem::take(&mut message.payload);
        Self { message, bytes: payload.len(), body: Body::Sent(payload), is_decoding: false, arrived }
    }
}

/// Reads a stream: a state machine, see the [module](super).
#[derive(Debug)]
pub struct NatsSource {
    plan: NatsPlan,
    /// The cursors of this source; which of them goes on is known when the stream's epoch is.
    known: Vec<Cursor>,
    cursor: Cursor,
    taken: TakenMessages,
    /// Whether the cursor is of the stream that the server has.
    is_placed: bool,
    /// Where the next consumer begins, unless behind `received`.
    start: Option<NatsStart>,
    phase: Phase,
    is_paused: bool,
    /// Whether it rests with all sources.
    is_held: bool,
    backoff: Backoff,
    pulls: Pulls,
    /// Whether the consumer that was asked for begins elsewhere than is wanted by now.
    is_outdated: bool,
    /// Whether the next message has more bytes than a pull brings.
    is_giant: bool,
    /// The number of the delivery that comes next, to one that follows.
    next_delivery: u64,
    /// The last sequence that came, to one that follows.
    received: u64,
    /// What makes rows of messages, and those of the one that was read last.
    reader: MessageReader,
    rows: Rows,
    waiting: VecDeque<Waiting>,
    open: Option<OpenMessage>,
    /// Sequences that were given out and are not flushed, by the move of the cursor that came with them.
    unflushed: VecDeque<(Option<u64>, Vec<u64>)>,
    /// The last move that was flushed.
    flushed: u64,
    ack_wait: Duration,
    alive_at: Timestamp,
    next_look: Timestamp,
    is_looking: bool,
    /// Runs between two messages that came, as the sequences at their ends: deleted ones, or lost.
    holes: VecDeque<(u64, u64)>,
    /// The sequence before which gaps were told.
    told_before: u64,
    /// The first sequence that the stream holds, as far as it is known.
    first: u64,
    /// The most messages that one pull may ask for.
    most_messages: u64,
    /// No pull is added before: the server has just turned one down.
    pull_after: Option<Timestamp>,
    /// When the last message that was given out was stored.
    given_stored: Option<Timestamp>,
    pending: Option<u64>,
    progress: SourceProgress,
    details: NatsProgress,
    notes: Vec<String>,
}

impl NatsSource {
    /// A source that goes on at the cursor of the stream that the server has: `cursors` are all that are known, the one
    /// that moved last first.
    #[must_use]
    pub fn new<'a>(plan: NatsPlan, cursors: impl IntoIterator<Item = &'a Cursor>) -> Self {
        let source = plan.source();
        let known = cursors.into_iter().filter(|cursor| cursor.is_of(&source, cursor.epoch)).cloned().collect();
        let reader = MessageReader::new(plan.format, plan.csv, plan.mapping.clone(), true);
        Self {
            cursor: Cursor::new(&source, 0),
            plan,
            known,
            taken: TakenMessages::default(),
            is_placed: false,
            start: None,
            phase: Phase::Closed,
            is_paused: false,
            is_held: false,
            backoff: Backoff::default(),
            pulls: Pulls::default(),
            is_outdated: false,
            is_giant: false,
            next_delivery: 1,
            received: 0,
            reader,
            rows: Rows::default(),
            waiting: VecDeque::new(),
            open: None,
            unflushed: VecDeque::new(),
            flushed: 0,
            ack_wait: Duration::from_secs(30),
            alive_at: Timestamp::default(),
            next_look: Timestamp::default(),
            is_looking: false,
            holes: VecDeque::new(),
            told_before: 0,
            first: 0,
            most_messages: MAX_AHEAD,
            pull_after: None,
            given_stored: None,
            pending: None,
            progress: SourceProgress::default(),
            details: NatsProgress::default(),
            notes: Vec::new(),
        }
    }

    /// What of the stream is read, and how.
    #[must_use]
    pub fn plan(&self) -> &NatsPlan {
        &self.plan
    }

    /// What it has beside the progress of all sources.
    #[must_use]
    pub fn details(&self) -> NatsProgress {
        self.details
    }

    /// The sentences about gaps since the last call.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Lets it rest, or go on.
    pub fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Goes on elsewhere: behind a sequence, as the position of a cursor is one, or at the first message that was
    /// stored at a time. What was taken of it before is taken again.
    ///
    /// # Errors
    /// A sentence, for a shared consumer, and for what no stream has.
    pub fn seek(&mut self, seek: Seek) -> Result<Fed<NatsAsk>, String> {
        if self.is_shared() {
            return Err("a durable consumer that others share cannot be sought; set nats_mode to follow".to_owned());
        }
        let start = match seek {
            Seek::Position(position) => NatsStart::Sequence(position.saturating_add(1)),
            Seek::Time(time) => NatsStart::Time(time),
            Seek::Row(_) | Seek::Share(_) => return Err("name a position or a time of the stream".to_owned()),
        };
        let mut fed = Fed::default();
        self.drop_messages();
        self.taken = TakenMessages::default();
        match start {
            NatsStart::Sequence(sequence) => (self.received, self.start) = (sequence - 1, None),
            _ => self.start = Some(start),
        }
        if self.is_placed {
            if self.start.is_none() {
                self.cursor.position = self.received;
            }
            self.move_cursor(&mut fed);
        } else {
            self.start = Some(start);
        }
        match self.phase {
            Phase::Open => self.consume(&mut fed),
            // Of two that are made at once it is not known which one answers.
            Phase::Consuming => self.is_outdated = true,
            Phase::Closed | Phase::Connecting | Phase::Retrying(_) => {}
        }
        Ok(fed)
    }

    /// Tries again at once: credentials or the address have changed.
    pub fn retry_now(&mut self, now: Timestamp) {
        self.backoff.reset();
        if let Phase::Retrying(at) = &mut self.phase {
            *at = now;
        }
    }

    /// Notes that the cursor of the last rows was stored as this move of all cursors, see
    /// [`Cursors::moves`](crate::pipeline::Cursors::moves).
    pub fn note_move(&mut self, moves: u64) {
        if let Some((number, _)) = self.unflushed.back_mut() {
            number.get_or_insert(moves);
        }
    }

    /// Takes the number of the last move of all cursors that is flushed; returns the acknowledgements that it allows.
    pub fn acknowledge(&mut self, flushed: u64) -> Option<NatsAsk> {
        // The count begins anew when everything is forgotten: no crash brings those rows back.
        let is_anew = flushed < self.flushed;
        self.flushed = flushed;
        let mut sequences = Vec::new();
        while let Some((number, _)) = self.unflushed.front()
            && number.is_some_and(|number| is_anew || number <= flushed)
        {
            sequences.extend(self.unflushed.pop_front().into_iter().flat_map(|(_, sequences)| sequences));
        }
        (!sequences.is_empty()).then_some(NatsAsk::Ack(sequences))
    }

    /// Ends it: messages that were not given out go back to the server. Rows that were given out are to be flushed and
    /// acknowledged before.
    pub fn close(&mut self) -> Vec<NatsAsk> {
        let mut asks = Vec::new();
        let is_connected = self.phase != Phase::Closed;
        if self.is_shared() && !self.waiting.is_empty() {
            asks.push(NatsAsk::Nak(self.waiting.iter().map(|waiting| waiting.message.sequence).collect()));
        }
        self.drop_messages();
        self.phase = Phase::Closed;
        if is_connected {
            asks.push(NatsAsk::Disconnect);
        }
        asks
    }

    fn is_shared(&self) -> bool {
        self.plan.mode != NatsMode::Follow
    }

    fn is_resting(&self) -> bool {
        self.is_paused || self.is_held
    }

    /// The server knows the stream: goes on at the cursor of that epoch, or begins.
    fn place(&mut self, stream: StreamState, fed: &mut Fed<NatsAsk>) {
        let epoch = stream.created.as_nanos() as u64;
        self.first = stream.first;
        if !self.is_placed || self.cursor.epoch != epoch {
            self.change_epoch(epoch, stream);
            // A position that is not known yet is not stored: a reload begins at the time again.
            fed.has_moved |= self.start.is_none();
        }
        let read = self.received.max(self.cursor.position).max(self.taken.last());
        if stream.last < read && self.cursor.taken > 0 {
            self.drop_messages();
            self.unflushed.clear();
            self.taken.forget_behind(stream.last);
            self.note_gap(format!(
                "the stream \"{}\" ends at {}, before what was read already: it was restored from an older state; what \
                 comes behind its end is read",
                brief(&self.plan.stream),
                stream.last
            ));
            self.cursor.position = self.cursor.position.min(stream.last);
            self.received = self.cursor.position;
            fed.has_moved = true;
        }
        // What a shared consumer lost is known from what it delivered.
        if !self.is_shared() && self.start.is_none() && stream.first > self.received.saturating_add(1) {
            self.lose(self.received, stream.first);
            self.received = stream.first - 1;
            if self.waiting.is_empty() && self.open.is_none() {
                self.cursor.position = self.received;
                fed.has_moved = true;
            }
        }
        if fed.has_moved {
            self.move_cursor(fed);
        }
        self.consume(fed);
    }

    fn change_epoch(&mut self, epoch: u64, stream: StreamState) {
        self.drop_messages();
        self.unflushed.clear();
        if self.is_placed {
            let old = std::mem::replace(&mut self.cursor, Cursor::new(&self.plan.source(), epoch));
            self.known.retain(|known| known.epoch != old.epoch);
            self.known.insert(0, old);
        }
        let found = self.known.iter().find(|known| known.epoch == epoch).cloned();
        let is_anew = found.is_none() && !self.known.is_empty();
        // What was sought before the server was reached stays.
        let sought = self.start.take();
        (self.holes, self.told_before) = (VecDeque::new(), 0);
        self.cursor = match found {
            Some(cursor) => cursor,
            None => {
                let start = if is_anew { NatsStart::All } else { self.plan.start };
                let before_first = stream.first.saturating_sub(1);
                let position = match start {
                    // Where the durable consumer begins is decided by who makes it.
                    _ if self.is_shared() => None,
                    // Messages that come before the next reload are behind this position too.
                    NatsStart::New => Some(stream.last),
                    NatsStart::All => Some(before_first),
                    NatsStart::Sequence(sequence) => Some(sequence.saturating_sub(1).max(before_first)),
                    NatsStart::Time(_) => None,
                };
                self.start = if position.is_none() { Some(start) } else { None };
                let position = position.unwrap_or_default();
                Cursor { position, ..Cursor::new(&self.plan.source(), epoch) }
            }
        };
        if is_anew {
            self.note_gap(format!(
                "the stream \"{}\" was made anew: what the old one held and was not read is gone; the new one is read \
                 from its first message",
                brief(&self.plan.stream)
            ));
        }
        match sought {
            Some(NatsStart::Sequence(sequence)) => self.cursor.position = sequence.saturating_sub(1),
            Some(start) => self.start = Some(start),
            None => {}
        }
        (self.taken, self.received) = (TakenMessages::of(&self.cursor), self.cursor.position);
        if sought.is_some() {
            self.taken = TakenMessages::default();
        }
        self.is_placed = true;
    }

    /// Asks for a consumer behind what has come.
    fn consume(&mut self, fed: &mut Fed<NatsAsk>) {
        self.phase = Phase::Consuming;
        self.pulls.clear();
        (self.is_looking, self.is_giant, self.is_outdated) = (false, false, false);
        let durable = if let NatsMode::Share { durable } = &self.plan.mode { Some(durable.clone()) } else { None };
        let behind = NatsStart::Sequence(self.received.saturating_add(1));
        let start = match self.start {
            Some(start) => start,
            // A consumer of the name was there once; what it had acknowledged is passed over.
            None if durable.is_some() => NatsStart::Sequence(self.cursor.position.saturating_add(1)),
            None => behind,
        };
        fed.asks.push(NatsAsk::Consume(Consumer { durable, subject: self.plan.subject.clone(), start }));
    }

    fn begin(&mut self, consumer: ConsumerState, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        self.phase = Phase::Open;
        self.next_delivery = 1;
        self.ack_wait = consumer.ack_wait;
        self.alive_at = now;
        self.next_look = now + LOOK_AFTER;
        self.pending = Some(consumer.pending);
        self.most_messages = consumer.max_messages.unwrap_or(MAX_AHEAD).clamp(1, MAX_AHEAD);
        self.progress.error = None;
        self.progress.next_try = None;
        if self.is_shared() {
            self.start = None;
            self.raise_floor(consumer.ack_floor, fed);
            if consumer.is_old && self.first > consumer.delivered.saturating_add(1) {
                self.lose(consumer.delivered, self.first);
            }
        }
    }

    /// Messages up to this sequence are acknowledged, so that each is in some history: none of them is taken any more,
    /// even if a server that has forgotten it delivers one again.
    fn raise_floor(&mut self, floor: u64, fed: &mut Fed<NatsAsk>) {
        if floor > self.cursor.position {
            self.cursor.position = floor;
            self.taken.forget_until(floor);
            self.move_cursor(fed);
        }
    }

    fn receive(&mut self, messages: Vec<Message>, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        self.note_alive(now);
        self.pulls.arrive(messages.len() as u64);
        (self.is_giant, self.details.is_standby) = (false, false);
        let (mut again, mut back) = (Vec::new(), Vec::new());
        if self.is_shared() && self.taken.is_full() && messages.iter().any(|message| message.deliveries == 1) {
            self.pull_after = Some(now + FULL_AFTER);
        }
        for message in messages {
            self.pending = Some(message.pending);
            if self.is_shared() {
                let sequence = message.sequence;
                if sequence <= self.cursor.position || self.taken.contains(sequence) {
                    self.details.repeated += 1;
                    // It is acknowledged after the flush of its rows.
                    if !self.unflushed.iter().any(|(_, sequences)| sequences.contains(&sequence)) {
                        again.push(sequence);
                    }
                } else if self.is_resting() {
                    back.push(sequence);
                } else {
                    self.waiting.push_back(Waiting::new(message, now));
                }
                continue;
            }
            if message.delivery != self.next_delivery {
                // One is missing: a consumer that begins behind the last one that came brings it.
                return self.consume(fed);
            }
            self.next_delivery += 1;
            if message.sequence <= self.received && self.start.is_none() {
                self.details.repeated += 1;
                continue;
            }
            if self.start.take().is_none() && message.sequence > self.received.saturating_add(1) {
                self.note_hole(self.received, message.sequence);
            }
            self.received = message.sequence;
            self.waiting.push_back(Waiting::new(message, now));
        }
        if !again.is_empty() {
            fed.asks.push(NatsAsk::Ack(again));
        }
        if !back.is_empty() {
            fed.asks.push(NatsAsk::Nak(back));
        }
    }

    /// Messages that come while no consumer is read go back: the server would wait for their acknowledgement, and then
    /// deliver them, perhaps to be dropped once more.
    fn give_back(&self, messages: &[Message], fed: &mut Fed<NatsAsk>) {
        let open = self.open.as_ref().map(|open| open.sequence);
        let here: HashSet<u64> = self.waiting.iter().map(|waiting| waiting.message.sequence).chain(open).collect();
        let sequences = messages.iter().map(|message| message.sequence);
        let is_wanted = |sequence: &u64| *sequence > self.cursor.position && !self.taken.contains(*sequence);
        let back: Vec<u64> = sequences.filter(|sequence| is_wanted(sequence) && !here.contains(sequence)).collect();
        if !back.is_empty() {
            fed.asks.push(NatsAsk::Nak(back));
        }
    }

    fn note_alive(&mut self, now: Timestamp) {
        self.alive_at = now;
        self.backoff.reset();
    }

    /// Sequences between two messages: with a subject other than `>` they are those of other messages.
    fn note_hole(&mut self, after: u64, before: u64) {
        if &*self.plan.subject == ">" && self.holes.len() < MAX_HOLES {
            self.holes.push_back((after, before));
        }
    }

    /// The messages behind `after` and before the first one that the stream holds are gone.
    fn lose(&mut self, after: u64, first: u64) {
        let after = after.max(self.told_before.saturating_sub(1));
        let lost = first.saturating_sub(after.saturating_add(1));
        if lost == 0 {
            return;
        }
        self.told_before = first;
        self.details.lost += lost;
        let up_to = if &*self.plan.subject == ">" { "" } else { "up to " };
        let messages = if lost == 1 { "message is" } else { "messages are" };
        self.note_gap(format!(
            "{up_to}{lost} {messages} gone: the stream \"{}\" begins at {first}, and {after} was the last that was \
             read; let it keep more, or longer",
            brief(&self.plan.stream)
        ));
    }

    fn note_gap(&mut self, sentence: String) {
        self.progress.gaps += 1;
        if self.notes.len() == MAX_NOTES {
            self.notes.remove(0);
        }
        self.notes.push(sentence);
    }

    fn look(&mut self, stream: StreamState, consumer: ConsumerState, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        self.is_looking = false;
        self.next_look = now + LOOK_AFTER;
        self.first = stream.first;
        if stream.created.as_nanos() as u64 != self.cursor.epoch {
            return self.place(stream, fed);
        }
        self.pending = Some(consumer.pending);
        if self.is_shared() {
            self.raise_floor(consumer.ack_floor, fed);
            return;
        }
        // Of what was passed over, messages behind the first one were deleted one by one, as a stream with a limit for
        // each subject does: those are no loss.
        let holes = std::mem::take(&mut self.holes);
        let lost: u64 = holes.iter().map(|(after, before)| first_lost(*after, *before, stream.first)).sum();
        if lost > 0 {
            self.details.lost += lost;
            self.note_gap(format!(
                "{lost} messages were gone before they were read: the stream \"{}\" keeps too few for this pace; let \
                 it keep more, or longer",
                brief(&self.plan.stream)
            ));
        }
    }

    fn fail(&mut self, fault: &NatsFault, now: Timestamp, chance: f64, fed: &mut Fed<NatsAsk>) {
        self.progress.error = Some(fault.to_string());
        self.pulls.clear();
        self.is_looking = false;
        let is_first = !self.backoff.has_failed();
        let at = now + self.backoff.next(chance);
        if *fault == NatsFault::ConsumerGone && self.phase == Phase::Open && is_first {
            // Until a consumer is known to be alive again, the next one is not made at once.
            return self.connect(fed);
        }
        (self.phase, self.progress.next_try) = (Phase::Retrying(at), Some(at));
        fed.asks.push(NatsAsk::Disconnect);
    }

    /// Connects anew, and looks at the stream before a consumer is made: it may be another one by now, of which the
    /// position says nothing.
    fn connect(&mut self, fed: &mut Fed<NatsAsk>) {
        self.phase = Phase::Connecting;
        self.pulls.clear();
        self.progress.next_try = None;
        fed.asks.push(NatsAsk::Connect);
    }

    fn step(&mut self, room: usize, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        self.return_old(now, fed);
        if !self.is_resting() {
            self.give(room, fed);
        }
        match self.phase {
            Phase::Closed if !self.is_resting() => self.connect(fed),
            // A clock that was set back does not make it wait for longer.
            Phase::Retrying(at) if !self.is_resting() && (at <= now || at - now > LONGEST) => {
                self.progress.retries += 1;
                self.connect(fed);
            }
            Phase::Retrying(at) if !self.is_resting() => fed.asks.push(NatsAsk::Wake(at)),
            Phase::Open => self.tend(room, now, fed),
            Phase::Closed | Phase::Connecting | Phase::Consuming | Phase::Retrying(_) => {}
        }
        let has_work = self.open.is_some() || self.waiting.front().is_some_and(|waiting| !waiting.is_decoding);
        if has_work && room > fed.rows.len() && !self.is_resting() {
            fed.asks.push(NatsAsk::Wake(now));
        }
    }

    /// Keeps the consumer busy, and knows when it is lost.
    fn tend(&mut self, room: usize, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        if self.pulls.outstanding() == 0 || now < self.alive_at {
            self.alive_at = now;
        }
        if now - self.alive_at >= SILENT_AFTER {
            self.progress.retries += 1;
            return self.connect(fed);
        }
        // A clock that was set back does not make it wait for longer.
        self.pull_after = self.pull_after.filter(|after| *after > now && *after - now <= FULL_AFTER);
        if !self.is_resting() && self.pull_after.is_none() {
            self.pull(room.saturating_sub(fed.rows.len()), fed);
        }
        if !self.is_looking && (self.next_look <= now || self.next_look - now > LOOK_AFTER) {
            self.is_looking = true;
            fed.asks.push(NatsAsk::Look);
        }
        let mut wake = self.alive_at + SILENT_AFTER;
        if !self.is_looking {
            wake = wake.min(self.next_look);
        }
        wake = self.pull_after.map_or(wake, |after| wake.min(after));
        if !self.unflushed.is_empty() {
            wake = wake.min(now + ACK_AFTER);
        }
        fed.asks.push(NatsAsk::Wake(wake));
    }

    /// Messages that wait for long, or while it rests, go back, so that another machine takes them: the server would
    /// deliver them there anyway, and both would have them.
    fn return_old(&mut self, now: Timestamp, fed: &mut Fed<NatsAsk>) {
        if !self.is_shared() {
            return;
        }
        let longest = Duration::from_nanos(self.ack_wait.as_nanos() / 2);
        let is_resting = self.is_resting();
        let mut back = Vec::new();
        while let Some(Waiting { message, arrived, .. }) = self.waiting.front()
            && (is_resting || now - *arrived >= longest)
        {
            back.push(message.sequence);
            self.waiting.pop_front();
        }
        if !back.is_empty() {
            fed.asks.push(NatsAsk::Nak(back));
        }
    }

    /// Asks for as many messages as the queue has room for. While the set of taken ones is full, for few: what a machine
    /// that died had not acknowledged is delivered again before anything new, and has to be taken by somebody for the
    /// set to shrink.
    fn pull(&mut self, room: usize, fed: &mut Fed<NatsAsk>) {
        let is_full = self.is_shared() && self.taken.is_full();
        if self.pulls.is_full() || (is_full && !self.taken.has_room(self.waiting.len() + FULL_PULL as usize)) {
            return;
        }
        let messages = self.progress.messages.max(1);
        let rows_each = (self.progress.given + self.progress.refused).div_ceil(messages).max(1);
        let most_ahead = match (is_full, self.is_shared()) {
            (true, _) => FULL_PULL,
            (false, true) => MAX_AHEAD_SHARED,
            (false, false) => MAX_AHEAD,
        };
        let wanted = (room as u64).div_ceil(rows_each).min(most_ahead);
        let most = self.most_messages;
        let has = self.waiting.len() as u64 + u64::from(self.open.is_some()) + self.pulls.outstanding();
        let (messages, max_bytes) = match self.is_giant {
            true if has == 0 && wanted > 0 => (1, None),
            true => return,
            // Fewer pulls of more messages: each costs the server and the network a message.
            false if has * 2 <= wanted && has < wanted => ((wanted - has).min(most), Some(PULL_BYTES)),
            false => return,
        };
        let pull = self.pulls.add(messages);
        fed.asks.push(NatsAsk::Pull { pull, messages, max_bytes });
    }

    /// Gives out rows of the messages that wait.
    fn give(&mut self, room: usize, fed: &mut Fed<NatsAsk>) {
        let mut room = room.min(STEP_ROWS);
        let (mut bytes, mut done) = (0, Vec::new());
        let (is_shared, mut has_given) = (self.is_shared(), false);
        while room > 0 {
            let Some(open) = self.open.as_mut() else {
                let Some(waiting) = self.waiting.front_mut() else { break };
                let sequence = waiting.message.sequence;
                let is_redelivered = waiting.message.deliveries > 1;
                // Rows that come late by no fault of theirs are a step of their own.
                if bytes >= STEP_BYTES || (!fed.rows.is_empty() && fed.is_redelivered != is_redelivered) {
                    break;
                }
                let is_taken = is_shared && (sequence <= self.cursor.position || self.taken.contains(sequence));
                if !is_taken
                    && !waiting.is_decoding
                    && let Some(encoded) = self.reader.take_encoded(&mut waiting.body)
                {
                    waiting.is_decoding = true;
                    fed.asks.push(NatsAsk::Decode { sequence, encoded });
                }
                if waiting.is_decoding && !is_taken {
                    break;
                }
                let Some(Waiting { message, body, bytes: payload_bytes, .. }) = self.waiting.pop_front() else { break };
                if is_taken {
                    // It was delivered a second time while the first one waited: here, or to a machine that has
                    // acknowledged it since.
                    self.details.repeated += 1;
                    continue;
                }
                bytes += payload_bytes;
                let taken_rows = self.taken.rows_of_part(sequence);
                if taken_rows == 0 {
                    self.progress.messages += 1;
                    self.progress.bytes += payload_bytes as u64;
                }
                self.open = Some(OpenMessage::new(&message, body, &mut self.reader, &mut self.rows, taken_rows));
                continue;
            };
            fed.is_redelivered = open.is_redelivered;
            let left = open.give(room, fed);
            room -= left.given as usize;
            has_given = true;
            self.progress.given += left.given;
            self.progress.refused += left.refused;
            self.cursor.taken += left.given + left.refused;
            self.given_stored = Some(open.stored);
            let sequence = open.sequence;
            if !open.is_done() {
                self.taken.insert_part(sequence, open.next_row);
                break;
            }
            if is_shared {
                self.taken.insert(sequence);
            }
            self.open = None;
            done.push(sequence);
        }
        if !has_given {
            return;
        }
        if is_shared {
            if !done.is_empty() {
                self.unflushed.push_back((None, done));
            }
        } else if let Some(last) = done.last() {
            self.cursor.position = *last;
            self.taken.forget_until(*last);
        }
        self.move_cursor(fed);
    }

    /// The columns of a message have come, or never will; of one that was given back nothing is wanted.
    fn take_columns(&mut self, sequence: u64, columns: Result<Vec<u8>, String>) {
        let is_it = |waiting: &&mut Waiting| waiting.is_decoding && waiting.message.sequence == sequence;
        if let Some(waiting) = self.waiting.iter_mut().find(is_it) {
            let sent = std::mem::replace(&mut waiting.body, Body::Sent(Vec::new()));
            (waiting.body, waiting.is_decoding) = (sent.decoded(columns), false);
        }
    }

    fn move_cursor(&mut self, fed: &mut Fed<NatsAsk>) {
        self.taken.write_to(&mut self.cursor);
        self.cursor.rows = self.cursor.taken;
        fed.has_moved = true;
    }

    fn drop_messages(&mut self) {
        self.waiting.clear();
        self.open = None;
        self.received = self.cursor.position;
    }
}

/// The messages of a hole that were before the first one of the stream.
fn first_lost(after: u64, before: u64, first: u64) -> u64 {
    before.min(first).saturating_sub(after.saturating_add(1))
}

impl Source for NatsSource {
    type Input = NatsInput;
    type Ask = NatsAsk;

    fn feed(&mut self, input: NatsInput, room: usize, now: Timestamp, chance: f64) -> Fed<NatsAsk> {
        let mut fed = Fed::default();
        match (input, self.phase) {
            (NatsInput::Connected(stream), Phase::Connecting) => self.place(stream, &mut fed),
            (NatsInput::Consuming(_), Phase::Consuming) if self.is_outdated => self.consume(&mut fed),
            (NatsInput::Consuming(consumer), Phase::Consuming) => self.begin(consumer, now, &mut fed),
            (NatsInput::Messages(messages), Phase::Open) => self.receive(messages, now, &mut fed),
            (NatsInput::Messages(messages), _) if self.is_shared() => self.give_back(&messages, &mut fed),
            (NatsInput::Heartbeat, Phase::Open) => self.note_alive(now),
            (NatsInput::PullEnded { end: PullEnd::ConsumerGone, .. }, Phase::Open) => {
                self.fail(&NatsFault::ConsumerGone, now, chance, &mut fed);
            }
            (NatsInput::PullEnded { pull, left, end }, Phase::Open) => {
                self.note_alive(now);
                let is_barren = self.pulls.end(pull, left);
                match end {
                    PullEnd::Expired if is_barren => self.pull_after = Some(now + PULL_AFTER),
                    PullEnd::Expired | PullEnd::ConsumerGone => {}
                    PullEnd::TooLarge => self.is_giant |= is_barren,
                    PullEnd::Standby => self.details.is_standby = true,
                }
            }
            (NatsInput::Looked { stream, consumer }, Phase::Open) => self.look(stream, consumer, now, &mut fed),
            (NatsInput::Decoded { sequence, columns }, _) => self.take_columns(sequence, columns),
            (NatsInput::Failed(fault), Phase::Connecting | Phase::Consuming | Phase::Open) => {
                self.fail(&fault, now, chance, &mut fed);
            }
            // Of a connection or a consumer that is gone, or of a time when it was not asked for.
            _ => {}
        }
        self.step(room, now, &mut fed);
        fed
    }

    fn state(&self) -> SourceState {
        match self.phase {
            _ if self.is_resting() => SourceState::Paused,
            Phase::Closed | Phase::Connecting | Phase::Consuming if self.backoff.has_failed() => SourceState::Waiting,
            Phase::Closed | Phase::Connecting | Phase::Consuming => SourceState::Opening,
            Phase::Retrying(_) => SourceState::Waiting,
            Phase::Open if self.details.is_standby => SourceState::Waiting,
            Phase::Open => SourceState::Open,
        }
    }

    fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    fn measures(&self) -> &Measures {
        &self.plan.mapping.measures
    }

    fn hold(&mut self, is_held: bool, _: Timestamp) {
        self.is_held = is_held;
    }

    fn progress(&self, now: Timestamp) -> SourceProgress {
        let here = self.waiting.len() as u64 + u64::from(self.open.is_some());
        let lag_messages = self.pending.map(|pending| pending + here);
        let oldest = self.waiting.front().map(|waiting| waiting.message.stored).or(self.given_stored);
        let lag = match (lag_messages, oldest) {
            (Some(0), _) => Some(Duration::default()),
            // The clock of the server may be ahead.
            (_, Some(stored)) => Some((now - stored).max(Duration::default())),
            (_, None) => None,
        };
        SourceProgress { lag_messages, lag, ..self.progress.clone() }
    }
}
