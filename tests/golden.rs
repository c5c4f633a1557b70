//! melt, pivot_table and rolling give the answers that pandas 3.1.1 gave.
//!
//! The vectors in `tests/fixtures/pandas` were recorded with real pandas: hand-made edges and seeded random frames, each
//! with its input, its options and the whole expected frame. Floats may differ by 1e-9 relative or 1e-12 absolute where
//! something is computed, and by nothing where values are only picked; where pandas itself is further off, the correctly
//! rounded answer (`exact`) is accepted cell by cell.

#[path = "../examples/vectors.rs"]
mod vectors;

use serde_json::Value as Json;
use wasm_bindgen_test::wasm_bindgen_test;

/// Vectors that are answered otherwise on purpose, with the reason. A test fails also when one of these passes.
const DIFFERENT: &[(&str, &str)] = &[];

#[wasm_bindgen_test(unsupported = test)]
fn melt_answers_as_pandas_does() {
    check_all(include_str!("fixtures/pandas/melt.json"));
}

#[wasm_bindgen_test(unsupported = test)]
fn pivot_table_answers_as_pandas_does() {
    check_all(include_str!("fixtures/pandas/pivot_table.json"));
}

#[wasm_bindgen_test(unsupported = test)]
fn rolling_answers_as_pandas_does() {
    check_all(include_str!("fixtures/pandas/rolling.json"));
}

const EDGES: &str = include_str!("fixtures/pandas/edges.json");

/// The vectors of one kind among those that `make_edges.py` writes.
fn check_edges(kind: &str) {
    let vectors: Vec<Json> = serde_json::from_str(EDGES).unwrap();
    let is_of_kind = |vector: &&Json| vector["name"].as_str().unwrap().split('/').nth(2) == Some(kind);
    let chosen: Vec<&Json> = vectors.iter().filter(is_of_kind).collect();
    assert!(!chosen.is_empty(), "no vector is called edges/…/{kind}/…");
    check_all(&serde_json::to_string(&chosen).unwrap());
}

#[wasm_bindgen_test(unsupported = test)]
fn one_column_in_several_roles_answers_as_in_pandas() {
    check_edges("roles");
}

#[wasm_bindgen_test(unsupported = test)]
fn windows_read_as_in_pandas() {
    check_edges("window");
}

#[wasm_bindgen_test(unsupported = test)]
fn arguments_are_refused_as_in_pandas() {
    ["min_periods", "center", "closed", "names", "margins_name"].iter().for_each(|kind| check_edges(kind));
}

#[wasm_bindgen_test(unsupported = test)]
fn sums_that_overflow_and_large_medians_answer_as_in_pandas() {
    check_edges("limits");
}

#[wasm_bindgen_test(unsupported = test)]
fn margins_of_missing_keys_answer_as_in_pandas() {
    check_edges("margins");
}

fn check_all(vectors: &str) {
    let vectors: Vec<Json> = serde_json::from_str(vectors).unwrap();
    let mut failures = Vec::new();
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let expected_to_differ = DIFFERENT.iter().find(|(different, _)| *different == name);
        match (check(vector, &vectors::answer(vector)), expected_to_differ) {
            (Err(difference), None) => failures.push(format!("{name}: {difference}")),
            (Ok(()), Some((_, reason))) => failures.push(format!("{name} passes, but is listed: {reason}")),
            _ => {}
        }
    }
    println!("{} of {} vectors pass", vectors.len() - failures.len(), vectors.len());
    assert!(failures.is_empty(), "{} vectors differ:\n{}", failures.len(), failures.join("\n"));
}

/// What a comparison found, or nothing.
type Outcome = Result<(), String>;

fn check(vector: &Json, answer: &Json) -> Outcome {
    if let Some(refusal) = answer.get("error") {
        let may_refuse = vector.get("error").is_some() || vector["also_accept"] == "error";
        return if may_refuse { Ok(()) } else { Err(format!("refused: {refusal}")) };
    }
    if let Some(error) = vector.get("error") {
        return Err(format!("answered where pandas refuses: {error}"));
    }
    let tolerance = Tolerance::from_vector(vector);
    let (expected, exact) = (&vector["expect"], vector.get("exact"));
    match exact {
        // The correctly rounded answer has other rows: one or the other as a whole.
        Some(exact) if lengths(exact) != lengths(expected) => {
            check_frame(expected, answer, None, tolerance).or_else(|_| check_frame(exact, answer, None, tolerance))
        }
        _ => check_frame(expected, answer, exact, tolerance),
    }
}

fn columns(frame: &Json) -> &[Json] {
    frame["columns"].as_array().map_or(&[], Vec::as_slice)
}

fn lengths(frame: &Json) -> Vec<Option<usize>> {
    columns(frame).iter().map(|column| column["values"].as_array().map(Vec::len)).collect()
}

fn check_frame(expected: &Json, answer: &Json, exact: Option<&Json>, tolerance: Tolerance) -> Outcome {
    let (wanted, found) = (columns(expected), columns(answer));
    if wanted.len() != found.len() {
        return Err(format!("{} columns, expected {}", found.len(), wanted.len()));
    }
    for (place, (wanted, found)) in wanted.iter().zip(found).enumerate() {
        let at = |difference: String| format!("column {place} ({}): {difference}", wanted["name"]);
        check_labels(wanted, found).map_err(at)?;
        check_column(wanted, found, exact.map(|exact| &columns(exact)[place]), tolerance).map_err(at)?;
    }
    match expected.get("index") {
        Some(index) => {
            check_column(index, &answer["index"], None, tolerance).map_err(|difference| format!("index: {difference}"))
        }
        None => Ok(()),
    }
}

fn check_labels(wanted: &Json, found: &Json) -> Outcome {
    let are_equal = match (wanted.get("labels"), found.get("labels")) {
        (Some(Json::Array(wanted)), Some(Json::Array(found))) => {
            let same = |(wanted, found): (&Json, &Json)| {
                Tolerance::NONE.accepts(&cell("mixed", wanted), &cell("mixed", found))
            };
            wanted.len() == found.len() && wanted.iter().zip(found).all(same)
        }
        _ => wanted["name"] == found["name"],
    };
    if are_equal {
        Ok(())
    } else {
        Err(format!("labels {} {}, expected {}", found["name"], found["labels"], wanted["labels"]))
    }
}

fn check_column(wanted: &Json, found: &Json, exact: Option<&Json>, tolerance: Tolerance) -> Outcome {
    let (wanted_type, found_type) = (wanted["type"].as_str().unwrap_or(""), found["type"].as_str().unwrap_or(""));
    if wanted_type != found_type && wanted_type != "mixed" {
        return Err(format!("type {found_type}, expected {wanted_type}"));
    }
    let values = |json| Json::as_array(json).map_or(&[][..], Vec::as_slice);
    let (wanted_values, found_values) = (values(&wanted["values"]), values(&found["values"]));
    if wanted_values.len() != found_values.len() {
        return Err(format!("{} values, expected {}", found_values.len(), wanted_values.len()));
    }
    for (row, (wanted, found)) in wanted_values.iter().zip(found_values).enumerate() {
        let found_cell = cell(found_type, found);
        let is_exact = |exact: &Json| {
            let exact_type = exact["type"].as_str().unwrap_or("");
            tolerance.within_a_nanosecond().accepts(&cell(exact_type, &exact["values"][row]), &found_cell)
        };
        if !tolerance.accepts(&cell(wanted_type, wanted), &found_cell) && !exact.is_some_and(is_exact) {
            return Err(format!("row {row} is {found}, expected {wanted}"));
        }
    }
    Ok(())
}

/// A cell as the vectors write it, understood.
#[derive(Debug, PartialEq)]
enum Cell {
    Missing,
    Float(f64),
    Nanos(i128),
    Other(String, String),
}

fn cell(kind: &str, json: &Json) -> Cell {
    match (kind, json) {
        (_, Json::Null) => Cell::Missing,
        ("mixed", Json::Object(tagged)) => {
            tagged.iter().next().map_or(Cell::Missing, |(kind, value)| cell(kind, value))
        }
        ("float", Json::String(text)) => Cell::Float(text.parse().unwrap()),
        ("float", number) => Cell::Float(number.as_f64().unwrap()),
        ("datetime", Json::String(text)) => Cell::Nanos(nanos(text)),
        (kind, other) => Cell::Other(kind.to_owned(), other.to_string()),
    }
}

/// Nanoseconds since the epoch, read without the code under test.
fn nanos(text: &str) -> i128 {
    let parsed: chrono::NaiveDateTime = text.parse().unwrap();
    i128::from(parsed.and_utc().timestamp()) * 1_000_000_000 + i128::from(parsed.and_utc().timestamp_subsec_nanos())
}

#[derive(Debug, Clone, Copy)]
struct Tolerance {
    relative: f64,
    absolute: f64,
    nanos: i128,
}

impl Tolerance {
    const NONE: Self = Self { relative: 0.0, absolute: 0.0, nanos: 0 };

    fn from_vector(vector: &Json) -> Self {
        if vector["picked"] == true || vector["op"] == "melt" {
            return Self::NONE;
        }
        let own = |name, default| vector["tolerance"][name].as_f64().unwrap_or(default);
        Self { relative: own("rel", 1e-9), absolute: own("abs", 1e-12), nanos: 0 }
    }

    fn within_a_nanosecond(self) -> Self {
        Self { nanos: 1, ..self }
    }

    fn accepts(self, wanted: &Cell, found: &Cell) -> bool {
        match (wanted, found) {
            (Cell::Float(a), Cell::Float(b)) if a.is_finite() && b.is_finite() => {
                (a - b).abs() <= self.absolute.max(self.relative * a.abs().max(b.abs()))
            }
            (Cell::Nanos(a), Cell::Nanos(b)) => (a - b).abs() <= self.nanos,
            (wanted, found) => wanted == found,
        }
    }
}
