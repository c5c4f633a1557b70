//! The works done by plain loops that know of no missing value, tie or option: about as fast as the machine can.

use std::collections::VecDeque;
use std::fmt::Write;

use millrace::time::{Clock, Timestamp};

use crate::input::Input;
use crate::output::Output;

const WINDOW_NANOS: i64 = 5_000_000_000;
const RANGES: usize = 16;

/// The input, and the buffers that `melt_reused` writes into.
pub(crate) struct Plain {
    input: Input,
    order: Vec<usize>,
    melted: (Vec<u32>, Vec<u32>, Vec<f64>),
}

/// The ranges of `range_json` as first and last instant, both included: those of `input.mjs`.
pub(crate) fn ranges(time: &[i64]) -> Vec<(i64, i64)> {
    let len = (time.len() / 100).max(1);
    let range = |place: usize| {
        let first = ((place as f64 * 0.618_033_988_749_895).fract() * (time.len() - len) as f64) as usize;
        (time[first], time[first + len - 1])
    };
    (0..RANGES).map(range).collect()
}

impl Plain {
    pub(crate) fn new(input: Input) -> Self {
        let mut order: Vec<usize> = (0..input.texts.len()).collect();
        order.sort_by_key(|id| &input.texts[*id]);
        Self { input, order, melted: Default::default() }
    }

    pub(crate) fn run(&mut self, work: &str) -> Option<Output> {
        let (time, values) = (&self.input.time, &self.input.values[0]);
        Some(match work {
            "melt_written" => {
                let (mut ids, mut variables, mut values) = Default::default();
                melt(&self.input, &mut ids, &mut variables, &mut values);
                Output::MeltedArrays { ids, variables, values }
            }
            "melt_reused" => {
                let (ids, variables, values) = &mut self.melted;
                melt(&self.input, ids, variables, values);
                Output::Reused
            }
            "pivot_codes" => Output::Numbers(self.pivot()),
            "rolling_mean" => Output::Numbers(mean(time, values)),
            "rolling_std" => Output::Numbers(std(time, values)),
            "rolling_min" => Output::Numbers(min(time, values)),
            "rolling_median" => Output::Numbers(median(time, values)),
            "range_json" => Output::Texts(ranges(time).into_iter().map(|range| self.range(range)).collect()),
            _ => return None,
        })
    }

    fn pivot(&self) -> Vec<f64> {
        let cells = self.input.texts.len() * 4;
        let (mut sums, mut counts) = (vec![0.0; cells], vec![0_u32; cells]);
        for ((id, variable), value) in self.input.ids.iter().zip(&self.input.variables).zip(&self.input.values[0]) {
            let cell = (id * 4 + variable) as usize;
            sums[cell] += value;
            counts[cell] += 1;
        }
        let cells = self.order.iter().flat_map(|id| id * 4..id * 4 + 4);
        cells.map(|cell| sums[cell] / f64::from(counts[cell])).collect()
    }

    fn range(&self, (from, until): (i64, i64)) -> Vec<u8> {
        let Input { time, ids, texts, values, .. } = &self.input;
        let (start, end) = (time.partition_point(|time| *time < from), time.partition_point(|time| *time <= until));
        let mut out = String::with_capacity((end - start) * 120);
        out.push('[');
        for row in start..end {
            let at = Timestamp::from_nanos(time[row]).to_text(&Clock::Utc);
            let comma = if row > start { "," } else { "" };
            let (id, value) = (&texts[ids[row] as usize], values[0][row]);
            let _ = write!(out, r#"{comma}{{"timestamp":"{at}","id":"{id}","value":{value:?}}}"#);
        }
        out.push(']');
        out.into_bytes()
    }
}

fn melt(input: &Input, ids: &mut Vec<u32>, variables: &mut Vec<u32>, values: &mut Vec<f64>) {
    ids.clear();
    variables.clear();
    values.clear();
    ids.reserve(4 * input.ids.len());
    variables.reserve(4 * input.ids.len());
    values.reserve(4 * input.ids.len());
    for (variable, column) in input.values.iter().enumerate() {
        ids.extend_from_slice(&input.ids);
        variables.extend(std::iter::repeat_n(variable as u32, column.len()));
        values.extend_from_slice(column);
    }
}

fn mean(time: &[i64], values: &[f64]) -> Vec<f64> {
    let (mut start, mut sum) = (0, 0.0);
    let answer = |(row, value): (usize, &f64)| {
        sum += value;
        while time[row] - time[start] >= WINDOW_NANOS {
            sum -= values[start];
            start += 1;
        }
        sum / (row + 1 - start) as f64
    };
    values.iter().enumerate().map(answer).collect()
}

fn std(time: &[i64], values: &[f64]) -> Vec<f64> {
    let (mut start, mut mean, mut squares) = (0, 0.0, 0.0);
    let answer = |(row, value): (usize, &f64)| {
        while time[row] - time[start] >= WINDOW_NANOS {
            let count = (row - start) as f64 - 1.0;
            let distance = values[start] - mean;
            mean -= distance / count;
            squares -= distance * (values[start] - mean);
            start += 1;
        }
        let count = (row + 1 - start) as f64;
        let distance = value - mean;
        mean += distance / count;
        squares += distance * (value - mean);
        (squares / (count - 1.0)).sqrt()
    };
    values.iter().enumerate().map(answer).collect()
}

fn min(time: &[i64], values: &[f64]) -> Vec<f64> {
    let mut candidates: VecDeque<usize> = VecDeque::new();
    let answer = |(row, value): (usize, &f64)| {
        while candidates.back().is_some_and(|last| values[*last] >= *value) {
            candidates.pop_back();
        }
        candidates.push_back(row);
        while candidates.front().is_some_and(|first| time[row] - time[*first] >= WINDOW_NANOS) {
            candidates.pop_front();
        }
        candidates.front().map_or(f64::NAN, |first| values[*first])
    };
    values.iter().enumerate().map(answer).collect()
}

fn median(time: &[i64], values: &[f64]) -> Vec<f64> {
    let (mut start, mut sorted): (usize, Vec<f64>) = (0, Vec::new());
    let answer = |(row, value): (usize, &f64)| {
        while time[row] - time[start] >= WINDOW_NANOS {
            let old = values[start];
            sorted.remove(sorted.partition_point(|other| *other < old));
            start += 1;
        }
        sorted.insert(sorted.partition_point(|other| other < value), *value);
        (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
    };
    values.iter().enumerate().map(answer).collect()
}
