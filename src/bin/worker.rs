//! The pipeline worker's entry.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    millrace::runtime::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
