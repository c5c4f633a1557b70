//! The program's entry, on both of its threads: the page loads it and hands it on to the pipeline worker, see
//! `browser::pipeline_worker`.

/// Half the code of the default one, which every visitor would download, for a twentieth of the time of a batch.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(target_arch = "wasm32")]
fn main() {
    millrace::browser::panic::set_hook();
    if web_sys::window().is_some() {
        leptos::mount::mount_to_body(millrace::ui::app::app);
    } else {
        millrace::worker::start();
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
