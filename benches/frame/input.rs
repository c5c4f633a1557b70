//! The input that all participants share.

/// The columns that `input.mjs` generates.
pub(crate) struct Input {
    /// Nanoseconds since the epoch, rising.
    pub(crate) time: Vec<i64>,
    /// Indices into `texts`.
    pub(crate) ids: Vec<u32>,
    /// Indices into [`VARIABLES`].
    pub(crate) variables: Vec<u32>,
    /// The ids.
    pub(crate) texts: Vec<String>,
    /// The columns named [`VARIABLES`].
    pub(crate) values: [Vec<f64>; 4],
}

/// The names of the value columns, and of the keys that a pivot makes columns of.
pub(crate) const VARIABLES: [&str; 4] = ["a", "b", "c", "d"];

#[cfg(not(target_arch = "wasm32"))]
impl Input {
    /// Reads the raw files of a folder.
    pub(crate) fn read(folder: &std::path::Path) -> std::io::Result<Self> {
        let raw = |name: &str| std::fs::read(folder.join(name));
        let codes = |name: &str| Ok::<_, std::io::Error>(numbers(&raw(name)?, u32::from_le_bytes));
        let floats = |name: &str| Ok::<_, std::io::Error>(numbers(&raw(name)?, f64::from_le_bytes));
        Ok(Self {
            time: numbers(&raw("time.i64")?, i64::from_le_bytes),
            ids: codes("id.u32")?,
            variables: codes("variable.u32")?,
            texts: std::fs::read_to_string(folder.join("ids.txt"))?.lines().map(str::to_owned).collect(),
            values: [floats("a.f64")?, floats("b.f64")?, floats("c.f64")?, floats("d.f64")?],
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn numbers<T, const N: usize>(bytes: &[u8], read: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().copied().map(read).collect()
}
