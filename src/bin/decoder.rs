//! The program that reads files: the page starts it when the first one comes, see `browser::decoder_worker`.

/// As small as the other programs'; pages and columns are few large pieces of memory.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(target_arch = "wasm32")]
fn main() {
    millrace::browser::panic::set_hook();
    millrace::worker::start_decoder();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
