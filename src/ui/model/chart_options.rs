//! Options for uPlot: series, axes and colours, as JSON.

use std::fmt::Write as _;

/// Colours of the chart, from the tokens of the style sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartColors {
    /// Ends of the value band.
    pub value: String,
    /// The band itself.
    pub band: String,
    /// The rolling aggregate.
    pub rolling: String,
    /// Axis labels.
    pub text: String,
    /// Grid lines.
    pub grid: String,
    /// Lines of ids, in the order of their columns in the data: colour and slot.
    pub lines: Vec<(String, usize)>,
}

/// Dash patterns of the lines by slot, so that lines do not depend on colour alone; the style sheet draws the chips
/// alike.
pub const DASHES: [&str; crate::protocol::MAX_SERIES] =
    ["", "7,3", "2,3", "10,3,2,3", "5,5", "1,4", "12,4", "6,2,2,2,2,2"];

/// Time formats by the step between ticks in seconds; the first tick of a day also shows its date.
const TIME_FORMATS: &str = r#"[
  [86400, "{YYYY}-{MM}-{DD}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
  [0.001, "{HH}:{mm}:{ss}.{fff}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1]
]"#;

/// Options of a chart with the series time, all rows, rolling aggregate and one for each id, as JSON; the binding adds
/// functions, among them those that draw the series. All sizes are in CSS pixels, `text_size` is that of the labels.
#[must_use]
pub fn chart_options(width: u32, height: u32, text_size: u32, colors: &ChartColors) -> String {
    let ChartColors { value, band, rolling, text, grid, lines } = colors;
    // All rows are dimmed behind chosen ids.
    let alpha = if lines.is_empty() { "1" } else { "0.45" };
    let mut series = format!(
        r#"{{}},{{"stroke":"{value}","fill":"{band}","width":1,"alpha":{alpha},"rest":{alpha},"points":{{"size":5,"width":0,"fill":"{value}"}}}},
{{"stroke":"{rolling}","width":2.5,"alpha":{alpha},"rest":{alpha},"points":{{"show":false}}}}"#
    );
    for (color, place) in lines {
        let dash = DASHES.get(*place).unwrap_or(&"");
        // Writing to a string cannot fail.
        let _ = write!(
            series,
            r#",{{"stroke":"{color}","width":1.75,"rest":1,"dashes":[{dash}],"points":{{"size":6,"width":0,"fill":"{color}"}}}}"#
        );
    }
    let axis = format!(
        r#""stroke":"{text}","font":"{text_size}px system-ui, sans-serif","ticks":{{"show":false}},"border":{{"show":false}}"#
    );
    // Two lines of a time, and eight digits of a value.
    let (time_room, value_room) = (3 * text_size, 25 * text_size / 6);
    format!(
        r#"{{"width":{width},"height":{height},"legend":{{"show":false}},"padding":[8,28,0,0],
"cursor":{{"y":false,"drag":{{"x":true,"y":false,"setScale":false,"dist":4}},"points":{{"show":false}},"bind":{{}}}},
"scales":{{"x":{{"time":true,"auto":false}},"y":{{"auto":false}}}},
"series":[{series}],
"axes":[{{{axis},"grid":{{"show":false}},"size":{time_room},"lineGap":1.2,"space":96,"values":{TIME_FORMATS}}},
{{{axis},"grid":{{"show":true,"stroke":"{grid}","width":1}},"size":{value_room}}}]}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::{ChartColors, chart_options};

    fn options(colors: &ChartColors) -> serde_json::Value {
        serde_json::from_str(&chart_options(640, 240, 12, colors)).expect("the options are JSON")
    }

    #[test]
    fn the_band_of_all_rows_is_filled_and_uplot_computes_no_limits() {
        let options = options(&ChartColors { band: "teal".into(), ..ChartColors::default() });
        assert_eq!(options["series"][1]["fill"], "teal");
        assert_eq!(options["series"].as_array().map(Vec::len), Some(3));
        assert_eq!((&options["scales"]["x"]["auto"], &options["scales"]["y"]["auto"]), (&false.into(), &false.into()));
    }

    #[test]
    fn each_id_has_a_colour_and_a_dash_and_all_rows_are_dimmed() {
        let lines = vec![("red".to_owned(), 0), ("blue".to_owned(), 2), ("transparent".to_owned(), 8)];
        let options = options(&ChartColors { lines, ..ChartColors::default() });
        assert_eq!(
            (&options["series"][4]["stroke"], &options["series"][4]["dashes"]),
            (&"blue".into(), &serde_json::json!([2, 3]))
        );
        assert_eq!(options["series"][5]["dashes"], serde_json::json!([]));
        assert!(options["series"][1]["alpha"].as_f64() < Some(1.0));
    }
}
