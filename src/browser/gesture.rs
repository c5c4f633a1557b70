//! Events of keys, pointers and wheels.

use wasm_bindgen::prelude::*;
use web_sys::Event;

use super::element::El;

/// Pixels of a line, for wheels that count lines.
const LINE_PIXELS: f64 = 30.0;

#[wasm_bindgen]
extern "C" {
    type Input;
    #[wasm_bindgen(method, getter, js_name = clientX)]
    fn client_x(this: &Input) -> f64;
    #[wasm_bindgen(method, getter)]
    fn button(this: &Input) -> f64;
    #[wasm_bindgen(method, getter, js_name = pointerType)]
    fn pointer_type(this: &Input) -> String;
    #[wasm_bindgen(method, getter, js_name = pointerId)]
    fn pointer_id(this: &Input) -> f64;
    #[wasm_bindgen(method, getter, js_name = shiftKey)]
    fn shift_key(this: &Input) -> bool;
    #[wasm_bindgen(method, getter, js_name = ctrlKey)]
    fn ctrl_key(this: &Input) -> bool;
    #[wasm_bindgen(method, getter, js_name = metaKey)]
    fn meta_key(this: &Input) -> bool;
    #[wasm_bindgen(method, getter)]
    fn key(this: &Input) -> String;
    #[wasm_bindgen(method, getter, js_name = deltaX)]
    fn delta_x(this: &Input) -> f64;
    #[wasm_bindgen(method, getter, js_name = deltaY)]
    fn delta_y(this: &Input) -> f64;
    #[wasm_bindgen(method, getter, js_name = deltaMode)]
    fn delta_mode(this: &Input) -> f64;
    #[wasm_bindgen(method, js_name = preventDefault)]
    fn prevent_default(this: &Input);

    type Captor;
    #[wasm_bindgen(method, catch, js_name = setPointerCapture)]
    fn capture(this: &Captor, pointer: f64) -> Result<(), JsValue>;
}

/// An event of a key, a pointer or a wheel; read only fields that its kind of event has.
pub struct Gesture(Input);

impl Gesture {
    /// Wraps this event.
    #[must_use]
    pub fn from_event(event: Event) -> Self {
        Self(event.unchecked_into())
    }

    /// The pointer's position, in pixels from the left of the window.
    #[must_use]
    pub fn x(&self) -> f64 {
        self.0.client_x()
    }

    /// Whether a drag that starts with this event pans: by finger, with the middle button, or with shift.
    #[must_use]
    pub fn is_grip(&self) -> bool {
        self.is_middle() || self.0.shift_key() || self.0.pointer_type() == "touch"
    }

    /// Whether the middle button is pressed.
    #[must_use]
    pub fn is_middle(&self) -> bool {
        self.0.button() == 1.0
    }

    /// Whether shift is held.
    #[must_use]
    pub fn is_shifted(&self) -> bool {
        self.0.shift_key()
    }

    /// Whether control or command is held; during a pinch the browser reports control as held.
    #[must_use]
    pub fn is_controlled(&self) -> bool {
        self.0.ctrl_key() || self.0.meta_key()
    }

    /// The key's name.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.key()
    }

    /// The wheel's movement, to the right and down, in pixels.
    #[must_use]
    pub fn wheel(&self) -> (f64, f64) {
        let scale = if self.0.delta_mode() == 0.0 { 1.0 } else { LINE_PIXELS };
        (self.0.delta_x() * scale, self.0.delta_y() * scale)
    }

    /// Prevents the browser's default action.
    pub fn claim(&self) {
        self.0.prevent_default();
    }

    /// Captures the pointer: the rest of the drag goes to this element.
    pub fn hold(&self, element: &El) {
        // Fails when the pointer is gone, which also ends the drag.
        let _ = element.as_ref().unchecked_ref::<Captor>().capture(self.0.pointer_id());
    }
}
