//! The settings: one flat struct, the same names in `PATCH /config`, in the page's address and in the controls.
//!
//! [`Settings::FIELDS`] is the only place that defines names, texts and limits.

use std::fmt;

use crate::frame::ops::{Agg, Closed, Window};
use crate::frame::write_number;
use crate::time::Duration;

/// The configuration of the pipeline; see `FIELDS` for meaning and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The source of events; none: only posted ones.
    pub source: SourceKind,
    /// Time between simulated events, from 1us.
    pub interval: Duration,
    /// The number of recurring ids; empty: a new UUID for each event.
    pub distinct_ids: Option<usize>,
    /// A seed that makes the run repeatable; empty: random.
    pub seed: Option<u64>,
    /// Smallest simulated value.
    pub min_value: f64,
    /// Largest simulated value.
    pub max_value: f64,
    /// How times are printed, and read where they carry no offset.
    pub clock: ClockKind,
    /// Events in a batch.
    pub batch_size: usize,
    /// A smaller batch is processed this long after its first event; empty: never.
    pub batch_wait: Option<Duration>,
    /// How far the rolling average looks back.
    pub window: Duration,
    /// Rows that a window needs for a result.
    pub min_periods: usize,
    /// Which ends of the window belong to it.
    pub closed: Closed,
    /// The aggregate of the window.
    pub agg: Agg,
    /// Stream: windows span batches; batch: each batch starts afresh.
    pub rolling_scope: RollingScope,
    /// The aggregate of the pivot for each id.
    pub aggfunc: Agg,
    /// Maximum number of waiting events.
    pub queue_capacity: usize,
    /// The policy for a full queue.
    pub overflow: Overflow,
    /// How much older than the newest an event may be.
    pub lateness: Duration,
    /// The policy for later events.
    pub late: Late,
    /// Rows kept; the oldest are removed first.
    pub history_rows: usize,
    /// Rows that stay in memory once they are on disk.
    pub memory_rows: usize,
    /// Whether the history outlives the tab.
    pub persist: bool,
    /// The Bearer key that requests need; empty: none.
    pub api_key: Option<String>,
    /// Requests a second; empty: no limit.
    pub rate_limit: Option<f64>,
    /// Whether the source is paused.
    pub paused: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            source: SourceKind::Simulated,
            interval: Duration::from_secs(1),
            distinct_ids: None,
            seed: None,
            min_value: 10.0,
            max_value: 100.0,
            clock: ClockKind::Local,
            batch_size: 10,
            batch_wait: None,
            window: Duration::from_secs(5),
            min_periods: 1,
            closed: Closed::Right,
            agg: Agg::Mean,
            rolling_scope: RollingScope::Stream,
            aggfunc: Agg::Mean,
            queue_capacity: 100_000,
            overflow: Overflow::Block,
            lateness: Duration::from_secs(3600),
            late: Late::Accept,
            history_rows: 1_000_000,
            memory_rows: 1_000_000,
            persist: true,
            api_key: None,
            rate_limit: None,
            paused: false,
        }
    }
}

/// A setting with a fixed set of names.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $type { $($(#[$variant_doc])* $variant),+ }

        impl $type {
            /// Its names in the order of the contract.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            fn parse(text: &str) -> Option<Self> {
                match text { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

named!(
    /// The source of events besides `POST /events`.
    SourceKind {
        /// Random readings, one each `interval`.
        Simulated = "simulated",
        /// Only posted events.
        None = "none",
    }
);
named!(
    /// How naive text is read and how instants are printed.
    ClockKind {
        /// In the browser's time zone.
        Local = "local",
        /// In UTC, with a `Z`.
        Utc = "utc",
    }
);
named!(
    /// How far a rolling average looks back.
    RollingScope {
        /// Over the whole stream.
        Stream = "stream",
        /// To the start of its batch or query, as the original does.
        Batch = "batch",
    }
);
named!(
    /// The policy for events that find the queue full.
    Overflow {
        /// The source waits.
        Block = "block",
        /// Posted events are refused with 503; the source waits.
        Reject = "reject",
        /// The oldest waiting event is dropped.
        DropOldest = "drop_oldest",
        /// The new event is dropped.
        DropNewest = "drop_newest",
    }
);
named!(
    /// The policy for events older than the newest timestamp less `lateness`.
    Late {
        /// They are processed like others.
        Accept = "accept",
        /// They become dead letters.
        Reject = "reject",
    }
);

/// The JSON type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As a string.
    Text,
    /// As a number.
    Number,
    /// As `true` or `false`.
    Bool,
}

/// The limits of a value, besides its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limits {
    /// No limits.
    None,
    /// A whole number from the first to the second, inclusive.
    Whole(u64, u64),
    /// A number from the first to the second, inclusive.
    Number(f64, f64),
    /// A length of time of at least this many nanoseconds.
    Duration(i64),
}

/// One setting: its name, meaning, type and limits, and how it is written and read.
pub struct Field {
    /// Its name everywhere.
    pub name: &'static str,
    /// Its meaning, in a sentence.
    pub doc: &'static str,
    /// Its type in JSON.
    pub kind: Kind,
    /// The limits of its value.
    pub limits: Limits,
    /// The accepted names, if it has a fixed set.
    pub choices: &'static [&'static str],
    get: fn(&Settings) -> Option<String>,
    set: fn(&mut Settings, &str) -> Result<(), String>,
}

impl Field {
    /// The value as text, `None` when it is unset.
    pub fn get(&self, settings: &Settings) -> Option<String> {
        (self.get)(settings)
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A refused value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// The setting.
    pub name: String,
    /// The given text.
    pub input: Option<String>,
    /// What is wrong, and which values are accepted.
    pub message: String,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

/// The aggregates of a rolling window.
pub(crate) const WINDOW_AGGS: &[&str] = &Agg::names::<{ Agg::ROLLING.len() }>(Agg::ROLLING);
/// The aggregates of a pivot.
pub(crate) const PIVOT_AGGS: &[&str] = &Agg::names::<{ Agg::PIVOT.len() }>(Agg::PIVOT);
/// The choices of the ends that belong to a window.
pub(crate) const CLOSED: &[&str] = &["right", "left", "both", "neither"];

/// The range of simulated values.
const READINGS: Limits = Limits::Number(-1e12, 1e12);

/// A field with a fixed set of names.
macro_rules! choice {
    ($name:ident, $choices:expr, $parse:expr, $doc:literal) => {
        Field {
            name: stringify!($name),
            doc: $doc,
            kind: Kind::Text,
            limits: Limits::None,
            choices: $choices,
            get: |s| Some(s.$name.name().to_owned()),
            set: |s, text| {
                s.$name = Some(text)
                    .filter(|text| $choices.contains(text))
                    .and_then($parse)
                    .ok_or_else(|| one_of(text, $choices))?;
                Ok(())
            },
        }
    };
}

/// A field whose text is parsed by a function.
macro_rules! field {
    ($name:ident, $kind:ident, $get:expr, $read:expr, $doc:literal) => {
        field!($name, $kind, Limits::None, $get, $read, $doc)
    };
    ($name:ident, $kind:ident, $limits:expr, $get:expr, $read:expr, $doc:literal) => {
        Field {
            name: stringify!($name),
            doc: $doc,
            kind: Kind::$kind,
            limits: $limits,
            choices: &[],
            get: |s| ($get)(&s.$name),
            set: |s, text| {
                s.$name = ($read)(text)?;
                Ok(())
            },
        }
    };
}

/// A field with a whole number.
macro_rules! whole {
    ($name:ident: $type:ty, $least:literal..=$most:expr, $get:expr, $doc:literal) => {
        field!(
            $name,
            Number,
            Limits::Whole($least, $most),
            $get,
            |text: &str| count(text, $least, $most).map(|count| (count as $type).into()),
            $doc
        )
    };
}

/// A field with a length of time.
macro_rules! span {
    ($name:ident, $least_nanos:literal, $get:expr, $doc:literal) => {
        field!(
            $name,
            Text,
            Limits::Duration($least_nanos),
            $get,
            |text: &str| duration(text, $least_nanos).map(Into::into),
            $doc
        )
    };
}

impl Settings {
    /// All settings in the order of the contract.
    pub const FIELDS: [Field; 25] = [
        choice!(source, SourceKind::NAMES, SourceKind::parse, "Where events come from; none: only posted ones."),
        span!(interval, 1_000, shown, "Time between simulated events."),
        whole!(distinct_ids: usize, 1..=1_000_000, shown_if_set, "The number of recurring ids; null: a new UUID for each event."),
        whole!(seed: u64, 0..=u64::MAX, shown_if_set, "Makes the run repeat exactly; null: random."),
        field!(min_value, Number, READINGS, shown_number, reading, "The smallest simulated value."),
        field!(max_value, Number, READINGS, shown_number, reading, "The largest simulated value."),
        choice!(
            clock,
            ClockKind::NAMES,
            ClockKind::parse,
            "How instants are printed, and read where they have no offset."
        ),
        whole!(batch_size: usize, 1..=1_000_000, shown, "The number of events that make a batch."),
        span!(batch_wait, 1_000_000, shown_if_set, "Or this long after its first event; null: never."),
        span!(window, 1, shown, "How far the rolling aggregate looks back."),
        whole!(min_periods: usize, 0..=1_000_000, shown, "Rows that a window needs; with fewer its aggregate is null."),
        choice!(closed, CLOSED, Closed::parse, "Which ends of the window belong to it."),
        choice!(agg, WINDOW_AGGS, Agg::parse, "What the window computes; it names the column, mean being moving_avg."),
        choice!(
            rolling_scope,
            RollingScope::NAMES,
            RollingScope::parse,
            "Whether windows reach across batches and queries."
        ),
        choice!(aggfunc, PIVOT_AGGS, Agg::parse, "What the pivot computes of the rows of an id."),
        whole!(queue_capacity: usize, 1..=10_000_000, shown, "Events that can wait."),
        choice!(overflow, Overflow::NAMES, Overflow::parse, "What happens when the queue is full; reject: 503."),
        span!(lateness, 0, shown, "An event is late when it is older than the newest by more."),
        choice!(late, Late::NAMES, Late::parse, "Whether late events are taken or become dead letters."),
        whole!(history_rows: usize, 1..=50_000_000, shown, "Rows kept; the oldest go first."),
        whole!(memory_rows: usize, 1..=50_000_000, shown, "Rows held in memory; older ones are read from disk when asked for."),
        field!(persist, Bool, shown, truth, "Whether the history is to outlive the tab."),
        field!(
            api_key,
            Text,
            shown_if_set,
            |text: &str| key(text).map(Some),
            "The Bearer key that requests need; null: none."
        ),
        field!(
            rate_limit,
            Number,
            shown_number_if_set,
            |text: &str| rate(text).map(Some),
            "Requests a second, with a burst of as many; null: no limit."
        ),
        field!(paused, Bool, shown, truth, "Whether the source rests."),
    ];

    /// The field of this name.
    pub fn field(name: &str) -> Option<&'static Field> {
        const FIELDS: &[Field] = &Settings::FIELDS;
        FIELDS.iter().find(|field| field.name == name)
    }

    /// The settings with these changes; `None` sets the default. On an error no change applies.
    ///
    /// # Errors
    /// One error for each refused change, in order; unknown names and values that do not fit together are refused too.
    pub fn merged<'a>(
        &self,
        changes: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<Self, Vec<SettingError>> {
        self.merged_all(&changes.into_iter().collect::<Vec<_>>())
    }

    fn merged_all(&self, changes: &[(&str, Option<&str>)]) -> Result<Self, Vec<SettingError>> {
        let mut merged = self.clone();
        let mut errors = Vec::new();
        let mut refuse = |name: &str, text: Option<&str>, message| {
            errors.push(SettingError { name: name.to_owned(), input: text.map(str::to_owned), message });
        };
        let changes: Vec<_> =
            changes.iter().map(|(name, text)| (*name, text.map(str::trim).filter(|text| !text.is_empty()))).collect();
        let mut is_read = true;
        for (name, text) in &changes {
            if let Err(message) = merged.set(name, *text) {
                refuse(name, *text, message);
                is_read = false;
            }
        }
        if is_read && let Err((names, message)) = merged.check_together() {
            // Report the setting that was changed just now, else the first of the two.
            let (name, text) = changes.into_iter().rfind(|(name, _)| names.contains(name)).unwrap_or((names[0], None));
            refuse(name, text, message);
        }
        if errors.is_empty() { Ok(merged) } else { Err(errors) }
    }

    /// The rolling window that these settings define.
    pub fn rolling_window(&self) -> Window {
        Window { min_periods: self.min_periods, closed: self.closed, ..Window::new(self.window, self.agg) }
    }

    fn set(&mut self, name: &str, text: Option<&str>) -> Result<(), String> {
        let field =
            Self::field(name).ok_or_else(|| format!("no setting is called \"{name}\"; GET /config lists them"))?;
        let default = Self::default();
        match text.map(str::to_owned).or_else(|| field.get(&default)) {
            Some(text) => (field.set)(self, &text),
            None => {
                // Only these have no value by default.
                match name {
                    "distinct_ids" => self.distinct_ids = None,
                    "seed" => self.seed = None,
                    "batch_wait" => self.batch_wait = None,
                    "api_key" => self.api_key = None,
                    _ => self.rate_limit = None,
                }
                Ok(())
            }
        }
    }

    fn check_together(&self) -> Result<(), ([&'static str; 2], String)> {
        if self.min_value > self.max_value {
            let (min_value, max_value) = (write_number(self.min_value), write_number(self.max_value));
            let message = format!("min_value {min_value} is above max_value {max_value}; swap them");
            return Err((["min_value", "max_value"], message));
        }
        if self.batch_size > self.queue_capacity {
            let message = format!(
                "batch_size {} does not fit into queue_capacity {}; make the queue larger or the batch smaller",
                self.batch_size, self.queue_capacity
            );
            return Err((["batch_size", "queue_capacity"], message));
        }
        Ok(())
    }
}

fn shown(value: &impl fmt::Display) -> Option<String> {
    Some(value.to_string())
}

fn shown_if_set(value: &Option<impl fmt::Display>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

fn shown_number(value: &f64) -> Option<String> {
    Some(write_number(*value))
}

fn shown_number_if_set(value: &Option<f64>) -> Option<String> {
    value.map(write_number)
}

fn one_of(text: &str, choices: &[&str]) -> String {
    format!("\"{text}\" is not one of {}", choices.join(", "))
}

fn count(text: &str, least: u64, most: u64) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|count| (least..=most).contains(count))
        .ok_or_else(|| format!("\"{text}\" is not a whole number from {least} to {most}"))
}

fn duration(text: &str, least_nanos: i64) -> Result<Duration, String> {
    let duration = Duration::parse(text).map_err(|error| error.to_string())?;
    if duration.as_nanos() < least_nanos {
        return Err(format!("\"{text}\" is too short; use at least {}", Duration::from_nanos(least_nanos)));
    }
    Ok(duration)
}

fn reading(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|value| value.abs() <= 1e12)
        .ok_or_else(|| format!("\"{text}\" is not a number from -1e12 to 1e12"))
}

/// A text that a header can carry as one word. Errors do not quote it, since it is a secret.
fn key(text: &str) -> Result<String, String> {
    if text.len() <= 256 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err("a key has 1 to 256 visible ASCII characters and no spaces".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|rate| *rate > 0.0 && *rate <= 1e6)
        .ok_or_else(|| format!("\"{text}\" is not a number of requests a second above 0 and up to 1000000"))
}

fn truth(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("\"{text}\" is neither true nor false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_reads_back_as_itself() {
        let default = Settings::default();
        for field in &Settings::FIELDS {
            let text = field.get(&default);
            assert_eq!(default.merged([(field.name, text.as_deref())]), Ok(default.clone()), "{}", field.name);
        }
    }

    #[test]
    fn every_choice_is_accepted_and_printed_again() {
        for field in &Settings::FIELDS {
            for choice in field.choices {
                let merged = Settings::default().merged([(field.name, Some(*choice))]).unwrap();
                assert_eq!(field.get(&merged).as_deref(), Some(*choice));
            }
        }
    }

    #[test]
    fn all_bad_values_are_reported_at_once_and_nothing_changes() {
        let errors = Settings::default()
            .merged([
                ("batch_size", Some("0")),
                ("interval", Some("soon")),
                ("colour", Some("red")),
                ("seed", Some("7")),
            ])
            .unwrap_err();
        assert_eq!(
            errors.iter().map(|error| error.name.as_str()).collect::<Vec<_>>(),
            ["batch_size", "interval", "colour"]
        );
        assert!(
            errors
                .iter()
                .all(|error| error.message.contains(error.input.as_deref().unwrap()) || error.name == "colour")
        );
    }

    #[test]
    fn values_that_do_not_fit_together_are_refused() {
        let settings = Settings::default();
        assert_eq!(settings.merged([("min_value", Some("200"))]).unwrap_err()[0].name, "min_value");
        assert_eq!(settings.merged([("queue_capacity", Some("5"))]).unwrap_err()[0].name, "queue_capacity");
        assert!(settings.merged([("queue_capacity", Some("5")), ("batch_size", Some("5"))]).is_ok());
    }

    #[test]
    fn none_and_empty_set_the_default() {
        let settings = Settings::default().merged([("seed", Some("7")), ("batch_size", Some("20"))]).unwrap();
        assert_eq!(settings.merged([("seed", None), ("batch_size", Some(""))]), Ok(Settings::default()));
    }
}
