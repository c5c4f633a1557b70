//! The page's entry: panics go to the console with their place, then the app is mounted.

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(millrace::ui::app::app);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
