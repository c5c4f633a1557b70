//! The chart library, `uPlot`, as far as it is used here.

use js_sys::{Array, Float64Array, Function, JSON, Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::animation_frame::next_frame;

#[wasm_bindgen]
extern "C" {
    type UPlot;

    #[wasm_bindgen(constructor, js_class = "uPlot", catch)]
    fn new(options: &JsValue, data: &Array, target: &web_sys::Element) -> Result<UPlot, JsValue>;

    #[wasm_bindgen(static_method_of = UPlot, js_class = "uPlot", js_name = tzDate)]
    fn tz_date(date: &js_sys::Date, zone: &str) -> js_sys::Date;

    #[wasm_bindgen(method, js_name = setData)]
    fn set_data(this: &UPlot, data: &Array, should_reset_scales: bool);

    #[wasm_bindgen(method, js_name = setScale)]
    fn set_scale(this: &UPlot, scale: &str, limits: &JsValue);

    #[wasm_bindgen(method, js_name = setSize)]
    fn set_size(this: &UPlot, size: &JsValue);

    #[wasm_bindgen(method)]
    fn destroy(this: &UPlot);
}

/// A chart on the page; it is taken off when dropped.
pub struct Chart {
    plot: UPlot,
    callbacks: Option<Callbacks>,
}

/// What the library calls back.
struct Callbacks {
    _on_cursor: Closure<dyn Fn(JsValue)>,
    _to_date: Closure<dyn Fn(f64) -> js_sys::Date>,
}

impl Chart {
    /// Puts a chart into the element. `options` are uPlot's as JSON; `on_cursor` hears the column under the pointer.
    ///
    /// `None` while the library is not loaded, or when it refuses the options.
    pub fn new(
        target: &web_sys::Element,
        options: &str,
        is_utc: bool,
        on_cursor: impl Fn(Option<usize>) + 'static,
    ) -> Option<Self> {
        Reflect::get(&js_sys::global(), &"uPlot".into()).ok().filter(JsValue::is_function)?;
        let options = JSON::parse(options).ok()?;
        let on_cursor = Closure::<dyn Fn(JsValue)>::new(move |plot: JsValue| on_cursor(column_under_pointer(&plot)));
        let to_date = Closure::<dyn Fn(f64) -> js_sys::Date>::new(move |secs: f64| {
            let date = js_sys::Date::new(&JsValue::from_f64(secs * 1000.0));
            if is_utc { UPlot::tz_date(&date, "Etc/UTC") } else { date }
        });
        let hooks = Object::new();
        set(&hooks, "setCursor", &Array::of1(on_cursor.as_ref()));
        set(&options, "hooks", &hooks);
        set(&options, "tzDate", to_date.as_ref().unchecked_ref::<Function>());
        let plot = UPlot::new(&options, &empty_data(), target).ok()?;
        Some(Self { plot, callbacks: Some(Callbacks { _on_cursor: on_cursor, _to_date: to_date }) })
    }

    /// Draws columns of equal length, time in seconds first, over a range of time; NaN is a gap.
    pub fn draw(&self, columns: &[&[f64]], (from_secs, to_secs): (f64, f64)) {
        let data = Array::new();
        for (index, column) in columns.iter().enumerate() {
            if index == 0 {
                data.push(&Float64Array::from(*column));
            } else {
                data.push(&with_gaps(column));
            }
        }
        self.plot.set_data(&data, false);
        let limits = Object::new();
        set(&limits, "min", &from_secs.into());
        set(&limits, "max", &to_secs.into());
        self.plot.set_scale("x", &limits);
    }

    /// Takes everything off the chart.
    pub fn clear(&self) {
        self.plot.set_data(&empty_data(), true);
    }

    /// Fits the chart into so many CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let size = Object::new();
        set(&size, "width", &width.into());
        set(&size, "height", &height.into());
        self.plot.set_size(&size);
    }
}

impl Drop for Chart {
    /// A drawing that is already under way still calls back after `destroy`, so the callbacks outlive it by a frame.
    fn drop(&mut self) {
        self.plot.destroy();
        let callbacks = self.callbacks.take();
        spawn_local(async move {
            next_frame().await;
            drop(callbacks);
        });
    }
}

fn column_under_pointer(plot: &JsValue) -> Option<usize> {
    let cursor = Reflect::get(plot, &"cursor".into()).ok()?;
    let index = Reflect::get(&cursor, &"idx".into()).ok()?.as_f64()?;
    (index >= 0.0).then_some(index as usize)
}

/// uPlot knows gaps as null: NaN would spoil its search for the smallest and largest value.
fn with_gaps(column: &[f64]) -> Array {
    column.iter().map(|value| if value.is_nan() { JsValue::NULL } else { JsValue::from_f64(*value) }).collect()
}

fn empty_data() -> Array {
    Array::of4(&Array::new(), &Array::new(), &Array::new(), &Array::new())
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    // Fails only for frozen objects; these are plain and new.
    let _ = Reflect::set(object, &key.into(), value);
}
