//! A chart of value, rolling aggregate and single ids over time, with zoom and pan by pointer, wheel and keys.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::chart_picture::{Picture, Seen};
use crate::browser::clock;
use crate::browser::gesture::Gesture;
use crate::browser::media_query::MediaQueryWatch;
use crate::browser::resize::ResizeWatch;
use crate::browser::uplot::ChartEvent;
use crate::protocol::ChartRange;
use crate::ui::html::div;
use crate::ui::live::{El, Live, State, effect, keep};
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_lines::Places;
use crate::ui::model::chart_range::Span;

/// Media queries whose changes affect the colours of a drawn chart.
const LOOKS: [&str; 3] = ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"];
/// The events that the chart listens to.
const EVENTS: [&str; 9] = [
    "pointerdown",
    "pointermove",
    "lostpointercapture",
    "mousedown",
    "mousemove",
    "mouseleave",
    "dblclick",
    "wheel",
    "keydown",
];
/// Pixels of a wheel's notch, and of a notch during a pinch, which sends many small ones.
const NOTCH_PIXELS: f64 = 100.0;
const PINCH_PIXELS: f64 = 25.0;
/// The share by which one notch lengthens the visible span.
const NOTCH: f64 = 0.25;
/// A shorter drag moves nothing.
const STILL_PIXELS: f64 = 3.0;

/// The chart; it redraws when one of these changes.
#[derive(Clone, Copy)]
pub struct Chart {
    /// The chart buffer of the newest snapshot.
    pub buffer: State<ChartBuffer>,
    /// The range that it spans.
    pub range: State<ChartRange>,
    /// The slots of the ids with lines.
    pub places: State<Places>,
    /// Whether times are shown in UTC.
    pub is_utc: Live<bool>,
    /// The chart as a sentence.
    pub label: Live<String>,
    /// Whether the chart is in view; off screen nothing is drawn.
    pub is_on_screen: State<bool>,
    /// The id of the element that describes its keys.
    pub keys_id: &'static str,
}

/// An event of the chart.
#[derive(Clone, Copy, PartialEq)]
pub enum ChartInputEvent {
    /// The width changed, in CSS pixels.
    Width(u32),
    /// The pointer moved the cursor to a column, or away.
    Point(Option<usize>),
    /// A key moved the cursor to a column.
    Step(usize),
    /// The chart was zoomed or panned.
    Show(Span),
    /// All zooming and panning is to be undone.
    Reset,
}

/// The state that listeners share.
struct ChartInput {
    element: El,
    buffer: State<ChartBuffer>,
    picture: Rc<RefCell<Picture>>,
    seen: Rc<Seen>,
    /// A drag that pans the chart: its start position, and the span visible then.
    grip: Cell<Option<(f64, Span)>>,
    act: Rc<dyn Fn(ChartInputEvent)>,
}

impl Chart {
    /// The element of the chart, and its picture.
    #[must_use]
    pub fn view(self, act: Rc<dyn Fn(ChartInputEvent)>) -> (El, Rc<RefCell<Picture>>) {
        let Self { buffer, range, places, is_utc, label, is_on_screen, keys_id } = self;
        let mut element = div("chart")
            .attr("tabindex", "0")
            .role("application")
            .attr("aria-describedby", keys_id)
            .test_id("chart")
            .live_attr("aria-label", label);
        let (size, theme) = (State::new((0, 0)), State::new(0_usize));
        let act_on_size = Rc::clone(&act);
        keep(ResizeWatch::new(element.as_ref(), move |width, height| {
            size.set((width as u32, height as u32));
            act_on_size(ChartInputEvent::Width(width as u32));
        }));
        keep(LOOKS.map(|look| MediaQueryWatch::new(look, move |_| theme.update(|theme| *theme += 1))));

        let seen = Rc::new(Seen::default());
        let (seen_by_plot, act_on_part) = (Rc::clone(&seen), Rc::clone(&act));
        let on_event = move |said| match said {
            ChartEvent::Cursor(column) => seen_by_plot.column.set(column),
            ChartEvent::Part(from, until) => {
                act_on_part(ChartInputEvent::Show(seen_by_plot.span.get().part(from, until)))
            }
        };
        let picture = Rc::new(RefCell::new(Picture::new(element.clone(), Rc::clone(&seen), Rc::new(on_event))));
        let drawn = Rc::clone(&picture);
        effect(move || {
            if !is_on_screen.get() {
                return;
            }
            let buffer = buffer.get();
            let look = (theme.get(), is_utc.get(), places.read().positions(buffer.ids()));
            let span = buffer.span(range.get()).unwrap_or_else(newest_minute);
            drawn.borrow_mut().show(look, size.get(), buffer, span);
        });

        let picture_of_hands = Rc::clone(&picture);
        let grip = Cell::new(None);
        let input =
            Rc::new(ChartInput { element: element.clone(), buffer, picture: picture_of_hands, seen, grip, act });
        for name in EVENTS {
            let input = Rc::clone(&input);
            element = element.on(name, move |event| input.on_event(name, &Gesture::from_event(event)));
        }
        (element, picture)
    }
}

impl ChartInput {
    fn on_event(&self, name: &str, gesture: &Gesture) {
        if self.picture.borrow().plot().is_none() {
            return;
        }
        match name {
            "pointerdown" => self.take(gesture),
            "pointermove" => self.drag(gesture.x()),
            "lostpointercapture" => self.grip.set(None),
            // Otherwise the browser starts autoscroll.
            "mousedown" if gesture.is_middle() => gesture.claim(),
            "mousedown" => {}
            "dblclick" => (self.act)(ChartInputEvent::Reset),
            "wheel" => self.turn(gesture),
            "keydown" if !gesture.is_controlled() => self.press(gesture),
            "keydown" => {}
            _ => {
                self.picture.borrow_mut().let_go();
                (self.act)(ChartInputEvent::Point(self.seen.column.get()));
            }
        }
    }

    fn take(&self, gesture: &Gesture) {
        let is_grip = gesture.is_grip();
        if let Some(plot) = self.picture.borrow().plot() {
            plot.set_selecting(!is_grip);
        }
        if is_grip {
            gesture.hold(&self.element);
            self.grip.set(Some((gesture.x(), self.seen.span.get())));
        }
    }

    fn drag(&self, x: f64) {
        if let Some((from_x, span)) = self.grip.get()
            && (x - from_x).abs() > STILL_PIXELS
        {
            (self.act)(ChartInputEvent::Show(span.moved(self.place(from_x) - self.place(x))));
        }
    }

    /// With control, or while the chart has the focus, the wheel zooms; with shift, or sideways, it pans. Otherwise the
    /// page scrolls.
    fn turn(&self, gesture: &Gesture) {
        let (right, down) = gesture.wheel();
        let has_focus = self.element.has_focus();
        let span = self.seen.span.get();
        let next = if gesture.is_controlled() {
            span.zoomed(self.place(gesture.x()), notches(down / PINCH_PIXELS))
        } else if gesture.is_shifted() || has_focus && right.abs() > down.abs() {
            span.moved(self.place(if right == 0.0 { down } else { right }) - self.place(0.0))
        } else if has_focus {
            span.zoomed(self.place(gesture.x()), notches(down / NOTCH_PIXELS))
        } else {
            return;
        };
        gesture.claim();
        (self.act)(ChartInputEvent::Show(next));
    }

    fn press(&self, gesture: &Gesture) {
        let span = self.seen.span.get();
        match (&*gesture.key(), gesture.is_shifted()) {
            ("ArrowLeft", true) => (self.act)(ChartInputEvent::Show(span.moved(-0.25))),
            ("ArrowRight", true) => (self.act)(ChartInputEvent::Show(span.moved(0.25))),
            ("ArrowLeft", false) => self.step(|column, _| column.saturating_sub(1)),
            ("ArrowRight", false) => self.step(|column, _| column + 1),
            ("Home", _) => self.step(|_, _| 0),
            ("End", _) => self.step(|_, last| last),
            ("+" | "=", _) => (self.act)(ChartInputEvent::Show(span.zoomed(self.cursor_place(), 0.5))),
            ("-" | "_", _) => (self.act)(ChartInputEvent::Show(span.zoomed(self.cursor_place(), 2.0))),
            ("Escape", _) => {
                self.picture.borrow_mut().hold(None);
                (self.act)(ChartInputEvent::Point(None));
                (self.act)(ChartInputEvent::Reset);
            }
            _ => return,
        }
        gesture.claim();
    }

    /// Moves the cursor from its column, or from the newest one.
    fn step(&self, to: fn(usize, usize) -> usize) {
        let buffer = self.buffer.peek();
        let times = buffer.columns().time_secs;
        let Some(last) = times.len().checked_sub(1) else { return };
        let column = to(self.seen.column.get().unwrap_or(last), last).min(last);
        self.picture.borrow_mut().hold(times.get(column).copied());
        (self.act)(ChartInputEvent::Step(column));
    }

    /// The cursor's position from 0 to 1; the middle without a cursor.
    fn cursor_place(&self) -> f64 {
        let buffer = self.buffer.peek();
        let secs = self.seen.column.get().and_then(|column| buffer.columns().time_secs.get(column).copied());
        let (from, until) = self.seen.span.get().secs();
        secs.map_or(0.5, |secs| ((secs - from) / (until - from)).clamp(0.0, 1.0))
    }

    fn place(&self, x: f64) -> f64 {
        self.picture.borrow().plot().map_or(0.5, |plot| plot.place_of(x))
    }
}

/// The span shown while there is no data.
fn newest_minute() -> Span {
    let until = clock::now().as_nanos();
    Span { from: until.saturating_sub(60_000_000_000), until }
}

/// The factor by which `count` notches of a wheel scale the length of the visible span.
fn notches(count: f64) -> f64 {
    let step = count.clamp(-1.0, 1.0) * NOTCH;
    if step < 0.0 { 1.0 / (1.0 - step) } else { 1.0 + step }
}
