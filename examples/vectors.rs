//! Answers recorded vectors of melt, pivot_table and rolling.
//!
//! `cargo run --release --example vectors -- FILE.json …` prints one JSON object from vector name to answer: a frame, or
//! `{"error": "…"}` where a verb refuses. `tests/golden.rs` includes this file and compares the answers.

use std::error::Error;

use millrace::frame::ops::{
    Agg, AggFunc, Closed, Interpolation, Melt, PivotTable, Quantile, Window, melt, pivot, rolling,
};
use millrace::frame::{Cell, Column, Dtype, Frame, Value};
use millrace::time::{Clock, Duration, Timestamp};
use serde_json::{Map, Value as Json, json};

/// What can go wrong in an answer: a verb refuses, or the vector is not of the agreed form.
pub(crate) type Refusal = Box<dyn Error>;

#[allow(dead_code, reason = "the golden test includes this file and calls `answer`")]
fn main() -> Result<(), Refusal> {
    let mut answers = Map::new();
    for path in std::env::args().skip(1) {
        let vectors: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        for vector in &vectors {
            let name = vector["name"].as_str().ok_or("a vector has no name")?;
            answers.insert(name.to_owned(), answer(vector));
        }
    }
    println!("{}", Json::Object(answers));
    Ok(())
}

/// The answer to one vector.
pub(crate) fn answer(vector: &Json) -> Json {
    let params = &vector["params"];
    let answer = match vector["op"].as_str() {
        Some("melt") => answer_melt(&vector["frame"], params),
        Some("pivot_table") => answer_pivot_table(&vector["frame"], params),
        Some("rolling") => answer_rolling(&vector["frame"], params),
        _ => Err(format!("no verb is called {}", vector["op"]).into()),
    };
    answer.unwrap_or_else(|refusal| json!({ "error": refusal.to_string() }))
}

fn answer_melt(frame: &Json, params: &Json) -> Result<Json, Refusal> {
    let ignore_index = params["ignore_index"].as_bool().unwrap_or(true);
    let (id_vars, value_vars) = (names(&params["id_vars"])?, names(&params["value_vars"])?);
    let options = Melt {
        id_vars: &id_vars.unwrap_or_default(),
        value_vars: value_vars.as_deref(),
        var_name: label(params, "var_name", "variable")?.into(),
        value_name: label(params, "value_name", "value")?.into(),
        ignore_index,
    };
    let melted = melt(&read_frame(frame)?, &options)?;
    let mut columns: Vec<Json> = melted.columns().iter().map(|(name, column)| write_column(name, column)).collect();
    if ignore_index {
        return Ok(json!({ "columns": columns }));
    }
    let (index, rows) = (columns.remove(0), &melted.columns()[0].1);
    let index = match frame.get("index") {
        Some(index) => {
            let rows: Vec<u32> = rows.values().filter_map(Value::to_f64).map(|row| row as u32).collect();
            write_column(text(&index["name"]).unwrap_or(""), &read_column(index)?.take(&rows))
        }
        None => json!({ "name": null, "type": index["type"], "values": index["values"] }),
    };
    Ok(json!({ "columns": columns, "index": index }))
}

fn answer_pivot_table(frame: &Json, params: &Json) -> Result<Json, Refusal> {
    let (index, columns) =
        (names(&params["index"])?.unwrap_or_default(), names(&params["columns"])?.unwrap_or_default());
    let values = names(&params["values"])?;
    let flag = |name: &str, default| params[name].as_bool().unwrap_or(default);
    let is_nested = params["aggfunc"].as_object().is_some_and(|dict| dict.values().any(Json::is_array));
    let lists: Vec<(&str, Vec<Agg>)> = match params["aggfunc"].as_object() {
        Some(dict) => {
            dict.iter().map(|(name, aggs)| Ok((&**name, read_aggs(aggs)?))).collect::<Result<_, Refusal>>()?
        }
        None if params["aggfunc"].is_null() => vec![("", vec![Agg::Mean])],
        None => vec![("", read_aggs(&params["aggfunc"])?)],
    };
    let flat: Vec<(&str, Agg)> = lists.iter().filter_map(|(name, aggs)| Some((*name, *aggs.first()?))).collect();
    let nested: Vec<(&str, &[Agg])> = lists.iter().map(|(name, aggs)| (*name, &**aggs)).collect();
    let aggfunc = match &params["aggfunc"] {
        Json::Object(_) if is_nested => AggFunc::SeveralByColumn(&nested),
        Json::Object(_) => AggFunc::ByColumn(&flat),
        Json::Array(_) => AggFunc::Several(nested[0].1),
        _ => AggFunc::One(flat.first().ok_or("aggfunc names no aggregate")?.1),
    };
    let fill = read_fill(&params["fill_value"])?;
    let options = PivotTable {
        index: &index,
        columns: &columns,
        values: values.as_deref(),
        plain_values: params["values"].is_string(),
        aggfunc,
        fill_value: fill.as_ref().map(Cell::as_value),
        margins: flag("margins", false),
        margins_name: margins_name(params)?.into(),
        dropna: flag("dropna", true),
        sort: flag("sort", true),
    };
    let pivoted = pivot(&read_frame(frame)?, &options)?;
    let index = pivoted.index.iter().map(|(name, column)| write_column(name, column));
    let values = pivoted.values.iter().map(|(labels, column)| {
        let mut written = write_column("", column);
        written["labels"] = labels.iter().map(|label| write_tagged(label.as_value())).collect();
        written
    });
    Ok(json!({ "columns": index.chain(values).collect::<Vec<_>>() }))
}

fn answer_rolling(frame: &Json, params: &Json) -> Result<Json, Refusal> {
    let quantile = |at| Quantile { at, interpolation: Interpolation::Linear };
    let (agg, mut place) = match text(&params["agg"]).unwrap_or_default() {
        "quantile" => (Agg::Median, quantile(params["quantile"].as_f64().unwrap_or(0.5))),
        name => (read_agg(name)?, Quantile::MEDIAN),
    };
    if let Some(name) = text(&params["interpolation"]) {
        place.interpolation = Interpolation::parse(name).ok_or_else(|| format!("no interpolation \"{name}\""))?;
    }
    let mut window = Window::new(Duration::parse(text(&params["window"]).unwrap_or_default())?, agg);
    window.quantile = place;
    window.min_periods =
        option(params, "min_periods", "an integer that is not negative", Json::as_u64)?.unwrap_or(1) as usize;
    window.ddof = params["ddof"].as_u64().unwrap_or(1) as u32;
    window.center = option(params, "center", "a boolean", Json::as_bool)?.unwrap_or(false);
    if let Some(name) = text(&params["closed"]) {
        window.closed = Closed::parse(name).ok_or_else(|| format!("no such closed \"{name}\""))?;
    }
    let columns = names(&params["columns"])?.unwrap_or_default();
    let rolled = rolling(&read_frame(frame)?, text(&params["on"]).unwrap_or_default(), &columns, &window)?;
    Ok(
        json!({ "columns": rolled.columns().iter().map(|(name, column)| write_column(name, column)).collect::<Vec<_>>() }),
    )
}

fn text(json: &Json) -> Option<&str> {
    json.as_str()
}

/// A parameter that may be absent, and is refused if it is not what `read` reads.
fn option<T>(
    params: &Json,
    name: &str,
    expected: &str,
    read: impl Fn(&Json) -> Option<T>,
) -> Result<Option<T>, Refusal> {
    let value = &params[name];
    if value.is_null() {
        Ok(None)
    } else {
        read(value).map(Some).ok_or_else(|| format!("{name} {value} is not {expected}").into())
    }
}

/// The name of a column of the result: any scalar, as in pandas, but no list.
fn label(params: &Json, name: &str, default: &str) -> Result<String, Refusal> {
    let read = |value: &Json| match value {
        Json::Array(_) | Json::Object(_) => None,
        Json::String(text) => Some(text.clone()),
        scalar => Some(scalar.to_string()),
    };
    Ok(option(params, name, "one name", read)?.unwrap_or_else(|| default.to_owned()))
}

/// The label of the margins: a text, which counts only if there are margins.
fn margins_name(params: &Json) -> Result<String, Refusal> {
    match (&params["margins_name"], params["margins"].as_bool()) {
        (Json::String(name), _) => Ok(name.clone()),
        (other, Some(true)) if params.get("margins_name").is_some() => {
            Err(format!("margins_name {other} is not a text").into())
        }
        _ => Ok("All".to_owned()),
    }
}

/// One name, a list of names, or nothing.
fn names(json: &Json) -> Result<Option<Vec<&str>>, Refusal> {
    match json {
        Json::Null => Ok(None),
        Json::String(name) => Ok(Some(vec![name])),
        Json::Array(names) => {
            Ok(Some(names.iter().map(|name| name.as_str().ok_or("a name is no text")).collect::<Result<_, _>>()?))
        }
        other => Err(format!("{other} is no list of names").into()),
    }
}

fn read_agg(name: &str) -> Result<Agg, Refusal> {
    Agg::parse(name).ok_or_else(|| format!("no aggregate is called \"{name}\"").into())
}

fn read_aggs(json: &Json) -> Result<Vec<Agg>, Refusal> {
    names(json)?.unwrap_or_default().into_iter().map(read_agg).collect()
}

fn read_fill(json: &Json) -> Result<Option<Cell>, Refusal> {
    Ok(match json {
        Json::Null => None,
        Json::Bool(truth) => Some(Cell::Bool(*truth)),
        Json::String(text) => Some(Cell::Str(text.as_str().into())),
        number => Some(number.as_i64().map_or_else(|| Cell::Float(number.as_f64().unwrap_or(f64::NAN)), Cell::Int)),
    })
}

fn read_frame(json: &Json) -> Result<Frame, Refusal> {
    let columns = json["columns"].as_array().ok_or("the frame has no columns")?;
    let columns = columns
        .iter()
        .map(|column| Ok((text(&column["name"]).unwrap_or_default().to_owned().into(), read_column(column)?)));
    Ok(Frame::new(columns.collect::<Result<_, Refusal>>()?)?)
}

fn read_column(json: &Json) -> Result<Column, Refusal> {
    let dtype = match text(&json["type"]) {
        Some("datetime") => Dtype::Datetime,
        Some("float") => Dtype::Float,
        Some("int") => Dtype::Int,
        Some("bool") => Dtype::Bool,
        Some("string") => Dtype::String,
        _ => Dtype::Mixed,
    };
    let values = json["values"].as_array().ok_or("a column has no values")?;
    let cells = values.iter().map(|value| read_cell(dtype, value)).collect::<Result<Vec<_>, _>>()?;
    Ok(Column::collect(dtype, cells.iter().map(Cell::as_value)))
}

fn read_cell(dtype: Dtype, json: &Json) -> Result<Cell, Refusal> {
    Ok(match (dtype, json) {
        (_, Json::Null) => Cell::Null,
        (Dtype::Mixed, Json::Object(tagged)) => {
            let (tag, value) = tagged.iter().next().ok_or("an empty tag")?;
            let column = read_column(&json!({ "type": tag, "values": [value] }))?;
            column.value(0).into()
        }
        (Dtype::Datetime, Json::String(text)) => Cell::Datetime(Timestamp::parse(text, &Clock::Utc)?),
        (Dtype::Float, Json::String(text)) => Cell::Float(text.parse()?),
        (Dtype::Float, number) => Cell::Float(number.as_f64().ok_or("no number")?),
        (Dtype::Int, Json::String(text)) => Cell::Int(text.parse()?),
        (_, Json::Bool(truth)) => Cell::Bool(*truth),
        (_, Json::String(text)) => Cell::Str(text.as_str().into()),
        (_, number) => Cell::Int(number.as_i64().ok_or("no integer of 64 bits")?),
    })
}

fn write_column(name: &str, column: &Column) -> Json {
    let write = if column.dtype() == Dtype::Mixed { write_tagged } else { write_value };
    let values: Vec<Json> = column.values().map(write).collect();
    json!({ "name": name, "type": column.dtype().to_string(), "values": values })
}

fn write_value(value: Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Datetime(at) => Json::String(at.to_text(&Clock::Utc).trim_end_matches('Z').to_owned()),
        Value::Float(number) if number.is_infinite() => Json::String(number.to_string()),
        Value::Float(number) => json!(number),
        Value::Int(number) => json!(number),
        Value::Bool(truth) => json!(truth),
        Value::Str(text) => json!(&*text),
    }
}

/// The value beside the name of its type, as cells of mixed columns are written.
fn write_tagged(value: Value<'_>) -> Json {
    let tag = match value {
        Value::Null => return Json::Null,
        Value::Datetime(_) => Dtype::Datetime,
        Value::Float(_) => Dtype::Float,
        Value::Int(_) => Dtype::Int,
        Value::Bool(_) => Dtype::Bool,
        Value::Str(_) => Dtype::String,
    };
    json!({ tag.to_string(): write_value(value) })
}
