//! What comes of a connection: bytes of a body, events, messages of a WebSocket.

use super::LiveSource;
use crate::pipeline::Overflow;
use crate::pipeline::records::{BadRow, Place};
use crate::pipeline::sources::Fed;
use crate::pipeline::sources::live::event_stream::StreamItem;
use crate::pipeline::sources::live::inbox::Message;
use crate::pipeline::sources::live::messages::{Body, SHOWN_BYTES};
use crate::pipeline::sources::live::{LiveAsk, LiveKind, MAX_MESSAGE_BYTES, problems};
use crate::time::Timestamp;

impl LiveSource {
    /// Takes the next bytes of a body.
    pub(super) fn take_bytes(&mut self, bytes: &[u8], now: Timestamp, chance: f64, fed: &mut Fed<LiveAsk>) {
        self.progress.bytes += bytes.len() as u64;
        if self.head.kind == LiveKind::Sse {
            let mut items = std::mem::take(&mut self.items);
            self.events.push(bytes, &mut items);
            items.drain(..).for_each(|item| self.take_item(item, now));
            self.items = items;
        } else if self.body.len() + bytes.len() > MAX_MESSAGE_BYTES {
            self.body = Vec::new();
            self.fail(problems::too_long(), now, chance);
            fed.asks.push(LiveAsk::Close);
        } else {
            self.body.extend_from_slice(bytes);
        }
    }

    /// Takes an event of a stream, or what stands beside events.
    fn take_item(&mut self, item: StreamItem, now: Timestamp) {
        let (body, token) = match item {
            StreamItem::Event { data, id } => (Body::Sent(data), id),
            StreamItem::TooLong { start, id } => (Body::Unread(start, problems::too_long()), id),
            StreamItem::Retry(millis) => return self.backoff.set_first(millis),
        };
        self.backoff.reset();
        self.inbox.push(Message { body, token, arrived: now });
    }

    /// Takes messages of a WebSocket.
    pub(super) fn take_messages(&mut self, messages: Vec<Vec<u8>>, now: Timestamp, fed: &mut Fed<LiveAsk>) {
        for bytes in messages {
            self.progress.bytes += bytes.len() as u64;
            self.backoff.reset();
            let body = if bytes.len() > MAX_MESSAGE_BYTES {
                Body::Unread(bytes[..SHOWN_BYTES].to_vec(), problems::too_long())
            } else {
                Body::Sent(bytes)
            };
            // It cannot be made to wait: what there is no room for is dropped or refused, as the queue would do it.
            if self.head.overflow == Overflow::DropOldest {
                while !self.inbox.has_room_for(&body)
                    && let Some(oldest) = self.inbox.pop()
                {
                    self.drop_message(&oldest.body, fed);
                }
            }
            if self.inbox.is_empty() || self.inbox.has_room_for(&body) {
                self.inbox.push(Message { body, token: None, arrived: now });
            } else {
                self.drop_message(&body, fed);
            }
        }
    }

    /// Counts the rows of a message for which there is no room.
    fn drop_message(&mut self, body: &Body, fed: &mut Fed<LiveAsk>) {
        let rows = self.reader.count(body);
        if !self.is_overfull {
            (self.is_overfull, self.progress.error) = (true, Some(problems::OVERFULL.to_owned()));
        }
        if self.head.overflow != Overflow::Reject {
            fed.dropped += rows;
            self.progress.dropped += rows as u64;
        } else if rows > 0 {
            let place = Place { row: self.next_row as usize, line: 1 };
            let bytes = body.bytes();
            let input = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN_BYTES)]).into_owned();
            fed.refused.push(BadRow { place, reason: problems::OVERFULL.to_owned(), input });
            fed.refused_unlisted += rows - 1;
            self.progress.refused += rows as u64;
        }
    }
}
