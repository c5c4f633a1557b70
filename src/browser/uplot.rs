//! The bindings to the chart library `uPlot`.
//!
//! uPlot provides axes, ticks, canvas and the selection by drag; lines and limits are computed here, directly from the
//! columns. uPlot's own path builders would turn each number into an object for each drawing, forty times a second.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::{Array, Float64Array, JSON, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::animation_frame::next_frame;
use super::download;

#[wasm_bindgen]
extern "C" {
    type UPlot;
    #[wasm_bindgen(constructor, js_class = "uPlot", catch)]
    fn new(options: &JsValue, data: &Array, target: &web_sys::Element) -> Result<UPlot, JsValue>;
    #[wasm_bindgen(static_method_of = UPlot, js_class = "uPlot", js_name = tzDate)]
    fn tz_date(date: &js_sys::Date, zone: &str) -> js_sys::Date;
    #[wasm_bindgen(static_method_of = UPlot, js_class = "uPlot", js_name = rangeNum)]
    fn range_num(min: f64, max: f64, pad: f64, has_soft_zero: bool) -> Vec<f64>;
    #[wasm_bindgen(method, js_name = setData)]
    fn set_data(this: &UPlot, data: &Array, should_reset_scales: bool);
    #[wasm_bindgen(method, js_name = setScale)]
    fn set_scale(this: &UPlot, scale: &str, limits: &JsValue);
    #[wasm_bindgen(method, js_name = setSize)]
    fn set_size(this: &UPlot, size: &JsValue);
    #[wasm_bindgen(method, js_name = setCursor)]
    fn set_cursor(this: &UPlot, at: &JsValue);
    #[wasm_bindgen(method, js_name = setSelect)]
    fn set_select(this: &UPlot, part: &JsValue, is_heard: bool);
    #[wasm_bindgen(method)]
    fn redraw(this: &UPlot, should_rebuild: bool);
    #[wasm_bindgen(method)]
    fn destroy(this: &UPlot);
    #[wasm_bindgen(method, getter)]
    fn rect(this: &UPlot) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn ctx(this: &UPlot) -> Context;

    type Context;
    #[wasm_bindgen(method, getter)]
    fn canvas(this: &Context) -> Canvas;
    #[wasm_bindgen(method)]
    fn save(this: &Context);
    #[wasm_bindgen(method)]
    fn restore(this: &Context);
    #[wasm_bindgen(method, setter, js_name = fillStyle)]
    fn set_fill(this: &Context, color: &str);
    #[wasm_bindgen(method, setter, js_name = strokeStyle)]
    fn set_stroke(this: &Context, color: &str);
    #[wasm_bindgen(method, setter, js_name = lineWidth)]
    fn set_line_width(this: &Context, width: f64);
    #[wasm_bindgen(method, setter)]
    fn set_font(this: &Context, font: &str);
    #[wasm_bindgen(method, setter, js_name = textBaseline)]
    fn set_text_baseline(this: &Context, baseline: &str);
    #[wasm_bindgen(method, js_name = setLineDash)]
    fn set_line_dash(this: &Context, dash: &[f64]);
    #[wasm_bindgen(method)]
    fn scale(this: &Context, x: f64, y: f64);
    #[wasm_bindgen(method)]
    fn clip(this: &Context, path: &Path2D);
    #[wasm_bindgen(method)]
    fn stroke(this: &Context, path: &Path2D);
    #[wasm_bindgen(method, js_name = fillRect)]
    fn fill_rect(this: &Context, x: f64, y: f64, width: f64, height: f64);
    #[wasm_bindgen(method, js_name = fillText)]
    fn fill_text(this: &Context, text: &str, x: f64, y: f64);
    #[wasm_bindgen(method, js_name = measureText)]
    fn measure_text(this: &Context, text: &str) -> JsValue;
    #[wasm_bindgen(method, js_name = drawImage)]
    fn draw_image(this: &Context, image: &Canvas, x: f64, y: f64);

    type Canvas;
    #[wasm_bindgen(method, getter)]
    fn width(this: &Canvas) -> f64;
    #[wasm_bindgen(method, getter)]
    fn height(this: &Canvas) -> f64;

    /// A canvas that is not on the page.
    type OffscreenCanvas;
    #[wasm_bindgen(constructor, catch)]
    fn new(width: f64, height: f64) -> Result<OffscreenCanvas, JsValue>;
    #[wasm_bindgen(method, js_name = getContext)]
    fn context(this: &OffscreenCanvas, kind: &str) -> Option<Context>;
    #[wasm_bindgen(method, js_name = convertToBlob)]
    fn to_blob(this: &OffscreenCanvas) -> Promise;

    type Path2D;
    #[wasm_bindgen(constructor)]
    fn new() -> Path2D;
    #[wasm_bindgen(method, js_name = moveTo)]
    fn move_to(this: &Path2D, x: f64, y: f64);
    #[wasm_bindgen(method, js_name = lineTo)]
    fn line_to(this: &Path2D, x: f64, y: f64);
    #[wasm_bindgen(method)]
    fn arc(this: &Path2D, x: f64, y: f64, radius: f64, from: f64, until: f64);
    #[wasm_bindgen(method)]
    fn rect(this: &Path2D, x: f64, y: f64, width: f64, height: f64);
    #[wasm_bindgen(method, js_name = closePath)]
    fn close(this: &Path2D);
}

/// The opacity of lines while another one is highlighted.
const FAINT: f64 = 0.12;
/// The radius of the rings of waiting events, and the dash of the line through them, in CSS pixels.
const RING: f64 = 3.0;
const WAITING_DASH: f64 = 4.0;
/// The font of what is written above a saved picture, and the height of a line of it.
const LEGEND_FONT: &str = "13px system-ui, sans-serif";
const LEGEND_LINE: f64 = 20.0;
/// The room on all sides of a saved picture, and the length of a sample with the gap after it.
const LEGEND_EDGE: f64 = 12.0;
const SAMPLE: f64 = 28.0;
const SAMPLE_GAP: f64 = 6.0;

/// All functions passed to uPlot are of this type, so that there is code for one.
type Call = Closure<dyn Fn(JsValue, JsValue) -> JsValue>;

/// A plot on the page; it is removed when dropped.
pub struct Plot {
    plot: UPlot,
    drawn: Rc<RefCell<Drawing>>,
    /// The columns that uPlot reads; one array for all drawings.
    copy: RefCell<Float64Array>,
    calls: Option<Vec<Call>>,
}

/// The data of a drawing.
#[derive(Clone, Default)]
pub struct Drawing {
    /// Concatenated columns of equal length: time in seconds, rows, minimum and maximum value, rolling aggregate, then
    /// minimum and maximum value of each line.
    pub values: Arc<Vec<f64>>,
    /// Number of columns.
    pub columns: usize,
    /// The range of time in seconds.
    pub x: (f64, f64),
    /// The scales of values: the first is that of all rows and of the rolling aggregate.
    pub y: Vec<ValueScale>,
    /// The scale of each line, by its place among these.
    pub line_scales: Vec<usize>,
    /// Which lines have points: bit 0 for all rows, then one bit for each line.
    pub points: u32,
    /// Which lines have dashes, in the same bits.
    pub dashes: u32,
    /// The events that wait for their batch, in order of time: seconds and value.
    pub waiting: Vec<(f64, f64)>,
    /// Where the line through them begins.
    pub waiting_start: Option<(f64, f64)>,
}

/// A scale of values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ValueScale {
    /// Its name in the options.
    pub name: String,
    /// Its range, when there are values; it is widened to round numbers.
    pub range: (f64, f64),
}

/// What is written above a saved picture.
#[derive(Debug, Clone, Default)]
pub struct Legend {
    /// The title, in the first line.
    pub title: String,
    /// The color of all text.
    pub color: String,
    /// The entries below the title.
    pub entries: Vec<LegendEntry>,
}

/// A sample of a line and its name.
#[derive(Debug, Clone, Default)]
pub struct LegendEntry {
    /// The name.
    pub text: String,
    /// The color of the sample.
    pub color: String,
    /// How thick the sample is.
    pub thickness: f64,
    /// The dashes of the sample; none for a solid line.
    pub dash: Vec<f64>,
    /// How far from the left it is, in CSS pixels.
    pub left: f64,
    /// Its line below the title, from 0.
    pub line: usize,
}

/// An event of the plot.
#[derive(Clone, Copy)]
pub enum PlotEvent {
    /// The column under the cursor.
    Cursor(Option<usize>),
    /// A part was selected by dragging, between two positions from 0 to 1.
    Part(f64, f64),
}

impl Plot {
    /// Creates a plot in the element. `options` are uPlot's, as JSON; `callback` must not call the plot.
    ///
    /// `None` while uPlot is not loaded, or when it refuses the options.
    pub fn new(
        target: &web_sys::Element,
        options: &str,
        is_utc: bool,
        callback: impl Fn(PlotEvent) + 'static,
    ) -> Option<Self> {
        Reflect::get(&js_sys::global(), &"uPlot".into()).ok().filter(JsValue::is_function)?;
        let options = JSON::parse(options).ok()?;
        let drawn = Rc::new(RefCell::new(Drawing::default()));
        let color = get(&list(&options, "series").get(1), "stroke").as_string().unwrap_or_default();
        let calls = calls(Rc::clone(&drawn), is_utc, color, Rc::new(callback));
        give(&options, &calls);
        let plot = UPlot::new(&options, &Array::new(), target).ok()?;
        Some(Self { plot, drawn, copy: RefCell::new(Float64Array::new_with_length(0)), calls: Some(calls) })
    }

    /// Draws once, at the end of the current task; NaN is skipped.
    pub fn draw(&self, mut drawing: Drawing) {
        let len = drawing.values.len().checked_div(drawing.columns).unwrap_or(0);
        let mut copy = self.copy.borrow_mut();
        let needed = (len * drawing.columns) as u32;
        if copy.length() < needed {
            *copy = Float64Array::new_with_length(needed + needed / 4);
        }
        if let Some(whole) = drawing.values.get(..needed as usize) {
            copy.subarray(0, needed).copy_from(whole);
        }
        let column = |place: usize| copy.subarray((place * len) as u32, ((place + 1) * len) as u32);
        // uPlot reads one column of each series, for its points: the maximum values.
        let data = Array::of3(&column(0), &column(3), &column(4));
        for place in (6..drawing.columns).step_by(2) {
            data.push(&column(place));
        }
        let changed = drawing.dashes ^ self.drawn.borrow().dashes;
        for (bit, series) in self.series().iter().skip(3).enumerate() {
            if changed >> (bit + 1) & 1 == 1 {
                let is_dashed = drawing.dashes >> (bit + 1) & 1 == 1;
                set(&series, "dash", &if is_dashed { get(&series, "dashes") } else { JsValue::UNDEFINED });
            }
        }
        self.plot.set_data(&data, false);
        self.plot.set_scale("x", &pair("min", drawing.x.0, "max", drawing.x.1));
        for ValueScale { name, range } in &mut drawing.y {
            *range = round_range(*range);
            self.plot.set_scale(name, &pair("min", range.0, "max", range.1));
        }
        self.drawn.replace(drawing);
    }

    fn series(&self) -> Array {
        list(&self.plot, "series")
    }

    /// Resizes the plot, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        self.plot.set_size(&pair("width", width.into(), "height", height.into()));
    }

    /// Sets the cursor to an instant, in seconds; removes it for `None` and for an instant that is not visible.
    pub fn point_at(&self, secs: Option<f64>) {
        let (from, until) = self.drawn.borrow().x;
        let share = secs.map(|secs| (secs - from) / (until - from)).filter(|share| (0.0..=1.0).contains(share));
        let left = share.map_or(-10.0, |share| share * number(&self.plot.rect(), "width"));
        self.plot.set_cursor(&pair("left", left, "top", if share.is_some() { 0.0 } else { -10.0 }));
    }

    /// The position of a point of the page, from 0 at the left end of the plot to 1 at its right end.
    pub fn place_of(&self, client_x: f64) -> f64 {
        let rect = self.plot.rect();
        (client_x - number(&rect, "left")) / number(&rect, "width").max(1.0)
    }

    /// Highlights one line, by its index among the lines, or none.
    pub fn highlight(&self, line: Option<usize>) {
        for (place, series) in self.series().iter().enumerate() {
            let alpha = match line {
                None => get(&series, "rest"),
                Some(line) => if place == line + 3 { 1.0 } else { FAINT }.into(),
            };
            set(&series, "alpha", &alpha);
        }
        self.plot.redraw(false);
    }

    /// Whether a drag selects a part; it does not while it pans.
    pub fn set_selecting(&self, is_selecting: bool) {
        set(&get(&get(&self.plot, "cursor"), "drag"), "x", &is_selecting.into());
    }

    /// Whether a part is being selected by dragging.
    pub fn is_selecting(&self) -> bool {
        number(&get(&self.plot, "select"), "width") > 0.0
    }

    /// The width that entries of a legend with these texts take, samples included, in CSS pixels.
    pub fn legend_widths(&self, texts: &[&str]) -> Vec<f64> {
        let context = self.plot.ctx();
        context.save();
        context.set_font(LEGEND_FONT);
        let width = |text: &&str| SAMPLE + SAMPLE_GAP + number(&context.measure_text(text), "width");
        let widths = texts.iter().map(width).collect();
        context.restore();
        widths
    }

    /// The width of a line of a legend, in CSS pixels.
    pub fn legend_room(&self) -> f64 {
        self.plot.ctx().canvas().width() / pixel_ratio() - 2.0 * LEGEND_EDGE
    }

    /// Saves the picture as PNG, below its legend and on this background.
    pub fn save(&self, background: &str, legend: &Legend, name: String) {
        let picture = self.plot.ctx().canvas();
        let ratio = pixel_ratio();
        let lines = 1 + legend.entries.iter().map(|entry| entry.line + 1).max().unwrap_or(0);
        let top = (lines as f64 * LEGEND_LINE + 2.0 * LEGEND_EDGE) * ratio;
        let (width, height) = (picture.width(), picture.height() + top);
        // A browser without the memory for it makes no picture.
        let Ok(canvas) = OffscreenCanvas::new(width, height) else { return };
        let Some(context) = canvas.context("2d") else { return };
        context.set_fill(background);
        context.fill_rect(0.0, 0.0, width, height);
        context.draw_image(&picture, 0.0, top);
        context.scale(ratio, ratio);
        legend.draw(&context);
        let written = JsFuture::from(canvas.to_blob());
        spawn_local(async move {
            if let Ok(blob) = written.await {
                download::save(&blob, &name);
            }
        });
    }
}

impl Drop for Plot {
    /// A pending drawing still calls back after `destroy`, so the closures outlive it by a frame.
    fn drop(&mut self) {
        self.plot.destroy();
        let calls = self.calls.take();
        spawn_local(async move {
            next_frame().await;
            drop(calls);
        });
    }
}

/// The functions that [`give`] takes, in its order.
fn calls(drawn: Rc<RefCell<Drawing>>, is_utc: bool, color: String, callback: Rc<dyn Fn(PlotEvent)>) -> Vec<Call> {
    let call = |run: Box<dyn Fn(JsValue, JsValue) -> JsValue>| Closure::wrap(run);
    let (event, shown, waiting) = (Rc::clone(&callback), Rc::clone(&drawn), Rc::clone(&drawn));
    vec![
        call(Box::new(move |plot, _| {
            let cursor = get(&plot, "cursor");
            let is_there = number(&cursor, "left") >= 0.0;
            callback(PlotEvent::Cursor(get(&cursor, "idx").as_f64().filter(|_| is_there).map(|index| index as usize)));
            JsValue::UNDEFINED
        })),
        call(Box::new(move |plot, _| {
            let (part, width) = (get(&plot, "select"), number(&get(&plot, "rect"), "width"));
            let (left, len) = (number(&part, "left"), number(&part, "width"));
            plot.unchecked_into::<UPlot>().set_select(&pair("width", 0.0, "height", 0.0), false);
            if len > 0.0 && width > 0.0 {
                event(PlotEvent::Part(left / width, (left + len) / width));
            }
            JsValue::UNDEFINED
        })),
        call(Box::new(move |secs, _| {
            let date = js_sys::Date::new(&JsValue::from_f64(secs.as_f64().unwrap_or(0.0) * 1000.0));
            if is_utc { UPlot::tz_date(&date, "Etc/UTC") } else { date }.into()
        })),
        call(Box::new(move |plot, series| drawn.borrow().path(&get(&plot, "bbox"), place(&series)))),
        call(Box::new(move |_, series| {
            let bit = match place(&series) {
                1 => 0,
                series => series.saturating_sub(2),
            };
            (shown.borrow().points >> bit & 1 == 1).into()
        })),
        call(Box::new(|_, labels| {
            let longest = labels
                .dyn_into::<Array>()
                .map(|labels| labels.iter().filter_map(|label| label.as_string()).map(|label| label.len()).max());
            (longest.ok().flatten().unwrap_or(0) as f64 * 7.0 + 14.0).max(44.0).into()
        })),
        // uPlot's own double click shows all data; here a double click resets the zoom.
        call(Box::new(|_, _| JsValue::NULL)),
        call(Box::new(move |plot, _| {
            waiting.borrow().draw_waiting(&plot, &color);
            JsValue::UNDEFINED
        })),
    ]
}

fn give(options: &JsValue, calls: &[Call]) {
    let [on_cursor, on_select, to_date, path, has_points, axis_size, nothing, on_draw] = calls else { return };
    let hooks = Object::new();
    set(&hooks, "setCursor", &Array::of1(on_cursor.as_ref()));
    set(&hooks, "setSelect", &Array::of1(on_select.as_ref()));
    set(&hooks, "draw", &Array::of1(on_draw.as_ref()));
    set(options, "hooks", &hooks);
    set(options, "tzDate", to_date.as_ref());
    set(&get(&get(options, "cursor"), "bind"), "dblclick", nothing.as_ref());
    for axis in list(options, "axes").iter().skip(1) {
        set(&axis, "size", axis_size.as_ref());
    }
    for (index, series) in list(options, "series").iter().enumerate().skip(1) {
        set(&series, "paths", path.as_ref());
        if index != 2 {
            set(&get(&series, "points"), "show", has_points.as_ref());
        }
    }
}

impl Drawing {
    fn column(&self, place: usize) -> &[f64] {
        let len = self.values.len().checked_div(self.columns).unwrap_or(0);
        self.values.get(place * len..(place + 1) * len).unwrap_or_default()
    }

    /// The path that uPlot strokes and fills for a series: the outline of a band, a line, or a line through both ends
    /// of each column.
    fn path(&self, bounds: &JsValue, series: usize) -> JsValue {
        let frame = PlotFrame::new(bounds, self.x, self.range_of(series));
        let path = Path2D::new();
        let point = |secs: f64, value: f64| {
            if value.is_finite() {
                let (x, y) = frame.point(secs, value);
                path.line_to(x, y);
            }
        };
        let times = self.column(0);
        let is_band = series == 1;
        let (low, high) = match series {
            1 => (2, 3),
            2 => (4, 4),
            _ => (2 * series - 1, 2 * series),
        };
        let (low, high) = (self.column(low), self.column(high));
        if is_band {
            times.iter().zip(high).for_each(|(secs, value)| point(*secs, *value));
            times.iter().zip(low).rev().for_each(|(secs, value)| point(*secs, *value));
            path.close();
        } else {
            let mut is_up = true;
            for ((secs, low), high) in times.iter().zip(low).zip(high) {
                let (first, last) = if is_up { (low, high) } else { (high, low) };
                point(*secs, *first);
                if first != last {
                    point(*secs, *last);
                    is_up = !is_up;
                }
            }
        }
        let drawn = Object::new();
        set(&drawn, "stroke", &path);
        if is_band {
            set(&drawn, "fill", &path);
        }
        set(&drawn, "flags", &0.into());
        drawn.into()
    }

    /// The range of the values of a series; those of lines begin with the third.
    fn range_of(&self, series: usize) -> (f64, f64) {
        let scale = series.checked_sub(3).and_then(|line| self.line_scales.get(line)).copied().unwrap_or(0);
        self.y.get(scale).map_or((0.0, 1.0), |scale| scale.range)
    }

    /// Draws the waiting events over the finished plot: rings, and a dashed line through them.
    fn draw_waiting(&self, plot: &JsValue, color: &str) {
        if self.waiting.is_empty() {
            return;
        }
        // Without columns uPlot widens the range of values once more.
        let scales = get(plot, "scales");
        let limits = |name: &str| {
            let scale = get(&scales, name);
            (number(&scale, "min"), number(&scale, "max"))
        };
        let bounds = get(plot, "bbox");
        let (frame, ratio) = (PlotFrame::new(&bounds, limits("x"), limits("y")), pixel_ratio());
        let (line, rings, area) = (Path2D::new(), Path2D::new(), Path2D::new());
        for (secs, value) in self.waiting_start.iter().chain(&self.waiting) {
            let (x, y) = frame.point(*secs, *value);
            line.line_to(x, y);
        }
        for (secs, value) in &self.waiting {
            let (x, y) = frame.point(*secs, *value);
            rings.move_to(x + RING * ratio, y);
            rings.arc(x, y, RING * ratio, 0.0, std::f64::consts::TAU);
        }
        area.rect(frame.left, frame.top, number(&bounds, "width"), frame.height);
        let context: Context = get(plot, "ctx").unchecked_into();
        context.save();
        context.clip(&area);
        context.set_stroke(color);
        context.set_line_width(1.5 * ratio);
        context.stroke(&rings);
        context.set_line_dash(&[WAITING_DASH * ratio; 2]);
        context.stroke(&line);
        context.restore();
    }
}

impl Legend {
    fn draw(&self, context: &Context) {
        context.set_font(LEGEND_FONT);
        context.set_text_baseline("middle");
        context.set_fill(&self.color);
        context.fill_text(&self.title, LEGEND_EDGE, LEGEND_EDGE + LEGEND_LINE / 2.0);
        for entry in &self.entries {
            let (left, middle) = (LEGEND_EDGE + entry.left, LEGEND_EDGE + (entry.line as f64 + 1.5) * LEGEND_LINE);
            let sample = Path2D::new();
            sample.move_to(left, middle);
            sample.line_to(left + SAMPLE, middle);
            context.set_stroke(&entry.color);
            context.set_line_width(entry.thickness);
            context.set_line_dash(&entry.dash);
            context.stroke(&sample);
            context.fill_text(&entry.text, left + SAMPLE + SAMPLE_GAP, middle);
        }
    }
}

/// How instants and values lie on the canvas, in its pixels.
struct PlotFrame {
    left: f64,
    top: f64,
    height: f64,
    /// The least instant and value.
    origin: (f64, f64),
    /// Pixels of a second, and of a value's unit.
    across: f64,
    up: f64,
}

impl PlotFrame {
    fn new(bounds: &JsValue, x: (f64, f64), y: (f64, f64)) -> Self {
        let (width, height) = (number(bounds, "width"), number(bounds, "height"));
        Self {
            left: number(bounds, "left"),
            top: number(bounds, "top"),
            height,
            origin: (x.0, y.0),
            across: width / (x.1 - x.0),
            up: height / (y.1 - y.0),
        }
    }

    fn point(&self, secs: f64, value: f64) -> (f64, f64) {
        let (first, least) = self.origin;
        (self.left + (secs - first) * self.across, self.top + self.height - (value - least) * self.up)
    }
}

/// Pixels of a canvas in a CSS pixel.
fn pixel_ratio() -> f64 {
    number(&js_sys::global(), "devicePixelRatio").max(1.0)
}

/// A range of values with a margin above and below, on round numbers; from 0 to 1 while there are none.
fn round_range((min, max): (f64, f64)) -> (f64, f64) {
    let range = if min <= max { UPlot::range_num(min, max, 0.1, true) } else { Vec::new() };
    match *range.as_slice() {
        [from, until] if from < until => (from, until),
        _ => (0.0, 1.0),
    }
}

fn pair(first: &str, one: f64, second: &str, other: f64) -> JsValue {
    let object = Object::new();
    set(&object, first, &one.into());
    set(&object, second, &other.into());
    object.into()
}

fn place(series: &JsValue) -> usize {
    series.as_f64().unwrap_or(0.0) as usize
}

fn list(object: &JsValue, key: &str) -> Array {
    get(object, key).unchecked_into()
}

fn number(object: &JsValue, key: &str) -> f64 {
    get(object, key).as_f64().unwrap_or(0.0)
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or_default()
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    // Only frozen objects fail; these are plain and new.
    let _ = Reflect::set(object, &key.into(), value);
}
