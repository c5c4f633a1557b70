//! The simulated source: the original's producer on a schedule that a late timer does not shift.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use uuid::Uuid;

use super::{Event, Id, Settings};
use crate::time::Timestamp;

/// Random readings: a UUID v4 (or one of `distinct_ids` recurring ones) and a value with two decimals for each measure.
///
/// With a seed, ids and values are the same on every machine: ChaCha8 is specified to the bit, and the arithmetic on
/// top of it is IEEE's.
#[derive(Debug)]
pub struct Simulated {
    rng: ChaCha8Rng,
    ids: Vec<Uuid>,
    min_value: f64,
    max_value: f64,
    /// Number of values of an event.
    measures: usize,
}

/// The generator stream that recurring ids are drawn from, so that values do not depend on the number of ids.
const IDS_STREAM: u64 = 1;

impl Simulated {
    /// A source with these settings; `entropy` is its seed if they set none.
    pub fn new(settings: &Settings, entropy: [u8; 32]) -> Self {
        let rng = match settings.seed {
            Some(seed) => ChaCha8Rng::seed_from_u64(seed),
            None => ChaCha8Rng::from_seed(entropy),
        };
        let mut ids_rng = rng.clone();
        ids_rng.set_stream(IDS_STREAM);
        let ids = (0..settings.distinct_ids.unwrap_or(0)).map(|_| random_uuid(&mut ids_rng)).collect();
        let mut source = Self { rng, ids, min_value: 0.0, max_value: 0.0, measures: 0 };
        source.set_values(settings);
        source
    }

    /// Changes the range and the number of values without restarting the generator.
    pub fn set_values(&mut self, settings: &Settings) {
        (self.min_value, self.max_value) = (settings.min_value, settings.max_value);
        self.measures = settings.measures.count();
    }

    /// Position of the generator, in words of four bytes.
    pub fn position(&self) -> u64 {
        self.rng.get_word_pos() as u64
    }

    /// Resumes from a position of the generator.
    pub fn set_position(&mut self, position: u64) {
        self.rng.set_word_pos(u128::from(position));
    }

    /// The next event, with this timestamp.
    pub fn event(&mut self, timestamp: Timestamp) -> Event {
        let id = if self.ids.is_empty() {
            random_uuid(&mut self.rng)
        } else {
            self.ids[((u128::from(self.rng.next_u64()) * self.ids.len() as u128) >> 64) as usize]
        };
        let values = (0..self.measures).map(|_| self.value()).collect();
        Event { timestamp, id: Id::Uuid(id), values }
    }

    fn value(&mut self) -> f64 {
        // 53 random bits make a uniform float in [0, 1).
        let unit = (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let value = self.min_value + (self.max_value - self.min_value) * unit;
        (value * 100.0).round() / 100.0
    }
}

/// A random id.
pub(crate) fn random_uuid(rng: &mut ChaCha8Rng) -> Uuid {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(changes: &[(&'static str, &'static str)]) -> Settings {
        Settings::default().merged(changes.iter().map(|(name, text)| (*name, Some(*text)))).unwrap()
    }

    fn events(settings: &Settings, count: usize) -> Vec<Event> {
        let mut source = Simulated::new(settings, [7; 32]);
        (0..count).map(|_| source.event(Timestamp::default())).collect()
    }

    #[test]
    fn a_seed_gives_the_same_ids_and_values_on_every_machine() {
        let first = &events(&settings(&[("seed", "42")]), 1)[0];
        assert_eq!((&*first.id.text(), first.values[0]), SEED_42);
    }

    /// Recorded values: a change breaks links that users saved.
    const SEED_42: (&str, f64) = ("a15b5d39-b5bf-40ae-8891-7925c63f45f3", 48.48);

    #[test]
    fn values_have_two_decimals_and_fill_their_range() {
        let events = events(&settings(&[("measures", "flow,level")]), 20_000);
        let values = || events.iter().flat_map(|event| event.values.iter().copied());
        assert!(values().all(|value| (10.0..=100.0).contains(&value)));
        assert!(values().all(|value| ((value * 100.0).round() / 100.0) == value));
        let mean = values().sum::<f64>() / 40_000.0;
        assert_eq!(values().count(), 40_000);
        assert!((mean - 55.0).abs() < 1.0, "{mean}");
    }

    #[test]
    fn ids_are_version_4_and_unique_unless_distinct_ids_is_set() {
        let ids = |changes: &[_]| {
            let mut ids: Vec<_> = events(&settings(changes), 5000)
                .into_iter()
                .map(|event| match event.id {
                    Id::Uuid(uuid) => uuid,
                    Id::Text(text) => panic!("{text}"),
                })
                .collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        assert!(ids(&[]).iter().all(|uuid| uuid.get_version_num() == 4));
        assert_eq!(ids(&[]).len(), 5000);
        assert_eq!(ids(&[("distinct_ids", "100")]).len(), 100);
    }

    #[test]
    fn the_number_of_ids_does_not_change_the_values() {
        let values = |ids| {
            events(&settings(&[("seed", "1"), ("distinct_ids", ids)]), 50)
                .iter()
                .map(|e| e.values[0])
                .collect::<Vec<_>>()
        };
        assert_eq!(values("2"), values("900"));
    }
}
