//! The settings that decide what stays stored, which changes of them take something away, and which of them an address
//! sets.

use super::Settings;

/// The settings by which stored rows go, or new ones are no longer stored.
pub const KEEPING: [&str; 3] = ["history_rows", "history_age", "persist"];

impl Settings {
    /// Those of [`KEEPING`] by which `after` keeps less than these settings: fewer rows, only younger ones, or new ones
    /// in memory alone. A limit that no row has reached yet counts too: rows would go sooner.
    #[must_use]
    pub fn keeps_less(&self, after: &Self) -> Vec<&'static str> {
        let is_younger = match (self.history_age, after.history_age) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => after < before,
        };
        let is_less = [after.history_rows < self.history_rows, is_younger, self.persist && !after.persist];
        KEEPING.into_iter().zip(is_less).filter_map(|(name, is_less)| is_less.then_some(name)).collect()
    }

    /// Sets these of [`KEEPING`] to what they are in `other`.
    pub fn keep_as(&mut self, other: &Self, names: &[&str]) {
        for name in names {
            match *name {
                "history_rows" => self.history_rows = other.history_rows,
                "history_age" => self.history_age = other.history_age,
                "persist" => self.persist = other.persist,
                _ => {}
            }
        }
    }
}

/// Those of `names` that an address sets: it names them, with values that are accepted.
pub fn named_settings<'a>(query: &str, names: &[&'a str]) -> Vec<&'a str> {
    let pairs: Vec<_> = form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).collect();
    let is_set = |wanted: &str| {
        let mut values = pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| &**value).peekable();
        let is_accepted = |value| Settings::default().merged([(wanted, Some(value))]).is_ok();
        values.peek().is_some() && values.all(is_accepted)
    };
    names.iter().copied().filter(|name| is_set(name)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with(changes: &[(&str, &str)]) -> Settings {
        Settings::default().merged(changes.iter().map(|(name, text)| (*name, Some(*text)))).unwrap()
    }

    #[test]
    fn fewer_rows_younger_rows_and_rows_in_memory_are_less() {
        let before = with(&[("history_rows", "1000"), ("history_age", "1d")]);
        let less = |changes: &[(&str, &str)]| before.keeps_less(&with(changes));
        assert_eq!(less(&[("history_rows", "999"), ("history_age", "1d")]), ["history_rows"]);
        assert_eq!(less(&[("history_rows", "1000"), ("history_age", "23h")]), ["history_age"]);
        assert_eq!(less(&[("history_rows", "1"), ("history_age", "1s"), ("persist", "false")]), KEEPING);
        assert!(less(&[("history_rows", "1001"), ("memory_rows", "1")]).is_empty(), "rows of any age are more");
        assert_eq!(Settings::default().keeps_less(&with(&[("history_age", "100d")])), ["history_age"]);
        assert!(with(&[("persist", "false")]).keeps_less(&with(&[("persist", "false")])).is_empty());
    }

    #[test]
    fn no_other_setting_keeps_less() {
        let before = with(&[("source", "none"), ("queue_capacity", "100000")]);
        let after = with(&[("batch_size", "1"), ("memory_rows", "1"), ("late", "reject"), ("paused", "true")]);
        assert!(before.keeps_less(&after).is_empty());
    }

    #[test]
    fn a_setting_is_set_by_an_address_with_an_accepted_value_only() {
        let named = |query| named_settings(query, &["history_rows", "history_age", "persist"]);
        assert_eq!(named("?persist=0&history_rows=%31&window=5s"), ["history_rows", "persist"]);
        assert_eq!(named("history_rows=none&history_age=&persist"), ["history_age", "persist"]);
        assert!(named("history_rows=5&history_rows=x").is_empty(), "refused as a whole");
        assert!(named("History_rows=5&history%20rows=5").is_empty());
    }

    fn settings() -> impl Strategy<Value = Settings> {
        let age = proptest::option::of(1..1000_i64).prop_map(|secs| secs.map(crate::time::Duration::from_secs));
        (1..1000_usize, age, any::<bool>()).prop_map(|(history_rows, history_age, persist)| Settings {
            history_rows,
            history_age,
            persist,
            ..Settings::default()
        })
    }

    /// Whether a row of this rank (0: the newest) and age is stored, and on disk, under these settings.
    fn fate(settings: &Settings, rank: usize, age_secs: i64) -> (bool, bool) {
        let is_young = settings.history_age.is_none_or(|limit| age_secs * 1_000_000_000 <= limit.as_nanos());
        let is_stored = rank < settings.history_rows && is_young;
        (is_stored, is_stored && settings.persist)
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn what_keeps_less_is_what_loses_a_row(before in settings(), after in settings()) {
            // Each setting by itself, so that none hides what another one takes.
            let mut found = Vec::new();
            for name in KEEPING {
                let mut changed = before.clone();
                changed.keep_as(&after, &[name]);
                // Only rows that are not taken by another limit tell the difference.
                let free = Settings { history_rows: 1000, history_age: None, persist: true, ..before.clone() };
                let (mut old, mut new) = (free.clone(), free);
                old.keep_as(&before, &[name]);
                new.keep_as(&changed, &[name]);
                let is_lost = (0..1001).any(|step: usize| {
                    let rows = [(step, 0), (0, step as i64)];
                    rows.into_iter().any(|(rank, age)| {
                        let (was, is) = (fate(&old, rank, age), fate(&new, rank, age));
                        (was.0 && !is.0) || (was.1 && !is.1)
                    })
                });
                if is_lost {
                    found.push(name);
                }
            }
            prop_assert_eq!(before.keeps_less(&after), found);
        }

        #[test]
        fn nothing_is_less_once_the_settings_that_keep_less_are_as_before(before in settings(), after in settings()) {
            let mut held = after.clone();
            held.keep_as(&before, &before.keeps_less(&after));
            prop_assert!(before.keeps_less(&held).is_empty());
            prop_assert!(held.keeps_less(&after).iter().all(|name| before.keeps_less(&after).contains(name)));
        }
    }
}
