//! What a server is shown, as it is typed on the page. It is kept in memory alone.

use serde_json::json;

use crate::pipeline::{Credentials, SourceUrl};

/// What was typed. It has no `Debug`: nothing prints it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The user; empty where a token or a file is shown.
    pub user: String,
    /// The token, or the password of the user.
    pub secret: String,
    /// The text of a `.creds` file, which goes before the others.
    pub creds: String,
}

impl Typed {
    /// The credentials; `None` when nothing was typed.
    ///
    /// # Errors
    /// A sentence that says what is wrong with them, and repeats nothing of them.
    pub fn credentials(&self) -> Result<Option<Credentials>, String> {
        let Self { user, secret, creds } = self.clone();
        match (user.is_empty(), secret.is_empty(), creds.is_empty()) {
            (_, _, false) => Credentials::creds(creds).map(Some),
            (false, ..) => Credentials::user(user, secret).map(Some),
            (true, false, _) => Credentials::token(secret).map(Some),
            (true, true, true) => Ok(None),
        }
    }
}

/// The body of `PUT /credentials`, for the server of this address, unless it is empty; `None` forgets those that were
/// given before.
#[must_use]
pub fn body(credentials: Option<&Credentials>, address: &str) -> Vec<u8> {
    let mut members = match credentials {
        None => json!({}),
        Some(Credentials::Token(token)) => json!({ "token": token }),
        Some(Credentials::User { user, password }) => json!({ "user": user, "password": password }),
        Some(Credentials::Creds(creds)) => json!({ "creds": creds }),
    };
    if credentials.is_some() && !address.is_empty() {
        members["source_url"] = json!(address);
    }
    members.to_string().into_bytes()
}

/// Credentials, and the server that they were given for.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    credentials: Credentials,
    server: Option<String>,
}

impl Given {
    /// Credentials for the server of this address.
    #[must_use]
    pub fn new(credentials: Credentials, address: &str) -> Self {
        Self { credentials, server: server_of(address) }
    }

    /// The credentials, if this address is one of their server.
    #[must_use]
    pub fn for_address(&self, address: &str) -> Option<&Credentials> {
        (self.server.is_some() && self.server == server_of(address)).then_some(&self.credentials)
    }
}

fn server_of(address: &str) -> Option<String> {
    SourceUrl::parse(address).ok().map(|url| url.server())
}

/// What the test of a connection needs: names and texts for the script that connects. With a token in its place the
/// address is the `target`, which is shown nowhere.
#[must_use]
pub fn options(credentials: Option<&Credentials>, address: &str) -> Vec<(&'static str, String)> {
    let mut options = vec![("address", address.to_owned())];
    let Some(credentials) = credentials else { return options };
    options.push(("target", credentials.fill(address)));
    match credentials {
        Credentials::Token(token) => options.push(("token", token.clone())),
        Credentials::User { user, password } => {
            options.extend([("user", user.clone()), ("password", password.clone())]);
        }
        Credentials::Creds(creds) => options.push(("creds", creds.clone())),
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(user: &str, secret: &str, creds: &str) -> Typed {
        Typed { user: user.to_owned(), secret: secret.to_owned(), creds: creds.to_owned() }
    }

    #[test]
    fn what_is_typed_becomes_credentials_or_a_sentence_without_them() {
        let read = |typed: Typed| typed.credentials();
        assert!(read(Typed::default()).is_ok_and(|credentials| credentials.is_none()));
        assert!(matches!(read(typed("", "s3cret", "")), Ok(Some(Credentials::Token(_)))));
        assert!(matches!(read(typed("ann", "s3cret", "")), Ok(Some(Credentials::User { .. }))));
        assert!(matches!(read(typed("ann", "", "")), Ok(Some(Credentials::User { .. }))), "an empty password");
        for refused in [typed("", "s3cret\n", ""), typed("s3cret\0", "", ""), typed("ann", "x", "s3cret")] {
            assert!(read(refused).is_err_and(|sentence| !sentence.contains("s3cret")));
        }
    }

    #[test]
    fn the_body_has_the_members_of_the_contract() {
        let body = |typed: Typed, address| {
            let credentials = typed.credentials().ok().flatten();
            serde_json::from_slice::<serde_json::Value>(&body(credentials.as_ref(), address)).unwrap()
        };
        assert_eq!(body(typed("", "t\"k", ""), ""), json!({ "token": "t\"k" }));
        let expected = json!({ "user": "ann", "password": "p", "source_url": "wss://h" });
        assert_eq!(body(typed("ann", "p", ""), "wss://h"), expected);
        assert_eq!(body(Typed::default(), "wss://h"), json!({}));
    }

    #[test]
    fn credentials_are_shown_to_the_server_that_they_were_given_for() {
        let given = Given::new(Credentials::token("t0k".to_owned()).unwrap(), "wss://h.example/a");
        assert!(given.for_address("https://H.example:443/b").is_some());
        for other in ["ws://h.example/a", "wss://h.example:444/a", "wss://evil.example/a", "", "h.example"] {
            assert!(given.for_address(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_test_shows_the_server_the_same_as_the_source() {
        let token = typed("", "a b", "").credentials().ok().flatten();
        let found = |name: &str, address: &str| {
            let options = options(token.as_ref(), address);
            options.into_iter().find(|(known, _)| *known == name).map(|(_, text)| text)
        };
        assert_eq!(found("target", "wss://h/?key={token}").as_deref(), Some("wss://h/?key=a+b"));
        assert_eq!(found("address", "wss://h/?key={token}").as_deref(), Some("wss://h/?key={token}"));
        assert_eq!(found("token", "https://h/").as_deref(), Some("a b"));
        assert_eq!(found("password", "https://h/"), None);
        assert_eq!(options(None, "ws://h"), [("address", "ws://h".to_owned())]);
    }
}
