//! The picture of the chart: the library's plot, made anew only when it would become another.

use std::cell::Cell;
use std::rc::Rc;

use crate::browser::style_token::style_token;
use crate::browser::uplot::{Chart, Drawing, Said};
use crate::protocol::CHART_COLUMNS;
use crate::ui::live::El;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_options::{ChartColors, chart_options};
use crate::ui::model::chart_range::Span;

/// What decides how a picture looks: the theme's number, whether times are in UTC, the places of its lines. All of it is
/// fixed when a plot is made.
pub type Look = (usize, bool, Vec<usize>);

/// The newest that is to be seen.
#[derive(Default)]
pub struct Seen {
    /// The time that is visible.
    pub span: Cell<Span>,
    /// The column under the cursor.
    pub column: Cell<Option<usize>>,
}

/// What stands in the chart's element.
pub struct Picture {
    element: El,
    seen: Rc<Seen>,
    on_event: Rc<dyn Fn(Said)>,
    plot: Option<Chart>,
    look: Look,
    size: (u32, u32),
    drawn: Option<(ChartBuffer, Span)>,
    /// The instant that a key put the cursor at; the cursor stays with it while the chart moves on.
    held_secs: Option<f64>,
}

impl Picture {
    /// None yet; it comes with the first [`Self::show`].
    #[must_use]
    pub fn new(element: El, seen: Rc<Seen>, on_event: Rc<dyn Fn(Said)>) -> Self {
        let (look, size) = (Look::default(), (0, 0));
        Self { element, seen, on_event, plot: None, look, size, drawn: None, held_secs: None }
    }

    /// Draws what has changed. While the library has not come, each drawing asks anew; while somebody drags over a part,
    /// the chart stands still.
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
        // The old plot goes first: both would stand in the element.
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

    /// Lets the line of an id stand out, or none.
    pub fn light(&self, id: Option<&str>) {
        if let (Some(plot), Some((buffer, _))) = (&self.plot, &self.drawn) {
            plot.light(id.and_then(|id| buffer.ids().iter().position(|known| known == id)));
        }
    }

    /// Puts the cursor at an instant, until [`Self::let_go`].
    pub fn hold(&mut self, secs: Option<f64>) {
        self.held_secs = secs;
        if let Some(plot) = &self.plot {
            plot.point_at(secs);
        }
    }

    /// Leaves the cursor to the pointer.
    pub fn let_go(&mut self) {
        self.held_secs = None;
    }

    /// The plot, once the library has come.
    #[must_use]
    pub fn plot(&self) -> Option<&Chart> {
        self.plot.as_ref()
    }

    /// Has it saved as PNG.
    pub fn save(&self, name: String) {
        if let Some(plot) = &self.plot {
            plot.save(&style_token("--surface"), name);
        }
    }
}

fn chart_colors(places: &[usize]) -> ChartColors {
    let line = |place: &usize| {
        let color = style_token(&format!("--series-{}", place + 1));
        // An id that is no longer chosen has no place; its columns come once more.
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
