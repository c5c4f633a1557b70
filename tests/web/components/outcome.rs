//! The result of sending events.

use leptos::prelude::*;
use millrace::ui::components::outcome::OutcomeView;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

#[wasm_bindgen_test]
async fn refused_rows_that_are_not_listed_are_counted() {
    let reasons: Vec<String> = (0..10).map(|row| format!("row {row} (line {}): no number", row + 2)).collect();
    let outcome = move || {
        view! { <OutcomeView is_good=true test_id="result" title="70 000 events accepted".to_owned() reasons count=80_000/> }
    };
    let text = Screen::show(outcome).await.select(".outcome").text_content().unwrap();
    assert!(text.contains("row 7 (line 9): no number") && !text.contains("row 8"), "{text}");
    assert!(text.ends_with("and 79\u{202f}992 more"), "{text}");
}
