//! What uPlot is told: series, axes and colours, as JSON.

/// Colours of the chart, read from the style sheet's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChartColors {
    /// Ends of the value band.
    pub value: String,
    /// The band itself.
    pub band: String,
    /// The moving aggregate.
    pub moving: String,
    /// Axis labels.
    pub text: String,
    /// Grid lines.
    pub grid: String,
}

/// How times are written, by the step between ticks in seconds; below the first tick of a day its date.
const TIME_FORMATS: &str = r#"[
  [86400, "{YYYY}-{MM}-{DD}", null, null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1],
  [0.001, "{mm}:{ss}.{fff}", "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1]
]"#;

/// Options of a chart with the series time, min, max and moving aggregate, as JSON; the binding adds functions.
#[must_use]
pub fn chart_options(width: u32, height: u32, colors: &ChartColors) -> String {
    let ChartColors { value, band, moving, text, grid } = colors;
    let line = |color: &str, width: &str| {
        format!(r#"{{"stroke":"{color}","width":{width},"points":{{"show":false}},"spanGaps":true}}"#)
    };
    let (edge, moving) = (line(value, "1"), line(moving, "2.5"));
    let axis = format!(
        r#""stroke":"{text}","font":"12px system-ui, sans-serif","ticks":{{"show":false}},"border":{{"show":false}}"#
    );
    format!(
        r#"{{"width":{width},"height":{height},"legend":{{"show":false}},"padding":[8,28,0,0],
"cursor":{{"y":false,"drag":{{"x":false,"y":false}},"points":{{"show":false}}}},
"scales":{{"x":{{"time":true,"auto":false}},"y":{{"auto":true}}}},
"series":[{{}},{edge},{edge},{moving}],
"bands":[{{"series":[2,1],"fill":"{band}"}}],
"axes":[{{{axis},"grid":{{"show":false}},"space":84,"values":{TIME_FORMATS}}},
{{{axis},"grid":{{"show":true,"stroke":"{grid}","width":1}}}}]}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::{ChartColors, chart_options};

    #[test]
    fn the_band_lies_between_max_and_min() {
        let colors = ChartColors { band: "teal".into(), ..ChartColors::default() };
        let text = chart_options(640, 240, &colors);
        let options: serde_json::Value = serde_json::from_str(&text).expect("the options are JSON");
        assert_eq!(options["bands"][0]["series"], serde_json::json!([2, 1]));
        assert_eq!(options["bands"][0]["fill"], "teal");
        assert_eq!(options["series"].as_array().map(Vec::len), Some(crate::protocol::CHART_COLUMNS - 1));
    }
}
