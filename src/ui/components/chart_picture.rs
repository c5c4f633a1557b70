//! The uPlot instance of the chart, recreated only when its style changes.

use leptos::html::Div;
use leptos::prelude::*;

use crate::browser::style_token::style_token;
use crate::browser::uplot::{Drawing, Legend, LegendEntry, Plot, PlotEvent, ValueScale};
use crate::protocol::{CHART_COLUMNS, ChartPoint};
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_export::legend_places;
use crate::ui::model::chart_lines::Line;
use crate::ui::model::chart_options::{ChartColors, DASHES, LineStyle, chart_options, scale_name};
use crate::ui::model::chart_range::Span;

/// The size of the labels, in CSS pixels, and that for a projector.
const TEXT_SIZE: u32 = 12;
const PRESENTED_TEXT_SIZE: u32 = 16;

/// What is fixed when a plot is created.
#[derive(Debug, Clone, PartialEq)]
pub struct PlotStyle {
    /// Whether the theme is dark.
    pub is_dark: bool,
    /// The matching media queries that affect the colours.
    pub contrasts: [bool; 2],
    /// Whether times are in UTC.
    pub is_utc: bool,
    /// Whether labels are large enough for a projector.
    pub is_presenting: bool,
    /// The slots of the lines.
    pub places: Vec<usize>,
    /// The scales of the lines.
    pub scales: Vec<usize>,
}

/// Everything that a picture shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The look of the plot.
    pub style: PlotStyle,
    /// Width and height, in CSS pixels.
    pub size: (u32, u32),
    /// The columns.
    pub buffer: ChartBuffer,
    /// The visible span.
    pub span: Span,
}

/// The content of the chart's element. uPlot calls back while it draws, so each part is stored by itself.
#[derive(Clone, Copy)]
pub struct Picture {
    element: NodeRef<Div>,
    plot: StoredValue<Option<Plot>, LocalStorage>,
    /// What the plot shows.
    scene: StoredValue<Option<Scene>>,
    /// The column under the cursor.
    column: StoredValue<Option<usize>>,
    /// The instant of the cursor set by a key; the cursor stays there while the chart moves on.
    pinned_secs: StoredValue<Option<f64>>,
}

impl Picture {
    /// Without a plot; the first [`Self::show`] creates it.
    #[must_use]
    pub fn new() -> Self {
        Self {
            element: NodeRef::new(),
            plot: StoredValue::new_local(None),
            scene: StoredValue::new(None),
            column: StoredValue::new(None),
            pinned_secs: StoredValue::new(None),
        }
    }

    /// The element that contains the plot.
    #[must_use]
    pub fn element(self) -> NodeRef<Div> {
        self.element
    }

    /// The visible span, once the plot is drawn.
    #[must_use]
    pub fn span(self) -> Option<Span> {
        self.scene.with_value(|scene| scene.as_ref().map(|scene| scene.span))
    }

    /// The column under the cursor.
    #[must_use]
    pub fn column(self) -> Option<usize> {
        self.column.get_value()
    }

    /// Draws the changes; `on_select` receives a span that is selected by dragging. While the library is not loaded,
    /// each call tries again; while a part is being selected, the chart does not move.
    pub fn show(self, scene: Scene, on_select: Callback<Span>) {
        if scene.size.0 == 0 || scene.size.1 == 0 {
            return;
        }
        let has_style = |shown: &Option<Scene>| shown.as_ref().is_some_and(|shown| shown.style == scene.style);
        if !self.scene.with_value(has_style) {
            self.make(&scene, on_select);
        }
        self.with_plot(|plot| {
            if !plot.is_selecting() {
                self.draw(plot, scene);
            }
        });
    }

    fn make(self, scene: &Scene, on_select: Callback<Span>) {
        // The old plot is removed first: otherwise both would be in the element.
        self.plot.set_value(None);
        self.scene.set_value(None);
        self.column.set_value(None);
        let Some(element) = self.element.get_untracked() else { return };
        let PlotStyle { is_utc, is_presenting, .. } = &scene.style;
        let text_size = if *is_presenting { PRESENTED_TEXT_SIZE } else { TEXT_SIZE };
        let options = chart_options(scene.size.0, scene.size.1, text_size, &chart_colors(&scene.style));
        let on_event = move |event| match event {
            PlotEvent::Cursor(column) => self.column.set_value(column),
            PlotEvent::Part(from, until) => {
                if let Some(span) = self.span() {
                    on_select.run(span.part(from, until));
                }
            }
        };
        self.plot.set_value(Plot::new(&element, &options, *is_utc, on_event));
    }

    fn draw(self, plot: &Plot, scene: Scene) {
        let shown = self.scene.get_value();
        if shown.as_ref() == Some(&scene) {
            return;
        }
        if shown.is_some_and(|shown| shown.size != scene.size) {
            plot.resize(scene.size.0, scene.size.1);
        }
        let x = scene.span.secs();
        let (points, dashes) = scene.buffer.columns().sparse();
        let point = |point: &ChartPoint| (point.time_secs, point.value);
        let scale = |(scale, range)| ValueScale { name: scale_name(scale), range };
        plot.draw(Drawing {
            values: scene.buffer.values(),
            columns: CHART_COLUMNS + 2 * scene.buffer.lines().len(),
            x,
            y: scene.buffer.value_ranges(x).into_iter().enumerate().map(scale).collect(),
            line_scales: scene.buffer.scales().to_vec(),
            points,
            dashes,
            waiting: scene.buffer.waiting().iter().map(point).collect(),
            waiting_start: scene.buffer.waiting_start().as_ref().map(point),
        });
        let pinned_secs = self.pinned_secs.get_value();
        if pinned_secs.is_some() {
            plot.point_at(pinned_secs);
        }
        self.scene.set_value(Some(scene));
    }

    /// Highlights a line, or none.
    pub fn highlight(self, line: Option<&Line>) {
        let position = |scene: &Option<Scene>| {
            let lines = scene.as_ref()?.buffer.lines();
            lines.iter().position(|known| Some(known) == line)
        };
        let line = self.scene.with_value(position);
        self.with_plot(|plot| plot.highlight(line));
    }

    /// Sets the cursor to an instant, until [`Self::unpin`].
    pub fn pin(self, secs: Option<f64>) {
        self.pinned_secs.set_value(secs);
        self.with_plot(|plot| plot.point_at(secs));
    }

    /// Whether a key has set the cursor.
    #[must_use]
    pub fn is_pinned(self) -> bool {
        self.pinned_secs.get_value().is_some()
    }

    /// Returns the cursor to the pointer.
    pub fn unpin(self) {
        self.pinned_secs.set_value(None);
    }

    /// Whether a drag selects a part.
    pub fn set_selecting(self, is_selecting: bool) {
        self.with_plot(|plot| plot.set_selecting(is_selecting));
    }

    /// The position of a point of the page, from 0 at the left end of the plot to 1 at its right end.
    #[must_use]
    pub fn place_of(self, client_x: f64) -> f64 {
        self.with_plot(|plot| plot.place_of(client_x)).unwrap_or(0.5)
    }

    /// Saves the picture as PNG, with a title and a legend of its lines; the names are those of the band and of the
    /// rolling aggregate.
    pub fn save(self, file_name: String, title: String, names: [&str; 2]) {
        let Some((style, lines)) = self
            .scene
            .with_value(|scene| scene.as_ref().map(|scene| (scene.style.clone(), scene.buffer.lines().to_vec())))
        else {
            return;
        };
        self.with_plot(|plot| {
            let texts: Vec<&str> = names.into_iter().chain(lines.iter().map(Line::name)).collect();
            let spots = legend_places(&plot.legend_widths(&texts), plot.legend_room());
            let samples = legend_samples(&chart_colors(&style));
            let entries = texts.iter().zip(samples).zip(spots);
            let entries = entries.map(|((text, sample), (left, line))| {
                let text = (*text).to_owned();
                LegendEntry { text, left, line, ..sample }
            });
            let legend = Legend { title, color: style_token("--ink"), entries: entries.collect() };
            plot.save(&style_token("--surface"), &legend, file_name);
        });
    }

    fn with_plot<T>(self, run: impl FnOnce(&Plot) -> T) -> Option<T> {
        self.plot.with_value(|plot| plot.as_ref().map(run))
    }
}

impl Default for Picture {
    fn default() -> Self {
        Self::new()
    }
}

/// The samples of the band, of the rolling aggregate, and of each line.
fn legend_samples(colors: &ChartColors) -> Vec<LegendEntry> {
    let sample = |color: &str, thickness, dash: &str| LegendEntry {
        color: color.to_owned(),
        thickness,
        dash: dash.split(',').filter_map(|length| length.parse().ok()).collect(),
        ..LegendEntry::default()
    };
    let dash = |place: usize| DASHES.get(place).copied().unwrap_or_default();
    let lines = colors.lines.iter().map(|line| sample(&line.color, 2.0, dash(line.place)));
    [sample(&colors.value, 8.0, ""), sample(&colors.rolling, 2.5, "")].into_iter().chain(lines).collect()
}

fn chart_colors(style: &PlotStyle) -> ChartColors {
    let line = |(place, scale): (&usize, &usize)| {
        let color = style_token(&format!("--series-{}", place + 1));
        // A line that is no longer chosen has no slot; one more buffer still has its columns.
        let color = if color.is_empty() { "transparent".to_owned() } else { color };
        LineStyle { color, place: *place, scale: *scale }
    };
    ChartColors {
        value: style_token("--chart-value"),
        band: style_token("--chart-band"),
        rolling: style_token("--chart-moving"),
        text: style_token("--ink-soft"),
        grid: style_token("--line"),
        lines: style.places.iter().zip(&style.scales).map(line).collect(),
    }
}
