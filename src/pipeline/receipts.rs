//! Receipts: the answers to posts with an idempotency key, so that a repetition is answered and not taken again.

use std::sync::Arc;

use lru::LruCache;

/// Keys that are remembered; the oldest go first.
pub const MAX_RECEIPTS: usize = 10_000;
/// Bytes of all bodies together that can be shortened. Beyond, the oldest ones are.
const MAX_LONG_BYTES: usize = 1 << 20;

/// The answer to a post with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The key.
    pub key: Arc<str>,
    /// A digest of what was posted: another post under the same key has another one.
    pub digest: u64,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub body: Vec<u8>,
    /// What is kept of a long body once [`Receipts`] has no room for it; `None` for a body that is kept as it is.
    pub short_body: Option<Vec<u8>>,
}

impl Receipt {
    /// Whether the post brought events: then no other one is taken under the key.
    pub fn is_success(&self) -> bool {
        self.status < 300
    }

    /// The bytes of a body that can be shortened, 0 for any other.
    fn long_bytes(&self) -> usize {
        if self.short_body.is_some() { self.body.len() } else { 0 }
    }
}

/// The newest receipts by key.
#[derive(Debug, Clone)]
pub struct Receipts {
    /// In order of arrival: nothing here reads in a way that changes the order.
    kept: LruCache<Arc<str>, Receipt>,
    long_bytes: usize,
    total: u64,
}

impl Default for Receipts {
    fn default() -> Self {
        // Bounded by `keep`: a bounded cache allocates all of its room at once.
        Self { kept: LruCache::unbounded(), long_bytes: 0, total: 0 }
    }
}

impl Receipts {
    /// Keeps a receipt, in place of an earlier one with its key, and drops the oldest ones beyond the limits.
    pub fn keep(&mut self, receipt: Receipt) {
        self.total += 1;
        self.long_bytes += receipt.long_bytes();
        let replaced = self.kept.push(Arc::clone(&receipt.key), receipt).map(|(_, replaced)| replaced);
        let oldest = if self.kept.len() > MAX_RECEIPTS { self.kept.pop_lru().map(|(_, oldest)| oldest) } else { None };
        for gone in [replaced, oldest].into_iter().flatten() {
            self.long_bytes -= gone.long_bytes();
        }
        if self.long_bytes > MAX_LONG_BYTES {
            self.shorten();
        }
    }

    /// Shortens the oldest long bodies until the others have room.
    fn shorten(&mut self) {
        for (_, receipt) in self.kept.iter_mut().rev() {
            if let Some(short_body) = receipt.short_body.take() {
                self.long_bytes -= receipt.body.len();
                receipt.body = short_body;
            }
            if self.long_bytes <= MAX_LONG_BYTES {
                return;
            }
        }
    }

    /// The receipt with this key.
    pub fn get(&self, key: &str) -> Option<&Receipt> {
        self.kept.peek(key)
    }

    /// The receipts, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Receipt> {
        self.kept.iter().map(|(_, receipt)| receipt)
    }

    /// Number of receipts kept since the start, also of those that are gone.
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(key: usize, long_bytes: usize) -> Receipt {
        let is_long = long_bytes > 0;
        Receipt {
            key: format!("key-{key}").into(),
            digest: key as u64,
            status: 202,
            body: vec![b'x'; if is_long { long_bytes } else { 9 }],
            short_body: is_long.then(|| b"short".to_vec()),
        }
    }

    #[test]
    fn the_newest_ten_thousand_keys_are_remembered() {
        let mut receipts = Receipts::default();
        for key in 0..MAX_RECEIPTS + 3 {
            receipts.keep(receipt(key, 0));
            // Asking for a key does not make it younger.
            receipts.get("key-0");
        }
        let found = |key: usize| receipts.get(&format!("key-{key}")).map(|receipt| receipt.digest);
        assert_eq!((found(2), found(3), found(MAX_RECEIPTS + 2)), (None, Some(3), Some(MAX_RECEIPTS as u64 + 2)));
        assert_eq!((receipts.newest_first().count(), receipts.total()), (MAX_RECEIPTS, MAX_RECEIPTS as u64 + 3));
    }

    #[test]
    fn long_bodies_are_bounded_and_the_newest_stay_whole() {
        let mut receipts = Receipts::default();
        for key in 0..30 {
            receipts.keep(receipt(key, MAX_LONG_BYTES / 10));
            receipts.keep(receipt(1000 + key, 0));
        }
        let len = |key: usize| receipts.get(&format!("key-{key}")).map(|receipt| receipt.body.len());
        assert_eq!((len(0), len(19), len(20)), (Some(5), Some(5), Some(MAX_LONG_BYTES / 10)));
        assert_eq!(len(1000), Some(9));
        let bytes: usize = receipts.newest_first().map(|receipt| receipt.body.len()).sum();
        assert!(bytes < MAX_LONG_BYTES + 1000, "{bytes}");
    }

    #[test]
    fn a_receipt_replaces_the_one_with_its_key() {
        let mut receipts = Receipts::default();
        receipts.keep(receipt(1, MAX_LONG_BYTES));
        receipts.keep(receipt(2, 0));
        receipts.keep(Receipt { digest: 7, ..receipt(1, MAX_LONG_BYTES) });
        assert_eq!(
            receipts.get("key-1").map(|receipt| (receipt.digest, receipt.body.len())),
            Some((7, MAX_LONG_BYTES))
        );
        assert_eq!(receipts.newest_first().map(|receipt| receipt.digest).collect::<Vec<_>>(), [7, 2]);
    }
}
