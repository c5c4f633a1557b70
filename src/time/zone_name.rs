//! The zone of times that name no offset, by its name.

use std::fmt;
use std::sync::Arc;

use super::quoted::quoted;
use super::{Clock, Zone};

/// Maximum length of the name of a zone in bytes; the longest of the IANA database has 32.
const MAX_NAME_BYTES: usize = 64;

/// The zone in which naive times are read: setting `timestamp_zone`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ZoneName {
    /// `clock`: as the setting `clock` says.
    #[default]
    Clock,
    /// `local`: the browser's zone.
    Local,
    /// `utc`.
    Utc,
    /// A name of the IANA database, such as `Europe/Berlin`. Whether there is such a zone, the browser knows.
    Named(Arc<str>),
}

/// A text that names no zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneNameError {
    /// The text in quotes, cut.
    quoted: String,
    /// Whether it has the form of a name.
    is_name: bool,
}

impl ZoneName {
    /// Reads `clock`, `local`, `utc` (both in any case) or a text of the form of an IANA name: letters, digits and
    /// `/ _ + -`, a letter first.
    ///
    /// # Errors
    /// Quotes the text.
    pub fn parse(text: &str) -> Result<Self, ZoneNameError> {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'+' | b'-');
        match text {
            "clock" => Ok(Self::Clock),
            _ if text.eq_ignore_ascii_case("local") => Ok(Self::Local),
            _ if text.eq_ignore_ascii_case("utc") => Ok(Self::Utc),
            _ if text.len() <= MAX_NAME_BYTES
                && text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.bytes().all(is_of_name) =>
            {
                Ok(Self::Named(text.into()))
            }
            _ => Err(ZoneNameError { quoted: quoted(text), is_name: false }),
        }
    }

    /// The clock on which naive times are read: `clock` is that of the settings, `local` the browser's zone, and `find`
    /// looks a name up in the IANA database.
    ///
    /// # Errors
    /// There is no zone of this name.
    pub fn clock(
        &self,
        clock: &Clock,
        local: &Zone,
        find: impl FnOnce(&str) -> Option<Zone>,
    ) -> Result<Clock, ZoneNameError> {
        match self {
            Self::Clock => Ok(clock.clone()),
            Self::Local => Ok(Clock::Local(local.clone())),
            Self::Utc => Ok(Clock::Utc),
            Self::Named(name) => {
                find(name).map(Clock::Local).ok_or_else(|| ZoneNameError { quoted: quoted(name), is_name: true })
            }
        }
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clock => "clock",
            Self::Local => "local",
            Self::Utc => "utc",
            Self::Named(name) => name,
        })
    }
}

impl fmt::Display for ZoneNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.is_name {
            true => "is no time zone of the IANA database that this browser has",
            false => "is not the name of a time zone",
        };
        write!(f, "{} {reason}; use clock, local, utc or a name such as Europe/Berlin", self.quoted)
    }
}

impl std::error::Error for ZoneNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_are_refused() {
        for text in ["clock", "local", "utc", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+2", "EST5EDT"]
        {
            assert_eq!(ZoneName::parse(text).map(|name| name.to_string()).as_deref(), Ok(text));
        }
        assert_eq!(ZoneName::parse("UTC"), Ok(ZoneName::Utc));
        for text in ["", "+02:00", "Europe Berlin", "Zürich", "/etc/passwd", &"x".repeat(65)] {
            let error = ZoneName::parse(text).unwrap_err().to_string();
            assert!(error.contains("is not the name of a time zone"), "{error}");
        }
    }

    #[test]
    fn a_name_becomes_the_clock_that_naive_times_are_read_on() {
        let zone = Zone::new(3600, Vec::new());
        let find = |name: &str| (name == "Europe/Berlin").then(|| zone.clone());
        let clock = |name: &str| ZoneName::parse(name).unwrap().clock(&Clock::Utc, &Zone::UTC, find);
        assert_eq!(clock("clock"), Ok(Clock::Utc));
        assert_eq!(clock("local"), Ok(Clock::Local(Zone::UTC)));
        assert_eq!(clock("Europe/Berlin"), Ok(Clock::Local(zone.clone())));
        let error = clock("Europe/Berln").unwrap_err().to_string();
        assert!(error.contains("\"Europe/Berln\" is no time zone"), "{error}");
    }
}
