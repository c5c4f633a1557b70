//! `GET /config` and `PATCH /config`: the settings, whole and in part.

use crate::api::encode::json;
use crate::api::extract::body::{check_size, is_json, media_type};
use crate::api::extract::json::Json;
use crate::api::{ApiError, App, InvalidInput, Problem, Request, Response};
use crate::frame::write_number;
use crate::time::Timestamp;

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    let version = app.service().config_version();
    let body = json::settings(app.service().engine().settings());
    Ok(Response::json(body).with_header("ETag", format!("\"{version}\"")))
}

/// Merges a JSON object into the settings, checks the result as a whole and applies it; `null` sets the default.
pub(crate) fn patch(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    check_size(request)?;
    let media_type = media_type(request);
    if !is_json(&media_type) {
        return Err(ApiError::UnsupportedMediaType { given: media_type, accepted: "application/json" });
    }
    let changes = read(&request.body)?;
    let settings = app
        .service()
        .engine()
        .settings()
        .merged(changes.iter().map(|(name, text)| (name.as_str(), text.as_deref())))
        .map_err(|errors| {
            let problems = errors.into_iter().map(|error| {
                Problem::value(
                    "body",
                    &error.name,
                    error.message,
                    error.input.map_or(InvalidInput::Nothing, InvalidInput::Text),
                )
            });
            ApiError::Unprocessable(problems.collect())
        })?;
    app.service_mut().configure(settings, now).map_err(|error| {
        ApiError::Unprocessable(vec![Problem::value("body", "window", error.to_string(), InvalidInput::Nothing)])
    })?;
    get(app, request, now)
}

/// Names and texts of the changes, in the order of the body.
fn read(body: &[u8]) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let refuse =
        |kind, msg: String| Err(ApiError::Unprocessable(vec![Problem::body(kind, None, msg, InvalidInput::Nothing)]));
    let Ok(text) = str::from_utf8(body) else {
        return refuse("json_invalid", "the body is not UTF-8 text; encode it as UTF-8".to_owned());
    };
    let fields = match Json::read(text) {
        Ok(Json::Object(fields)) => fields,
        Ok(_) => {
            return refuse("dict_type", format!("{} is not an object such as {{\"batch_size\": 20}}", text.trim()));
        }
        Err(error) => return refuse("json_invalid", format!("the body is not JSON: {error}")),
    };
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    for (name, raw) in fields {
        match Json::read(raw.get()) {
            Ok(Json::Null) => changes.push((name, None)),
            Ok(Json::Bool) => changes.push((name, Some(raw.get().to_owned()))),
            Ok(Json::Text(text)) => changes.push((name, Some(text))),
            Ok(Json::Number) => changes.push((name, Some(number_text(raw.get())))),
            _ => {
                let msg = "send a text, a number, true, false or null".to_owned();
                problems.push(Problem::value("body", &name, msg, InvalidInput::Json(raw.to_owned())));
            }
        }
    }
    if problems.is_empty() { Ok(changes) } else { Err(ApiError::Unprocessable(problems)) }
}

/// A number as settings read it: `20.0` means `20`.
fn number_text(raw: &str) -> String {
    match raw.parse() {
        Ok(number) if raw.contains(['.', 'e', 'E']) => write_number(number),
        _ => raw.to_owned(),
    }
}
