//! The uPlot instance of the chart, recreated only when its look changes.

use std::cell::Cell;
use std::rc::Rc;

use crate::browser::style_token::style_token;
use crate::browser::uplot::{Chart, ChartEvent, Drawing};
use crate::protocol::CHART_COLUMNS;
use crate::ui::live::El;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_options::{ChartColors, chart_options};
use crate::ui::model::chart_range::Span;

/// The look of a picture: the theme's number, whether times are in UTC, the slots of its lines. All of it is fixed when
/// a plot is created.
pub type Look = (usize, bool, Vec<usize>);

/// The newest visible span and column.
#[derive(Default)]
pub struct Seen {
    /// The visible span.
    pub span: Cell<Span>,
    /// The column under the cursor.
    pub column: Cell<Option<usize>>,
}

/// The content of the chart's element.
pub struct Picture {
    element: El,
    seen: Rc<Seen>,
    on_event: Rc<dyn Fn(ChartEvent)>,
    plot: Option<Chart>,
    look: Look,
    size: (u32, u32),
    drawn: Option<(ChartBuffer, Span)>,
    /// The instant of the cursor set by a key; the cursor stays there while the chart moves on.
    held_secs: Option<f64>,
}

impl Picture {
    /// Without a plot; the first [`Self::show`] creates it.
    #[must_use]
    pub fn new(element: El, seen: Rc<Seen>, on_event: Rc<dyn Fn(ChartEvent)>) -> Self {
        let (look, size) = (Look::default(), (0, 0));
        Self { element, seen, on_event, plot: None, look, size, drawn: None, held_secs: None }
    }

    /// Draws the changes. While the library is not loaded, each call tries again; while a part is being selected by
    /// dragging, the chart does not move.
    pub fn show(&mut self, look: Look, size: (u32, u32), buffer: ChartBuffer, span: Span) {
        if size.0 == 0 || size.1 == 0 {
            return;
        }
        if self.plot.is_none() || self.look != look {
            self.make(look, size);
        }
        let Some(plot) = self.plot.as_ref().filter(|plot| !plot.is_selecting()) else { return };
        if self.size != size {
            plot.resize(size.0, size.1);
            self.size = size;
        }
        let now = Some((buffer, span));
        if self.drawn != now {
            self.drawn = now;
            self.draw();
        }
    }

    fn make(&mut self, look: Look, size: (u32, u32)) {
        // The old plot is removed first: otherwise both would be in the element.
        self.plot = None;
        self.seen.column.set(None);
        let on_event = Rc::clone(&self.on_event);
        let options = chart_options(size.0, size.1, &chart_colors(&look.2));
        self.plot = Chart::new(self.element.as_ref(), &options, look.1, move |said| on_event(said));
        (self.look, self.size, self.drawn) = (look, size, None);
    }

    fn draw(&self) {
        let (Some(plot), Some((buffer, span))) = (&self.plot, &self.drawn) else { return };
        let columns = buffer.columns();
        let x = span.secs();
        self.seen.span.set(*span);
        let (points, dashes) = columns.sparse();
        plot.draw(Drawing {
            values: buffer.values(),
            columns: CHART_COLUMNS + 2 * buffer.ids().len(),
            x,
            y: columns.value_range(x),
            points,
            dashes,
        });
        if self.held_secs.is_some() {
            plot.point_at(self.held_secs);
        }
    }

    /// Highlights the line of an id, or none.
    pub fn light(&self, id: Option<&str>) {
        if let (Some(plot), Some((buffer, _))) = (&self.plot, &self.drawn) {
            plot.light(id.and_then(|id| buffer.ids().iter().position(|known| known == id)));
        }
    }

    /// Sets the cursor to an instant, until [`Self::let_go`].
    pub fn hold(&mut self, secs: Option<f64>) {
        self.held_secs = secs;
        if let Some(plot) = &self.plot {
            plot.point_at(secs);
        }
    }

    /// Returns the cursor to the pointer.
    pub fn let_go(&mut self) {
        self.held_secs = None;
    }

    /// The plot, once the library is loaded.
    #[must_use]
    pub fn plot(&self) -> Option<&Chart> {
        self.plot.as_ref()
    }

    /// Saves the picture as PNG.
    pub fn save(&self, name: String) {
        if let Some(plot) = &self.plot {
            plot.save(&style_token("--surface"), name);
        }
    }
}

fn chart_colors(places: &[usize]) -> ChartColors {
    let line = |place: &usize| {
        let color = style_token(&format!("--series-{}", place + 1));
        // An id that is no longer chosen has no slot; one more buffer still has its columns.
        (if color.is_empty() { "transparent".to_owned() } else { color }, *place)
    };
    ChartColors {
        value: style_token("--chart-value"),
        band: style_token("--chart-band"),
        moving: style_token("--chart-moving"),
        text: style_token("--ink-soft"),
        grid: style_token("--line"),
        lines: places.iter().map(line).collect(),
    }
}
