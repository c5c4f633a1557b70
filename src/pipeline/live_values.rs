//! The values of the settings of live sources: addresses, subjects, names and starts.
//!
//! Each type keeps the text as it was given; the patterns beside them describe the same texts for the openapi document.

use super::setting_value::{Kind, Limits, SettingValue};
use crate::time::{Clock, Timestamp};

/// What [`SourceUrl`] reads, for the openapi document.
pub const SOURCE_URL_PATTERN: &str = concat!(
    r"^(?:[Ww][Ss][Ss]?|[Hh][Tt][Tt][Pp][Ss]?)://(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._~!$&'()*+,;=-]{1,253})",
    "(?:(?::(?:[0-5]?[0-9]{1,4}|6(?:[0-4][0-9]{3}|5(?:[0-4][0-9]{2}|5(?:[0-2][0-9]|3[0-5])))))?",
    r"(?:[/?][!-\x22$-\[\]-~]{0,2000})?|:(?:[/?][!-\x22$-?A-\[\]-~]{0,2000})?)$"
);
/// What [`SubjectFilter`] reads, for the openapi document.
pub(super) const SUBJECT_FILTER_PATTERN: &str = r"^(?:>|[!-\-/-=?-~]{1,128}(?:\.[!-\-/-=?-~]{1,128}){0,31}(?:\.>)?)$";
/// What [`Subject`] reads, for the openapi document.
pub(super) const SUBJECT_PATTERN: &str =
    r"^[!-#%-)+-\-/-=?-~][!-)+-\-/-=?-~]{0,127}(?:\.[!-)+-\-/-=?-~]{1,128}){0,31}$";
/// What [`NatsName`] reads, for the openapi document.
pub(super) const NATS_NAME_PATTERN: &str = r"^[!-)+-\-0-=?-\[\]-~]{1,255}$";

/// Most characters of a name.
const MAX_NAME: usize = 255;
/// Most words of a subject, and most characters of each.
const MAX_WORDS: usize = 32;
const MAX_WORD: usize = 128;
/// Most characters of what follows the host and the port of an address.
const MAX_PATH: usize = 2001;
/// The largest sequence: longer numbers are times, in microseconds or nanoseconds since the epoch.
const MAX_SEQUENCE: u64 = 999_999_999_999_999;

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlScheme {
    /// `ws://`.
    Ws,
    /// `wss://`.
    Wss,
    /// `http://`.
    Http,
    /// `https://`.
    Https,
}

impl UrlScheme {
    const ALL: [Self; 4] = [Self::Ws, Self::Wss, Self::Http, Self::Https];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ws => "ws",
            Self::Wss => "wss",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Whether it is a WebSocket's.
    #[must_use]
    pub const fn is_socket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// Whether what is sent is encrypted.
    #[must_use]
    pub const fn is_encrypted(self) -> bool {
        matches!(self, Self::Wss | Self::Https)
    }
}

/// The address of a live source: absolute, in ASCII, without user, password and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceUrl {
    text: String,
    scheme: UrlScheme,
    /// Where the host and the port begin and end.
    host: (usize, usize),
}

impl SourceUrl {
    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How the server is spoken to.
    #[must_use]
    pub fn scheme(&self) -> UrlScheme {
        self.scheme
    }

    /// The host and the port, as they were given: `127.0.0.1:9222`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text.get(self.host.0..self.host.1).unwrap_or_default()
    }

    /// The server, in one form for its addresses: whether what is sent is encrypted, the host and the port, as
    /// `https://example.org:443`. Other names of the same machine are other servers.
    #[must_use]
    pub fn server(&self) -> String {
        let (scheme, usual) = if self.scheme.is_encrypted() { ("https", "443") } else { ("http", "80") };
        let (host, port) = split_port(self.host());
        let port = match port.trim_start_matches('0') {
            "" if port.is_empty() => usual,
            "" => "0",
            port => port,
        };
        format!("{scheme}://{}:{port}", host.to_ascii_lowercase())
    }

    /// Reads an address.
    ///
    /// # Errors
    /// A sentence that names the address, unless a user or a password stands in it, and the fix.
    pub fn parse(text: &str) -> Result<Self, String> {
        const EXAMPLE: &str = "wss://example.org/stream";
        let shown = hide_user(text);
        let split = text.split_once("://").and_then(|(name, rest)| {
            let scheme = UrlScheme::ALL.into_iter().find(|scheme| scheme.name().eq_ignore_ascii_case(name))?;
            Some((scheme, rest))
        });
        let Some((scheme, rest)) = split else {
            return Err(format!(
                "\"{shown}\" does not begin with ws://, wss://, http:// or https://, as {EXAMPLE} does"
            ));
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        // A password may begin with what ends a host: `user:/secret@host` has no port, but a user.
        if authority.contains('@') || (authority.ends_with(':') && path.contains('@')) {
            return Err(format!(
                "\"{shown}\" holds a user or a password; leave them out of the address, and give them as credentials: on \
                 the page, or by PUT /credentials"
            ));
        }
        let (host, port) = split_port(authority);
        if !is_host(host) {
            return Err(format!("\"{shown}\" does not name a host in ASCII after ://, as {EXAMPLE} does"));
        }
        if !is_port(port) {
            return Err(format!("\"{shown}\" has a port that is not a number from 0 to 65535"));
        }
        if path.len() > MAX_PATH || !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\') {
            return Err(format!(
                "\"{shown}\" has more than {MAX_PATH} characters after its host, or some that no address has; write \
                 blanks and letters beyond ASCII as %20 and the like, and leave out # and what follows it"
            ));
        }
        let start = scheme.name().len() + "://".len();
        Ok(Self { text: text.to_owned(), scheme, host: (start, start + authority.len()) })
    }
}

/// Host and port, which may be empty.
fn split_port(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some(both) if !authority.ends_with(']') => both,
        _ => (authority, ""),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        let Some(inner) = inner.strip_suffix(']') else { return false };
        return (2..=45).contains(&inner.len())
            && inner.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._~!$&'()*+,;=-".contains(&byte);
    (1..=253).contains(&host.len()) && host.bytes().all(is_name)
}

/// A port in at most five digits, or none.
fn is_port(port: &str) -> bool {
    let is_number = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (port.is_empty() || port.parse::<u16>().is_ok())
}

/// A text without what may be a user and a password in it. A password can hold any character, so that nothing between
/// the scheme and the last `@` is shown.
pub(super) fn hide_user(text: &str) -> String {
    // Without a scheme too: `user:password@host` was meant as an address.
    let start = text.find("//").map_or(0, |at| at + 2);
    match text[start..].rfind('@') {
        Some(at) => [&text[..start], "***", &text[start + at..]].concat(),
        None => text.to_owned(),
    }
}

impl SettingValue for SourceUrl {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(self.text.clone())
    }

    fn read(text: &str, _: Limits) -> Result<Self, String> {
        Self::parse(text)
    }
}

/// A subject to which messages are published: words with points between them, and no wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject(String);

/// A subject that selects messages: `*` is any one word, a last `>` is the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectFilter(String);

/// The name of a stream or of a consumer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatsName(String);

/// Whether a text is words of visible ASCII characters with points between them, none of which has one of these.
fn is_subject(text: &str, unwanted: &[char]) -> bool {
    let is_word = |word: &str| {
        (1..=MAX_WORD).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_graphic())
            && !word.contains(unwanted)
    };
    text.split('.').count() <= MAX_WORDS && text.split('.').all(is_word)
}

impl Subject {
    /// Reads a subject.
    ///
    /// # Errors
    /// A sentence that names it and the fix.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !is_subject(text, &['*', '>']) {
            return Err(format!(
                "\"{text}\" is not a subject to publish to; write up to {MAX_WORDS} words of up to {MAX_WORD} visible ASCII \
                 characters, with points between them and neither * nor >, as in plant.processed"
            ));
        }
        if text.starts_with('$') {
            return Err(format!("\"{text}\" begins with $: these subjects are the server's own; choose another one"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl SubjectFilter {
    /// Reads a subject with wildcards.
    ///
    /// # Errors
    /// A sentence that names it and the fix.
    pub fn parse(text: &str) -> Result<Self, String> {
        let refusal = || {
            format!(
                "\"{text}\" is not a subject; write up to {MAX_WORDS} words of up to {MAX_WORD} visible ASCII characters, \
                 with points between them, where * is any one word and a last > is the rest, as in plant.*.temperature or \
                 plant.>"
            )
        };
        let is_filter = text == ">" || is_subject(text.strip_suffix(".>").unwrap_or(text), &['>']);
        is_filter.then(|| Self(text.to_owned())).ok_or_else(refusal)
    }
}

impl NatsName {
    /// Reads a name.
    ///
    /// # Errors
    /// A sentence that names it and the fix.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_name = (1..=MAX_NAME).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b".*>/\\".contains(&byte));
        let refusal = || {
            format!(
                "\"{text}\" is not a name; write 1 to {MAX_NAME} visible ASCII characters without points, slashes, * \
                 and >"
            )
        };
        is_name.then(|| Self(text.to_owned())).ok_or_else(refusal)
    }
}

/// A value that is a text.
macro_rules! text_value {
    ($type:ident) => {
        impl $type {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl SettingValue for $type {
            const KIND: Kind = Kind::Text;

            fn write(&self) -> Option<String> {
                Some(self.0.clone())
            }

            fn read(text: &str, _: Limits) -> Result<Self, String> {
                Self::parse(text)
            }
        }
    };
}

text_value!(Subject);
text_value!(SubjectFilter);
text_value!(NatsName);

impl Default for SubjectFilter {
    /// Every subject.
    fn default() -> Self {
        Self(">".to_owned())
    }
}

/// Where a stream is read from when there is no cursor in it yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NatsStart {
    /// With the next message.
    #[default]
    New,
    /// With the first message that the stream holds.
    All,
    /// With the message of this sequence, from 1.
    Sequence(u64),
    /// With the first message that the server stored at this time or later; read by [`NatsStart::instant`].
    Time(String),
}

impl NatsStart {
    /// Reads a start. Up to 15 digits alone are a sequence, and no number has an exponent: `1e3` may have been meant as
    /// a sequence, and would be a time of 1970.
    ///
    /// # Errors
    /// A sentence that names it and the fix.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "new" => return Ok(Self::New),
            "all" => return Ok(Self::All),
            _ => {}
        }
        let is_count = !text.starts_with(['0', '+']);
        if let Some(sequence) = text.parse::<u64>().ok().filter(|sequence| is_count && *sequence <= MAX_SEQUENCE) {
            return Ok(Self::Sequence(sequence));
        }
        // Which instants a text without an offset can mean is a matter of the zone, whether it is a time is not.
        match Timestamp::parse(text, &Clock::Utc) {
            Ok(_) if !text.contains(['e', 'E']) => Ok(Self::Time(text.to_owned())),
            _ => Err(format!(
                "\"{text}\" is not a start; write new, all, a sequence from 1, or a time such as 2025-06-01T21:15:07Z"
            )),
        }
    }

    /// The instant of [`NatsStart::Time`]: `clock` says what a text without an offset means.
    #[must_use]
    pub fn instant(&self, clock: &Clock) -> Option<Timestamp> {
        match self {
            Self::Time(text) => Timestamp::parse(text, clock).ok(),
            Self::New | Self::All | Self::Sequence(_) => None,
        }
    }
}

impl SettingValue for NatsStart {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Option<String> {
        Some(match self {
            Self::New => "new".to_owned(),
            Self::All => "all".to_owned(),
            Self::Sequence(sequence) => sequence.to_string(),
            Self::Time(text) => text.clone(),
        })
    }

    fn read(text: &str, _: Limits) -> Result<Self, String> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_absolute_and_has_a_host() {
        for (text, scheme, host) in [
            ("ws://127.0.0.1:9222", UrlScheme::Ws, "127.0.0.1:9222"),
            ("WSS://example.org/a?b=c@d", UrlScheme::Wss, "example.org"),
            ("http://[::1]:8080/x", UrlScheme::Http, "[::1]:8080"),
            ("https://example.org?x=%20", UrlScheme::Https, "example.org"),
            ("https://example.org:/", UrlScheme::Https, "example.org:"),
            ("http://a:00080", UrlScheme::Http, "a:00080"),
        ] {
            let url = SourceUrl::parse(text).unwrap();
            assert_eq!((url.as_str(), url.scheme(), url.host()), (text, scheme, host));
        }
        for text in [
            "",
            "ws://",
            "ws:example.org",
            "ws:///path",
            "ws://:80",
            "ftp://example.org",
            "example.org",
            "/events",
            "http://a:65536",
            "http://a:8o",
            "http://a:000080",
            "http://a b/",
            "http://a/#top",
            "http://a/\u{e9}",
            "http://m\u{fc}nchen.example/",
            "http://[::1",
            "http://[::1]x/",
            "http://a\\b",
        ] {
            let refusal = SourceUrl::parse(text).unwrap_err();
            assert!(refusal.contains(&format!("\"{text}\"")), "{refusal}");
        }
    }

    #[test]
    fn a_server_is_the_same_in_all_of_its_addresses() {
        for (text, server) in [
            ("WSS://Example.org/a?b=c", "https://example.org:443"),
            ("https://example.org:0443", "https://example.org:443"),
            ("wss://example.org:/", "https://example.org:443"),
            ("ws://example.org", "http://example.org:80"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]/", "http://[::1]:80"),
            ("ws://h:000", "http://h:0"),
        ] {
            assert_eq!(SourceUrl::parse(text).unwrap().server(), server, "{text}");
        }
    }

    #[test]
    fn no_refusal_shows_a_password() {
        for text in [
            "ws://u:s3cret@h/x",
            "ftp://u:s3cret@h",
            "u:s3cret@h",
            "//u:s3cret@h?x",
            "ws://u:s3@cret@h",
            "ws://u:/s3@h",
        ] {
            let refusal = SourceUrl::parse(text).unwrap_err();
            assert!(!refusal.contains("s3") && !hide_user(text).contains("s3"), "{refusal} {}", hide_user(text));
        }
    }

    #[test]
    fn subjects_and_names_are_as_the_server_has_them() {
        for (text, is_filter, is_subject, is_name) in [
            ("events", true, true, true),
            ("plant.1.temp", true, true, false),
            ("plant.*.temp", true, false, false),
            ("plant.>", true, false, false),
            (">", true, false, false),
            ("*", true, false, false),
            ("", false, false, false),
            ("a..b", false, false, false),
            (".a", false, false, false),
            ("a.", false, false, false),
            ("a.>.b", false, false, false),
            (">.a", false, false, false),
            ("a b", false, false, false),
            ("a>b", false, false, false),
            ("$JS.API.x", true, false, false),
            ("a/b", true, true, false),
            ("\u{e9}", false, false, false),
        ] {
            let read =
                (SubjectFilter::parse(text).is_ok(), Subject::parse(text).is_ok(), NatsName::parse(text).is_ok());
            assert_eq!(read, (is_filter, is_subject, is_name), "{text}");
        }
        assert!(NatsName::parse(&"n".repeat(255)).is_ok() && NatsName::parse(&"n".repeat(256)).is_err());
    }

    #[test]
    fn a_start_is_a_word_a_sequence_or_a_time() {
        let time = |text: &str| NatsStart::Time(text.to_owned());
        for (text, start) in [
            ("new", NatsStart::New),
            ("all", NatsStart::All),
            ("1", NatsStart::Sequence(1)),
            ("999999999999999", NatsStart::Sequence(MAX_SEQUENCE)),
            ("1748811307123456789", time("1748811307123456789")),
            ("2025-06-01T21:15:07Z", time("2025-06-01T21:15:07Z")),
            ("2025-06-01", time("2025-06-01")),
        ] {
            assert_eq!(NatsStart::parse(text).as_ref(), Ok(&start));
            assert_eq!(start.write().as_deref(), Some(text));
        }
        for text in ["", "last", "-", "2025-13-01", "1e3"] {
            assert!(NatsStart::parse(text).is_err(), "{text}");
        }
        let noon = NatsStart::parse("2025-06-01T12:00:00").unwrap().instant(&Clock::Utc).unwrap();
        assert_eq!(noon.to_text(&Clock::Utc), "2025-06-01T12:00:00Z");
    }
}
