//! Value and moving aggregate over time.

use leptos::html::Div;
use leptos::prelude::*;

use crate::browser::media_query::MediaQueryWatch;
use crate::browser::resize::ResizeWatch;
use crate::browser::style_token::style_token;
use crate::browser::uplot;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_options::{ChartColors, chart_options};

const HEIGHT: u32 = 260;

/// The chart: a band between smallest and largest value, and the moving aggregate as a line.
#[component]
pub fn Chart(
    /// The chart buffer of the newest snapshot; draws when it changes.
    buffer: Signal<ChartBuffer>,
    /// Seconds that it spans.
    #[prop(into)]
    span_secs: Signal<u64>,
    /// Whether times are shown in UTC.
    #[prop(into)]
    is_utc: Signal<bool>,
    /// The chart in words.
    #[prop(into)]
    label: Signal<String>,
    /// Hears of the width, in pixels.
    on_width: Callback<u32>,
    /// Hears which column is under the pointer.
    on_cursor: Callback<Option<usize>>,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let width = RwSignal::new(0_u32);
    let has_width = Memo::new(move |_| width.get() > 0);
    let theme = RwSignal::new(0_u32);
    let plot = StoredValue::new_local(None::<uplot::Chart>);
    let watches = StoredValue::new_local(None);

    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let resize = ResizeWatch::new(&element, move |new_width, _| {
            width.set(new_width.max(0.0) as u32);
            on_width.run(new_width.max(0.0) as u32);
        });
        let scheme = MediaQueryWatch::new("(prefers-color-scheme: dark)", move |_| theme.update(|count| *count += 1));
        watches.set_value(Some((resize, scheme)));
    });

    // Colours and zone are fixed when a chart is made: a change of either makes a new one.
    Effect::new(move |_| {
        theme.track();
        let is_utc = is_utc.get();
        let (Some(element), true) = (node.get(), has_width.get()) else { return };
        plot.update_value(|plot| {
            *plot = None;
            let options = chart_options(width.get_untracked(), HEIGHT, &chart_colors());
            *plot = uplot::Chart::new(&element, &options, is_utc, move |column| on_cursor.run(column));
        });
    });

    Effect::new(move |_| {
        let width = width.get();
        plot.with_value(|plot| plot.as_ref().map(|plot| plot.resize(width, HEIGHT)));
    });

    Effect::new(move |_| {
        theme.track();
        let _ = is_utc.get();
        let _ = has_width.get();
        let buffer = buffer.read();
        let columns = buffer.columns();
        let range = columns.time_range(span_secs.get());
        plot.with_value(|plot| match (plot, range) {
            (Some(plot), Some(range)) => {
                plot.draw(&[columns.time_secs, columns.min, columns.max, columns.moving], range)
            }
            (Some(plot), None) => plot.clear(),
            (None, _) => {}
        });
    });

    on_cleanup(move || {
        watches.set_value(None);
        plot.set_value(None);
    });

    view! { <div class="chart" role="img" data-testid="chart" aria-label=label node_ref=node></div> }
}

fn chart_colors() -> ChartColors {
    ChartColors {
        value: style_token("--chart-value"),
        band: style_token("--chart-band"),
        moving: style_token("--chart-moving"),
        text: style_token("--ink-soft"),
        grid: style_token("--line"),
    }
}
