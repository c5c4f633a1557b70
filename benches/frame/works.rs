//! The works done by millrace.

use std::sync::Arc;

use millrace::api::write_records;
use millrace::frame::ops::{Agg, Melt, PivotTable, Window, melt, pivot_table, rolling};
use millrace::frame::{Column, Frame, FrameError, Strings};
use millrace::pipeline::{Id, Measures, rows_frame};
use millrace::store::History;
use millrace::time::{Clock, Duration, Timestamp};
use millrace::worker::bench_batch;

use crate::input::{Input, VARIABLES};
use crate::output::Output;
use crate::plain::ranges;

const BATCHES: u32 = 2000;

/// Frames made of the input, as a user's would be.
pub(crate) struct Millrace {
    frame: Frame,
    history: History,
    ranges: Vec<(i64, i64)>,
    id_texts: Texts,
    variable_texts: Texts,
}

impl Millrace {
    pub(crate) fn new(input: &Input) -> Self {
        let mut columns = vec![
            ("timestamp".into(), Column::Datetime(input.time.clone().into())),
            ("id".into(), dictionary(&input.ids, input.texts.iter().map(String::as_str))),
            ("variable".into(), dictionary(&input.variables, VARIABLES)),
        ];
        for (name, values) in VARIABLES.iter().zip(&input.values) {
            columns.push(((*name).into(), Column::from(values.clone())));
        }
        let mut history = History::new(input.time.len());
        let measures = Measures::default();
        let ids: Vec<Id> = input.texts.iter().filter_map(|text| Id::parse(text).ok()).collect();
        for (row, time) in input.time.iter().enumerate() {
            let id = ids[input.ids[row] as usize].clone();
            history.insert(Timestamp::from_nanos(*time), id, &measures, &[input.values[0][row]]);
        }
        Self {
            frame: Frame::new(columns).unwrap_or_default(),
            history,
            ranges: ranges(&input.time),
            id_texts: input.ids.iter().map(|id| &*input.texts[*id as usize]).collect(),
            variable_texts: input.variables.iter().map(|code| VARIABLES[*code as usize]).collect(),
        }
    }

    pub(crate) fn run(&mut self, work: &str) -> Option<Output> {
        match work {
            "melt_view" => self.melt().map(Output::Melted),
            "melt_written" => self.melt().and_then(written).map(Output::Melted),
            "pivot_codes" => pivot(&self.frame).map(Output::Pivoted),
            "pivot_text" => self.frame_of_texts().and_then(|frame| pivot(&frame)).map(Output::Pivoted),
            "rolling_mean" => self.rolling(Agg::Mean),
            "rolling_std" => self.rolling(Agg::Std),
            "rolling_min" => self.rolling(Agg::Min),
            "rolling_median" => self.rolling(Agg::Median),
            "range_json" => Ok(Output::Texts(self.ranges.iter().map(|range| self.range(*range)).collect())),
            "batch_10" => bench_batch(BATCHES, || 0.0).map(|_| Output::Batches(BATCHES)),
            _ => return None,
        }
        .ok()
    }

    fn melt(&self) -> Result<Frame, FrameError> {
        melt(&self.frame, &Melt { id_vars: &["id"], value_vars: Some(&VARIABLES), ..Melt::default() })
    }

    /// Keys that come as plain text, as from a file: finding out which are equal is part of the work.
    fn frame_of_texts(&self) -> Result<Frame, FrameError> {
        let texts = |texts: &Texts| Column::String(texts.iter().map(Some).collect::<Strings>());
        Frame::new(vec![
            ("id".into(), texts(&self.id_texts)),
            ("variable".into(), texts(&self.variable_texts)),
            ("a".into(), self.frame.column("a")?.clone()),
        ])
    }

    fn rolling(&self, agg: Agg) -> Result<Output, FrameError> {
        let window = Window::new(Duration::from_nanos(5_000_000_000), agg);
        rolling(&self.frame, "timestamp", &["a"], &window).map(Output::Rolled)
    }

    fn range(&self, (from, until): (i64, i64)) -> Vec<u8> {
        let (from, until) = (Timestamp::from_nanos(from), Timestamp::from_nanos(until));
        let rows = self.history.range(from, until, &Measures::default(), 0, usize::MAX);
        let mut out = Vec::new();
        if let Ok(frame) = rows_frame(rows.times, rows.ids, &rows.measures, rows.values) {
            write_records(&mut out, &frame, &Clock::Utc);
        }
        out
    }
}

/// Texts end to end, as the peers hold theirs, and where each ends.
#[derive(Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.text[*start..*end])
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut all = Self::default();
        for text in texts {
            all.text.push_str(text);
            all.ends.push(all.text.len());
        }
        all
    }
}

fn dictionary<'a>(codes: &[u32], categories: impl IntoIterator<Item = &'a str>) -> Column {
    let categories = Arc::new(categories.into_iter().map(Arc::from).collect());
    Column::String(Strings::Dictionary { codes: codes.to_vec().into(), categories })
}

fn pivot(frame: &Frame) -> Result<Frame, FrameError> {
    let options = PivotTable { index: &["id"], columns: &["variable"], values: Some(&["a"]), ..PivotTable::default() };
    pivot_table(frame, &options)
}

/// The melted frame with every row written out.
fn written(melted: Frame) -> Result<Frame, FrameError> {
    Frame::new(melted.columns().iter().map(|(name, column)| (name.clone(), column.materialize())).collect())
}
