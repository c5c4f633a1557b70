//! The wheel that shows the flow of batches.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::components::mill_wheel::MillWheel;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

#[wasm_bindgen_test]
async fn the_wheel_turns_by_a_notch_for_each_change_unless_it_turns_steadily() {
    let batches = RwSignal::new(7_u64);
    let is_turning = RwSignal::new(false);
    let screen = Screen::show(move || view! { <MillWheel batches is_turning/> }).await;
    let wheel = screen.select(".mill-wheel");
    let transform = || wheel.style().get_property_value("transform").unwrap();
    assert_eq!(transform(), "");
    batches.set(12);
    tick().await;
    assert_eq!(transform(), "rotate(45deg)");
    is_turning.set(true);
    batches.set(13);
    tick().await;
    assert_eq!(wheel.class_name(), "mill-wheel mill-wheel--turning");
    assert_eq!(transform(), "rotate(45deg)");
    is_turning.set(false);
    tick().await;
    assert_eq!(transform(), "rotate(45deg)", "the end of the animation is no batch");
    batches.set(14);
    tick().await;
    assert_eq!(transform(), "rotate(90deg)");
}
