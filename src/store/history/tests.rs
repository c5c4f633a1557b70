//! The history beside a sorted list of rows.

use super::*;
use crate::pipeline::rows_frame;
use proptest::prelude::*;
use uuid::Uuid;

/// A row; a value for each of the measures `value`, `b` and `c`, if it has it.
type Row = (i64, String, [Option<f64>; 3]);

const MEASURES: [&str; 3] = ["value", "b", "c"];

/// A reference implementation: a sorted vector.
#[derive(Default)]
struct Naive(Vec<Row>);

impl Naive {
    fn insert(&mut self, row: Row, capacity: usize, oldest: i64) {
        self.0.push(row);
        self.0.sort_by_key(|row| row.0);
        self.0.retain(|row| row.0 >= oldest);
        let surplus = self.0.len().saturating_sub(capacity);
        self.0.drain(..surplus);
    }
}

fn rows(range: &Range) -> Vec<Row> {
    let number = |row: usize, measure: &str| {
        let place = range.measures.position(measure).unwrap();
        Some(range.values[place][row]).filter(|value| !value.is_nan())
    };
    let row = |row: usize| {
        (range.times[row], range.ids.get(row).unwrap().to_string(), MEASURES.map(|measure| number(row, measure)))
    };
    (0..range.times.len()).map(row).collect()
}

fn read(history: &History, from: i64, until: i64, page: (usize, usize)) -> Vec<Row> {
    // In another order than rows have them.
    rows(&history.range(at(from), at(until), &measures("c,value,b"), page.0, page.1))
}

fn all(history: &History) -> Vec<Row> {
    read(history, i64::MIN, i64::MAX, (0, usize::MAX))
}

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

fn measures(names: &str) -> Measures {
    Measures::parse(names).unwrap()
}

/// Inserts a row that has the measure `value` alone.
fn insert(history: &mut History, time: i64, id: Id, value: f64) {
    history.insert(at(time), id, &Measures::default(), &[value]);
}

/// A frame of rows at these times, with a column for each of these measures and the time as its values.
fn frame(names: &str, times: &[i64]) -> Frame {
    let (ids, names) = (vec![Some("s"); times.len()].into_iter().collect(), measures(names));
    let values: Vec<f64> = times.iter().map(|time| *time as f64).collect();
    let columns = vec![values; names.count()];
    rows_frame(times.to_vec(), ids, &names, columns).unwrap()
}

#[test]
fn rows_of_other_measures_take_no_more_than_their_own() {
    let mut history = History::new(100_000);
    for (batch, names) in ["value", "value", "value,b,c", "value,b,c", "value", "c"].into_iter().enumerate() {
        let first = batch as i64 * 10;
        history.append(&frame(names, &(first..first + 10).collect::<Vec<_>>()), &[]);
    }
    let columns: Vec<usize> = history.blocks().map(|block| block.segment().columns.iter().len()).collect();
    assert_eq!(columns, [1, 3, 1, 1]);
    assert_eq!(history.blocks().map(|block| block.len()).collect::<Vec<_>>(), [20, 20, 10, 10]);
    // A late row goes into the block of its time, whichever measures that has.
    history.append(&frame("b,c", &[5]), &[]);
    let late = all(&history).into_iter().find(|row| row.2 == [None, Some(5.0), Some(5.0)]);
    assert_eq!((late.map(|row| row.0), history.blocks().count()), (Some(5), 4));
    history.append(&frame("c", &[99]), &[]);
    assert_eq!(history.blocks().count(), 4, "a late row of other measures begins no block");
}

#[test]
fn rows_of_many_measures_take_eight_bytes_for_each() {
    let names: Vec<String> = (0..20).map(|number| format!("m{number}")).collect();
    let names = Measures::new(names).unwrap();
    let mut history = History::new(100_000);
    for row in 0..100_000 {
        history.insert(at(row), Id::Text("s".into()), &names, &[row as f64; 20]);
    }
    let bytes = history.heap_bytes() as f64 / history.len() as f64;
    // Time and id of a row, and the room that the last block has for more rows.
    assert!(bytes < 20.0 * 8.0 + 8.0 + 4.0 + 16.0, "{bytes} bytes a row");
}

#[test]
fn equal_times_keep_order_of_arrival_across_blocks() {
    let mut history = History::new(100_000);
    for row in 0..30_000 {
        insert(&mut history, row / 20_000, Id::Uuid(Uuid::from_u128(row as u128)), row as f64);
    }
    insert(&mut history, 0, Id::Text("late".into()), -1.0);
    let values: Vec<f64> = all(&history).into_iter().filter_map(|row| row.2[0]).collect();
    let mut expected: Vec<f64> = (0..20_000).map(f64::from).collect();
    expected.push(-1.0);
    expected.extend((20_000..30_000).map(f64::from));
    assert_eq!(values, expected);
}

#[test]
fn reversed_and_empty_ranges_have_no_rows() {
    let mut history = History::new(10);
    assert_eq!(history.count(Timestamp::MIN, Timestamp::MAX), 0);
    insert(&mut history, 5, Id::Text("a".into()), 1.0);
    assert_eq!((history.count(at(6), at(4)), history.count(at(5), at(5)), history.count(at(6), at(9))), (0, 1, 0));
    assert!(read(&history, 6, 4, (0, 9)).is_empty());
}

#[test]
fn heap_bytes_per_row_stay_within_the_limit() {
    let measure = |name: &str, id: &dyn Fn(i64) -> Id, promised: f64| {
        let mut history = History::new(1_000_000);
        for row in 0..1_200_000 {
            insert(&mut history, row, id(row), row as f64);
        }
        let chart = history.chart(Timestamp::MIN, Timestamp::MAX, 1000, &Measures::default(), &[id(0), id(1)]);
        assert_eq!(chart.covered, 1_000_000);
        let bytes = history.heap_bytes() as f64 / history.len() as f64;
        println!("{name}: {bytes:.2} bytes a row (at most {promised})");
        assert!(bytes <= promised, "{name}: {bytes}");
    };
    let unique = |row| Id::Uuid(Uuid::from_u128(0x4000_8000_0000_0000_0000 + row as u128));
    measure("unique UUIDs", &unique, 40.0);
    measure("1,000 recurring UUIDs", &|row| unique(row * 7919 % 1000), 24.0);
    measure("1,000 recurring texts", &|row| Id::Text(format!("sensor-{:04}", row * 7919 % 1000).into()), 24.0);
}

proptest! {
    #![proptest_config(crate::tests::form::cases(48))]

    #[test]
    fn history_equals_a_sorted_vector(
        steps in prop::collection::vec(
            (
                0i64..400,
                0u8..40,
                any::<bool>(),
                prop::option::weighted(0.1, -10i64..300),
                prop::sample::select(["value", "value,b", "c,b", "c"].map(measures).to_vec()),
            ),
            1..300,
        ),
        capacity in 1usize..3000,
        segment_rows in 1usize..60,
        bounds in (-5i64..405, -5i64..405),
        page in (0usize..50, 0usize..50),
    ) {
        let mut history = History { block_rows: segment_rows, ..History::new(capacity) };
        let mut naive = Naive::default();
        let (mut value, mut oldest) = (0.0, i64::MIN);
        for _ in 0..3 {
            for (time, id, is_text, retained, names) in &steps {
                let id = if *is_text { Id::Text(format!("s{id}").into()) } else { Id::Uuid(Uuid::from_u128(u128::from(*id))) };
                let values: Vec<f64> = (0..names.count()).map(|place| value + place as f64 / 4.0).collect();
                let numbers = MEASURES.map(|measure| names.position(measure).map(|place| values[place]));
                naive.insert((*time, id.text().to_string(), numbers), capacity, oldest);
                history.insert(at(*time), id, names, &values);
                value += 1.0;
                if let Some(retained) = retained {
                    oldest = *retained;
                    history.retain_from(at(oldest));
                    naive.0.retain(|row| row.0 >= oldest);
                }
            }
        }
        prop_assert_eq!(history.len(), naive.0.len());
        prop_assert_eq!(history.inserted() - history.dropped(), history.len() as u64);
        let ends = naive.0.first().zip(naive.0.last());
        prop_assert_eq!(history.span(), ends.map(|(first, last)| (at(first.0), at(last.0))));
        prop_assert_eq!(all(&history), naive.0.clone());
        let (from, until) = bounds;
        let expected: Vec<_> = naive.0.iter().filter(|row| row.0 >= from && row.0 <= until).cloned().collect();
        prop_assert_eq!(history.count(at(from), at(until)), expected.len());
        let paged: Vec<_> = expected.iter().skip(page.0).take(page.1).cloned().collect();
        prop_assert_eq!(read(&history, from, until, page), paged);
    }

    #[test]
    fn appended_frames_equal_inserted_rows(
        frames in prop::collection::vec(
            (
                prop::collection::vec(0i64..200, 1..40),
                prop::sample::select(vec!["value", "value", "value,b", "c,b"]),
                prop::option::weighted(0.2, -10i64..150),
            ),
            1..20,
        ),
        capacity in prop_oneof![Just(100_000), 1usize..200],
        block_rows in 1usize..60,
    ) {
        let new = || History { block_rows, ..History::new(capacity) };
        let (mut appended, mut inserted) = (new(), new());
        for (mut times, names, oldest) in frames {
            times.sort_unstable();
            appended.append(&frame(names, &times), &[]);
            let names = measures(names);
            for time in times {
                inserted.insert(at(time), Id::Text("s".into()), &names, &vec![time as f64; names.count()]);
            }
            if let Some(oldest) = oldest {
                appended.retain_from(at(oldest));
                inserted.retain_from(at(oldest));
            }
            prop_assert_eq!(all(&appended), all(&inserted));
            let counts = |history: &History| (history.len(), history.inserted(), history.dropped(), history.span());
            prop_assert_eq!(counts(&appended), counts(&inserted));
        }
    }
}
