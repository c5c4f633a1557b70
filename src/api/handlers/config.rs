//! `GET /config` and `PATCH /config`: the settings, whole and in part.

use serde_json::value::RawValue;

use crate::api::encode::json;
use crate::api::extract::body::{content, is_json, media_type};
use crate::api::extract::json::Json;
use crate::api::extract::query::cut;
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::frame::write_number;
use crate::pipeline::{Kind, Settings};
use crate::time::Timestamp;

/// Maximum size of a body of settings, in bytes as sent and as decoded: all of them, with long texts, have less.
pub(crate) const MAX_SETTINGS_BYTES: usize = 64 << 10;

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let version = app.service().config_version();
    let body = json::settings(app.service().engine().settings());
    Ok(Response::json(body).with_header("ETag", format!("\"{version}\"")))
}

/// Merges a JSON object into the settings, checks the result as a whole and applies it; `null` sets the default.
pub(crate) fn patch(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    check_head(request)?;
    let (changes, mut problems) = read(&content(request, MAX_SETTINGS_BYTES)?)?;
    let changes = changes.iter().map(|(name, text)| (name.as_str(), text.as_deref()));
    let merged = app.service().engine().settings().merged(changes);
    if let Err(errors) = &merged {
        problems.extend(errors.iter().map(|error| problem(&error.name, &error.message, error.input.as_deref())));
    }
    let settings = match merged {
        Ok(settings) if problems.is_empty() => settings,
        _ => return Err(ApiError::Unprocessable(problems)),
    };
    app.service_mut().configure(settings, now).map_err(|error| {
        ApiError::Unprocessable(vec![Problem::value("body", "window", error.to_string(), InvalidInput::Nothing)])
    })?;
    get(app, request, now)
}

/// Checks what the head of a request says of its body.
///
/// # Errors
/// 415 for a content type that is not read.
pub(crate) fn check_head(head: &Request) -> Result<(), ApiError> {
    match media_type(head) {
        media_type if is_json(&media_type) => Ok(()),
        given => Err(ApiError::UnsupportedMediaType { given, accepted: "application/json" }),
    }
}

/// A refused value; a long one, or a long name, is cut, in the sentence too.
pub(super) fn problem(name: &str, message: &str, input: Option<&str>) -> Problem {
    let mut message = message.to_owned();
    for text in [Some(name), input].into_iter().flatten() {
        let shown = cut(text);
        if shown.len() < text.len() {
            message = message.replace(text, &format!("{shown}\u{2026}"));
        }
    }
    let input = input.map_or(InvalidInput::Nothing, |text| InvalidInput::Text(cut(text).to_owned()));
    Problem::value("body", cut(name), message, input)
}

/// Names and texts of the changes, in the order of the body.
type Changes = Vec<(String, Option<String>)>;

/// The members of a JSON object that is a body.
///
/// # Errors
/// 422 for a body that is no object; the sentence names an example of one.
pub(super) fn members<'a>(body: &'a [u8], example: &str) -> Result<Vec<(String, &'a RawValue)>, ApiError> {
    let refuse =
        |kind, msg: String| Err(ApiError::Unprocessable(vec![Problem::body(kind, None, msg, InvalidInput::Nothing)]));
    let Ok(text) = str::from_utf8(body) else {
        return refuse("json_invalid", "the body is not UTF-8 text; encode it as UTF-8".to_owned());
    };
    match Json::read(text) {
        Ok(Json::Object(fields)) => Ok(fields),
        Ok(_) => {
            let shown = cut(text.trim());
            refuse("dict_type", format!("{shown} is not an object such as {example}"))
        }
        Err(error) => refuse("json_invalid", format!("the body is not JSON: {error}")),
    }
}

/// The changes whose values are of their settings' JSON types, and what is wrong with the others.
fn read(body: &[u8]) -> Result<(Changes, Vec<Problem>), ApiError> {
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    for (name, raw) in members(body, "{\"batch_size\": 20}")? {
        match value_text(&name, raw.get()) {
            Ok(text) => changes.push((name, text)),
            Err(message) if cut(raw.get()).len() < raw.get().len() => {
                problems.push(problem(&name, &message, Some(raw.get())));
            }
            Err(message) => {
                let input = InvalidInput::Json(raw.to_owned());
                problems.push(Problem { input, ..problem(&name, &message, None) });
            }
        }
    }
    Ok((changes, problems))
}

/// The text of a setting's JSON value, `None` for null. The JSON type is the one that `openapi.json` names: what its
/// schema refuses is refused here, although the text of an address, where all values are texts, would do.
fn value_text(name: &str, raw: &str) -> Result<Option<String>, String> {
    let kind = Settings::field(name).map(|field| field.kind);
    let json = Json::read(raw).map_err(|error| format!("not JSON: {error}"))?;
    match (json, kind) {
        (Json::Null, _) => Ok(None),
        (Json::Bool, Some(Kind::Bool) | None) => Ok(Some(raw.to_owned())),
        (Json::Number, Some(Kind::Number) | None) => Ok(Some(number_text(raw))),
        (Json::Text(text), Some(Kind::Text)) if text.is_empty() || text.trim() != text => {
            Err("the text is empty or has blanks around it; leave them out, and send null for the default".to_owned())
        }
        (Json::Text(text), Some(Kind::Text) | None) => Ok(Some(text)),
        (_, Some(Kind::Bool)) => Err("send true, false or null".to_owned()),
        (_, Some(Kind::Number)) => Err("send a number or null".to_owned()),
        (_, Some(Kind::Text)) => Err("send a text or null".to_owned()),
        (_, None) => Err("send a text, a number, true, false or null".to_owned()),
    }
}

/// A number as settings read it: `20.0` means `20`, and `-0` is zero.
pub(super) fn number_text(raw: &str) -> String {
    match raw.parse::<f64>() {
        Ok(0.0) => "0".to_owned(),
        // Whole numbers without an exponent, which is how settings read them.
        Ok(number) if raw.contains(['.', 'e', 'E']) => match number as u64 {
            whole if whole as f64 == number && whole < u64::MAX => whole.to_string(),
            _ => write_number(number),
        },
        _ => raw.to_owned(),
    }
}
