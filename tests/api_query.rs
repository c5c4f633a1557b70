//! `GET /query`, called as a function: each parameter of the contract, and each format.

use millrace::api::{App, Body, Part, Request};
use millrace::pipeline::Settings;
use millrace::time::{Timestamp, Zone};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

const NOON: i64 = 1_748_779_200_000_000_000; // 2025-06-01T12:00:00Z

struct Service(App);

struct Answer {
    status: u16,
    content_type: String,
    link: Option<String>,
    total: Option<String>,
    text: String,
}

impl Service {
    /// Rows a second apart from noon on: ids `a`, `b`, `c` in turn, values 0, 1, 2 …
    fn with_rows(count: usize) -> Self {
        Self::with_batches(count, "1")
    }

    /// The same in batches of this size.
    fn with_batches(count: usize, batch_size: &str) -> Self {
        let changes =
            [("source", "none"), ("clock", "utc"), ("batch_size", batch_size)].map(|(name, text)| (name, Some(text)));
        let settings = Settings::default().merged(changes).unwrap();
        let mut service = Self(App::in_memory(settings, Zone::UTC, [3; 32], Timestamp::from_nanos(NOON)).unwrap());
        if count == 0 {
            return service;
        }
        let line = |row: usize| {
            let at = Timestamp::from_nanos(NOON + row as i64 * 1_000_000_000).to_text(&millrace::time::Clock::Utc);
            format!("{at},{},{row}\n", ["a", "b", "c"][row % 3])
        };
        let csv: String = std::iter::once("timestamp,id,value\n".to_owned()).chain((0..count).map(line)).collect();
        let answer = service.send(&Request::new("POST", "events").with_body("text/csv", csv));
        assert_eq!(answer.status, 202, "{}", answer.text);
        service
    }

    fn send(&mut self, request: &Request) -> Answer {
        let now = Timestamp::from_nanos(NOON + 3_600_000_000_000);
        let response = self.0.handle(request, now);
        let header = |name: &str| response.header(name).map(str::to_owned);
        let (content_type, link) = (header("content-type").unwrap_or_default(), header("link"));
        let (status, total) = (response.status, header("x-total-count"));
        let text = String::from_utf8(response.into_bytes(self.0.service(), now)).unwrap();
        Answer { status, content_type, link, total, text }
    }

    fn get(&mut self, target: &str) -> Answer {
        self.send(&Request::new("GET", target))
    }

    fn json(&mut self, target: &str) -> Value {
        let answer = self.get(target);
        assert_eq!((answer.status, &*answer.content_type), (200, "application/json"), "{target}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }

    /// The place and the message of everything that is wrong with a request.
    fn problems(&mut self, request: &Request) -> Vec<(String, String)> {
        let answer = self.send(request);
        assert_eq!(answer.status, 422, "{}", answer.text);
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        let problems = body["detail"].as_array().unwrap().iter();
        problems.map(|problem| (problem["loc"].to_string(), problem["msg"].as_str().unwrap().to_owned())).collect()
    }
}

fn column(records: &Value, name: &str) -> Vec<Value> {
    records.as_array().unwrap().iter().map(|record| record[name].clone()).collect()
}

const ALL: &str = "query?start=2025-06-01";

#[wasm_bindgen_test(unsupported = test)]
fn window_and_agg_hold_for_one_request() {
    let mut service = Service::with_rows(20);
    let wide = service.json(&format!("{ALL}&window=10s&agg=sum&limit=12"));
    let sums: Vec<f64> = (0..12).map(|row: i32| (0.max(row - 9)..=row).map(f64::from).sum()).collect();
    assert_eq!(column(&wide["latest"], "moving_sum"), sums);
    let usual = service.json(&format!("{ALL}&limit=3"));
    assert_eq!(column(&usual["latest"], "moving_avg"), [0.0, 0.5, 1.0], "the settings stay");
}

#[wasm_bindgen_test(unsupported = test)]
fn min_periods_and_closed_hold_for_one_request() {
    let mut service = Service::with_rows(8);
    let answer = service.json(&format!("{ALL}&window=3s&min_periods=3&agg=count"));
    assert_eq!(column(&answer["latest"], "moving_count")[..4], [json!(null), json!(null), json!(3.0), json!(3.0)]);
    let both = service.json(&format!("{ALL}&window=3s&closed=both&agg=min"));
    assert_eq!(column(&both["latest"], "moving_min"), [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_window_looks_back_beyond_range_and_page() {
    let mut service = Service::with_rows(30);
    for target in [
        "query?start=2025-06-01T12:00:20",
        "query?start=2025-06-01&offset=20",
        "query?start=2025-06-01T12:00:10&offset=10",
    ] {
        let answer = service.json(&format!("{target}&window=4s&agg=min"));
        assert_eq!(column(&answer["latest"], "moving_min")[0], 17.0, "{target}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn own_windows_of_the_latest_batch_are_those_of_the_stream() {
    let mut service = Service::with_batches(30, "10");
    let answer = service.json("query?window=4s&agg=min&views=latest");
    let mins: Vec<f64> = (17..27).map(f64::from).collect();
    assert_eq!(column(&answer["latest"], "moving_min"), mins);
}

#[wasm_bindgen_test(unsupported = test)]
fn aggfunc_holds_for_one_request() {
    let mut service = Service::with_rows(9);
    let answer = service.json(&format!("{ALL}&aggfunc=max"));
    assert_eq!(answer["pivoted"][0], json!({"id": "a", "timestamp": "2025-06-01T12:00:06Z", "value": 6.0}));
    let mut service = Service::with_batches(20, "10");
    let latest = service.json("query?aggfunc=count&views=pivoted");
    assert_eq!(column(&latest["pivoted"], "value"), [3, 4, 3], "of the newest batch too");
}

#[wasm_bindgen_test(unsupported = test)]
fn bucket_pivots_by_time_with_a_column_for_each_id() {
    let mut service = Service::with_rows(7);
    let answer = service.json(&format!("{ALL}&bucket=5s&views=pivoted"));
    assert_eq!(
        answer,
        json!({"pivoted": [
            {"timestamp": "2025-06-01T12:00:00Z", "a": 1.5, "b": 2.5, "c": 2.0},
            {"timestamp": "2025-06-01T12:00:05Z", "a": 6.0, "b": null, "c": 5.0},
        ]})
    );
    let counts = service.json(&format!("{ALL}&bucket=1h&views=pivoted&aggfunc=count&ids=a,b"));
    assert_eq!(counts["pivoted"], json!([{"timestamp": "2025-06-01T12:00:00Z", "a": 3, "b": 2}]));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_bucket_with_too_many_ids_is_refused_with_the_way_out() {
    let mut service = Service::with_rows(0);
    let csv: String =
        std::iter::once("id,value\n".to_owned()).chain((0..10_001).map(|row| format!("s{row},1\n"))).collect();
    service.send(&Request::new("POST", "events").with_body("text/csv", csv));
    let problems = service.problems(&Request::new("GET", "query?start=2025-01-01&end=2026-01-01&bucket=1h"));
    assert!(problems[0].0.contains("bucket") && problems[0].1.contains("\"ids\""), "{problems:?}");
    assert_eq!(service.get("query?start=2025-01-01&bucket=1h&ids=s1,s2").status, 200);
}

#[wasm_bindgen_test(unsupported = test)]
fn bad_parameters_are_named_with_their_place() {
    let mut service = Service::with_rows(10);
    let target = format!(
        "{ALL}&window=soon&min_periods=-1&closed=open&agg=first&rolling_by=value&aggfunc=mode&bucket=0s&format=xml"
    );
    let problems = service.problems(&Request::new("GET", &target));
    let places: Vec<&str> = problems.iter().map(|problem| problem.0.as_str()).collect();
    assert_eq!(
        places,
        ["window", "min_periods", "closed", "agg", "rolling_by", "aggfunc", "bucket", "format"]
            .map(|name| format!("[\"query\",\"{name}\"]"))
    );
    assert!(problems[7].1.contains("\"xml\" is not one of json, ndjson, csv"), "{problems:?}");
}

#[wasm_bindgen_test(unsupported = test)]
fn csv_holds_one_view() {
    let mut service = Service::with_rows(10);
    let answer = service.get(&format!("{ALL}&views=latest&format=csv&limit=2"));
    assert_eq!((answer.status, &*answer.content_type), (200, "text/csv; charset=utf-8"));
    assert_eq!(
        answer.text,
        "timestamp,id,value,moving_avg\n2025-06-01T12:00:00Z,a,0.0,0.0\n2025-06-01T12:00:01Z,b,1.0,0.5\n"
    );
    let melted = service.get(&format!("{ALL}&views=melted&format=csv&limit=1"));
    assert_eq!(melted.text, "id,variable,val\na,timestamp,2025-06-01T12:00:00Z\na,value,0.0\n");
    let gaps = service.get(&format!("{ALL}&views=latest&format=csv&limit=1&min_periods=2"));
    assert_eq!(gaps.text, "timestamp,id,value,moving_avg\n2025-06-01T12:00:00Z,a,0.0,\n");
    let problems = service.problems(&Request::new("GET", &format!("{ALL}&format=csv")));
    assert!(problems[0].1.contains("views=latest"), "{problems:?}");
}

#[wasm_bindgen_test(unsupported = test)]
fn csv_quotes_what_needs_it() {
    let mut service = Service::with_rows(0);
    service
        .send(&Request::new("POST", "events").with_body("application/json", r#"{"id": "a \"b\", c\nd", "value": 1}"#));
    service.send(&Request::new("POST", "events").with_body("application/json", r#"{"id": "x", "value": 1}"#));
    let answer = service.get("query?start=2025-01-01&views=pivoted&format=csv&aggfunc=count");
    assert_eq!(answer.text, "id,timestamp,value\n\"a \"\"b\"\", c\nd\",1,1\nx,1,1\n");
}

#[wasm_bindgen_test(unsupported = test)]
fn ndjson_is_an_object_a_line() {
    let mut service = Service::with_rows(10);
    let answer = service.get(&format!("{ALL}&views=pivoted&format=ndjson"));
    assert_eq!((answer.status, &*answer.content_type), (200, "application/x-ndjson"));
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::Array(lines), service.json(&format!("{ALL}&views=pivoted"))["pivoted"]);
}

#[wasm_bindgen_test(unsupported = test)]
fn accept_chooses_the_format_and_the_query_overrules_it() {
    let mut service = Service::with_rows(10);
    let get = |target: &str, accept: &str| Request {
        headers: vec![("Accept".to_owned(), accept.to_owned())],
        ..Request::new("GET", target)
    };
    let one = format!("{ALL}&views=latest");
    let mut content_type = |request: &Request| service.send(request).content_type;
    assert_eq!(content_type(&get(&one, "text/csv")), "text/csv; charset=utf-8");
    assert_eq!(content_type(&get(&one, "text/csv;q=0.2, application/x-ndjson")), "application/x-ndjson");
    assert_eq!(content_type(&get(&one, "text/html,application/xml;q=0.9,*/*;q=0.8")), "application/json");
    assert_eq!(content_type(&get(&format!("{one}&format=json"), "text/csv")), "application/json");
    let problems = service.problems(&get(ALL, "text/csv"));
    assert!(problems[0].0.contains("accept"), "{problems:?}");
}

#[wasm_bindgen_test(unsupported = test)]
fn formats_of_nothing_are_a_header_at_most() {
    let mut service = Service::with_rows(10);
    let none = "query?start=2030-01-01&views=latest";
    assert_eq!(service.get(none).text, "{}");
    assert_eq!(service.get(&format!("{none}&format=ndjson")).text, "");
    assert_eq!(service.get(&format!("{none}&format=csv")).text, "timestamp,id,value,moving_avg\n");
    let mut empty = Service::with_rows(0);
    assert_eq!(empty.get("query").text, "{}");
    assert_eq!(empty.get("query?views=melted&format=csv").text, "id,variable,val\n");
}

#[wasm_bindgen_test(unsupported = test)]
fn limit_and_offset_page_with_a_total_and_a_link() {
    let mut service = Service::with_rows(25);
    let mut target = format!("{ALL}&ids=a,b&limit=7&views=latest");
    let mut values = Vec::new();
    loop {
        let answer = service.get(&target);
        assert_eq!(answer.total.as_deref(), Some("17"));
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        values.extend(column(&body["latest"], "value"));
        let Some(link) = answer.link else { break };
        target = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    let expected: Vec<f64> = (0..25).filter(|row| row % 3 != 2).map(f64::from).collect();
    assert_eq!(values, expected[..values.len()]);
    assert_eq!(values.len(), 17);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_link_is_the_same_query_behind_a_cursor() {
    let mut service = Service::with_rows(6);
    for query in [
        "start=2025-06-01&limit=2",
        "&start=2025-06-01&limit=2",
        "&&start=2025-06-01&&limit=2&",
        "offset=0&start=2025-06-01&offset=1&limit=2&colour=red&ids=a,b,c&cursor=",
        "start=2025-06-01T14:00:00%2B02:00&limit=2&ids=%22a%22,b,c",
    ] {
        let link = service.get(&format!("query?{query}")).link.unwrap();
        let target = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
        let query_of_link = target.strip_prefix("query?").unwrap();
        let pairs: Vec<(&str, &str)> = query_of_link.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
        assert!(pairs.iter().all(|(name, _)| !name.is_empty() && *name != "offset"), "{link}");
        let sent =
            query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("offset") && *pair != "cursor=");
        let names: Vec<&str> = sent.map(|pair| pair.split_once('=').unwrap().0).chain(["cursor"]).collect();
        assert_eq!(pairs.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names, "{link}");
        let first = if query.contains("offset=1") { 3.0 } else { 2.0 };
        let next = service.json(target);
        assert_eq!(column(&next["latest"], "value"), [first, first + 1.0], "{query}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_link_keeps_what_narrows_and_shapes_the_answer() {
    let mut service = Service::with_rows(9);
    let query = format!("{ALL}&ids=a,b&views=latest&format=csv&window=2s&agg=max&limit=2");
    let mut pages = vec![service.get(&query)];
    while let Some(link) = &pages[pages.len() - 1].link {
        let target = link[1..].split('>').next().unwrap().to_owned();
        pages.push(service.get(&target));
    }
    assert!(pages.iter().all(|page| page.content_type == "text/csv; charset=utf-8"));
    let rows: Vec<&str> = pages.iter().flat_map(|page| page.text.lines().skip(1)).collect();
    let expected = [("00", "a", 0), ("01", "b", 1), ("03", "a", 3), ("04", "b", 4), ("06", "a", 6), ("07", "b", 7)];
    let line = |(second, id, value)| format!("2025-06-01T12:00:{second}Z,{id},{value}.0,{value}.0");
    assert_eq!(rows, expected.map(line));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_cursor_that_is_none_is_refused_with_its_name() {
    let mut service = Service::with_rows(9);
    for cursor in ["1", "t1", "soon", "-1", "t1.1.zzzzzzzz", "%00"] {
        let problems = service.problems(&Request::new("GET", &format!("{ALL}&limit=2&cursor={cursor}")));
        assert_eq!(problems[0].0, "[\"query\",\"cursor\"]");
        assert!(problems[0].1.contains("Link"), "{problems:?}");
    }
    let of_history = "cursor=t1748779201000000000.1.00000000";
    assert_eq!(service.get(&format!("query?{of_history}")).total.as_deref(), Some("9"), "nor are bounds");
    assert_eq!(service.get(&format!("{ALL}&{of_history}")).total.as_deref(), Some("9"), "no limit is needed");
    let of_batch = service.get("query?limit=1&offset=0").link;
    assert_eq!(of_batch, None, "a batch of one row has one page");
    assert!(
        service.problems(&Request::new("GET", &format!("{ALL}&cursor=b1.1.00000000")))[0].1.contains("leave them out")
    );
    for gone in ["b9.1.00000000", "b10.1.00000000", "b0.1.00000000", "b18446744073709551615.1.00000000"] {
        let problems = service.problems(&Request::new("GET", &format!("query?limit=1&cursor={gone}")));
        assert!(problems[0].1.contains("no longer kept"), "{gone}: {problems:?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn ids_are_one_csv_record_and_nothing_is_trimmed() {
    let mut service = Service::with_rows(0);
    for (value, id) in ["a", " a ", "a,b", "b", "3/4\" pipe", "x\ny"].into_iter().enumerate() {
        let body = json!({"timestamp": "2025-06-01T12:00:00Z", "id": id, "value": value}).to_string();
        assert_eq!(service.send(&Request::new("POST", "events").with_body("application/json", body)).status, 202);
    }
    for (ids, values) in [
        ("a", vec![0.0]),
        ("%20a%20", vec![1.0]),
        ("+a+,a", vec![0.0, 1.0]),
        ("%22+a+%22", vec![1.0]),
        ("%22a,b%22", vec![2.0]),
        ("a,b", vec![0.0, 3.0]),
        ("\"a,b\",b", vec![2.0, 3.0]),
        ("3/4%22%20pipe", vec![4.0]),
        ("\"3/4\"\" pipe\"", vec![4.0]),
        ("%22x%0Ay%22", vec![5.0]),
    ] {
        assert_eq!(column(&service.json(&format!("{ALL}&ids={ids}"))["latest"], "value"), values, "{ids}");
    }
    assert_eq!(service.json(&format!("{ALL}&ids=A,nobody")), json!({}), "an unknown id matches nothing");
    let long = "x".repeat(257);
    for ids in ["\"a,b", "\"a\"b", "a%0Ab", "a,,b", ",", "\"\"", &long] {
        let problems = service.problems(&Request::new("GET", &format!("{ALL}&ids={ids}")));
        assert_eq!(problems[0].0, "[\"query\",\"ids\"]", "{ids}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn csv_for_spreadsheets_has_a_mark_and_no_formula() {
    let mut service = Service::with_rows(0);
    for id in ["=1+1", "P\u{fc}mpe", "-a", "x,\"y"] {
        let body = json!({"timestamp": "2025-06-01T12:00:00Z", "id": id, "value": -2}).to_string();
        service.send(&Request::new("POST", "events").with_body("application/json", body));
    }
    let answer = service.get(&format!("{ALL}&views=latest&format=csv&spreadsheet=true&agg=min"));
    let expected = concat!(
        "\u{feff}timestamp,id,value,moving_min\n2025-06-01T12:00:00Z,'=1+1,-2.0,-2.0\n",
        "2025-06-01T12:00:00Z,P\u{fc}mpe,-2.0,-2.0\n2025-06-01T12:00:00Z,'-a,-2.0,-2.0\n",
        "2025-06-01T12:00:00Z,\"x,\"\"y\",-2.0,-2.0\n",
    );
    assert_eq!((answer.text.as_str(), &*answer.content_type), (expected, "text/csv; charset=utf-8"));
    let bucketed = service.get(&format!("{ALL}&views=pivoted&format=csv&spreadsheet=true&bucket=1h"));
    assert!(bucketed.text.starts_with("\u{feff}timestamp,'-a,'=1+1,P\u{fc}mpe,\"x,\"\"y\"\n"), "{}", bucketed.text);
    let melted = service.get(&format!("{ALL}&views=melted&format=csv&spreadsheet=true&ids=-a"));
    assert_eq!(melted.text, "\u{feff}id,variable,val\n'-a,timestamp,2025-06-01T12:00:00Z\n'-a,value,-2.0\n");
    let plain = service.get(&format!("{ALL}&views=latest&format=csv&limit=1")).text;
    for target in ["", "&spreadsheet=false", "&spreadsheet="] {
        assert_eq!(service.get(&format!("{ALL}&views=latest&format=csv&limit=1{target}")).text, plain);
    }
    assert!(plain.starts_with("timestamp,id,value,moving_avg\n2025-06-01T12:00:00Z,=1+1,"), "{plain}");
    let ndjson = format!("{ALL}&views=latest&format=ndjson");
    assert_eq!(service.get(&format!("{ndjson}&spreadsheet=true")).text, service.get(&ndjson).text, "CSV alone");
    let none = service.get("query?start=2030-01-01&views=latest&format=csv&spreadsheet=true");
    assert_eq!(none.text, "\u{feff}timestamp,id,value,moving_avg\n");
    for text in ["True", "1", "yes", "%20true"] {
        let problems = service.problems(&Request::new("GET", &format!("{ALL}&spreadsheet={text}")));
        assert_eq!(problems[0].0, "[\"query\",\"spreadsheet\"]", "{text}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_answer_of_many_rows_comes_in_small_parts_of_rows_as_they_were() {
    let mut service = Service::with_rows(50_000);
    let request = Request::new("GET", "query?start=2025-06-01");
    let now = Timestamp::from_nanos(NOON);
    let whole = service.get("query?start=2025-06-01").text;
    let Body::Flow(mut flow) = service.0.handle(&request, now).body else { panic!("not a flow") };
    let (mut text, mut parts) = (Vec::new(), 0);
    loop {
        match flow.next(service.0.service(), now) {
            Part::Bytes(bytes) => {
                assert!(bytes.len() < 1 << 20, "{} bytes at once", bytes.len());
                text.extend_from_slice(&bytes);
                parts += 1;
                if parts == 3 {
                    // The history goes on meanwhile, and even forgets everything: this answer is of the rows before.
                    service.send(
                        &Request::new("POST", "events")
                            .with_body("text/csv", "timestamp,id,value\n2025-06-01T12:00:01,late,9\n".repeat(10)),
                    );
                    service.send(&Request::new("DELETE", "events"));
                }
            }
            Part::Wait(_) => {}
            Part::End => break,
        }
    }
    assert!(parts > 50, "{parts} parts");
    assert_eq!(text, whole.as_bytes());
    let body: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(["latest", "melted", "pivoted"].map(|name| body[name].as_array().unwrap().len()), [50_000, 100_000, 3]);
}
