//! The idempotency keys of requests that are being answered: of two requests with one key, the second comes too early.

use std::rc::{Rc, Weak};

/// The keys whose claims live.
#[derive(Debug, Default)]
pub(super) struct ActiveKeys(Vec<(String, Weak<()>)>);

/// Keeps a key to one request, until it is dropped.
pub(super) type Claim = Rc<()>;

impl ActiveKeys {
    /// Claims a key; `None` while another request has it.
    pub(super) fn claim(&mut self, key: &str) -> Option<Claim> {
        self.0.retain(|(_, claim)| claim.strong_count() > 0);
        if self.0.iter().any(|(active, _)| active == key) {
            return None;
        }
        let claim = Claim::default();
        self.0.push((key.to_owned(), Rc::downgrade(&claim)));
        Some(claim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_free_again_once_its_claim_is_dropped() {
        let mut keys = ActiveKeys::default();
        let claim = keys.claim("a");
        assert!(claim.is_some() && keys.claim("a").is_none() && keys.claim("b").is_some());
        drop(claim);
        assert!(keys.claim("a").is_some() && keys.0.len() == 1, "what is dropped is forgotten");
    }
}
