//! A NATS JetStream stream as a source, and a subject of one as a sink, as state machines.
//!
//! Read [`NatsSource`] first: `feed(input, room, now, chance)` takes a [`NatsInput`] and gives back the rows of
//! messages, as many as the queue has room for, and what to do next, as [`NatsAsk`]s. Who speaks to the server does
//! what they ask for and feeds what it led to. [`Outbox`] publishes batches in the same way.
//!
//! - *Follow*: every pipeline reads all messages, by a consumer of its own that begins behind the cursor's position and
//!   acknowledges nothing. A delivery that is missing makes a new consumer there.
//! - *Share*: pipelines on several machines read one durable consumer. A message is acknowledged after its rows were
//!   flushed, and what was taken is a set beside the cursor's position, since the messages of other machines lie in
//!   between. The position is the acknowledgement floor of the consumer: below it each message is in some history.
//!
//! Neither acknowledges before the flush, nor by a range: what was delivered and not flushed would be lost with it.

mod fault;
mod gaps;
mod inbox;
mod messages;
mod opened;
mod outbox;
#[cfg(test)]
mod outbox_tests;
mod pulls;
mod source;
mod stream_cursor;
mod taken;
#[cfg(test)]
mod tests;
mod unflushed;

pub use fault::NatsFault;
pub use messages::{
    Consumer, ConsumerState, Message, NatsAsk, NatsInput, NatsMode, NatsPlan, NatsProgress, NatsStart, PullEnd,
    StreamState,
};
pub use outbox::{Batches, Outbox, OutboxAsk, OutboxInput, OutboxProgress};
pub use source::{NatsSource, STEP_ROWS};
