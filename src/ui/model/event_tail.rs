//! The tail of an event stream that the console keeps.

/// Maximum number of bytes kept.
const KEPT_BYTES: usize = 64 * 1024;

/// The newest text of a stream.
#[derive(Debug, Clone, Default)]
pub struct EventTail {
    bytes: Vec<u8>,
}

impl EventTail {
    /// Appends the next part and removes the oldest events beyond the limit.
    pub fn push(&mut self, part: &[u8]) {
        self.bytes.extend_from_slice(part);
        let Some(surplus) = self.bytes.len().checked_sub(KEPT_BYTES).filter(|surplus| *surplus > 0) else { return };
        // An empty line ends an event. Without one, a partial event is kept.
        let next = self.bytes[surplus - 1..].windows(2).position(|pair| pair == b"\n\n");
        self.bytes.drain(..next.map_or(surplus, |next| surplus + 1 + next));
    }

    /// The text kept.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{EventTail, KEPT_BYTES};

    #[test]
    fn the_newest_whole_events_are_kept() {
        let mut tail = EventTail::default();
        for number in 0..20_000 {
            tail.push(format!("id: {number}\ndata: x\n\n").as_bytes());
        }
        let text = tail.text();
        assert!(text.starts_with("id: ") && text.ends_with("id: 19999\ndata: x\n\n"));
        assert!(text.len() <= KEPT_BYTES && text.len() > KEPT_BYTES - 100, "{}", text.len());
    }

    #[test]
    fn an_event_that_is_too_long_is_cut() {
        let mut tail = EventTail::default();
        tail.push(&vec![b'x'; 3 * KEPT_BYTES]);
        assert_eq!(tail.text().len(), KEPT_BYTES);
        tail.push(b"\n\nid: 2\n\n");
        assert!(tail.text().ends_with("id: 2\n\n"));
    }
}
