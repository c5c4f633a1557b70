//! Undo and redo of changes to the settings.

use super::settings::patch;
use crate::pipeline::Settings;

/// Maximum number of steps kept.
const MAX_STEPS: usize = 100;

/// A setting that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name in the API.
    pub name: &'static str,
    /// The value before; `None` if unset.
    pub from: Option<String>,
    /// The value after.
    pub to: Option<String>,
}

impl Change {
    /// `window 5s → 30s`.
    fn text(&self) -> String {
        let value = |value: &Option<String>| match value {
            None => "unset".to_owned(),
            // An API key is hidden from bystanders.
            Some(_) if self.name == "api_key" => "a key".to_owned(),
            Some(text) => text.clone(),
        };
        [self.name, " ", &value(&self.from), " \u{2192} ", &value(&self.to)].concat()
    }
}

/// Settings that were changed together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// The title, such as the name of a preset; empty for a single setting.
    pub title: &'static str,
    /// The changes.
    pub changes: Vec<Change>,
}

impl Step {
    /// The differences between two states of the settings.
    #[must_use]
    pub fn between(title: &'static str, before: &Settings, after: &Settings) -> Self {
        let changed = Settings::FIELDS.iter().filter_map(|field| {
            let change = Change { name: field.name, from: field.get(before), to: field.get(after) };
            (change.from != change.to).then_some(change)
        });
        Self { title, changes: changed.collect() }
    }

    /// Its title, or its changes.
    #[must_use]
    pub fn text(&self) -> String {
        if self.title.is_empty() { self.list() } else { self.title.to_owned() }
    }

    /// All its changes.
    #[must_use]
    pub fn list(&self) -> String {
        self.changes.iter().map(Change::text).collect::<Vec<_>>().join(", ")
    }

    /// The body of the `PATCH config` that applies the step, or reverts it.
    #[must_use]
    pub fn body(&self, is_back: bool) -> String {
        patch(self.changes.iter().map(|change| {
            let value = if is_back { &change.from } else { &change.to };
            (change.name, value.as_deref())
        }))
    }
}

/// The steps to undo, and those to redo.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Undo {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Undo {
    /// Adds a step; steps to redo are removed.
    pub fn push(&mut self, step: Step) {
        self.undone.clear();
        if self.done.len() == MAX_STEPS {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    /// The next step to undo, or to redo.
    #[must_use]
    pub fn next(&self, is_back: bool) -> Option<&Step> {
        if is_back { self.done.last() } else { self.undone.last() }
    }

    /// Moves the next step from undo to redo, or back, and returns it.
    pub fn shift(&mut self, is_back: bool) -> Option<Step> {
        let (from, to) = if is_back { (&mut self.done, &mut self.undone) } else { (&mut self.undone, &mut self.done) };
        let step = from.pop()?;
        to.push(step.clone());
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(title: &'static str, changes: &[(&'static str, &'static str)]) -> Step {
        let before = Settings::default();
        let after = before.merged(changes.iter().map(|(name, text)| (*name, Some(*text)))).unwrap();
        Step::between(title, &before, &after)
    }

    #[test]
    fn a_step_names_what_changed_or_its_title() {
        assert_eq!(step("", &[("window", "30s"), ("batch_size", "10")]).text(), "window 5s \u{2192} 30s");
        let preset = step("1,000 sensors", &[("distinct_ids", "1000"), ("interval", "1ms")]);
        assert_eq!(preset.text(), "1,000 sensors");
        assert_eq!(preset.list(), "interval 1s \u{2192} 1ms, distinct_ids unset \u{2192} 1000");
    }

    #[test]
    fn a_step_can_be_sent_both_ways() {
        let step = step("", &[("window", "30s"), ("seed", "7")]);
        assert_eq!(step.body(false), r#"{"seed":7,"window":"30s"}"#);
        assert_eq!(step.body(true), r#"{"seed":null,"window":"5s"}"#);
    }

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(step("", &[("api_key", "s3cret")]).text(), "api_key unset \u{2192} a key");
    }

    #[test]
    fn steps_are_undone_newest_first_and_redone_until_a_new_step() {
        let (first, second, third) = (step("a", &[]), step("b", &[]), step("c", &[]));
        let mut undo = Undo::default();
        assert_eq!(undo.next(true), None);
        assert_eq!(undo.shift(true), None);
        undo.push(first.clone());
        undo.push(second.clone());
        assert_eq!(undo.shift(true), Some(second.clone()));
        assert_eq!(undo.next(true), Some(&first));
        assert_eq!(undo.next(false), Some(&second));
        assert_eq!(undo.shift(false), Some(second));
        undo.shift(true);
        undo.push(third.clone());
        assert_eq!((undo.next(false), undo.next(true)), (None, Some(&third)));
    }

    #[test]
    fn the_oldest_steps_are_removed_first() {
        let mut undo = Undo::default();
        (0..=MAX_STEPS).for_each(|_| undo.push(step("", &[])));
        assert_eq!(undo.done.len(), MAX_STEPS);
    }
}
