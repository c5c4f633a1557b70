//! A chart of value, rolling aggregate and single ids over time, with zoom and pan by pointer, fingers, wheel and keys.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use leptos::prelude::*;
use leptos_use_media_query::use_media_query;
use leptos_use_resize_observer::use_resize_observer;

use super::chart_picture::{Picture, PlotStyle, Scene};
use crate::browser::clock;
use crate::protocol::ChartRange;
use crate::ui::model::chart_columns::ChartBuffer;
use crate::ui::model::chart_lines::Places;
use crate::ui::model::chart_range::Span;

/// Media queries whose changes affect the colours of a drawn chart.
const CONTRASTS: [&str; 2] = ["(prefers-contrast: more)", "(forced-colors: active)"];
const MIDDLE_BUTTON: i16 = 1;
/// Pixels of a wheel's notch, and of a notch during a pinch, which sends many small ones.
const NOTCH_PIXELS: f64 = 100.0;
const PINCH_PIXELS: f64 = 25.0;
/// Pixels of a line, for wheels that count lines.
const LINE_PIXELS: f64 = 30.0;
/// The share by which one notch lengthens the visible span.
const NOTCH: f64 = 0.25;
/// A shorter drag moves nothing.
const STILL_PIXELS: f64 = 3.0;

/// An event of the chart.
#[derive(Debug, Clone, Copy, PartialEq)]
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

/// The chart; it redraws when one of its signals changes.
#[component]
pub fn Chart(
    /// The picture of the chart.
    picture: Picture,
    /// The chart buffer of the newest snapshot.
    #[prop(into)]
    buffer: Signal<ChartBuffer>,
    /// The range that it spans.
    #[prop(into)]
    range: Signal<ChartRange>,
    /// The slots of the lines.
    #[prop(into)]
    places: Signal<Places>,
    /// Whether times are shown in UTC.
    #[prop(into)]
    is_utc: Signal<bool>,
    /// Whether the theme is dark.
    #[prop(into)]
    is_dark: Signal<bool>,
    /// Whether the page is enlarged for a projector.
    #[prop(into)]
    is_presenting: Signal<bool>,
    /// Whether there is zooming or panning to undo.
    #[prop(into)]
    is_zoomed: Signal<bool>,
    /// The chart as a sentence.
    #[prop(into)]
    label: Signal<String>,
    /// Whether the chart is in view; off screen nothing is drawn.
    #[prop(into)]
    is_on_screen: Signal<bool>,
    /// The id of the element that describes its keys.
    keys_id: &'static str,
    /// Receives what the user does with the chart.
    #[prop(into)]
    on_event: Callback<ChartInputEvent>,
) -> impl IntoView {
    let element = picture.element();
    let size = RwSignal::new((0, 0));
    use_resize_observer(element, move |entries, _| {
        if let Some(entry) = entries.last() {
            let content = entry.content_rect();
            size.set((content.width() as u32, content.height() as u32));
            on_event.run(ChartInputEvent::Width(content.width() as u32));
        }
    });

    let contrasts = CONTRASTS.map(use_media_query);
    let on_select = Callback::new(move |span| on_event.run(ChartInputEvent::Show(span)));
    Effect::new(move || {
        if !is_on_screen.get() {
            return;
        }
        let buffer = buffer.get();
        let places = places.read().positions(buffer.lines());
        let style = PlotStyle {
            is_dark: is_dark.get(),
            contrasts: contrasts.map(|matches| matches.get()),
            is_utc: is_utc.get(),
            is_presenting: is_presenting.get(),
            places,
            scales: buffer.scales().to_vec(),
        };
        let span = buffer.span(range.get()).unwrap_or_else(newest_minute);
        picture.show(Scene { style, size: size.get(), buffer, span }, on_select);
    });

    let input = ChartInput { picture, buffer, is_zoomed, grip: StoredValue::default(), on_event };
    view! {
        <div
            class="chart"
            tabindex="0"
            role="application"
            aria-label=label
            aria-describedby=keys_id
            data-testid="chart"
            node_ref=element
            on:pointerdown=move |event| input.start_drag(&event)
            on:pointermove=move |event| input.drag(&event)
            on:lostpointercapture=move |event| input.end_drag(&event)
            on:mousedown=prevent_autoscroll
            on:mousemove=move |_| input.follow_pointer()
            on:mouseleave=move |_| input.follow_pointer()
            on:dblclick=move |_| on_event.run(ChartInputEvent::Reset)
            on:wheel=move |event| input.turn_wheel(&event)
            on:keydown=move |event| input.press_key(&event)
        ></div>
    }
}

/// What holds the chart: one pointer pans it, two fingers zoom it too.
#[derive(Clone, Default)]
struct Grip {
    /// The span that was visible when the last pointer came or went.
    span: Span,
    /// At most two.
    holds: Vec<Hold>,
}

/// A pointer that holds the chart, with its positions across the page, in CSS pixels.
#[derive(Clone, Copy)]
struct Hold {
    pointer_id: i32,
    start_x: f64,
    x: f64,
}

/// Pointer, wheel and keys; until the chart is drawn, they do nothing.
#[derive(Clone, Copy)]
struct ChartInput {
    picture: Picture,
    buffer: Signal<ChartBuffer>,
    is_zoomed: Signal<bool>,
    grip: StoredValue<Grip>,
    on_event: Callback<ChartInputEvent>,
}

impl ChartInput {
    /// By finger, with the middle button or with shift, a drag pans the chart; otherwise it selects a part. A second
    /// finger zooms.
    fn start_drag(self, event: &PointerEvent) {
        let is_grip = event.button() == MIDDLE_BUTTON || event.shift_key() || event.pointer_type() == "touch";
        self.picture.set_selecting(!is_grip);
        let Some(span) = self.picture.span().filter(|_| is_grip) else { return };
        if let Some(element) = self.picture.element().get_untracked() {
            // Fails when the pointer is gone, which also ends the drag.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        let x = event.client_x().into();
        self.grip.update_value(|grip| {
            // The browser does not report the end of a drag whose pointer it could not capture.
            if event.is_primary() {
                grip.holds.clear();
            }
            if grip.holds.len() < 2 {
                grip.holds.push(Hold { pointer_id: event.pointer_id(), start_x: x, x });
                grip.restart(span);
            }
        });
    }

    fn drag(self, event: &PointerEvent) {
        let mut grip = self.grip.get_value();
        let Some(hold) = grip.holds.iter_mut().find(|hold| hold.pointer_id == event.pointer_id()) else { return };
        hold.x = event.client_x().into();
        let next = grip.moved_span(|x| self.picture.place_of(x));
        self.grip.set_value(grip);
        if let Some(span) = next {
            self.show(span);
        }
    }

    /// A finger that stays pans on from where it is.
    fn end_drag(self, event: &PointerEvent) {
        let span = self.picture.span();
        self.grip.update_value(|grip| {
            grip.holds.retain(|hold| hold.pointer_id != event.pointer_id());
            grip.restart(span.unwrap_or_default());
        });
    }

    fn follow_pointer(self) {
        self.picture.unpin();
        self.on_event.run(ChartInputEvent::Point(self.picture.column()));
    }

    /// With control, or while the chart has the focus, the wheel zooms; with shift, or sideways, it pans. Otherwise the
    /// page scrolls.
    fn turn_wheel(self, event: &WheelEvent) {
        let Some(span) = self.picture.span() else { return };
        let (right, down) = wheel_pixels(event);
        let has_focus = self.has_focus();
        let place = self.picture.place_of(event.client_x().into());
        // During a pinch the browser reports control as held.
        let next = if event.ctrl_key() || event.meta_key() {
            span.zoomed(place, notches(down / PINCH_PIXELS))
        } else if event.shift_key() || has_focus && right.abs() > down.abs() {
            let pixels = if right == 0.0 { down } else { right };
            span.moved(self.picture.place_of(pixels) - self.picture.place_of(0.0))
        } else if has_focus {
            span.zoomed(place, notches(down / NOTCH_PIXELS))
        } else {
            return;
        };
        event.prevent_default();
        self.show(next);
    }

    fn press_key(self, event: &KeyboardEvent) {
        let is_command = event.ctrl_key() || event.meta_key();
        let Some(span) = self.picture.span().filter(|_| !is_command) else { return };
        match (event.key().as_str(), event.shift_key()) {
            ("ArrowLeft", true) => self.show(span.moved(-0.25)),
            ("ArrowRight", true) => self.show(span.moved(0.25)),
            ("ArrowLeft", false) => self.step(|column, _| column.saturating_sub(1)),
            ("ArrowRight", false) => self.step(|column, _| column + 1),
            ("Home", _) => self.step(|_, _| 0),
            ("End", _) => self.step(|_, last| last),
            ("+" | "=", _) => self.show(span.zoomed(self.cursor_place(span), 0.5)),
            ("-" | "_", _) => self.show(span.zoomed(self.cursor_place(span), 2.0)),
            ("Escape", _) if self.picture.is_pinned() || self.is_zoomed.get_untracked() => {
                self.picture.pin(None);
                self.on_event.run(ChartInputEvent::Point(None));
                self.on_event.run(ChartInputEvent::Reset);
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn show(self, span: Span) {
        self.on_event.run(ChartInputEvent::Show(span));
    }

    /// Moves the cursor from its column, or from the newest one.
    fn step(self, to: fn(usize, usize) -> usize) {
        let len = self.buffer.with_untracked(|buffer| buffer.columns().time_secs.len());
        let Some(last) = len.checked_sub(1) else { return };
        let column = to(self.picture.column().unwrap_or(last), last).min(last);
        self.picture.pin(self.secs_of(column));
        self.on_event.run(ChartInputEvent::Step(column));
    }

    /// The cursor's position from 0 to 1; the middle without a cursor.
    fn cursor_place(self, span: Span) -> f64 {
        let (from, until) = span.secs();
        let secs = self.picture.column().and_then(|column| self.secs_of(column));
        secs.map_or(0.5, |secs| ((secs - from) / (until - from)).clamp(0.0, 1.0))
    }

    fn secs_of(self, column: usize) -> Option<f64> {
        self.buffer.with_untracked(|buffer| buffer.columns().time_secs.get(column).copied())
    }

    /// Whether the chart itself has the focus.
    fn has_focus(self) -> bool {
        self.picture.element().get_untracked().is_some_and(|element| element.matches(":focus").unwrap_or(false))
    }
}

impl Grip {
    /// Begins again with the pointers where they are.
    fn restart(&mut self, span: Span) {
        self.span = span;
        for hold in &mut self.holds {
            hold.start_x = hold.x;
        }
    }

    /// The span that the pointers have moved the chart to; `None` while they rest. `place` is the position of a point
    /// of the page, from 0 at the left end of the plot to 1 at its right end.
    fn moved_span(&self, place: impl Fn(f64) -> f64) -> Option<Span> {
        if self.holds.iter().all(|hold| (hold.x - hold.start_x).abs() <= STILL_PIXELS) {
            return None;
        }
        match self.holds[..] {
            [one] => Some(self.span.moved(place(one.start_x) - place(one.x))),
            [one, other] => {
                Some(self.span.pinched([one.start_x, other.start_x].map(&place), [one.x, other.x].map(&place)))
            }
            _ => None,
        }
    }
}

fn prevent_autoscroll(event: MouseEvent) {
    if event.button() == MIDDLE_BUTTON {
        event.prevent_default();
    }
}

/// The wheel's movement, to the right and down, in pixels.
fn wheel_pixels(event: &WheelEvent) -> (f64, f64) {
    let scale = if event.delta_mode() == WheelEvent::DOM_DELTA_PIXEL { 1.0 } else { LINE_PIXELS };
    (event.delta_x() * scale, event.delta_y() * scale)
}

/// The factor by which `count` notches of a wheel scale the length of the visible span.
fn notches(count: f64) -> f64 {
    let step = count.clamp(-1.0, 1.0) * NOTCH;
    if step < 0.0 { 1.0 / (1.0 - step) } else { 1.0 + step }
}

/// The span shown while there is no data.
fn newest_minute() -> Span {
    let until = clock::now().as_nanos();
    Span { from: until.saturating_sub(60_000_000_000), until }
}
