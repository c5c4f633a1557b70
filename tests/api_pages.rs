//! The pages of `GET /query`: each row once, whatever arrives or leaves between two of them, and CSV that goes out and
//! comes in again.

use std::collections::BTreeSet;
use std::fmt::Write;

use millrace::api::Request;
use millrace::time::{Clock, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::form::cases;
use super::service::{Answer, NOON, Service};

/// What happens between two pages.
#[derive(Debug, Clone)]
enum Change {
    /// Events arrive: the second of each after noon, and the number of its id.
    Arrive(Vec<(i64, u8)>),
    /// At most so many rows are kept from now on.
    Keep(u32),
    /// `DELETE /events`.
    Clear,
}

/// A pipeline whose events have values 0, 1, 2 … in order of arrival.
struct Pages {
    service: Service,
    arrived: u32,
}

impl Pages {
    fn new(batch_size: &'static str) -> Self {
        Self { service: Service::new(&[("batch_size", batch_size)]), arrived: 0 }
    }

    fn arrive(&mut self, events: &[(i64, u8)]) {
        let mut csv = "timestamp,id,value\n".to_owned();
        for (second, id) in events {
            let at = Timestamp::from_nanos(NOON + second * 1_000_000_000).to_text(&Clock::Utc);
            writeln!(csv, "{at},s{id},{}", self.arrived).unwrap();
            self.arrived += 1;
        }
        if !events.is_empty() {
            let request = Request::new("POST", "events?complete=true").with_body("text/csv", csv);
            assert_eq!(self.service.send(&request).status, 202);
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Arrive(events) => self.arrive(events),
            Change::Keep(rows) => {
                let body = json!({"history_rows": rows}).to_string();
                let request = Request::new("PATCH", "config").with_body("application/json", body);
                assert_eq!(self.service.send(&request).status, 200);
            }
            Change::Clear => assert_eq!(self.service.ask("DELETE", "events").status, 204),
        }
    }

    /// Time and value of each row of a query.
    fn rows(answer: &Answer) -> Vec<(String, u32)> {
        let rows = answer.json()["latest"].as_array().cloned().unwrap_or_default();
        let row = |row: &Value| (row["timestamp"].to_string(), row["value"].as_f64().unwrap() as u32);
        rows.iter().map(row).collect()
    }

    fn values(&mut self, target: &str) -> BTreeSet<u32> {
        Self::rows(&self.service.ask("GET", target)).into_iter().map(|(_, value)| value).collect()
    }

    /// The rows of a page, and the target of the next one.
    fn page(&mut self, target: &str) -> (Vec<(String, u32)>, Option<String>) {
        let answer = self.service.ask("GET", target);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        let next = answer.header("link").map(|link| {
            let target = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
            assert!(target.starts_with("query?") && !target.contains("?&"), "{link}");
            target.to_owned()
        });
        (Self::rows(&answer), next)
    }

    /// All pages from this one on, with one change before each further one.
    fn follow(&mut self, first: &str, changes: &[Change]) -> Vec<(String, u32)> {
        let (mut given, mut next) = self.page(first);
        let mut changes = changes.iter();
        while let Some(target) = next {
            if let Some(change) = changes.next() {
                self.change(change);
            }
            let (rows, following) = self.page(&target);
            given.extend(rows);
            next = following;
        }
        given
    }
}

fn events(most: usize) -> impl Strategy<Value = Vec<(i64, u8)>> {
    // Few instants, so that many events share one.
    prop::collection::vec((0i64..6, 0u8..3), 0..most)
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => events(6).prop_map(Change::Arrive),
        3 => (1u32..30).prop_map(Change::Keep),
        1 => Just(Change::Clear),
    ]
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn each_row_is_given_once_whatever_arrives_or_leaves_between_two_pages(
        before in events(30),
        changes in prop::collection::vec(change(), 0..12),
        limit in 1usize..7,
        narrowing in prop::sample::select(&["", "&ids=s0,s2", "&end=2025-06-01T12:00:04Z&ids=s1"][..]),
    ) {
        let mut pages = Pages::new("1");
        pages.arrive(&before);
        let all = format!("query?start=2025-06-01T12:00:01Z{narrowing}");
        let first = pages.values(&all);
        let given = pages.follow(&format!("{all}&limit={limit}"), &changes);
        let values: BTreeSet<u32> = given.iter().map(|(_, value)| *value).collect();
        prop_assert_eq!(values.len(), given.len(), "a row was given twice: {:?}", given);
        prop_assert!(given.is_sorted(), "not in order of time and arrival: {:?}", given);
        let last = pages.values(&all);
        let missing: Vec<&u32> = first.intersection(&last).filter(|value| !values.contains(value)).collect();
        prop_assert!(missing.is_empty(), "{:?} were there all the time: {:?}", missing, given);
    }

    #[test]
    fn the_pages_of_a_batch_are_of_that_batch(
        before in events(20),
        after in prop::collection::vec(events(12).prop_map(Change::Arrive), 0..8),
        limit in 1usize..7,
        ids in prop::sample::select(&["", "&ids=s0,s1"][..]),
    ) {
        let mut pages = Pages::new("1000");
        pages.arrive(&before);
        let whole = Pages::rows(&pages.service.ask("GET", &format!("query?views=latest{ids}")));
        prop_assert_eq!(pages.follow(&format!("query?limit={limit}{ids}"), &after), whole);
    }

    #[test]
    fn csv_that_goes_out_and_comes_in_again_is_the_same(
        ids in prop::collection::vec("\\PC{1,8}|[,;\"'\r\n\t |=a]{1,6}| a |a", 1..12),
    ) {
        let row = |(second, id): (usize, &String)| json!({"timestamp": format!("2025-06-01T12:00:{second:02}Z"), "id": id, "value": second});
        let sent: Vec<Value> = ids.iter().enumerate().map(row).collect();
        let [mut out, mut back] = [(); 2].map(|()| Service::new(&[("batch_size", "1")]));
        let post = |service: &mut Service, content_type: &str, body: Vec<u8>| {
            service.send(&Request::new("POST", "events").with_body(content_type, body)).status
        };
        prop_assert_eq!(post(&mut out, "application/json", Value::Array(sent).to_string().into_bytes()), 202);
        let all = "query?start=2025-06-01&views=latest";
        let csv = out.ask("GET", &format!("{all}&format=csv")).body;
        prop_assert_eq!(post(&mut back, "text/csv", csv), 202);
        prop_assert_eq!(back.get(all), out.get(all));
    }
}

#[test]
fn a_late_row_and_equal_times_do_not_move_a_page() {
    let mut pages = Pages::new("1");
    pages.arrive(&[(1, 0), (2, 0), (2, 1), (2, 2), (3, 0)]);
    let late = [Change::Arrive(vec![(0, 0), (2, 0)]), Change::Arrive(vec![(1, 1)])];
    let given = pages.follow("query?start=2025-06-01&limit=2", &late);
    let values: Vec<u32> = given.iter().map(|(_, value)| *value).collect();
    // 5 and 7 arrived before the position and are on no page; 6 arrived behind it.
    assert_eq!(values, [0, 1, 2, 3, 6, 4]);
}

#[test]
fn rows_that_leave_do_not_move_a_page() {
    let mut pages = Pages::new("1");
    pages.arrive(&[(1, 0); 9]);
    let values = |given: Vec<(String, u32)>| given.into_iter().map(|(_, value)| value).collect::<Vec<_>>();
    // Of nine rows of one instant, the first is dropped, then two that were not given yet.
    let trimmed = [Change::Keep(8), Change::Keep(2)];
    assert_eq!(values(pages.follow("query?start=2025-06-01&limit=3", &trimmed)), [0, 1, 2, 3, 4, 5, 7, 8]);
    let mut pages = Pages::new("1");
    pages.arrive(&[(1, 0); 4]);
    let (_, next) = pages.page("query?start=2025-06-01&limit=2");
    pages.change(&Change::Clear);
    assert_eq!(pages.page(next.as_deref().unwrap()), (Vec::new(), None), "nothing is left");
    pages.arrive(&[(1, 0); 3]);
    assert_eq!(values(pages.page(next.as_deref().unwrap()).0), [4, 5], "these are other rows of the same instant");
}

#[test]
fn a_page_of_a_batch_that_is_gone_is_refused_in_a_sentence() {
    let mut pages = Pages::new("4");
    pages.arrive(&[(1, 0); 4]);
    let (_, next) = pages.page("query?limit=2");
    let next = next.unwrap();
    for change in [Change::Clear, Change::Arrive(vec![(1, 1); 4])] {
        pages.change(&change);
        let answer = pages.service.ask("GET", &next);
        assert_eq!(answer.status, 422, "{change:?}");
        assert!(answer.text().contains("no longer kept; begin again without it"), "{}", answer.text());
    }
}
