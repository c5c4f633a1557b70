//! The page's program.

/// Half the code of the default allocator, and as fast on the page, which computes little.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(target_arch = "wasm32")]
fn main() {
    millrace::browser::panic::set_hook();
    leptos::mount::mount_to_body(millrace::ui::app::App);
    millrace::browser::skeleton::remove();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
