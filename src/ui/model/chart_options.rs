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
    /// Lines of ids and measures, in the order of their columns in the data.
    pub lines: Vec<LineStyle>,
}

/// How a line is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineStyle {
    /// Its colour.
    pub color: String,
    /// Its slot, which decides the dash.
    pub place: usize,
    /// Its scale; 0 is that of the chart's own measure.
    pub scale: usize,
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
    for LineStyle { color, place, scale } in lines {
        let (dash, scale) = (DASHES.get(*place).unwrap_or(&""), scale_name(*scale));
        // Writing to a string cannot fail.
        let _ = write!(
            series,
            r#",{{"stroke":"{color}","scale":"{scale}","width":1.75,"rest":1,"dashes":[{dash}],"points":{{"size":6,"width":0,"fill":"{color}"}}}}"#
        );
    }
    let axis_of = |stroke: &str| {
        format!(
            r#""stroke":"{stroke}","font":"{text_size}px system-ui, sans-serif","ticks":{{"show":false}},"border":{{"show":false}}"#
        )
    };
    let axis = axis_of(text);
    // Two lines of a time, and eight digits of a value.
    let (time_room, value_room) = (3 * text_size, 25 * text_size / 6);
    let mut scales = String::new();
    for scale in 1..=lines.iter().map(|line| line.scale).max().unwrap_or(0) {
        let _ = write!(scales, r#","{}":{{"auto":false}}"#, scale_name(scale));
    }
    // One more unit has an axis, on the right and in the colour of its first line; those of all others are in the legend.
    let second = lines.iter().find(|line| line.scale == 1).map(|line| {
        let (axis, scale) = (axis_of(&line.color), scale_name(1));
        format!(r#",{{{axis},"scale":"{scale}","side":1,"grid":{{"show":false}},"size":{value_room}}}"#)
    });
    let second = second.unwrap_or_default();
    format!(
        r#"{{"width":{width},"height":{height},"legend":{{"show":false}},"padding":[8,28,0,0],
"cursor":{{"y":false,"drag":{{"x":true,"y":false,"setScale":false,"dist":4}},"points":{{"show":false}},"bind":{{}}}},
"scales":{{"x":{{"time":true,"auto":false}},"y":{{"auto":false}}{scales}}},
"series":[{series}],
"axes":[{{{axis},"grid":{{"show":false}},"size":{time_room},"lineGap":1.2,"space":96,"values":{TIME_FORMATS}}},
{{{axis},"grid":{{"show":true,"stroke":"{grid}","width":1}},"size":{value_room}}}{second}]}}"#
    )
}

/// The name of a scale of values: `y` is that of the chart's own measure.
#[must_use]
pub fn scale_name(scale: usize) -> String {
    if scale == 0 { "y".to_owned() } else { format!("y{scale}") }
}

#[cfg(test)]
mod tests {
    use super::{ChartColors, LineStyle, chart_options};

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
        let line = |color: &str, place| LineStyle { color: color.to_owned(), place, scale: 0 };
        let lines = vec![line("red", 0), line("blue", 2), line("transparent", 8)];
        let options = options(&ChartColors { lines, ..ChartColors::default() });
        assert_eq!(
            (&options["series"][4]["stroke"], &options["series"][4]["dashes"]),
            (&"blue".into(), &serde_json::json!([2, 3]))
        );
        assert_eq!(options["series"][5]["dashes"], serde_json::json!([]));
        assert!(options["series"][1]["alpha"].as_f64() < Some(1.0));
        assert_eq!((&options["series"][4]["scale"], &options["axes"][2]), (&"y".into(), &serde_json::Value::Null));
    }

    #[test]
    fn a_line_of_another_unit_has_a_scale_and_the_first_of_them_an_axis() {
        let line = |color: &str, scale| LineStyle { color: color.to_owned(), place: 0, scale };
        let colors = ChartColors {
            text: "grey".into(),
            lines: vec![line("red", 0), line("blue", 2), line("green", 1)],
            ..ChartColors::default()
        };
        let options = options(&colors);
        let scales = ["y", "y2", "y1"].map(serde_json::Value::from);
        assert_eq!([3, 4, 5].map(|series: usize| options["series"][series]["scale"].clone()), scales);
        let names: Vec<&str> = options["scales"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["x", "y", "y1", "y2"]);
        let axis = &options["axes"][2];
        assert_eq!((&axis["scale"], &axis["stroke"], &axis["side"]), (&"y1".into(), &"green".into(), &1.into()));
    }
}
