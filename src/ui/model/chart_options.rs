//! What uPlot is told: series, axes and colours, as JSON.

use serde_json::{Value, json};

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

/// Options of a chart with the series time, min, max and moving aggregate; functions are added by the binding.
#[must_use]
pub fn chart_options(width: u32, height: u32, colors: &ChartColors) -> Value {
    let line =
        |color: &str, width: f64| json!({"stroke": color, "width": width, "points": {"show": false}, "spanGaps": true});
    let axis = |show_grid: bool| {
        json!({
            "stroke": colors.text,
            "font": "12px system-ui, sans-serif",
            "grid": {"show": show_grid, "stroke": colors.grid, "width": 1},
            "ticks": {"show": false},
            "border": {"show": false},
        })
    };
    let mut time_axis = axis(false);
    time_axis["values"] = time_formats();
    time_axis["space"] = json!(84);
    json!({
        "width": width,
        "height": height,
        "legend": {"show": false},
        "cursor": {"y": false, "drag": {"x": false, "y": false}, "points": {"show": false}},
        "padding": [8, 28, 0, 0],
        "scales": {"x": {"time": true, "auto": false}, "y": {"auto": true}},
        "series": [{}, line(&colors.value, 1.0), line(&colors.value, 1.0), line(&colors.moving, 2.5)],
        "bands": [{"series": [2, 1], "fill": colors.band}],
        "axes": [time_axis, axis(true)],
    })
}

/// How times are written, by the step between ticks in seconds; below the first tick of a day its date.
fn time_formats() -> Value {
    let with_date = |step: f64, format: &str| {
        json!([step, format, "\n{YYYY}-{MM}-{DD}", null, "\n{YYYY}-{MM}-{DD}", null, null, null, 1])
    };
    json!([
        [86_400.0, "{YYYY}-{MM}-{DD}", null, null, null, null, null, null, 1],
        with_date(60.0, "{HH}:{mm}"),
        with_date(1.0, "{HH}:{mm}:{ss}"),
        with_date(0.001, "{mm}:{ss}.{fff}"),
    ])
}

#[cfg(test)]
mod tests {
    use super::{ChartColors, chart_options};

    #[test]
    fn the_band_lies_between_max_and_min() {
        let colors = ChartColors { band: "teal".into(), ..ChartColors::default() };
        let options = chart_options(640, 240, &colors);
        assert_eq!(options["bands"][0]["series"], serde_json::json!([2, 1]));
        assert_eq!(options["bands"][0]["fill"], "teal");
        assert_eq!(options["series"].as_array().map(Vec::len), Some(crate::protocol::CHART_COLUMNS));
    }
}
