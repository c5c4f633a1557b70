//! The settings: one flat struct, the same names in `PATCH /config`, in the page's address and in the controls.
//!
//! The rows of `settings!` are the only place that defines names, types, defaults, limits, units and meanings; the struct
//! [`Settings`] and the table [`Settings::FIELDS`] are made from them.

use std::fmt;

use super::Measures;
use super::live_values::{
    NATS_NAME_PATTERN, NatsName, NatsStart, SOURCE_URL_PATTERN, SUBJECT_FILTER_PATTERN, SUBJECT_PATTERN, SourceUrl,
    Subject, SubjectFilter, hide_user,
};
use super::rolling::RollingOptions;
use super::setting_value::{
    ClockKind, Decimal, Delimiter, Header, Kind, Late, Limits, Missing, NatsMode, Overflow, RollingBy, RollingScope,
    SettingValue, SourceFormat, SourceKind,
};
use crate::frame::ops::{Agg, Closed, Window};
use crate::frame::write_number;
use crate::time::{Duration, TIMESTAMP_FORMAT_PATTERN, TimestampFormat, ZONE_NAME_PATTERN, ZoneName};

/// The setting that is a secret: no address and no answer shows it.
pub const API_KEY: &str = "api_key";
/// What an answer shows of a secret that is set, as pydantic's `SecretStr` does. As a new value it leaves the secret as it
/// is, so that settings which are sent back as they came change nothing.
pub const MASK: &str = "**********";

/// One setting: a row of the table.
pub struct Field {
    /// Its name everywhere.
    pub name: &'static str,
    /// Its meaning, in a sentence.
    pub doc: &'static str,
    /// Its type in JSON.
    pub kind: Kind,
    /// The limits of its value.
    pub limits: Limits,
    /// The accepted names, if its limits are such.
    pub choices: &'static [&'static str],
    /// What a number counts; empty for all else, since a length of time is written with its unit.
    pub unit: &'static str,
    get: fn(&Settings) -> Option<String>,
    set: fn(&mut Settings, Option<&str>) -> Result<(), String>,
}

impl Field {
    /// The value as text, `None` when it is unset.
    pub fn get(&self, settings: &Settings) -> Option<String> {
        (self.get)(settings)
    }

    /// The value as answers show it: as text, a secret as [`MASK`], `None` when it is unset.
    pub fn shown(&self, settings: &Settings) -> Option<String> {
        let value = self.get(settings);
        if self.is_secret() { value.map(|_| MASK.to_owned()) } else { value }
    }

    /// Whether the value is a secret.
    pub fn is_secret(&self) -> bool {
        self.name == API_KEY
    }

    /// The default as text, `None` when the setting is unset by default.
    pub fn default(&self) -> Option<String> {
        self.get(&Settings::default())
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

/// Makes [`Settings`], its default and [`Settings::FIELDS`] of rows: name, type, default, limits, unit, meaning.
macro_rules! settings {
    ($($name:ident: $type:ty = $default:expr, $limits:expr, $unit:literal, $doc:literal;)+) => {
        /// The configuration of the pipeline.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Settings {
            $(#[doc = $doc] pub $name: $type,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Settings {
            /// All settings in the order of the contract.
            pub const FIELDS: [Field; [$(stringify!($name)),+].len()] = [$(Field {
                name: stringify!($name),
                doc: $doc,
                kind: <$type as SettingValue>::KIND,
                limits: $limits,
                choices: $limits.choices(),
                unit: $unit,
                get: |settings| settings.$name.write(),
                set: |settings, text| {
                    settings.$name = match text {
                        Some(text) => SettingValue::read(text, $limits)?,
                        None => $default,
                    };
                    Ok(())
                },
            }),+];
        }
    };
}

settings! {
    source: SourceKind = SourceKind::Simulated, Limits::Choices(SourceKind::NAMES), "",
        "Where events come from; none: only posted ones.";
    interval: Duration = Duration::from_secs(1), Limits::Duration(1_000), "",
        "Time between simulated events.";
    distinct_ids: Option<usize> = None, Limits::Whole(1, 1_000_000), "ids",
        "The number of recurring ids; null: a new UUID for each event.";
    seed: Option<u64> = None, Limits::Whole(0, u64::MAX), "",
        "Makes the run repeat exactly; null: random.";
    min_value: f64 = 10.0, Limits::Number(-1e12, 1e12), "",
        "The smallest simulated value.";
    max_value: f64 = 100.0, Limits::Number(-1e12, 1e12), "",
        "The largest simulated value.";
    clock: ClockKind = ClockKind::Local, Limits::Choices(ClockKind::NAMES), "",
        "How instants are printed, and read where they have no offset.";
    batch_size: usize = 10, Limits::Whole(1, 1_000_000), "events",
        "The number of events that make a batch.";
    batch_wait: Option<Duration> = None, Limits::Duration(1_000_000), "",
        "Or this long after its first event; null: never.";
    window: Duration = Duration::from_secs(5), Limits::Duration(1), "",
        "How far the rolling aggregate looks back.";
    min_periods: usize = 1, Limits::Whole(0, 1_000_000), "rows",
        "Rows that a window needs; with fewer its aggregate is null.";
    closed: Closed = Closed::Right, Limits::Choices(CLOSED), "",
        "Which ends of the window belong to it.";
    agg: Agg = Agg::Mean, Limits::Choices(WINDOW_AGGS), "",
        "What the window computes; it names the column, mean being moving_avg.";
    rolling_scope: RollingScope = RollingScope::Stream, Limits::Choices(RollingScope::NAMES), "",
        "Whether windows reach across batches and queries.";
    rolling_by: RollingBy = RollingBy::All, Limits::Choices(RollingBy::NAMES), "",
        "Whether all rows share a window or each id has its own.";
    measures: Measures = Measures::default(), Limits::Measures, "",
        "The numeric fields that events carry, separated by commas.";
    missing: Missing = Missing::Reject, Limits::Choices(Missing::NAMES), "",
        "Whether events that lack a measure are refused, or taken when they have another one.";
    timestamp_field: String = "timestamp".to_owned(), Limits::Text(256), "",
        "The field that holds the time of an event.";
    id_field: String = "id".to_owned(), Limits::Text(256), "",
        "The field that holds the id of an event.";
    aggfunc: Agg = Agg::Mean, Limits::Choices(PIVOT_AGGS), "",
        "What the pivot computes of the rows of an id.";
    queue_capacity: usize = 100_000, Limits::Whole(1, 10_000_000), "events",
        "Events that can wait.";
    overflow: Overflow = Overflow::Block, Limits::Choices(Overflow::NAMES), "",
        "What happens when the queue is full; reject: 503.";
    lateness: Duration = Duration::from_secs(3600), Limits::Duration(0), "",
        "An event is late when it is older than the newest by more.";
    late: Late = Late::Accept, Limits::Choices(Late::NAMES), "",
        "Whether late events are taken or become dead letters.";
    history_rows: usize = 1_000_000, Limits::Whole(1, 50_000_000), "rows",
        "Rows kept; the oldest go first.";
    history_age: Option<Duration> = None, Limits::Duration(1), "",
        "Rows older than the newest by more are not kept; null: of any age.";
    memory_rows: usize = 1_000_000, Limits::Whole(1, 50_000_000), "rows",
        "Rows held in memory; older ones are read from disk when asked for.";
    persist: bool = true, Limits::None, "",
        "Whether the history is to outlive the tab.";
    api_key: Option<String> = None, Limits::Word(256), "",
        "The Bearer key that requests need; null: none.";
    rate_limit: Option<f64> = None, Limits::Above(0.0, 1e6), "requests a second",
        "Requests a second, with a burst of as many; null: no limit.";
    paused: bool = false, Limits::None, "",
        "Whether the source rests.";
    source_url: Option<SourceUrl> = None, Limits::Form(SOURCE_URL_PATTERN), "",
        "The address of a live source: ws:// or wss:// of websocket and nats, http:// or https:// of sse and poll.";
    source_format: SourceFormat = SourceFormat::Auto, Limits::Choices(SourceFormat::NAMES), "",
        "The format of a source's bytes; auto: as they show.";
    delimiter: Delimiter = Delimiter::Auto, Limits::Delimiter, "",
        "What stands between two fields of CSV: a punctuation mark, tab or space; auto: as its first lines show.";
    decimal: Decimal = Decimal::Auto, Limits::Choices(Decimal::NAMES), "",
        "What stands before the fraction of a number in CSV; auto: a point, or a comma where it is not the delimiter.";
    header: Header = Header::Auto, Limits::Choices(Header::NAMES), "",
        "Whether the first row of CSV names its columns; auto: as its first rows show.";
    timestamp_format: TimestampFormat = TimestampFormat::Auto, Limits::Form(TIMESTAMP_FORMAT_PATTERN), "",
        "How times are written: auto, iso, epoch, or a strftime pattern such as %d.%m.%Y %H:%M:%S.";
    timestamp_zone: ZoneName = ZoneName::Clock, Limits::Form(ZONE_NAME_PATTERN), "",
        "The zone of times without an offset: clock, local, utc, or an IANA name such as Europe/Berlin.";
    replay_speed: Option<f64> = None, Limits::Number(0.1, 10_000.0), "times its pace",
        "A file becomes a stream at so many times its own pace; null: it is loaded at once.";
    poll_interval: Duration = Duration::from_secs(5), Limits::Duration(1_000_000), "",
        "Time between two requests of source poll.";
    nats_stream: Option<NatsName> = None, Limits::Form(NATS_NAME_PATTERN), "",
        "The JetStream stream that source nats reads.";
    nats_subject: SubjectFilter = SubjectFilter::default(), Limits::Form(SUBJECT_FILTER_PATTERN), "",
        "The subject whose messages are read; * is any one word of it, a last > is the rest.";
    nats_start: NatsStart = NatsStart::New, Limits::NatsStart, "",
        "Where a stream is read from that was not read before: new, all, a sequence or a time.";
    nats_mode: NatsMode = NatsMode::Follow, Limits::Choices(NatsMode::NAMES), "",
        "Whether each pipeline sees all messages, or pipelines share a durable consumer and each message goes to one.";
    nats_durable: Option<NatsName> = None, Limits::Form(NATS_NAME_PATTERN), "",
        "The durable consumer that pipelines share.";
    sink_subject: Option<Subject> = None, Limits::Form(SUBJECT_PATTERN), "",
        "The subject to which each processed batch is published, once; null: none.";
}

impl Settings {
    /// The name and the text of each setting, as an address has them; `None` where it has no value.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, Option<String>)> {
        Self::FIELDS.iter().map(|field| (field.name.to_owned(), field.get(self))).collect()
    }

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
            // A password that stands in an address is not repeated.
            let input = text.map(|text| if name == "source_url" { hide_user(text) } else { text.to_owned() });
            errors.push(SettingError { name: name.to_owned(), input, message });
        };
        let changes: Vec<_> = changes
            .iter()
            .map(|(name, text)| (*name, text.map(str::trim).filter(|text| !text.is_empty())))
            .filter(|(name, text)| *name != API_KEY || *text != Some(MASK))
            .collect();
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

    /// The rolling windows that these settings define, and which rows share one.
    pub fn rolling_options(&self) -> RollingOptions {
        RollingOptions { window: self.rolling_window(), scope: self.rolling_scope, by: self.rolling_by }
    }

    fn set(&mut self, name: &str, text: Option<&str>) -> Result<(), String> {
        let field =
            Self::field(name).ok_or_else(|| format!("no setting is called \"{name}\"; GET /config lists them"))?;
        (field.set)(self, text)
    }

    /// The address of the NATS server to which batches are published: that of source `nats`, or of a source that has
    /// no address of its own. `None` when nothing is published.
    #[must_use]
    pub fn sink_url(&self) -> Option<&SourceUrl> {
        let has_own = self.source.is_live() && self.source != SourceKind::Nats;
        self.source_url.as_ref().filter(|_| self.sink_subject.is_some() && !has_own)
    }

    fn check_together(&self) -> Result<(), ([&'static str; 2], String)> {
        self.check_live()?;
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
        if self.timestamp_field == self.id_field {
            let message = format!(
                "timestamp_field and id_field are both \"{}\"; one field cannot hold the time and the id",
                self.id_field
            );
            return Err((["timestamp_field", "id_field"], message));
        }
        for (name, field) in [("timestamp_field", &self.timestamp_field), ("id_field", &self.id_field)] {
            if self.measures.position(field).is_some() {
                let message = format!("{name} and a measure are both \"{field}\"; leave one of them out");
                return Err((["measures", name], message));
            }
        }
        Ok(())
    }
}

impl Settings {
    /// Whether the settings of live sources fit together. What is missing is not refused: it may come with the next
    /// change, and the state of the source names it until then.
    fn check_live(&self) -> Result<(), ([&'static str; 2], String)> {
        let kind = self.source.name();
        if let Some(url) = &self.source_url {
            let (is_socket, reader) = match self.source {
                SourceKind::Websocket | SourceKind::Nats => (true, "source"),
                SourceKind::Sse | SourceKind::Poll => (false, "source"),
                SourceKind::Simulated | SourceKind::None | SourceKind::File => (true, "sink_subject"),
            };
            let is_read = self.source.is_live() || self.sink_subject.is_some();
            if is_read && url.scheme().is_socket() != is_socket {
                let user = if self.source.is_live() { ["source ", kind].concat() } else { reader.to_owned() };
                let begin = if is_socket { "ws:// or wss://" } else { "http:// or https://" };
                let message = format!(
                    "source_url \"{}\" does not begin with {begin}, as {user} needs; change both at once",
                    url.as_str()
                );
                return Err((["source_url", reader], message));
            }
        }
        if let Some(subject) = self.sink_subject.as_ref().filter(|_| self.source.is_live())
            && self.source != SourceKind::Nats
        {
            let message = format!(
                "batches cannot be published to \"{}\" while source {kind} reads source_url, which would have to name \
                 the NATS server; use source nats, or leave sink_subject out",
                subject.as_str()
            );
            return Err((["sink_subject", "source"], message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_reads_back_as_itself() {
        let default = Settings::default();
        for field in &Settings::FIELDS {
            let text = field.default();
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
    fn an_address_and_what_reads_it_fit_together() {
        let refused = |changes: &[(&str, &str)]| {
            let changes = changes.iter().map(|(name, text)| (*name, Some(*text)));
            Settings::default().merged(changes).err().map(|errors| errors[0].name.clone())
        };
        let (socket, http) = (("source_url", "ws://a"), ("source_url", "http://a"));
        for (kind, fits) in [("websocket", socket), ("nats", socket), ("sse", http), ("poll", http)] {
            let other = if fits == socket { http } else { socket };
            assert_eq!(refused(&[("source", kind)]), None, "the address may come later");
            assert_eq!(refused(&[("source", kind), fits]), None);
            assert_eq!(refused(&[("source", kind), other]).as_deref(), Some("source_url"), "{kind}");
            assert_eq!(refused(&[other, ("source", kind)]).as_deref(), Some("source"), "{kind}");
        }
        assert_eq!(refused(&[http]), None, "nothing reads it");
        let sink = ("sink_subject", "out");
        assert_eq!(refused(&[sink, socket]), None);
        assert_eq!(refused(&[sink, http]).as_deref(), Some("source_url"));
        assert_eq!(refused(&[("source", "nats"), sink, socket]), None);
        assert_eq!(refused(&[("source", "websocket"), sink, socket]).as_deref(), Some("sink_subject"));
    }

    #[test]
    fn no_refused_address_shows_a_password() {
        let error = &Settings::default().merged([("source_url", Some("ws://u:s3cret@h/"))]).unwrap_err()[0];
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }

    #[test]
    fn a_delimiter_is_a_mark_or_a_name() {
        for (text, byte) in
            [("auto", None), ("tab", Some(b'\t')), (r"\t", Some(b'\t')), ("space", Some(b' ')), (";", Some(b';'))]
        {
            let settings = Settings::default().merged([("delimiter", Some(text))]).unwrap();
            assert_eq!(settings.delimiter.byte(), byte, "{text}");
            let written = Settings::field("delimiter").and_then(|field| field.get(&settings));
            assert_eq!(settings.merged([("delimiter", written.as_deref())]), Ok(settings.clone()));
        }
        for text in ["x", "7", "\"", "§", ";;"] {
            assert!(Settings::default().merged([("delimiter", Some(text))]).is_err(), "{text}");
        }
    }

    #[test]
    fn a_field_has_one_meaning() {
        let refused = |changes: &[(&str, &str)]| {
            let changes = changes.iter().map(|(name, text)| (*name, Some(*text)));
            Settings::default().merged(changes).err().map(|errors| errors[0].name.clone())
        };
        assert_eq!(refused(&[("id_field", "timestamp")]).as_deref(), Some("id_field"));
        assert_eq!(refused(&[("measures", "a,b"), ("timestamp_field", "b")]).as_deref(), Some("timestamp_field"));
        assert_eq!(refused(&[("id_field", "sensor"), ("measures", "a,sensor")]).as_deref(), Some("measures"));
        assert_eq!(refused(&[("id_field", "timestamp"), ("timestamp_field", "id")]), None);
    }

    /// A valid text that is not the default.
    fn other_value(field: &Field) -> String {
        match field.limits {
            Limits::None => (field.default().as_deref() != Some("true")).to_string(),
            Limits::Choices(names) => {
                let mut others = names.iter().filter(|name| field.default().as_deref() != Some(**name));
                others.next().unwrap().to_string()
            }
            Limits::Whole(least, _) => (least + 2).to_string(),
            Limits::Number(..) | Limits::Above(..) => "2.5".to_owned(),
            Limits::Duration(_) => "7s".to_owned(),
            Limits::Word(_) => "k".to_owned(),
            Limits::Measures => "flow,\"a,b\"".to_owned(),
            Limits::Delimiter => "tab".to_owned(),
            _ => match field.name {
                "timestamp_format" => "iso".to_owned(),
                "timestamp_zone" => "utc".to_owned(),
                "source_url" => "wss://example.org/stream".to_owned(),
                "nats_start" => "all".to_owned(),
                "nats_stream" | "nats_durable" | "nats_subject" | "sink_subject" => "flow".to_owned(),
                _ => format!("{} of the sender", field.name),
            },
        }
    }

    #[test]
    fn a_setting_without_a_value_gets_its_default_and_no_other_setting_changes() {
        let mut changed = Settings::default();
        for field in &Settings::FIELDS {
            changed.set(field.name, Some(&other_value(field))).unwrap();
        }
        for field in &Settings::FIELDS {
            let mut reset = changed.clone();
            reset.set(field.name, None).unwrap();
            for other in &Settings::FIELDS {
                let expected = if other.name == field.name { other.default() } else { Some(other_value(other)) };
                assert_eq!(other.get(&reset), expected, "{} without {}", other.name, field.name);
            }
        }
    }

    #[test]
    fn a_refusal_names_the_limits_and_never_a_key() {
        let refusal = |name, text| Settings::default().merged([(name, Some(text))]).unwrap_err()[0].message.clone();
        for (name, text, message) in [
            ("batch_size", "1.5", "\"1.5\" is not a whole number from 1 to 1000000"),
            ("min_value", "nan", "\"nan\" is not a number from -1000000000000 to 1000000000000"),
            ("rate_limit", "0", "\"0\" is not a number above 0 and up to 1000000"),
            ("interval", "10ns", "\"10ns\" is too short; use at least 1us"),
            ("late", "maybe", "\"maybe\" is not one of accept, reject"),
            ("measures", "a,,b", "measure 2 of the list is empty; name one between each two commas"),
            ("measures", "a,b,a", "\"a\" is named twice; name each measure once"),
            ("decimal", "comma", "\"comma\" is not one of auto, ., ,"),
            (
                "delimiter",
                "ab",
                "\"ab\" is not a delimiter; write auto, tab, space or one ASCII punctuation mark other than a quote",
            ),
            ("paused", "no", "\"no\" is neither true nor false"),
            ("api_key", "two words", "write 1 to 256 visible ASCII characters and no spaces"),
        ] {
            assert_eq!(refusal(name, text), message);
        }
    }

    #[test]
    fn a_secret_is_masked_and_its_mask_changes_nothing() {
        let secret = Settings::field(API_KEY).unwrap();
        let settings = Settings::default().merged([(API_KEY, Some("k")), ("seed", Some("7"))]).unwrap();
        assert_eq!(secret.shown(&settings).as_deref(), Some(MASK));
        assert_eq!(secret.shown(&Settings::default()), None);
        let shown = Settings::FIELDS.each_ref().map(|field| (field.name, field.shown(&settings)));
        let sent_back = shown.iter().map(|(name, text)| (*name, text.as_deref()));
        assert_eq!(Settings::default().merged([(API_KEY, Some(MASK))]), Ok(Settings::default()));
        assert_eq!(settings.merged(sent_back), Ok(settings.clone()));
    }

    #[test]
    fn none_and_empty_set_the_default() {
        let settings = Settings::default().merged([("seed", Some("7")), ("batch_size", Some("20"))]).unwrap();
        assert_eq!(settings.merged([("seed", None), ("batch_size", Some(""))]), Ok(Settings::default()));
    }
}
