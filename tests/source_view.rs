//! The source as the page shows it in each snapshot, beside `GET /source`.

use millrace::protocol::{SourceStanding, SourceView, View};
use millrace::service::{WorkerStats, snapshot};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::Service;

/// What the API answers once these settings are changed, and what the page shows then.
fn after(service: &mut Service, changes: &Value) -> (Value, SourceView) {
    if changes.as_object().is_some_and(|changes| !changes.is_empty()) {
        let answer = service.patch(changes);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let answer = service.get("source");
    let (snapshot, _) = snapshot(service.app.service_mut(), &View::default(), service.now, WorkerStats::default());
    (answer, snapshot.source)
}

#[wasm_bindgen_test(unsupported = test)]
fn the_page_shows_what_the_api_says_of_a_live_source() {
    let mut service = Service::new(&[]);
    assert_eq!(after(&mut service, &json!({})).1, SourceView::default(), "nothing is read");
    let (answer, shown) = after(&mut service, &json!({"source": "websocket"}));
    assert_eq!(shown.state, SourceStanding::Failed);
    assert!(shown.problem.is_some() && shown.problem.as_deref() == answer["error"].as_str(), "{answer}");
    let (_, shown) = after(&mut service, &json!({"source_url": "wss://example.org"}));
    assert_eq!((shown.state, shown.problem), (SourceStanding::Opening, None));
    after(&mut service, &json!({"source": "nats", "nats_stream": "plant"}));
    assert_eq!(service.ask("POST", "source/pause").status, 200);
    assert_eq!(after(&mut service, &json!({})).1.state, SourceStanding::Paused);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_sink_is_shown_whatever_the_source_is() {
    let mut service = Service::new(&[]);
    let (answer, shown) = after(&mut service, &json!({"sink_subject": "plant.out"}));
    let sink = shown.sink.unwrap();
    assert_eq!((sink.subject.as_str(), sink.published), ("plant.out", 0));
    assert!(sink.problem.is_some() && sink.problem.as_deref() == answer["sink"]["error"].as_str(), "{answer}");
}
