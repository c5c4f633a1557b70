//! The measures that the settings name: the numbers of an event, each with a column of its own.

use super::settings::value_of;
use crate::pipeline::read_ids;

/// The only measure by default.
pub const VALUE: &str = "value";

/// Their names in a snapshot's settings, in order; `value` while these are not known.
#[must_use]
pub fn measure_names(settings: &[(String, Option<String>)]) -> Vec<String> {
    // A record like that of ids.
    let named = value_of(settings, "measures").and_then(|text| read_ids(text).ok()).unwrap_or_default();
    let names: Vec<String> = named.iter().map(|name| name.text().to_string()).collect();
    if names.is_empty() { vec![VALUE.to_owned()] } else { names }
}

/// The column of the rolling aggregate of a measure; that of the default aggregate for an empty `agg`.
#[must_use]
pub fn rolling_column(measure: &str, agg: &str) -> String {
    let name = format!("moving_{}", if matches!(agg, "" | "mean") { "avg" } else { agg });
    if measure == VALUE { name } else { format!("{measure}_{name}") }
}

/// The unit in the name of a measure: the text in the brackets at its end, as in `flow [m3/h]` and `temperature (°C)`.
#[must_use]
pub fn unit_of(measure: &str) -> Option<&str> {
    let name = measure.trim_end();
    let (open, inner) = match name.chars().next_back()? {
        ']' => ('[', name.strip_suffix(']')?),
        ')' => ('(', name.strip_suffix(')')?),
        _ => return None,
    };
    let (_, unit) = inner.rsplit_once(open)?;
    let unit = unit.trim();
    (!unit.is_empty()).then_some(unit)
}

/// The scale of each measure, from 0 in the order of their first use: measures of one unit share a scale, and a measure
/// whose name has no unit has one for itself.
#[must_use]
pub fn scales(measures: &[String]) -> Vec<usize> {
    let (mut known, mut scales) = (Vec::<&str>::new(), Vec::with_capacity(measures.len()));
    for name in measures {
        let unit = unit_of(name).unwrap_or(name);
        let scale = known.iter().position(|known| *known == unit).unwrap_or(known.len());
        if scale == known.len() {
            known.push(unit);
        }
        scales.push(scale);
    }
    scales
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::ops::Agg;
    use crate::pipeline::rolling_name;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_read_as_the_setting_writes_them() {
        let settings = |text: Option<&str>| vec![("measures".to_owned(), text.map(str::to_owned))];
        assert_eq!(measure_names(&[]), ["value"]);
        assert_eq!(measure_names(&settings(None)), ["value"]);
        assert_eq!(measure_names(&settings(Some("flow,\"a,b\""))), ["flow", "a,b"]);
    }

    #[test]
    fn only_value_has_an_aggregate_without_its_name() {
        assert_eq!(rolling_column("value", "mean"), "moving_avg");
        assert_eq!(rolling_column("flow", ""), "flow_moving_avg");
        assert_eq!(rolling_column("flow", "max"), "flow_moving_max");
        for agg in Agg::ROLLING {
            for measure in [VALUE, "flow"] {
                assert_eq!(rolling_column(measure, agg.name()), rolling_name(measure, *agg), "as in the tables");
            }
        }
    }

    #[test]
    fn a_unit_stands_in_brackets_at_the_end_of_a_name() {
        for (name, unit) in [
            ("flow [m3/h]", Some("m3/h")),
            ("temperature (\u{b0}C) ", Some("\u{b0}C")),
            ("a (b) [c]", Some("c")),
            ("flow", None),
            ("flow []", None),
            ("flow]", None),
            ("(x) flow", None),
            ("", None),
        ] {
            assert_eq!(unit_of(name), unit, "{name}");
        }
    }

    #[test]
    fn measures_of_one_unit_share_a_scale() {
        assert_eq!(scales(&texts(&["in (bar)", "flow", "out [bar]", "level"])), [0, 1, 0, 2]);
        assert_eq!(scales(&[]), Vec::<usize>::new());
    }
}
