//! The engine under a clock that the tests set.

use proptest::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::frame::{Column, Frame, Name, Text, Value};
use crate::pipeline::{Id, measures_of};

/// A minimal store: rows in a sorted vector.
#[derive(Debug, Default)]
struct Rows(Vec<(i64, Id, Named)>);

/// Values by the names of their measures.
type Named = Vec<(String, f64)>;

impl Store for Rows {
    fn append(&mut self, rows: &Frame, rolling: &[Vec<f64>]) {
        let times = rows.column("timestamp").unwrap().as_datetime().unwrap();
        let ids = rows.column("id").unwrap().as_strings().unwrap();
        let measures = &rows.columns()[2..];
        assert!(rolling.iter().map(Vec::len).eq(measures.iter().map(|_| rows.len())));
        self.0.extend((0..times.len()).map(|row| {
            let value = |(name, column): &(Name, Column)| (name.to_string(), column.as_float().unwrap()[row]);
            (times[row], Id::from_column(ids, row), measures.iter().map(value).collect())
        }));
        self.0.sort_by_key(|row| row.0);
    }

    fn look_back(
        &self,
        from: Timestamp,
        until: Timestamp,
        measures: &Measures,
        visit: &mut dyn FnMut(i64, &Id, &[f64]),
    ) {
        for (time, id, values) in &self.0 {
            if (from.as_nanos()..=until.as_nanos()).contains(time) {
                let value =
                    |name: &str| values.iter().find(|(known, _)| known == name).map_or(f64::NAN, |(_, value)| *value);
                visit(*time, id, &measures.names().map(value).collect::<Vec<_>>());
            }
        }
    }

    fn retain_from(&mut self, oldest: Timestamp) {
        self.0.retain(|row| row.0 >= oldest.as_nanos());
    }
}

struct Bench {
    engine: Engine,
    rows: Rows,
    now: Timestamp,
}

impl Bench {
    fn new(changes: &[(&'static str, &'static str)]) -> Self {
        let now = Timestamp::from_nanos(1_748_812_500_000_000_000);
        let engine = Engine::new(settings(&Settings::default(), changes), [1; 32], now).unwrap();
        Self { engine, rows: Rows::default(), now }
    }

    fn wait(&mut self, duration: &str) -> &mut Self {
        self.now = self.now + Duration::parse(duration).unwrap();
        self
    }

    fn tick(&mut self) -> Output {
        self.engine.step(Input::Tick, self.now, &mut self.rows).unwrap()
    }

    fn configure(&mut self, changes: &[(&'static str, &'static str)]) {
        let settings = settings(self.engine.settings(), changes);
        self.engine.step(Input::Configure(Box::new(settings)), self.now, &mut self.rows).unwrap();
    }

    /// Posts values at these seconds after the start.
    fn post(&mut self, rows: &[(f64, f64)]) -> Result<Vec<Refused>, PostError> {
        let rows: Vec<_> = rows.iter().map(|(secs, value)| (*secs, vec![*value])).collect();
        self.post_measures("value", &rows)
    }

    /// Posts values of these measures at these seconds after the start.
    fn post_measures(&mut self, measures: &str, rows: &[(f64, Vec<f64>)]) -> Result<Vec<Refused>, PostError> {
        let start = 1_748_812_500_000_000_000;
        let event = |(secs, values): &(f64, Vec<f64>)| Event {
            timestamp: Timestamp::from_nanos(start + (secs * 1e9) as i64),
            id: Id::Text("a".into()),
            values: values.iter().copied().collect(),
        };
        let (events, measures) = (rows.iter().map(event).collect::<Vec<_>>(), Measures::parse(measures).unwrap());
        self.engine.post(events, &measures, self.now, &mut self.rows)
    }

    fn rolling(&self) -> Vec<f64> {
        self.column("moving_avg")
    }

    /// A column of the newest batch's `latest`.
    fn column(&self, name: &str) -> Vec<f64> {
        let latest = &self.engine.latest().unwrap().latest;
        latest.column(name).unwrap().as_float().unwrap().to_vec()
    }
}

fn settings(base: &Settings, changes: &[(&'static str, &'static str)]) -> Settings {
    base.merged(changes.iter().map(|(name, text)| (*name, Some(*text)))).unwrap()
}

#[wasm_bindgen_test(unsupported = test)]
fn the_first_batch_is_processed_nine_seconds_after_the_start() {
    let mut bench = Bench::new(&[]);
    for second in 0..10 {
        assert_eq!(bench.engine.latest(), None, "after {second} seconds");
        bench.tick();
        bench.wait("1s");
    }
    let batch = bench.engine.latest().unwrap();
    assert_eq!((batch.number, batch.latest.shape()), (1, (10, 4)));
    assert_eq!((batch.tables().unwrap().melted.shape(), batch.tables().unwrap().pivoted.shape()), ((20, 3), (10, 3)));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_late_tick_produces_all_due_events_and_is_counted() {
    let mut bench = Bench::new(&[]);
    bench.tick();
    bench.wait("7500ms").tick();
    let counters = bench.engine.counters();
    assert_eq!((counters.produced, counters.late_ticks, counters.caught_up), (8, 1, 6));
    // The schedule has not shifted: the next event is due half a second later.
    assert_eq!(bench.tick().next_wake, Some(bench.now + Duration::parse("500ms").unwrap()));
    bench.wait("500ms").tick();
    assert_eq!(bench.engine.counters().produced, 9);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_tick_after_sleep_skips_the_gap_and_reports_it() {
    let mut bench = Bench::new(&[]);
    bench.tick();
    let asleep_from = bench.now + Duration::from_secs(1);
    let output = bench.wait("8h").tick();
    assert_eq!(output.slept, Some((asleep_from, bench.now)));
    let counters = bench.engine.counters();
    assert_eq!((counters.produced, counters.late_ticks, counters.caught_up), (2, 0, 0));
    assert_eq!(bench.wait("1s").tick().slept, None);
    assert_eq!(bench.engine.counters().produced, 3);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_tick_in_time_is_not_counted_as_late() {
    let mut bench = Bench::new(&[("interval", "10us")]);
    for _ in 0..50 {
        bench.wait("4ms").tick();
    }
    assert_eq!(bench.engine.counters().late_ticks, 0);
    assert_eq!(bench.engine.counters().produced, 50 * 400 + 1);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_microsecond_interval_is_caught_up_in_steps_without_losing_events() {
    let mut bench = Bench::new(&[("interval", "1us")]);
    bench.tick();
    bench.wait("20ms");
    while bench.tick().next_wake.unwrap() <= bench.now {}
    assert_eq!(bench.engine.counters().produced, 20_001);
    assert_eq!((bench.engine.counters().processed, bench.engine.queue().len()), (20_000, 1));
}

#[wasm_bindgen_test(unsupported = test)]
fn block_waits_for_room_and_drops_nothing() {
    let mut bench = Bench::new(&[("interval", "1us"), ("queue_capacity", "10"), ("batch_size", "10")]);
    bench.wait("1ms");
    while bench.tick().next_wake.unwrap() <= bench.now {}
    assert_eq!((bench.engine.counters().produced, bench.engine.counters().dropped), (1001, 0));
}

#[wasm_bindgen_test(unsupported = test)]
fn drop_policies_count_dropped_events() {
    for overflow in ["drop_oldest", "drop_newest"] {
        let mut bench =
            Bench::new(&[("interval", "1us"), ("queue_capacity", "10"), ("batch_size", "10"), ("overflow", overflow)]);
        bench.wait("1ms");
        while bench.tick().next_wake.unwrap() <= bench.now {}
        let counters = *bench.engine.counters();
        assert_eq!(counters.produced, 1001, "{overflow}");
        assert!(counters.dropped > 0);
        assert_eq!(counters.produced, counters.processed + counters.dropped + bench.engine.queue().len() as u64);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn pausing_stops_the_source_and_leaves_no_overdue_events() {
    let mut bench = Bench::new(&[]);
    bench.tick();
    bench.configure(&[("paused", "true")]);
    assert_eq!(bench.wait("1h").tick().next_wake, None);
    bench.engine.step(Input::Step, bench.now, &mut bench.rows).unwrap();
    assert_eq!(bench.engine.counters().produced, 2);
    bench.configure(&[("paused", "false")]);
    bench.tick();
    assert_eq!(bench.engine.counters().produced, 3);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_shorter_interval_leaves_no_overdue_events() {
    let mut bench = Bench::new(&[("interval", "1h")]);
    bench.tick();
    bench.wait("30min");
    bench.configure(&[("interval", "1s")]);
    bench.tick();
    assert_eq!(bench.engine.counters().produced, 2);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_clock_set_back_does_not_stop_the_source() {
    let mut bench = Bench::new(&[]);
    bench.wait("2h").tick();
    bench.now = bench.now - Duration::parse("1h").unwrap();
    let produced = bench.engine.counters().produced;
    bench.tick();
    bench.wait("1s").tick();
    assert_eq!(bench.engine.counters().produced, produced + 2);
}

#[wasm_bindgen_test(unsupported = test)]
fn batch_wait_processes_an_incomplete_batch() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_wait", "2s")]);
    bench.post(&[(0.0, 1.0), (1.0, 2.0)]).unwrap();
    assert_eq!(bench.tick().next_wake, Some(bench.now + Duration::from_secs(2)));
    bench.wait("2s").tick();
    assert_eq!(bench.engine.latest().unwrap().latest.len(), 2);
    assert_eq!(bench.tick().next_wake, None);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_rolling_average_spans_batches_only_in_stream_scope() {
    for (scope, expected) in [("stream", vec![5.0, 6.0]), ("batch", vec![7.0, 8.0])] {
        let mut bench = Bench::new(&[("source", "none"), ("batch_size", "2"), ("rolling_scope", scope)]);
        bench.post(&[(0.0, 3.0), (1.0, 5.0), (2.0, 7.0), (3.0, 9.0)]).unwrap();
        assert_eq!(bench.rolling(), expected, "{scope}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn late_rows_get_the_average_of_their_own_window_and_count_in_later_ones() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "2")]);
    bench.post(&[(0.0, 1.0), (10.0, 3.0)]).unwrap();
    // One row long past, one inside the window of the stream's newest row.
    bench.post(&[(1.0, 5.0), (8.0, 7.0)]).unwrap();
    assert_eq!(bench.rolling(), [3.0, 7.0]);
    // The window (6, 11] now holds 7 at 8, 3 at 10 and 2 at 11; (7, 12] the same and 4.
    bench.post(&[(11.0, 2.0), (12.0, 4.0)]).unwrap();
    assert_eq!(bench.rolling(), [4.0, 4.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn rows_older_than_the_history_age_go_and_the_others_stay_while_the_stream_rests() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "1"), ("history_age", "10s")]);
    let kept = |bench: &Bench| bench.rows.0.iter().map(|row| row.2[0].1).collect::<Vec<_>>();
    bench.post(&[(0.0, 1.0), (5.0, 2.0), (10.0, 3.0)]).unwrap();
    assert_eq!(kept(&bench), [1.0, 2.0, 3.0], "a row of exactly that age stays");
    bench.wait("10.5s").post(&[(10.5, 4.0), (0.4, 5.0)]).unwrap();
    assert_eq!(kept(&bench), [2.0, 3.0, 4.0], "a late row can be too old on arrival");
    assert_eq!(bench.rolling(), [3.0], "and is processed like others");
    bench.wait("1d").tick();
    bench.post(&[(400_000.0, 6.0)]).unwrap();
    assert_eq!(kept(&bench), [2.0, 3.0, 4.0, 6.0], "a row from a wrong clock takes none away");
    bench.configure(&[("history_age", "5s")]);
    assert_eq!(kept(&bench), [3.0, 4.0, 6.0]);
    bench.configure(&[("history_age", "")]);
    bench.post(&[(1.0, 7.0)]).unwrap();
    assert_eq!(kept(&bench), [7.0, 3.0, 4.0, 6.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn too_late_rows_are_refused_only_under_late_reject() {
    let rows = [(7200.0, 1.0), (0.0, 2.0)];
    let mut bench = Bench::new(&[("source", "none")]);
    assert_eq!(bench.post(&rows), Ok(vec![]));
    assert_eq!(bench.engine.counters().late, 1);
    let mut bench = Bench::new(&[("source", "none"), ("late", "reject")]);
    let refused = bench.post(&rows).unwrap();
    assert_eq!((refused.len(), refused[0].position), (1, 1));
    assert_eq!((bench.engine.counters().late, bench.engine.counters().posted), (1, 1));
    // One that a server delivered again comes late by no fault of its own.
    let events = refused.into_iter().map(|refused| refused.event);
    let again = bench.engine.post_again(events, &Measures::default(), bench.now, &mut bench.rows);
    assert_eq!((again, bench.engine.counters().late, bench.engine.counters().posted), (Ok(vec![]), 2, 2));
}

#[wasm_bindgen_test(unsupported = test)]
fn posts_larger_than_the_queue_are_accepted_while_it_has_room() {
    let many: Vec<(f64, f64)> = (0..1000).map(|row| (f64::from(row), 1.0)).collect();
    let mut bench = Bench::new(&[("source", "none"), ("queue_capacity", "20"), ("batch_size", "20")]);
    assert_eq!(bench.post(&many), Ok(vec![]));
    assert_eq!(bench.engine.counters().processed, 1000);

    let mut bench =
        Bench::new(&[("source", "none"), ("queue_capacity", "20"), ("batch_size", "20"), ("overflow", "reject")]);
    bench.post(&many[..15]).unwrap();
    bench.configure(&[("queue_capacity", "10"), ("batch_size", "10")]);
    assert_eq!(bench.post(&many), Ok(vec![]), "what waits is processed when the settings change");
    bench.post(&many[..5]).unwrap();
    bench.configure(&[("queue_capacity", "20"), ("batch_size", "20")]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_new_window_includes_rows_already_in_the_store() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "1")]);
    bench.post(&[(0.0, 1.0), (10.0, 3.0)]).unwrap();
    bench.configure(&[("window", "1min")]);
    bench.post(&[(20.0, 8.0)]).unwrap();
    assert_eq!(bench.rolling(), [4.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn events_from_the_future_are_refused_with_late_ones_and_do_not_move_the_watermark() {
    let mut bench = Bench::new(&[("source", "none"), ("late", "reject")]);
    let day = 86_400.0;
    let refused = bench.post(&[(day + 1.0, 1.0), (1.0, 2.0), (day, 3.0), (4e9, 4.0)]).unwrap();
    assert_eq!(refused.iter().map(|refused| refused.position).collect::<Vec<_>>(), [0, 3]);
    assert_eq!(refused[0].event.values[..], [1.0]);
    assert!(refused[0].reason.contains("\"2025-06-02T21:15:01Z\""), "{}", refused[0].reason);
    let watermark = bench.now + MAX_AHEAD - Duration::from_secs(3600);
    assert_eq!((bench.engine.watermark(), bench.engine.counters().posted), (Some(watermark), 2));
    // An event that is refused now is accepted once its timestamp is near enough.
    bench.wait("1s");
    assert_eq!(bench.post(&[(day + 1.0, 1.0)]), Ok(vec![]));
}

#[wasm_bindgen_test(unsupported = test)]
fn accepted_events_from_the_future_do_not_make_others_late() {
    let mut bench = Bench::new(&[("source", "none")]);
    let refused = bench.post(&[(1.0, 1.0), (4e9, 2.0), (2.0, 3.0)]).unwrap();
    let watermark = bench.now + Duration::from_secs(2) - Duration::from_secs(3600);
    assert_eq!((refused, bench.engine.watermark(), bench.engine.counters().late), (vec![], Some(watermark), 0));
}

#[wasm_bindgen_test(unsupported = test)]
fn simulated_events_from_the_future_become_dead_letters() {
    let mut bench = Bench::new(&[("late", "reject")]);
    let ahead = bench.now + MAX_AHEAD + Duration::from_secs(1);
    let event = Event { timestamp: ahead, id: Id::Text("a".into()), values: Values::from_slice(&[1.0]) };
    bench.engine.offer_produced(event, bench.now, &mut bench.rows);
    let dead_letter = bench.engine.dead_letters().newest_first().next().unwrap();
    assert_eq!((&*dead_letter.source, bench.engine.dead_letters().total()), ("simulated", 1));
    assert_eq!((bench.engine.watermark(), bench.engine.queue().len()), (None, 0));
}

#[wasm_bindgen_test(unsupported = test)]
fn events_that_are_dropped_do_not_move_the_watermark() {
    let mut bench =
        Bench::new(&[("interval", "1s"), ("queue_capacity", "10"), ("batch_size", "10"), ("overflow", "drop_newest")]);
    // More is due in one tick than fits: the queue keeps the first ten.
    bench.wait("30s");
    bench.engine.produce(bench.now, &mut bench.rows);
    let start = bench.now - Duration::from_secs(30);
    assert_eq!(bench.engine.counters().dropped, 21);
    assert_eq!(bench.engine.watermark(), Some(start + Duration::from_secs(9) - Duration::from_secs(3600)));
}

fn names(table: &Frame) -> Vec<&str> {
    table.columns().iter().map(|(name, _)| &**name).collect()
}

#[wasm_bindgen_test(unsupported = test)]
fn each_measure_has_its_column_its_block_and_its_rolling_aggregate() {
    // A measure may be called as a column of `melted` is.
    const MEASURES: [&str; 3] = ["flow", "value", "val"];
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "2"), ("measures", "flow,value,val")]);
    bench.post_measures("flow,value,val", &[(0.0, vec![1.0, 10.0, 0.5]), (1.0, vec![3.0, 30.0, 1.5])]).unwrap();
    let tables = bench.engine.latest().unwrap().tables().unwrap();

    let rolling = ["flow_moving_avg", "moving_avg", "val_moving_avg"];
    assert_eq!(names(&tables.latest), [&["timestamp", "id"][..], &MEASURES, &rolling].concat());
    assert_eq!(measures_of(&tables.latest).collect::<Vec<_>>(), MEASURES);
    assert_eq!(rolling.map(|name| bench.column(name)), [[1.0, 2.0], [10.0, 20.0], [0.5, 1.0]]);

    assert_eq!((names(&tables.melted), tables.melted.len()), (vec!["id", "variable", "val"], 8));
    let values = |name| tables.melted.column(name).unwrap().values();
    let variables: Vec<_> = values("variable").step_by(2).collect();
    assert_eq!(variables, ["timestamp", "flow", "value", "val"].map(|name| Value::Str(Text::Borrowed(name))));
    let floats: Vec<_> = values("val").skip(2).collect();
    assert_eq!(floats, [1.0, 3.0, 10.0, 30.0, 0.5, 1.5].map(Value::Float));

    assert_eq!(names(&tables.pivoted), [&["id", "timestamp"][..], &MEASURES].concat());
    let means = MEASURES.map(|name| tables.pivoted.column(name).unwrap().as_float().unwrap().to_vec());
    assert_eq!(means, [[2.0], [20.0], [1.0]]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_late_row_moves_the_windows_of_all_measures() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "1"), ("measures", "a,b"), ("missing", "allow")]);
    bench.post_measures("a,b", &[(10.0, vec![2.0, f64::NAN])]).unwrap();
    bench.post_measures("a,b", &[(8.0, vec![4.0, 8.0])]).unwrap();
    assert_eq!([bench.column("a_moving_avg"), bench.column("b_moving_avg")], [[4.0], [8.0]]);
    bench.post_measures("a,b", &[(11.0, vec![f64::NAN, 4.0])]).unwrap();
    assert_eq!([bench.column("a_moving_avg"), bench.column("b_moving_avg")], [[3.0], [6.0]]);
    assert!(bench.column("a")[0].is_nan());
}

#[wasm_bindgen_test(unsupported = test)]
fn what_waits_keeps_its_measures_when_they_change() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "4")]);
    bench.post(&[(0.0, 1.0), (1.0, 2.0)]).unwrap();
    bench.configure(&[("measures", "flow,value")]);
    assert_eq!((bench.engine.counters().batches, bench.engine.queue().len()), (1, 0));
    assert_eq!(bench.column("value"), [1.0, 2.0]);
    assert_eq!(bench.rows.0[0].2, [("value".to_owned(), 1.0)]);
    let rows: Vec<_> = (2..6).map(|secs| (f64::from(secs), vec![0.5, f64::from(secs) + 1.0])).collect();
    bench.post_measures("flow,value", &rows).unwrap();
    // The windows of a measure that was there before hold its earlier rows.
    assert_eq!(bench.column("moving_avg"), [2.0, 2.5, 3.0, 4.0]);
    assert_eq!(bench.column("flow_moving_avg"), [0.5; 4]);
}

#[wasm_bindgen_test(unsupported = test)]
fn an_engine_that_is_restored_with_other_measures_makes_a_batch_of_what_waited() {
    let mut bench = Bench::new(&[("source", "none"), ("measures", "flow,level")]);
    let event = Event { timestamp: bench.now, id: Id::Text("a".into()), values: Values::from_slice(&[1.0]) };
    let state = EngineState {
        waiting: vec![(bench.now, event)],
        measures: Some(Measures::default()),
        ..EngineState::default()
    };
    bench.engine.restore(state, None, &bench.rows).unwrap();
    assert_eq!(bench.engine.queued_measures(), &Measures::default());
    assert_eq!(bench.tick().batches, 1);
    assert_eq!((bench.column("value"), bench.engine.queued_measures().first()), (vec![1.0], "flow"));
}

#[wasm_bindgen_test(unsupported = test)]
fn rows_that_were_read_under_other_measures_are_taken_by_name() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "1"), ("measures", "b,a")]);
    assert_eq!(bench.post_measures("a,c,b", &[(0.0, vec![1.0, 2.0, 3.0])]), Ok(vec![]));
    assert_eq!(bench.rows.0[0].2, [("b".to_owned(), 3.0), ("a".to_owned(), 1.0)]);
    let refused = bench.post_measures("a,c", &[(0.0, vec![1.0, 2.0])]).unwrap();
    assert_eq!(refused[0].event.values[..], [1.0, 2.0], "as it was read");
    assert!(refused[0].reason.contains("\"b,a\""), "{}", refused[0].reason);
    bench.configure(&[("missing", "allow")]);
    assert_eq!(bench.post_measures("a,c", &[(1.0, vec![1.0, 2.0])]), Ok(vec![]));
    assert_eq!(bench.post_measures("c", &[(2.0, vec![2.0])]).unwrap().len(), 1, "a row without any measure");
    assert_eq!((bench.engine.counters().posted, bench.rows.0.len()), (2, 2));
}

#[wasm_bindgen_test(unsupported = test)]
fn of_the_batches_of_a_step_the_newest_has_all_tables() {
    let mut bench = Bench::new(&[("source", "none"), ("batch_size", "2")]);
    bench.post(&[(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0), (4.0, 5.0)]).unwrap();
    let batch = Arc::clone(bench.engine.latest().unwrap());
    let tables = batch.tables().unwrap();
    assert_eq!((batch.number, tables.melted.shape(), tables.pivoted.shape()), (2, (4, 3), (1, 3)));
    assert_eq!(bench.engine.recent().tables(2).unwrap().unwrap(), *tables);
    bench.engine.complete(bench.now, &mut bench.rows);
    assert_eq!(bench.engine.latest().unwrap().tables().unwrap().melted.shape(), (2, 3));
    assert_eq!(tables.melted.shape(), (4, 3), "who holds a batch keeps it");
}

/// A row of two measures: second, id, values.
type Row = (u8, u8, [Option<i8>; 2]);

/// The mean of each row's window of five seconds in a batch, over `stored` rows and those of the batch before it.
fn naive_means(stored: &[Row], batch: &[Row], measure: usize, is_by_id: bool) -> Vec<Option<f64>> {
    let mean = |row: usize| {
        let (time, id, _) = batch[row];
        let is_inside =
            |other: &&Row| (time.saturating_sub(4)..=time).contains(&other.0) && (!is_by_id || other.1 == id);
        let rows = stored.iter().chain(&batch[..=row]).filter(is_inside);
        let values: Vec<f64> = rows.filter_map(|row| row.2[measure]).map(f64::from).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    (0..batch.len()).map(mean).collect()
}

proptest! {
    #![proptest_config(crate::tests::form::cases(256))]

    #[test]
    fn every_measure_has_the_means_of_its_own_values(
        batches in prop::collection::vec(prop::collection::vec((0u8..30, 0u8..3, any::<[Option<i8>; 2]>()), 1..8), 1..6),
        is_by_id in any::<bool>(),
    ) {
        let by = if is_by_id { "id" } else { "all" };
        let mut bench =
            Bench::new(&[("source", "none"), ("measures", "a,b"), ("missing", "allow"), ("rolling_by", by)]);
        let mut stored = Vec::new();
        for mut batch in batches {
            let start = bench.now;
            let event = |(secs, id, values): &Row| Event {
                timestamp: start + Duration::from_secs((*secs).into()),
                id: Id::Text(id.to_string().into()),
                values: values.iter().map(|value| value.map_or(f64::NAN, f64::from)).collect(),
            };
            let (events, measures) = (batch.iter().map(event).collect::<Vec<_>>(), bench.engine.settings().measures.clone());
            prop_assert_eq!(bench.engine.post(events, &measures, bench.now, &mut bench.rows), Ok(vec![]));
            bench.engine.complete(bench.now, &mut bench.rows);
            batch.sort_by_key(|row| row.0);
            for (measure, name) in ["a_moving_avg", "b_moving_avg"].into_iter().enumerate() {
                let means = bench.column(name);
                for (mean, expected) in means.iter().zip(naive_means(&stored, &batch, measure, is_by_id)) {
                    let expected = expected.unwrap_or(f64::NAN);
                    let is_alike = mean.is_nan() && expected.is_nan() || (mean - expected).abs() < 1e-9;
                    prop_assert!(is_alike, "{} is not {}", mean, expected);
                }
                prop_assert_eq!(means.len(), batch.len());
            }
            stored.extend(batch);
        }
    }
}
