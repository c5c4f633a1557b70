//! The memory of this wasm module.

/// Bytes of linear memory; it never shrinks.
pub fn bytes() -> u64 {
    const PAGE_BYTES: u64 = 65_536;
    core::arch::wasm32::memory_size::<0>() as u64 * PAGE_BYTES
}
