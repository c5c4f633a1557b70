//! What the names of columns say: which are names of times and of ids. People name them in a few ways.

use super::preview::ColumnKind;

/// Names of times, the likeliest first.
const TIME_NAMES: [&str; 35] = [
    "timestamp",
    "datetime",
    "date_time",
    "time",
    "event_time",
    "eventtime",
    "timestamp_utc",
    "time_utc",
    "utc",
    "ts",
    "date",
    "zeitstempel",
    "zeitpunkt",
    "zeit",
    "datum_zeit",
    "datum_uhrzeit",
    "datum",
    "measured_at",
    "recorded_at",
    "observed_at",
    "logged_at",
    "occurred_at",
    "sent_at",
    "created_at",
    "created",
    "epoch",
    "unix",
    "unixtime",
    "unix_time",
    "horodatage",
    "fecha",
    "data_hora",
    "dt",
    "t",
    "day",
];
/// Ends of names of times.
const TIME_ENDS: [&str; 6] = ["timestamp", "datetime", "_time", "_at", "_ts", "_date"];
/// Names under which numbers are times whatever their size: also those that elapsed since some start.
const ELAPSED_NAMES: [&str; 8] = ["timestamp", "time", "ts", "t", "epoch", "unix", "unixtime", "unix_time"];
/// Units behind the name of a time.
const TIME_UNITS: [&str; 8] = ["_utc", "_ms", "_us", "_ns", "_s", "_secs", "_millis", "_local"];

/// Names of ids, the likeliest first.
const ID_NAMES: [&str; 36] = [
    "id",
    "sensor_id",
    "sensor",
    "device_id",
    "device",
    "symbol",
    "ticker",
    "isin",
    "instrument",
    "station_id",
    "station",
    "machine_id",
    "machine",
    "meter_id",
    "meter",
    "asset_id",
    "asset",
    "tag",
    "series",
    "channel",
    "node",
    "host",
    "hostname",
    "service",
    "location",
    "room",
    "site",
    "name",
    "uuid",
    "key",
    "user_id",
    "user",
    "geraet",
    "gerät",
    "standort",
    "source",
];

/// How likely a column is one of times by its name: the smaller, the likelier; `None`: it is not.
pub(super) fn time_rank(name: &str) -> Option<usize> {
    let name = plain(name);
    let without_unit = TIME_UNITS.iter().find_map(|unit| name.strip_suffix(*unit)).unwrap_or(&name);
    let exact = TIME_NAMES.iter().position(|known| *known == name || *known == without_unit);
    exact.or_else(|| {
        let end = TIME_ENDS.iter().position(|end| without_unit.ends_with(*end));
        end.map(|place| TIME_NAMES.len() + place)
    })
}

/// Whether a column is one of times by its name if it holds numbers: those that are too small for this century are
/// lengths of time, as in `response_time`, unless the name says otherwise.
pub(super) fn is_time_of_numbers(name: &str, are_large: bool) -> bool {
    match time_rank(name) {
        Some(_) if are_large => true,
        Some(_) => ELAPSED_NAMES.contains(&plain(name).as_str()),
        None => false,
    }
}

/// How likely a column is one of ids by its name, as [`time_rank`].
pub(super) fn id_rank(name: &str) -> Option<usize> {
    let name = plain(name);
    let exact = ID_NAMES.iter().position(|known| *known == name);
    exact.or_else(|| (name.ends_with("_id") || name.ends_with("_uuid")).then_some(ID_NAMES.len()))
}

/// What a column most likely holds of which nothing but the name is known.
pub(super) fn kind_of_name(name: &str) -> ColumnKind {
    if time_rank(name).is_some() {
        ColumnKind::Time
    } else if id_rank(name).is_some() {
        ColumnKind::Text
    } else if is_numbering(name) {
        ColumnKind::Empty
    } else {
        ColumnKind::Number
    }
}

/// A name in lower case with one underscore between its words: `sensorId`, `Sensor ID` and `sensor-id` are `sensor_id`.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut was_small = false;
    for character in name.trim().chars() {
        if !character.is_alphanumeric() {
            was_small = false;
            if !plain.is_empty() && !plain.ends_with('_') {
                plain.push('_');
            }
            continue;
        }
        if character.is_uppercase() && was_small {
            plain.push('_');
        }
        was_small = character.is_lowercase();
        plain.extend(character.to_lowercase());
    }
    plain.trim_end_matches('_').to_owned()
}

/// Whether a column of whole numbers numbers rows or things: that of a pandas index, or another id.
pub(super) fn is_numbering(name: &str) -> bool {
    let name = plain(name);
    matches!(name.as_str(), "" | "index" | "row" | "line" | "nr" | "no" | "seq" | "sequence")
        || name.starts_with("unnamed")
        || name == "id"
        || name.ends_with("_id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names_are_told_apart() {
        for (name, expected) in [
            ("sensorId", "sensor_id"),
            ("Sensor ID", "sensor_id"),
            ("sensor-id ", "sensor_id"),
            ("Date/Time", "date_time"),
            ("@timestamp", "timestamp"),
            ("UTC", "utc"),
            ("Temp (°C)", "temp_c"),
        ] {
            assert_eq!(plain(name), expected);
        }
        for name in ["time", "Zeit", "@timestamp", "time_ms", "eventTime", "Local Time", "startDate"] {
            assert!(time_rank(name).is_some(), "{name}");
        }
        for name in ["value", "temperature", "update", "status", "runtime"] {
            assert!(time_rank(name).is_none(), "{name}");
        }
    }
}
