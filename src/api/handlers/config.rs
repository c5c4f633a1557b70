//! `GET /config` and `PATCH /config`: the settings, whole and in part.

use serde_json::{Map, Value};

use crate::api::extract::body::{check_size, is_json, media_type};
use crate::api::{ApiError, App, Loc, Problem, Request, Response};
use crate::pipeline::{Kind, Settings};
use crate::time::Timestamp;

pub(crate) fn get(app: &mut App, _: &Request, _: Timestamp) -> Result<Response, ApiError> {
    Ok(Response::json(Value::Object(to_json(app.engine().settings())).to_string().into_bytes()))
}

/// Merges a JSON object into the settings, checks the whole and puts it in force; `null` sets the default.
pub(crate) fn patch(app: &mut App, request: &Request, now: Timestamp) -> Result<Response, ApiError> {
    check_size(request)?;
    let media_type = media_type(request);
    if !is_json(&media_type) {
        return Err(ApiError::UnsupportedMediaType { given: media_type, accepted: "application/json" });
    }
    let changes = read(&request.body)?;
    let settings =
        app.engine().settings().merged(changes.iter().map(|(name, text)| (name.as_str(), text.as_deref()))).map_err(
            |errors| {
                let problems = errors.into_iter().map(|error| {
                    Problem::value("body", &error.name, error.message, error.input.map_or(Value::Null, Value::String))
                });
                ApiError::Unprocessable(problems.collect())
            },
        )?;
    app.configure(settings, now).map_err(|error| {
        ApiError::Unprocessable(vec![Problem::value("body", "window", error.to_string(), Value::Null)])
    })?;
    get(app, request, now)
}

/// Names and texts of the changes, in the order of the body.
fn read(body: &[u8]) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let refuse = |kind, msg: String| ApiError::Unprocessable(vec![Problem::body(kind, None, msg, Value::Null)]);
    let fields: Map<String, Value> = match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => fields,
        Ok(other) => {
            return Err(refuse("dict_type", format!("{other} is not an object such as {{\"batch_size\": 20}}")));
        }
        Err(error) => return Err(refuse("json_invalid", format!("the body is not JSON: {error}"))),
    };
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Null => changes.push((name, None)),
            Value::Bool(truth) => changes.push((name, Some(truth.to_string()))),
            Value::String(text) => changes.push((name, Some(text))),
            Value::Number(number) => changes.push((name, Some(number_text(&number)))),
            other => problems.push(Problem {
                kind: "value_error",
                loc: vec![Loc::Name("body".to_owned()), Loc::Name(name)],
                msg: "send a text, a number, true, false or null".to_owned(),
                input: other,
            }),
        }
    }
    if problems.is_empty() { Ok(changes) } else { Err(ApiError::Unprocessable(problems)) }
}

/// A number as settings read it: `20.0` means `20`.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}

fn to_json(settings: &Settings) -> Map<String, Value> {
    Settings::FIELDS
        .iter()
        .map(|field| {
            let value = match (field.get(settings), field.kind) {
                (None, _) => Value::Null,
                (Some(text), Kind::Text) => Value::String(text),
                // Numbers and truth values print as JSON does.
                (Some(text), Kind::Number | Kind::Bool) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            };
            (field.name.to_owned(), value)
        })
        .collect()
}
