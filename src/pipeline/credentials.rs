//! What a server is told so that it lets the pipeline in.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::MASK;

/// The longest token, user and password, in characters.
pub const MAX_SECRET_CHARS: usize = 8000;
/// The longest `.creds` file, in characters.
pub const MAX_CREDS_CHARS: usize = 32_000;
/// What a `.creds` file has, as a pattern for the openapi document.
pub const CREDS_PATTERN: &str = r"-BEGIN NATS USER JWT-[\s\S]*-BEGIN USER NKEY SEED-";
/// Stands for the token in an address, see [`Credentials::fill`].
const PLACEHOLDER: &str = "{token}";

/// What a live source, or a sink, shows to its server.
///
/// It is kept in memory alone: it has no form that is stored or sent to a page, and its debug output is a mask.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A token: of NATS, or a Bearer token of HTTP.
    Token(String),
    /// A user and a password: of NATS, or of HTTP's Basic scheme.
    User {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// The text of a `.creds` file of NATS: a JWT, and the seed that signs with it.
    Creds(String),
}

impl Credentials {
    /// A token.
    ///
    /// # Errors
    /// A sentence that does not repeat it.
    pub fn token(token: String) -> Result<Self, String> {
        check("token", &token)?;
        Ok(Self::Token(token))
    }

    /// A user and a password, which may be empty.
    ///
    /// # Errors
    /// A sentence that repeats neither.
    pub fn user(user: String, password: String) -> Result<Self, String> {
        check("user", &user)?;
        if !password.is_empty() {
            check("password", &password)?;
        }
        Ok(Self::User { user, password })
    }

    /// The text of a `.creds` file.
    ///
    /// # Errors
    /// A sentence that does not repeat it.
    pub fn creds(text: String) -> Result<Self, String> {
        let jwt = text.split_once("-BEGIN NATS USER JWT-");
        let has_parts = jwt.is_some_and(|(_, rest)| rest.contains("-BEGIN USER NKEY SEED-"));
        if text.chars().count() > MAX_CREDS_CHARS || !has_parts {
            return Err(format!(
                "creds is not the text of a .creds file of at most {MAX_CREDS_CHARS} characters: one has a NATS USER JWT, \
                 and after it a USER NKEY SEED; send the whole file, as nsc generate creds writes it"
            ));
        }
        Ok(Self::Creds(text))
    }

    /// The value of the header `Authorization` of a request to an HTTP server; `None` for what HTTP has no scheme for.
    #[must_use]
    pub fn authorization(&self) -> Option<String> {
        match self {
            // A header has no other characters; the server says that it wants credentials.
            Self::Token(token) => token.is_ascii().then(|| ["Bearer ", token].concat()),
            Self::User { user, password } => {
                Some(["Basic ", &STANDARD.encode([user, ":", password].concat())].concat())
            }
            Self::Creds(_) => None,
        }
    }

    /// The address with the token, as a part of a query, where it has the placeholder `{token}`: a WebSocket of a browser
    /// sends no headers, so that servers read tokens there. Only the connection sees the result.
    #[must_use]
    pub fn fill(&self, url: &str) -> String {
        match self {
            Self::Token(token) if url.contains(PLACEHOLDER) => {
                let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
                url.replace(PLACEHOLDER, &token)
            }
            _ => url.to_owned(),
        }
    }
}

/// The fewest characters of a secret that is hidden: shorter ones are part of too many words.
const MIN_HIDDEN_CHARS: usize = 4;

impl Credentials {
    /// A text without the token, or the password: a server may repeat what it was shown.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let secret = match self {
            Self::Token(token) => token,
            Self::User { password, .. } => password,
            // NATS is shown a signature alone.
            Self::Creds(_) => return text.to_owned(),
        };
        if secret.chars().count() < MIN_HIDDEN_CHARS {
            return text.to_owned();
        }
        let filled: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        text.replace(secret.as_str(), MASK).replace(&filled, MASK)
    }
}

/// Whether a text can be sent in a line: header values and the protocol of NATS have no place for line ends.
fn check(name: &str, text: &str) -> Result<(), String> {
    if text.is_empty() || text.chars().count() > MAX_SECRET_CHARS || text.contains(char::is_control) {
        return Err(format!(
            "{name} is empty, has more than {MAX_SECRET_CHARS} characters, or holds a control character such as a line end; \
             send one line"
        ));
    }
    Ok(())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(**********)",
            Self::User { .. } => "User(**********)",
            Self::Creds(_) => "Creds(**********)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_header_of_its_scheme() {
        let header = |credentials: Result<Credentials, String>| credentials.unwrap().authorization();
        assert_eq!(header(Credentials::token("t0k".to_owned())).as_deref(), Some("Bearer t0k"));
        let user = Credentials::user("Aladdin".to_owned(), "open sesame".to_owned());
        assert_eq!(header(user).as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "the example of RFC 7617");
        let creds = "-----BEGIN NATS USER JWT-----\nx\n-----BEGIN USER NKEY SEED-----\nSU\n";
        assert_eq!(header(Credentials::creds(creds.to_owned())), None);
    }

    #[test]
    fn a_token_takes_its_place_in_an_address_as_one_value() {
        let token = Credentials::token("a&b=c d".to_owned()).unwrap();
        assert_eq!(token.fill("wss://h/?k={token}&x=1"), "wss://h/?k=a%26b%3Dc+d&x=1");
        assert_eq!(token.fill("wss://h/?x=1"), "wss://h/?x=1");
        let user = Credentials::user("u".to_owned(), String::new()).unwrap();
        assert_eq!(user.fill("wss://h/?k={token}"), "wss://h/?k={token}");
    }

    #[test]
    fn what_a_server_repeats_is_hidden() {
        let token = Credentials::token("a&b=c d".to_owned()).unwrap();
        assert_eq!(
            token.hide("unknown \"a&b=c d\", as in ?k=a%26b%3Dc+d"),
            format!("unknown \"{MASK}\", as in ?k={MASK}")
        );
        let user = |password: &str| Credentials::user("ann".to_owned(), password.to_owned()).unwrap();
        assert_eq!(user("s3cret").hide("ann has s3cret"), format!("ann has {MASK}"));
        assert_eq!(user("an").hide("an answer"), "an answer");
        assert_eq!(user("").hide("an answer"), "an answer");
    }

    #[test]
    fn neither_refusals_nor_debug_output_show_a_secret() {
        let refusals = [
            Credentials::token("s3cret\n".to_owned()),
            Credentials::token("s3cret".repeat(2000)),
            Credentials::user("s3cret\r".to_owned(), "x".to_owned()),
            Credentials::user("x".to_owned(), "s3cret\0".to_owned()),
            Credentials::creds("s3cret".to_owned()),
        ];
        for refusal in refusals {
            let sentence = refusal.unwrap_err();
            assert!(!sentence.contains("s3cret"), "{sentence}");
        }
        let shown = format!("{:?}", Credentials::user("s3cret".to_owned(), "s3cret".to_owned()));
        assert_eq!(shown, "Ok(User(**********))");
    }
}
