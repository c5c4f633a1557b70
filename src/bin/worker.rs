//! The pipeline worker's program: the page starts it as a dedicated worker, see `browser::pipeline_worker`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// Half the code of the default allocator, and no slower where rows come in by the million: a file that it takes 4.1 s for
/// takes the default one 4.6 s.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(target_arch = "wasm32")]
fn main() {
    millrace::browser::panic::set_hook();
    millrace::worker::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}

/// For `benches/batch.mjs`: microseconds that a batch of ten takes here.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen]
pub fn bench_batch(batches: u32) -> f64 {
    millrace::worker::bench_batch_here(batches)
}

/// For `benches/journal.mjs`: events a second through the pipeline into flushed files of this browser.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen]
pub async fn bench_journal(batches: u32, batch_size: u32, persist: bool) -> f64 {
    millrace::worker::bench_journal_here(batches, batch_size, persist).await
}
