//! The common rules of the HTTP surface, row by row, over every endpoint that `openapi.json` lists.

use millrace::api::{MAX_BODY_BYTES, Request};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::Service;

#[wasm_bindgen_test(unsupported = test)]
fn headers_on_every_answer() {
    let mut service = Service::filled();
    for (path, methods) in service.operations() {
        for method in methods.iter().map(String::as_str).chain(["PUT", "OPTIONS", "HEAD"]) {
            let answer = service.ask(method, &path);
            let place = format!("{method} {path}: {}", answer.status);
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{place}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{place}");
            let has_type = answer.header("content-type").is_some();
            assert!(has_type || answer.body.is_empty(), "{place} has a body without a type");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn errors_have_a_detail() {
    let mut service = Service::new(&[]);
    for (method, target, status) in
        [("GET", "nothing", 404), ("PUT", "latest", 405), ("GET", "query?start=x", 422), ("PATCH", "config", 422)]
    {
        let answer = service.ask(method, target);
        assert_eq!(answer.status, status, "{method} {target}");
        assert_eq!(answer.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["detail"], "{method} {target}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn unknown_paths_are_404() {
    let mut service = Service::new(&[]);
    for path in ["", "/", "Latest", "latest.json", "latest//", "/config/x", "..", "%6catest", "query%3Fstart", "\0"] {
        for method in ["GET", "POST", "HEAD", "OPTIONS"] {
            let answer = service.ask(method, path);
            assert_eq!(answer.status, 404, "{method} {path:?}");
            assert!(method == "HEAD" || answer.json() == json!({"detail": "Not Found"}), "{method} {path:?}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn other_methods_are_405_with_allow() {
    let mut service = Service::new(&[]);
    for (path, methods) in service.operations() {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "get", "BREW", ""] {
            let is_head_of_get = method == "HEAD" && methods.iter().any(|known| known == "GET");
            if is_head_of_get || methods.iter().any(|known| known == method) {
                continue;
            }
            let answer = service.ask(method, &path);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(method == "HEAD" || answer.json() == json!({"detail": "Method Not Allowed"}), "{method} {path}");
            let allow: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
            assert!(methods.iter().all(|known| allow.contains(&known.as_str())), "{path}: {allow:?}");
            assert!(allow.contains(&"OPTIONS"), "{path}: {allow:?}");
            assert_eq!(allow.contains(&"HEAD"), allow.contains(&"GET"), "{path}: {allow:?}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn all_bad_values_are_one_422() {
    let answer = Service::new(&[]).ask("GET", "query?start=garbage&end=%00&limit=1.5&offset=-1&views=x");
    assert_eq!(answer.status, 422);
    let detail = answer.json()["detail"].clone();
    let found: Vec<(&Value, &Value)> =
        detail.as_array().unwrap().iter().map(|one| (&one["loc"][1], &one["input"])).collect();
    assert_eq!(found.len(), 5, "{detail}");
    assert!(found.contains(&(&json!("end"), &json!("\0"))), "{detail}");
    for one in detail.as_array().unwrap() {
        assert!(one["type"].is_string() && one["msg"].is_string() && one["loc"][0] == "query", "{one}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn bodies_over_64_mib_are_413_before_anything_else() {
    let mut service = Service::new(&[]);
    for (method, path) in [("POST", "events"), ("PATCH", "config"), ("PUT", "credentials")] {
        let request = Request::new(method, path).with_body("application/json", vec![b'['; MAX_BODY_BYTES + 1]);
        let answer = service.send(&request);
        assert_eq!(answer.status, 413, "{method} {path}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(&MAX_BODY_BYTES.to_string()));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn content_types_that_are_not_read_are_415() {
    let mut service = Service::new(&[]);
    for (method, path, body) in
        [("POST", "events", r#"{"value":1}"#), ("PATCH", "config", "{}"), ("PUT", "credentials", "{}")]
    {
        let mut status =
            |content_type: &str| service.send(&Request::new(method, path).with_body(content_type, body)).status;
        for refused in ["text/plain", "application/xml", "multipart/form-data; boundary=x", "json", ";", "🦀"] {
            assert_eq!(status(refused), 415, "{method} {path} {refused}");
        }
        for read in ["application/json", "APPLICATION/JSON; charset=utf-8", "application/geo+json", "", "  "] {
            assert!(status(read) < 300, "{method} {path} {read}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn no_key_and_no_limit_ask_for_nothing() {
    let answer = Service::new(&[]).ask("GET", "latest");
    assert_eq!(answer.status, 200);
    assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("RateLimit") && *name != "WWW-Authenticate"));
}

#[wasm_bindgen_test(unsupported = test)]
fn head_is_get_without_the_body() {
    let mut service = Service::filled();
    for (path, methods) in service.operations() {
        if methods.iter().any(|known| known == "GET") {
            let (get, head) = (service.ask("GET", &path), service.ask("HEAD", &path));
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
            assert_eq!(head.headers, get.headers, "{path}");
        }
    }
    assert_eq!(service.ask("HEAD", "query?limit=x").status, 422);
}

#[wasm_bindgen_test(unsupported = test)]
fn options_is_204_with_allow() {
    let mut service = Service::new(&[]);
    for (path, methods) in service.operations() {
        let answer = service.ask("OPTIONS", &format!("{path}?start=garbage"));
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        let allow = answer.header("allow").unwrap();
        assert!(methods.iter().all(|known| allow.contains(known.as_str())), "{path}: {allow}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn percent_encoding_and_plus_are_those_of_forms() {
    let mut service = Service::new(&[("batch_size", "1")]);
    let body = r#"{"id":"ä b+c/&=","value":7}"#;
    service.send(&Request::new("POST", "events").with_body("application/json", body));
    for ids in ["%C3%A4%20b%2Bc%2F%26%3D", "ä+b%2bc/%26%3d", "%c3%a4+b%2Bc%2f%26="] {
        assert_eq!(service.values(&format!("query?ids={ids}")), [7.0], "{ids}");
    }
    assert_eq!(service.values("query?%69%64s=%C3%A4%20b%2Bc%2F%26%3D"), [7.0], "names are encoded too");
    assert_eq!(service.values("query?ids=%C3%A4%20b%2Bc"), [0.0; 0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_bare_plus_of_an_offset_is_meant() {
    let mut service = Service::filled();
    for start in ["2025-06-01T14:00:08+02:00", "2025-06-01T14:00:08%2B02:00", "2025-06-01+12:00:08Z"] {
        assert_eq!(service.values(&format!("query?start={start}")), [8.0, 9.0], "{start}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn names_are_case_sensitive() {
    let mut service = Service::filled();
    assert_eq!(service.values("query?Start=garbage&LIMIT=x&IDS=a").len(), 10);
}

#[wasm_bindgen_test(unsupported = test)]
fn of_a_repeated_name_the_last_wins() {
    let mut service = Service::filled();
    assert_eq!(service.values("query?ids=a&ids=b&limit=x&limit=1"), [1.0]);
    assert_eq!(service.ask("GET", "query?limit=1&limit=x").status, 422);
    assert_eq!(service.values("query?ids=a&limit=1&ids=").len(), 1, "an empty one that is last is absent");
}

#[wasm_bindgen_test(unsupported = test)]
fn empty_values_count_as_absent() {
    let mut service = Service::filled();
    let names =
        ["start", "end", "ids", "views", "window", "min_periods", "closed", "agg", "rolling_by", "aggfunc", "bucket"];
    for name in names.into_iter().chain(["limit", "offset", "format"]) {
        for target in [format!("query?{name}="), format!("query?{name}")] {
            assert_eq!(service.values(&target).len(), 10, "{target}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn unknown_names_are_ignored() {
    let mut service = Service::filled();
    assert_eq!(service.values("query?colour=red&start[]=x&=y&&&%zz&limit%00=1&__proto__=1").len(), 10);
}

#[wasm_bindgen_test(unsupported = test)]
fn latest_ignores_all_parameters() {
    let mut service = Service::filled();
    let plain = service.get("latest");
    for query in ["start=garbage", "limit=1&views=latest", "format=csv", "%%%", &"x".repeat(100_000)] {
        assert_eq!(service.get(&format!("latest?{query}")), plain, "{query:.40}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_slash_at_the_end_leads_to_the_path_without_it() {
    let mut service = Service::new(&[]);
    for (path, methods) in service.operations() {
        let answer = service.ask(&methods[0], &format!("{path}/?a=1"));
        let name = path.rsplit('/').next().unwrap();
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some(format!("../{name}?a=1").as_str())),
            "{path}"
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn docs_leads_to_the_console_and_leaves_the_settings_alone() {
    let answer = Service::new(&[]).ask("GET", "docs?seed=7");
    assert_eq!((answer.status, answer.header("location")), (307, Some("./#console")));
}

#[wasm_bindgen_test(unsupported = test)]
fn long_and_hostile_queries_are_answered() {
    let mut service = Service::filled();
    let long = "9".repeat(1 << 20);
    let pairs = "a=1&".repeat(200_000);
    for (query, status) in [
        (format!("ids={long}"), 422),
        (format!("format={long}&bucket={long}&window={long}&cursor={long}&spreadsheet={long}&end={long}"), 422),
        (format!("views=latest,{long}"), 422),
        (format!("limit={long}"), 422),
        (format!("start={long}"), 422),
        (format!("views={}", "latest,".repeat(100_000)), 200),
        (format!("ids={}a", "a,".repeat(100_000)), 200),
        (format!("ids={}", "a,".repeat(100_000)), 422),
        (format!("ids=\"{long}"), 422),
        (pairs, 200),
        ("start=2025-06-01T12:00:00%2B99:99".to_owned(), 422),
        ("start=-9999999999-01-01".to_owned(), 422),
        ("start=9999-12-31&end=0001-01-01".to_owned(), 422),
        ("limit=18446744073709551615&offset=18446744073709551615".to_owned(), 200),
        ("limit=18446744073709551616".to_owned(), 422),
        ("limit=%EF%BC%91".to_owned(), 422),
        ("start=%FF%FE".to_owned(), 422),
        ("start=\u{1F980}".to_owned(), 422),
        ("limit=0".to_owned(), 200),
        ("start=1677-09-22&end=2262-04-11".to_owned(), 200),
        ("ids=';DROP TABLE events--&views=latest%00".to_owned(), 422),
    ] {
        let answer = service.ask("GET", &format!("query?{query}"));
        assert_eq!(answer.status, status, "{query:.60}: {:.200}", answer.text());
        assert!(answer.body.len() < 1 << 20, "{query:.60}: {} bytes", answer.body.len());
    }
}
