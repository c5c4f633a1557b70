//! The number in groups of digits.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::counter::Counter;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

#[wasm_bindgen_test]
async fn the_text_is_the_plain_number_while_it_grows() {
    let value = RwSignal::new(0_u64);
    let screen = Screen::show(move || view! { <Counter value test_id="count"/> }).await;
    for number in [0, 999, 1_000, 12_034, 1_000_000, 999] {
        value.set(number);
        tick().await;
        let text = screen.select("[data-testid=count]").text_content().unwrap();
        assert_eq!(text, number.to_string());
    }
}
