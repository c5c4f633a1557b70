//! `PUT /credentials`: they are taken, and nothing that leaves the pipeline has them.

use millrace::api::Request;
use millrace::pipeline::Credentials;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use super::service::{Answer, Service};

const SECRET: &str = "s3cret-8f1c";

fn put(service: &mut Service, body: &Value) -> Answer {
    service.send(&Request::new("PUT", "credentials").with_body("application/json", body.to_string()))
}

fn creds() -> String {
    format!("-----BEGIN NATS USER JWT-----\n{SECRET}\n-----BEGIN USER NKEY SEED-----\n{SECRET}\n")
}

#[wasm_bindgen_test(unsupported = test)]
fn each_kind_is_kept_in_place_of_the_one_before() {
    let mut service = Service::new(&[]);
    let kinds = [
        (json!({"token": SECRET}), Credentials::token(SECRET.to_owned()).ok()),
        (json!({"user": "u", "password": SECRET}), Credentials::user("u".to_owned(), SECRET.to_owned()).ok()),
        (json!({"password": "", "user": SECRET}), Credentials::user(SECRET.to_owned(), String::new()).ok()),
        (json!({"creds": creds()}), Credentials::creds(creds()).ok()),
        (json!({}), None),
    ];
    for (body, expected) in kinds {
        let answer = put(&mut service, &body);
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{}", answer.text());
        assert_eq!(service.app.service().credentials(), expected.as_ref());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn only_the_server_that_they_were_given_for_is_shown_them() {
    let shown = |service: &mut Service, url: &str| {
        assert_eq!(service.patch(&json!({"source_url": url})).status, 200);
        service.app.service_mut().live_run();
        service.app.service().credentials().is_some()
    };
    // Without an address they are for the one that is set next.
    let mut service = Service::new(&[]);
    assert_eq!(put(&mut service, &json!({"token": SECRET})).status, 204);
    assert!(shown(&mut service, "wss://a.example/x?k={token}"));
    assert!(shown(&mut service, "https://A.example:443/other"));
    for other in ["wss://evil.example/x?k={token}", "wss://a.example:444/", "ws://a.example/", "wss://a.example.evil/"]
    {
        assert!(!shown(&mut service, other), "{other}");
    }
    assert!(shown(&mut service, "wss://a.example/"), "they are kept meanwhile");
    // Those that name an address are for that one, whatever is in force.
    assert_eq!(put(&mut service, &json!({"token": SECRET, "source_url": "wss://b.example"})).status, 204);
    assert!(service.app.service().credentials().is_none());
    assert!(!shown(&mut service, "wss://a.example") && shown(&mut service, "wss://b.example"));
    // Those that name none are for the one in force.
    assert_eq!(put(&mut service, &json!({"user": "u", "password": SECRET})).status, 204);
    assert!(service.app.service().credentials().is_some() && !shown(&mut service, "wss://a.example"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refusal_repeats_nothing_and_changes_nothing() {
    let mut service = Service::new(&[]);
    let bodies = [
        json!(SECRET),
        json!([SECRET]),
        json!(null),
        json!({"token": [SECRET]}),
        json!({"token": null}),
        json!({"token": ""}),
        json!({"token": format!("{SECRET}\n")}),
        json!({"token": SECRET.repeat(1000)}),
        json!({"token": SECRET, "creds": creds()}),
        json!({"user": SECRET}),
        json!({"password": SECRET}),
        json!({"user": SECRET, "password": "x", "token": SECRET}),
        json!({"creds": SECRET}),
        json!({SECRET: SECRET}),
        json!({"source_url": "wss://a.example"}),
        json!({"token": "x", "source_url": format!("wss://u:{SECRET}@a.example")}),
    ];
    let texts = bodies.iter().map(Value::to_string);
    let broken =
        [SECRET.to_owned(), format!("{{\"token\": {SECRET}}}"), format!("{{\"token\":\"{SECRET}\",\"token\":\"x\"}}")];
    for body in texts.chain(broken) {
        let answer = service.send(&Request::new("PUT", "credentials").with_body("application/json", body.as_str()));
        assert_eq!(answer.status, 422, "{body}");
        assert!(!answer.text().contains(SECRET), "{}", answer.text());
        let detail = answer.json()["detail"][0].clone();
        assert!(detail["msg"].is_string() && detail["loc"][0] == "body", "{detail}");
        assert_eq!(service.app.service().credentials(), None, "{body}");
    }
    let large = format!("{{\"token\":\"{}\"}}", SECRET.repeat(40_000));
    let answer = service.send(&Request::new("PUT", "credentials").with_body("application/json", large));
    assert!(answer.status == 413 && !answer.text().contains(SECRET), "{}", answer.text());
    let answer = service.send(&Request::new("PUT", "credentials").with_body("text/plain", SECRET));
    assert!(answer.status == 415 && !answer.text().contains(SECRET), "{}", answer.text());
}

#[wasm_bindgen_test(unsupported = test)]
fn no_answer_and_no_setting_has_them() {
    let mut service = Service::filled();
    let changes =
        json!({"source": "nats", "source_url": "ws://127.0.0.1:1", "nats_stream": "S", "sink_subject": "out"});
    assert_eq!(service.patch(&changes).status, 200);
    for body in [json!({"token": SECRET}), json!({"user": SECRET, "password": SECRET}), json!({"creds": creds()})] {
        assert_eq!(put(&mut service, &body).status, 204);
        for (path, methods) in service.operations() {
            for method in methods.iter().map(String::as_str).filter(|method| *method != "DELETE") {
                let answer = service.ask(method, &path);
                assert!(!answer.text().contains(SECRET), "{method} {path}");
                assert!(answer.headers.iter().all(|(_, value)| !value.contains(SECRET)), "{method} {path}");
            }
        }
        // An operation without a body is refused, so that they are still there.
        assert!(service.app.service().credentials().is_some());
        assert!(!service.app.service().address_in_force().contains(SECRET));
        assert!(!format!("{:?}", service.app).contains(SECRET));
    }
    assert_eq!(service.ask("GET", "credentials").status, 405);
    assert_eq!(service.ask("OPTIONS", "credentials").header("allow"), Some("PUT, OPTIONS"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_password_in_an_address_is_refused_and_not_repeated() {
    let mut service = Service::new(&[]);
    for url in [format!("ws://user:{SECRET}@host/"), format!("wss://{SECRET}@host"), format!("u:{SECRET}@host")] {
        let answer = service.patch(&json!({"source_url": url}));
        assert_eq!(answer.status, 422, "{url}");
        assert!(!answer.text().contains(SECRET), "{}", answer.text());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn they_need_the_key_where_one_is_set() {
    let mut service = Service::new(&[("api_key", "k")]);
    assert_eq!(put(&mut service, &json!({"token": SECRET})).status, 401);
    assert_eq!(service.app.service().credentials(), None);
}
