//! The recent past in a fixed number of steps: what a chart draws, however many rows there were.

use crate::time::{Duration, Timestamp};

/// Steps that the span is cut into; a chart is rarely wider in pixels than it can tell apart.
const STEPS: usize = 1000;

/// For each step of the span up to the newest row: smallest and largest value and the newest moving aggregate.
///
/// A row costs the same however many there are; steps without rows are left out.
#[derive(Debug)]
pub struct Trend {
    span: Duration,
    step_nanos: i64,
    /// A ring: a step stands at its number modulo the length.
    steps: Vec<Option<Step>>,
    newest: Option<i64>,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    number: i64,
    last_time: i64,
    min: f64,
    max: f64,
    moving: f64,
}

impl Trend {
    /// An empty trend over this span, at least a microsecond.
    pub fn new(span: Duration) -> Self {
        let step_nanos = (span.as_nanos() / STEPS as i64).max(1);
        Self { span, step_nanos, steps: vec![None; STEPS], newest: None }
    }

    /// The time that it covers.
    pub fn span(&self) -> Duration {
        self.span
    }

    /// Takes in a row; one older than the span is passed over.
    pub fn push(&mut self, time: i64, value: f64, moving: f64) {
        let number = time.div_euclid(self.step_nanos);
        let slot = &mut self.steps[number.rem_euclid(STEPS as i64) as usize];
        match slot {
            Some(step) if step.number > number => return,
            Some(step) if step.number == number => {
                step.min = step.min.min(value);
                step.max = step.max.max(value);
                if time >= step.last_time {
                    (step.last_time, step.moving) = (time, moving);
                }
            }
            _ => *slot = Some(Step { number, last_time: time, min: value, max: value, moving }),
        }
        self.newest = self.newest.max(Some(number));
    }

    /// Five columns laid end to end, oldest step first: time in seconds since the epoch, rows, smallest value, largest
    /// value, moving aggregate.
    pub fn columns(&self) -> Vec<f64> {
        let Some(newest) = self.newest else { return Vec::new() };
        let steps: Vec<&Step> = (newest - STEPS as i64 + 1..=newest)
            .filter_map(|number| {
                self.steps[number.rem_euclid(STEPS as i64) as usize].as_ref().filter(|step| step.number == number)
            })
            .collect();
        let column = |read: fn(&Step) -> f64| steps.iter().map(move |step| read(step));
        column(|step| Timestamp::from_nanos(step.last_time).as_millis() / 1e3)
            .chain(column(|_| 1.0))
            .chain(column(|step| step.min))
            .chain(column(|step| step.max))
            .chain(column(|step| step.moving))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(trend: &Trend) -> Vec<[f64; 4]> {
        let columns = trend.columns();
        let len = columns.len() / 5;
        (0..len).map(|row| [0, 2, 3, 4].map(|column| columns[column * len + row])).collect()
    }

    #[test]
    fn rows_of_one_step_become_its_extremes_and_its_newest_average() {
        let mut trend = Trend::new(Duration::from_secs(1000));
        for (millis, value, moving) in [(100, 5.0, 1.0), (900, 3.0, 3.0), (500, 9.0, 2.0), (1500, 4.0, 4.0)] {
            trend.push(millis * 1_000_000, value, moving);
        }
        assert_eq!(rows(&trend), [[0.9, 3.0, 9.0, 3.0], [1.5, 4.0, 4.0, 4.0]]);
    }

    #[test]
    fn what_is_older_than_the_span_is_gone() {
        let mut trend = Trend::new(Duration::from_secs(1000));
        for secs in [0, 1, 999, 1000, 5, 2500, 1400] {
            trend.push(secs * 1_000_000_000, secs as f64, 0.0);
        }
        assert_eq!(rows(&trend).iter().map(|row| row[0]).collect::<Vec<_>>(), [2500.0]);
        trend.push(1_600_000_000_000, 0.0, 0.0);
        assert_eq!(rows(&trend).iter().map(|row| row[0]).collect::<Vec<_>>(), [1600.0, 2500.0]);
    }
}
