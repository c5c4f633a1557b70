//! What a work makes, and its answer in the form in which participants are compared.

use millrace::frame::{Column, Frame, Strings};

/// What a work makes.
pub(crate) enum Output {
    /// A melted frame: columns `id`, `variable`, `value`.
    Melted(Frame),
    /// The same as arrays.
    MeltedArrays {
        /// Codes of ids.
        ids: Vec<u32>,
        /// Codes of variables.
        variables: Vec<u32>,
        /// Values.
        values: Vec<f64>,
    },
    /// The same in buffers that are kept for the next run. `melt_written` has its answer.
    Reused,
    /// A pivoted frame: `id`, then a column for each variable.
    Pivoted(Frame),
    /// A frame of one column of results.
    Rolled(Frame),
    /// Results as an array.
    Numbers(Vec<f64>),
    /// JSON answers.
    Texts(Vec<Vec<u8>>),
    /// So many batches, of which nothing is compared here: tests do that.
    Batches(u32),
}

impl Output {
    /// How often the work was done in one run.
    pub(crate) fn repeats(&self) -> f64 {
        match self {
            Self::Texts(texts) => texts.len() as f64,
            Self::Batches(count) => f64::from(*count),
            _ => 1.0,
        }
    }

    /// The numbers of the answer: for a melt, a digest of them.
    pub(crate) fn into_numbers(self) -> Vec<f64> {
        match self {
            Self::Melted(frame) => {
                let column = |place: usize| frame.columns()[place].1.materialize();
                let (ids, variables, values) = (column(0), column(1), column(2));
                digest(codes(&ids), codes(&variables), values.as_float().map_or(&[], |values| values))
            }
            Self::MeltedArrays { ids, variables, values } => digest(&ids, &variables, &values),
            Self::Pivoted(frame) => {
                let columns: Vec<&[f64]> =
                    frame.columns()[1..].iter().filter_map(|(_, column)| column.as_float()).map(|v| &**v).collect();
                (0..frame.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
            }
            Self::Rolled(frame) => {
                frame.columns().first().and_then(|(_, column)| column.as_float()).map_or_else(Vec::new, |v| v.to_vec())
            }
            Self::Numbers(numbers) => numbers,
            Self::Reused | Self::Texts(_) | Self::Batches(_) => Vec::new(),
        }
    }

    /// JSON answers as one JSON array.
    pub(crate) fn into_text(self) -> String {
        let Self::Texts(texts) = self else { return String::new() };
        let texts: Vec<String> = texts.into_iter().filter_map(|text| String::from_utf8(text).ok()).collect();
        format!("[{}]", texts.join(","))
    }

    /// Writes the answer under this path, with the ending that tells its form.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn write(self, path: &std::path::Path) -> std::io::Result<()> {
        match self {
            Self::Texts(_) => std::fs::write(path.with_extension("json"), self.into_text()),
            _ => {
                let bytes: Vec<u8> = self.into_numbers().iter().flat_map(|number| number.to_le_bytes()).collect();
                std::fs::write(path.with_extension("f64"), bytes)
            }
        }
    }
}

fn codes(column: &Column) -> &[u32] {
    match column.as_strings() {
        Some(Strings::Dictionary { codes, .. }) => codes,
        _ => &[],
    }
}

/// The row count, the sum of each variable's values, and each 3,999th row: enough to notice a row that is elsewhere.
pub(crate) fn digest(ids: &[u32], variables: &[u32], values: &[f64]) -> Vec<f64> {
    let mut sums = [0.0; 4];
    variables.iter().zip(values).for_each(|(variable, value)| sums[*variable as usize] += value);
    let rows = (0..1000).map(|place| place * 3999).filter(|row| *row < values.len());
    let sampled = rows.flat_map(|row| [f64::from(ids[row]), f64::from(variables[row]), values[row]]);
    std::iter::once(values.len() as f64).chain(sums).chain(sampled).collect()
}
