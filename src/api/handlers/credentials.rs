//! `PUT /credentials`: what live sources show to their servers.
//!
//! No refusal repeats anything of the body: whatever stands in it may be a secret.

use super::config::check_head;
use crate::api::extract::body::content;
use crate::api::extract::json::Json;
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::pipeline::{Credentials, SourceUrl};
use crate::time::Timestamp;

/// Maximum size of the body, in bytes: one part of a body, which is held in memory alone.
pub(crate) const MAX_CREDENTIALS_BYTES: usize = 256 << 10;
/// The members, in order.
const NAMES: [&str; 5] = ["token", "user", "password", "creds", "source_url"];
const KINDS: &str = "{\"token\": …}, {\"user\": …, \"password\": …}, {\"creds\": …}, each with \"source_url\" if they are not for \
                     the address in force, or {} to forget them";

/// Keeps the credentials in memory, in place of those that were given before.
pub(crate) fn put(app: &mut App, request: &Request, _: Timestamp) -> Result<Response, ApiError> {
    check_head(request)?;
    let (credentials, url) = read(&content(request, MAX_CREDENTIALS_BYTES)?)?;
    app.service_mut().set_credentials(credentials, url.as_ref());
    Ok(Response::new(204, "", Vec::new()))
}

/// The credentials of a body, and the address that they are for; `None`: those that are kept are to be forgotten.
fn read(body: &[u8]) -> Result<(Option<Credentials>, Option<SourceUrl>), ApiError> {
    let Ok(Json::Object(members)) = str::from_utf8(body).map_or_else(|_| Ok(Json::Null), Json::read) else {
        return refuse("json_invalid", None, format!("the body is not an object in JSON; send {KINDS}"));
    };
    let mut texts: [Option<String>; NAMES.len()] = Default::default();
    for (name, raw) in &members {
        let Some(at) = NAMES.iter().position(|known| known == name) else {
            return refuse("extra_forbidden", None, format!("the body has a member of another name; send {KINDS}"));
        };
        let Ok(Json::Text(text)) = Json::read(raw.get()) else {
            return refuse("string_type", Some(NAMES[at]), "send a text".to_owned());
        };
        if texts[at].replace(text).is_some() {
            return refuse("value_error", Some(NAMES[at]), "the name occurs twice; name it once".to_owned());
        }
    }
    let [token, user, password, creds, url] = texts;
    let url = match url.map(|url| SourceUrl::parse(&url)) {
        None => None,
        Some(Ok(url)) => Some(url),
        Some(Err(_)) => {
            let mend = "is not an address as the setting source_url has them; write one without user and password";
            return refuse("value_error", Some("source_url"), mend.to_owned());
        }
    };
    let (name, credentials) = match [token, user, password, creds] {
        [None, None, None, None] if url.is_none() => return Ok((None, None)),
        [Some(token), None, None, None] => ("token", Credentials::token(token)),
        [None, Some(user), Some(password), None] => ("user", Credentials::user(user, password)),
        [None, None, None, Some(creds)] => ("creds", Credentials::creds(creds)),
        [None, Some(_), None, None] => {
            return refuse("missing", Some("password"), "name the user's password".to_owned());
        }
        [None, None, Some(_), None] => return refuse("missing", Some("user"), "name the password's user".to_owned()),
        _ => return refuse("value_error", None, format!("the body has not credentials of one kind; send {KINDS}")),
    };
    credentials
        .map(|credentials| (Some(credentials), url))
        .or_else(|sentence| refuse("value_error", Some(name), sentence))
}

fn refuse<T>(kind: &'static str, name: Option<&str>, msg: String) -> Result<T, ApiError> {
    let problem = match name {
        Some(name) => Problem { kind, ..Problem::value("body", name, msg, InvalidInput::Nothing) },
        None => Problem::body(kind, None, msg, InvalidInput::Nothing),
    };
    Err(ApiError::Unprocessable(vec![problem]))
}
