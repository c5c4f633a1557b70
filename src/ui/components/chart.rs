//! Value and moving aggregate over time.

use std::rc::Rc;

use crate::browser::media_query::MediaQueryWatch;
use crate::browser::resize::ResizeWatch;
use crate::browser::style_token::style_token;
use crate::browser::uplot;
use crate::ui::html::div;
use crate::ui::live::{El, Live, State, effect, keep};
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_options::{ChartColors, chart_options};

const HEIGHT: u32 = 260;

/// The chart: a band between smallest and largest value, and the moving aggregate as a line.
pub struct Chart {
    /// The chart buffer of the newest snapshot; draws when it changes.
    pub buffer: State<ChartBuffer>,
    /// Seconds that it spans.
    pub span_secs: Live<u64>,
    /// Whether times are shown in UTC.
    pub is_utc: Live<bool>,
    /// The chart in words.
    pub label: Live<String>,
}

impl Chart {
    /// The chart; `on_width` hears of its width in pixels, `on_cursor` which column is under the pointer.
    #[must_use]
    pub fn view(self, on_width: impl Fn(usize) + 'static, on_cursor: impl Fn(Option<usize>) + 'static) -> El {
        let Self { buffer, span_secs, is_utc, label } = self;
        let element = div("chart").role("img").test_id("chart").live_attr("aria-label", label);
        let width = State::new(0_usize);
        let theme = State::new(0_usize);
        keep(ResizeWatch::new(element.as_ref(), move |new_width, _| {
            width.set(new_width.max(0.0) as usize);
            on_width(new_width.max(0.0) as usize);
        }));
        keep(MediaQueryWatch::new("(prefers-color-scheme: dark)", move |_| theme.update(|theme| *theme += 1)));

        let mut picture = Picture::new(element.clone(), Rc::new(on_cursor));
        effect(move || {
            let (look, width) = ((theme.get(), is_utc.get()), width.get() as u32);
            let drawing = (buffer.get(), span_secs.get());
            if width > 0 {
                picture.make(look, width);
                picture.resize(width);
                picture.draw(drawing);
            }
        });
        element
    }
}

/// What stands in the element; each part is made anew only when it would become another.
struct Picture {
    element: El,
    on_cursor: Rc<dyn Fn(Option<usize>)>,
    plot: Option<uplot::Chart>,
    look: Option<(usize, bool)>,
    width: u32,
    drawn: Option<(ChartBuffer, u64)>,
}

impl Picture {
    fn new(element: El, on_cursor: Rc<dyn Fn(Option<usize>)>) -> Self {
        Self { element, on_cursor, plot: None, look: None, width: 0, drawn: None }
    }

    /// Colours and zone are fixed when a chart is made: a change of either makes a new one. While the library has not
    /// come, each drawing asks anew.
    fn make(&mut self, look: (usize, bool), width: u32) {
        if self.look != Some(look) || self.plot.is_none() {
            self.plot = None;
            let on_cursor = Rc::clone(&self.on_cursor);
            let options = chart_options(width, HEIGHT, &chart_colors());
            self.plot = uplot::Chart::new(self.element.as_ref(), &options, look.1, move |column| on_cursor(column));
            (self.look, self.width, self.drawn) = (Some(look), width, None);
        }
    }

    fn resize(&mut self, width: u32) {
        if let Some(plot) = self.plot.as_ref().filter(|_| self.width != width) {
            plot.resize(width, HEIGHT);
            self.width = width;
        }
    }

    fn draw(&mut self, drawing: (ChartBuffer, u64)) {
        let Some(plot) = self.plot.as_ref().filter(|_| self.drawn.as_ref() != Some(&drawing)) else { return };
        let columns = drawing.0.columns();
        match columns.time_range(drawing.1) {
            Some(range) => plot.draw(&[columns.time_secs, columns.min, columns.max, columns.moving], range),
            None => plot.clear(),
        }
        self.drawn = Some(drawing);
    }
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
