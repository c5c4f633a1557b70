//! Positions in the stream of batches. Read [`Transcript`] first.
//!
//! Batch numbers begin anew with [`Engine::reset`](super::Engine::reset) and wherever a pipeline starts without files.
//! A position therefore names the epoch of its number: without it a reader that comes back would take the batches of
//! another transcript for those that it missed.

use std::fmt;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// The generator stream that the first epoch is drawn from; the streams below are those of events and ids.
const FIRST_STREAM: u64 = 3;

/// The name of a transcript; as text 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(u64);

impl Epoch {
    /// An epoch after this one. Two with the same entropy follow different epochs by different ones.
    fn next(self, entropy: [u8; 32]) -> Self {
        let mut rng = ChaCha8Rng::from_seed(entropy);
        rng.set_stream(self.0);
        Self(rng.next_u64())
    }
}

impl From<u64> for Epoch {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<Epoch> for u64 {
    fn from(epoch: Epoch) -> Self {
        epoch.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Where a reader of the stream stands: it has all batches up to this one. As text `<epoch>-<batch>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The epoch of the batch number.
    pub epoch: Epoch,
    /// The number of the last batch that the reader has; 0 before the first.
    pub batch: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.batch)
    }
}

/// A text that is no [`Position`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPosition;

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let (epoch, batch) = text.split_once('-').ok_or(NoPosition)?;
        // `from_str_radix` also reads a sign.
        if epoch.len() != 16 || !epoch.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoPosition);
        }
        let epoch = Epoch(u64::from_str_radix(epoch, 16).map_err(|_| NoPosition)?);
        Ok(Self { epoch, batch: batch_number(batch).ok_or(NoPosition)? })
    }
}

/// Reads the number of a batch: 1 to 19 digits.
pub fn batch_number(text: &str) -> Option<u64> {
    let is_number = (1..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The run of batches that readers follow: its epoch, and the batches that it shares with the epoch before.
///
/// ```text
///   files     e1: 1 2 3 4 5          the disk is full from batch 6 on: e2 continues e1 in memory
///   memory              └ e2: 6 7    after a crash e1 goes on with other batches 6 and 7
/// ```
///
/// Readers at `e1-5` go on with 6 of e2 and miss nothing. After the crash those at `e2-7` are at no position of e1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transcript {
    /// The epoch of new batches.
    pub epoch: Epoch,
    /// The last batch that this transcript shares with an earlier one, under the earlier epoch.
    pub parent: Option<Position>,
}

impl Transcript {
    /// The first transcript of a pipeline that starts without files.
    pub fn new(entropy: [u8; 32]) -> Self {
        Self { epoch: Epoch(FIRST_STREAM).next(entropy), parent: None }
    }

    /// A transcript after this one that shares no batches with it.
    #[must_use]
    pub fn anew(self, entropy: [u8; 32]) -> Self {
        Self { epoch: self.epoch.next(entropy), parent: None }
    }

    /// A transcript that shares the batches up to this one, and continues with others than this may have.
    #[must_use]
    pub fn branch(self, batch: u64, entropy: [u8; 32]) -> Self {
        Self { epoch: self.epoch.next(entropy), parent: Some(self.position(batch)) }
    }

    /// The position at this batch.
    pub fn position(self, batch: u64) -> Position {
        Position { epoch: self.epoch, batch }
    }

    /// Whether the batches up to a position are those of this transcript.
    pub fn contains(self, position: Position) -> bool {
        let is_shared = |parent: Position| parent.epoch == position.epoch && position.batch <= parent.batch;
        position.epoch == self.epoch || self.parent.is_some_and(is_shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_from_its_text() {
        let position = Position { epoch: Epoch(0xfe), batch: 41 };
        assert_eq!(position.to_string(), "00000000000000fe-41");
        assert_eq!("00000000000000fe-41".parse(), Ok(position));
        let most = 9_999_999_999_999_999_999;
        assert_eq!(format!("ffffffffffffffff-{most}").parse(), Ok(Position { epoch: Epoch(u64::MAX), batch: most }));
    }

    #[test]
    fn no_other_text_is_a_position() {
        for text in [
            "",
            "-",
            "3",
            "fe-41",
            "00000000000000fe",
            "00000000000000fe-",
            "00000000000000fe-+1",
            "00000000000000fe--1",
            "+0000000000000fe-1",
            "00000000000000fg-1",
            "000000000000000fe-1",
            "00000000000000fe-1 ",
            "00000000000000fe-10000000000000000000",
            "é000000000000fe-1",
        ] {
            assert_eq!(text.parse::<Position>(), Err(NoPosition), "{text:?}");
        }
    }

    #[test]
    fn epochs_that_follow_one_another_differ() {
        let first = Transcript::new([3; 32]);
        let second = first.anew([3; 32]);
        let third = second.anew([3; 32]);
        assert!(first.epoch != second.epoch && second.epoch != third.epoch && third.epoch != first.epoch);
        assert_ne!(first, Transcript::new([4; 32]));
    }

    #[test]
    fn a_branch_shares_the_batches_before_it_and_no_later_ones() {
        let files = Transcript::new([3; 32]);
        let memory = files.branch(5, [3; 32]);
        assert!(memory.contains(files.position(5)) && memory.contains(files.position(0)));
        assert!(!memory.contains(files.position(6)));
        assert!(memory.contains(memory.position(7)) && !files.contains(memory.position(7)));
        assert!(!memory.anew([3; 32]).contains(memory.position(0)));
    }
}
