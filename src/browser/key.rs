//! Keys and modifiers of keyboard events.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::*;
use web_sys::Event;

#[wasm_bindgen]
extern "C" {
    type Held;
    #[wasm_bindgen(method, getter)]
    fn key(this: &Held) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = shiftKey)]
    fn shift_key(this: &Held) -> bool;
    #[wasm_bindgen(method, getter, js_name = ctrlKey)]
    fn ctrl_key(this: &Held) -> bool;
    #[wasm_bindgen(method, getter, js_name = metaKey)]
    fn meta_key(this: &Held) -> bool;
    #[wasm_bindgen(method, getter, js_name = altKey)]
    fn alt_key(this: &Held) -> bool;
}

/// The key of a keyboard event, such as `ArrowDown`; empty for other events.
pub fn key_of(event: &Event) -> String {
    event.unchecked_ref::<Held>().key().unwrap_or_default()
}

/// Whether Shift was held down.
pub fn has_shift(event: &Event) -> bool {
    event.unchecked_ref::<Held>().shift_key()
}

/// Whether a modifier was held down that makes a key a command.
pub fn has_command(event: &Event) -> bool {
    let held = event.unchecked_ref::<Held>();
    held.ctrl_key() || held.meta_key()
}

/// Whether Alt was held down: such keys belong to the browser.
pub fn has_alt(event: &Event) -> bool {
    event.unchecked_ref::<Held>().alt_key()
}
