//! The values of settings: their types, their limits, and how they are written and read as text.

use super::Measures;
use crate::frame::ops::{Agg, Closed};
use crate::frame::write_number;
use crate::time::{Duration, TimestampFormat, ZoneName};

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
    /// One of these names.
    Choices(&'static [&'static str]),
    /// A whole number from the first to the second, inclusive.
    Whole(u64, u64),
    /// A number from the first to the second, inclusive.
    Number(f64, f64),
    /// A number above the first, up to and including the second.
    Above(f64, f64),
    /// A length of time of at least this many nanoseconds.
    Duration(i64),
    /// A text of 1 to this many visible ASCII characters, which a header can carry as one word.
    Word(usize),
    /// A text of 1 to this many bytes of UTF-8, with no blanks around it.
    Text(usize),
    /// Names of measures as one CSV record, see [`MEASURES_PATTERN`](super::MEASURES_PATTERN).
    Measures,
    /// `auto`, or the byte between two fields of CSV, see [`DELIMITER_PATTERN`].
    Delimiter,
    /// A text that this regular expression describes.
    Form(&'static str),
    /// Where a stream begins, see [`NatsStart`](super::NatsStart).
    NatsStart,
}

/// What a setting of [`Limits::Delimiter`] can be, for the openapi document.
pub const DELIMITER_PATTERN: &str = r"^(?:auto|tab|\\t|space|[!#-/:-@\[-`{-~])$";

impl Limits {
    /// The accepted names; empty when there is no fixed set.
    pub(super) const fn choices(self) -> &'static [&'static str] {
        if let Self::Choices(names) = self { names } else { &[] }
    }
}

/// The type of a setting's value.
pub(super) trait SettingValue: Sized {
    /// Its type in JSON.
    const KIND: Kind;

    /// The value as text, `None` when it is unset.
    fn write(&self) -> Option<String>;

    /// The value that a text means.
    ///
    /// # Errors
    /// What is wrong, and which values are accepted.
    fn read(text: &str, limits: Limits) -> Result<Self, String>;
}

impl<T: SettingValue> SettingValue for Option<T> {
    const KIND: Kind = T::KIND;

    fn write(&self) -> Option<String> {
        self.as_ref().and_then(T::write)
    }

    fn read(text: &str, limits: Limits) -> Result<Self, String> {
        T::read(text, limits).map(Some)
    }
}

impl SettingValue for u64 {
    const KIND: Kind = Kind::Number;

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn read(text: &str, limits: Limits) -> Result<Self, String> {
        let (least, most) = if let Limits::Whole(least, most) = limits { (least, most) } else { (0, Self::MAX) };
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| format!("\"{text}\" is not a whole number from {least} to {most}"))
    }
}

impl SettingValue for usize {
    const KIND: Kind = Kind::Number;

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn read(text: &str, limits: Limits) -> Result<Self, String> {
        // The limits of counts fit into 32 bits.
        u64::read(text, limits).map(|number| number as Self)
    }
}

impl SettingValue for f64 {
    const KIND: Kind = Kind::Number;

    fn write(&self) -> Option<String> {
        Some(write_number(*self))
    }

    fn read(text: &str, limits: Limits) -> Result<Self, String> {
        let number = text.parse().ok().filter(|number: &Self| match limits {
            Limits::Number(least, most) => (least..=most).contains(number),
            Limits::Above(least, most) => *number > least && *number <= most,
            _ => number.is_finite(),
        });
        number.ok_or_else(|| match limits {
            Limits::Number(least, most) => {
                format!("\"{text}\" is not a number from {} to {}", write_number(least), write_number(most))
            }
            Limits::Above(least, most) => {
                format!("\"{text}\" is not a number above {} and up to {}", write_number(least), write_number(most))
            }
            _ => format!("\"{text}\" is not a finite number"),
        })
    }
}

impl SettingValue for bool {
    const KIND: Kind = Kind::Bool;

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn read(text: &str, _: Limits) -> Result<Self, String> {
        match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(format!("\"{text}\" is neither true nor false")),
        }
    }
}

impl SettingValue for Duration {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn read(text: &str, limits: Limits) -> Result<Self, String> {
        let duration = Self::parse(text).map_err(|error| error.to_string())?;
        match limits {
            Limits::Duration(least_nanos) if duration.as_nanos() < least_nanos => {
                Err(format!("\"{text}\" is too short; use at least {}", Self::from_nanos(least_nanos)))
            }
            _ => Ok(duration),
        }
    }
}

impl SettingValue for String {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(self.clone())
    }

    fn read(text: &str, limits: Limits) -> Result<Self, String> {
        match limits {
            // Not quoted: it may be a secret.
            Limits::Word(most) if text.len() > most || !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(format!("write 1 to {most} visible ASCII characters and no spaces"))
            }
            Limits::Text(most) if text.len() > most => {
                Err(format!("\"{text}\" has {} bytes; write at most {most}", text.len()))
            }
            _ => Ok(text.to_owned()),
        }
    }
}

impl SettingValue for Measures {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn read(text: &str, _: Limits) -> Result<Self, String> {
        Self::parse(text)
    }
}

/// The byte between two fields of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delimiter {
    /// The one that a first line such as `sep=;` names, else the one that is found.
    #[default]
    Auto,
    /// This byte: ASCII, and neither a letter, a digit, a quote nor a line end.
    Byte(u8),
}

impl Delimiter {
    /// The byte, if one is given.
    #[must_use]
    pub const fn byte(self) -> Option<u8> {
        match self {
            Self::Auto => None,
            Self::Byte(byte) => Some(byte),
        }
    }
}

/// Tab and space have names: as they are, they would be taken for blanks around a text.
impl SettingValue for Delimiter {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(match self {
            Self::Auto => "auto".to_owned(),
            Self::Byte(b'\t') => "tab".to_owned(),
            Self::Byte(b' ') => "space".to_owned(),
            Self::Byte(byte) => char::from(*byte).to_string(),
        })
    }

    fn read(text: &str, _: Limits) -> Result<Self, String> {
        match (text, text.as_bytes()) {
            ("auto", _) => Ok(Self::Auto),
            ("tab" | r"\t", _) => Ok(Self::Byte(b'\t')),
            ("space", _) => Ok(Self::Byte(b' ')),
            (_, [byte]) if byte.is_ascii_punctuation() && *byte != b'"' => Ok(Self::Byte(*byte)),
            _ => Err(format!(
                "\"{text}\" is not a delimiter; write auto, tab, space or one ASCII punctuation mark other than a quote"
            )),
        }
    }
}

impl SettingValue for TimestampFormat {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn read(text: &str, _: Limits) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

impl SettingValue for ZoneName {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn read(text: &str, _: Limits) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

/// A value that is one of some names.
macro_rules! choice {
    ($type:ident) => {
        impl SettingValue for $type {
            const KIND: Kind = Kind::Text;

            fn write(&self) -> Option<String> {
                Some(self.name().to_owned())
            }

            fn read(text: &str, limits: Limits) -> Result<Self, String> {
                let choices = limits.choices();
                let known = Some(text).filter(|text| choices.contains(text)).and_then(Self::parse);
                known.ok_or_else(|| format!("\"{text}\" is not one of {}", choices.join(", ")))
            }
        }
    };
}

choice!(Agg);
choice!(Closed);

/// A type with a fixed set of names.
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

        choice!($type);
    };
}

named!(
    /// The source of events besides `POST /events`.
    SourceKind {
        /// Random readings, one each `interval`.
        Simulated = "simulated",
        /// Only posted events.
        None = "none",
        /// Rows of files that are chosen on the page.
        File = "file",
        /// Messages of a WebSocket server.
        Websocket = "websocket",
        /// Server-Sent Events.
        Sse = "sse",
        /// Answers of a server that is asked again and again.
        Poll = "poll",
        /// Messages of a NATS JetStream stream.
        Nats = "nats",
    }
);

impl SourceKind {
    /// Whether its events come from a server, at `source_url`.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Websocket | Self::Sse | Self::Poll | Self::Nats)
    }
}

named!(
    /// How pipelines on several machines read a JetStream stream.
    NatsMode {
        /// Each of them sees all messages.
        Follow = "follow",
        /// Each message goes to one of them.
        Share = "share",
    }
);
named!(
    /// The policy for events that lack a measure.
    Missing {
        /// They are refused.
        Reject = "reject",
        /// They are taken when at least one measure is there.
        Allow = "allow",
    }
);
named!(
    /// The format of a source's bytes.
    SourceFormat {
        /// The one that the content type, the name or the bytes show.
        Auto = "auto",
        /// A JSON object or an array of them.
        Json = "json",
        /// A JSON object in each line.
        Ndjson = "ndjson",
        /// Text with a delimiter.
        Csv = "csv",
        /// An Arrow IPC stream or file.
        Arrow = "arrow",
        /// An Apache Parquet file.
        Parquet = "parquet",
    }
);
named!(
    /// What stands before the fraction of a number in CSV.
    Decimal {
        /// A point; a comma too where the delimiter is not a comma.
        Auto = "auto",
        /// A point alone.
        Point = ".",
        /// A comma.
        Comma = ",",
    }
);
named!(
    /// Whether the first row of CSV names its columns.
    Header {
        /// As the first rows show.
        Auto = "auto",
        /// It does.
        Present = "true",
        /// It is a row like others.
        Absent = "false",
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
    /// Which rows share a rolling window.
    RollingBy {
        /// All of them, as in the original.
        All = "all",
        /// Those of one id: pandas `groupby("id").rolling(…)`.
        Id = "id",
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
