//! Where in the stream it goes on: after a seek, after the server was reached, and as others acknowledge messages.

use super::{NatsSource, Phase};
use crate::pipeline::sources::nats::stream_cursor::Found;
use crate::pipeline::sources::nats::{NatsAsk, NatsStart, StreamState};
use crate::pipeline::sources::{Fed, Seek};

impl NatsSource {
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
        self.cursor.forget_taken();
        match start {
            NatsStart::Sequence(sequence) => (self.received, self.start) = (sequence - 1, None),
            _ => self.start = Some(start),
        }
        if self.cursor.is_placed() {
            if self.start.is_none() {
                self.cursor.set_position(self.received);
            }
            self.cursor.store(&mut fed);
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

    /// The server knows the stream: goes on at the cursor of that epoch, or begins.
    pub(super) fn place(&mut self, stream: StreamState, fed: &mut Fed<NatsAsk>) {
        self.first = stream.first;
        if !self.cursor.is_in(stream.epoch()) {
            self.change_epoch(stream);
            // A position that is not known yet is not stored: a reload begins at the time again.
            fed.has_moved |= self.start.is_none();
        }
        if stream.last < self.received.max(self.cursor.last()) && self.cursor.has_rows() {
            self.drop_messages();
            self.unflushed.clear();
            self.cursor.cut(stream.last);
            self.gaps.note_restored(stream.last);
            self.received = self.cursor.position();
            fed.has_moved = true;
        }
        // What a shared consumer lost is known from what it delivered.
        if !self.is_shared() && self.start.is_none() && stream.first > self.received.saturating_add(1) {
            self.gaps.lose(self.received, stream.first);
            self.received = stream.first - 1;
            if self.inbox.len() == 0 {
                self.cursor.set_position(self.received);
                fed.has_moved = true;
            }
        }
        if fed.has_moved {
            self.cursor.store(fed);
        }
        self.consume(fed);
    }

    /// The stream is another one than before, or the first one.
    fn change_epoch(&mut self, stream: StreamState) {
        self.drop_messages();
        self.unflushed.clear();
        self.gaps.forget_sequences();
        // What was sought before the server was reached stays.
        let sought = self.start.take();
        match self.cursor.enter(stream.epoch()) {
            Found::Known => {}
            Found::First => self.begin_at(self.plan.start, stream),
            Found::MadeAnew => {
                self.begin_at(NatsStart::All, stream);
                self.gaps.note_made_anew();
            }
        }
        match sought {
            Some(NatsStart::Sequence(sequence)) => self.cursor.set_position(sequence.saturating_sub(1)),
            Some(start) => self.start = Some(start),
            None => {}
        }
        if sought.is_some() {
            self.cursor.forget_taken();
        }
        self.received = self.cursor.position();
    }

    /// Begins with a stream that has no cursor.
    fn begin_at(&mut self, start: NatsStart, stream: StreamState) {
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
        match position {
            Some(position) => self.cursor.set_position(position),
            None => self.start = Some(start),
        }
    }

    /// Messages up to this sequence are acknowledged, so that each is in some history: none of them is taken any more,
    /// even if a server that has forgotten it delivers one again.
    pub(super) fn raise_floor(&mut self, floor: u64, fed: &mut Fed<NatsAsk>) {
        if floor > self.cursor.position() {
            self.cursor.move_to(floor);
            self.cursor.store(fed);
        }
    }
}
