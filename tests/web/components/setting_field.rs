//! The field of a setting.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::pipeline::Settings;
use millrace::ui::components::setting_field::SettingField;
use millrace::ui::model::settings::GROUPS;
use wasm_bindgen_test::wasm_bindgen_test;

use super::Screen;

const RESET: &str = "Reset Batch size to its default";

/// What the owner of the field knows, and what the field has reported.
#[derive(Clone, Copy)]
struct Setting {
    value: RwSignal<String>,
    error: RwSignal<String>,
    is_changed: RwSignal<bool>,
    drafts: RwSignal<Vec<String>>,
    applied: RwSignal<Vec<String>>,
}

impl Setting {
    fn new() -> Self {
        Self {
            value: RwSignal::new("10".to_owned()),
            error: RwSignal::default(),
            is_changed: RwSignal::default(),
            drafts: RwSignal::default(),
            applied: RwSignal::default(),
        }
    }

    async fn show(self, name: &'static str) -> Screen {
        let Self { value, error, is_changed, drafts, applied } = self;
        let mut fields = GROUPS.iter().flat_map(|group| group.fields);
        let field = fields.find(|field| field.name == name).unwrap();
        let schema = Settings::field(name).unwrap();
        let on_draft = move |text| drafts.update(|all| all.push(text));
        let on_apply = move |text| applied.update(|all| all.push(text));
        Screen::show(move || view! { <SettingField field schema value error is_changed on_draft on_apply/> }).await
    }
}

#[wasm_bindgen_test]
async fn keystrokes_are_drafts_and_only_a_finished_change_applies() {
    let setting = Setting::new();
    let screen = setting.show("batch_size").await;
    assert_eq!(screen.typed("Batch size"), "10");
    screen.type_text("Batch size", "2").await;
    screen.type_text("Batch size", "25").await;
    assert_eq!(setting.drafts.get_untracked(), ["2", "25"]);
    assert!(setting.applied.read_untracked().is_empty());
    screen.press_enter("Batch size").await;
    assert_eq!(setting.applied.get_untracked(), ["25"]);
}

#[wasm_bindgen_test]
async fn only_a_secret_is_hidden_from_bystanders() {
    for (name, kind) in [("api_key", "password"), ("batch_size", "text")] {
        let screen = Setting::new().show(name).await;
        let input = screen.select(&format!("#setting-{name}"));
        assert_eq!(input.get_attribute("type").as_deref(), Some(kind), "{name}");
    }
}

#[wasm_bindgen_test]
async fn a_choice_applies_at_once() {
    let setting = Setting::new();
    setting.value.set("right".to_owned());
    let screen = setting.show("closed").await;
    assert_eq!(screen.chosen("Closed"), "right");
    screen.choose("Closed", "left").await;
    assert_eq!(setting.applied.get_untracked(), ["left"]);
}

#[wasm_bindgen_test]
async fn a_refusal_marks_the_field_and_describes_it() {
    let setting = Setting::new();
    let screen = setting.show("batch_size").await;
    assert_eq!(screen.attribute("textbox", "Batch size", "aria-invalid"), "false");
    setting.error.set("too large".to_owned());
    tick().await;
    assert_eq!(screen.attribute("textbox", "Batch size", "aria-invalid"), "true");
    let described_by = screen.attribute("textbox", "Batch size", "aria-describedby");
    let reason = screen.select(&format!("#{}", described_by.split(' ').next().unwrap()));
    assert_eq!(reason.text_content().unwrap(), "too large");
    assert_eq!(screen.select(".field").class_name(), "field field--refused");
}

#[wasm_bindgen_test]
async fn only_a_changed_setting_can_be_reset() {
    let setting = Setting::new();
    let screen = setting.show("batch_size").await;
    assert!(screen.find("button", RESET).is_none());
    setting.is_changed.set(true);
    tick().await;
    screen.click("button", RESET).await;
    assert_eq!(setting.applied.get_untracked(), [""]);
}

#[wasm_bindgen_test]
async fn the_value_in_force_replaces_what_was_typed() {
    let setting = Setting::new();
    let screen = setting.show("batch_size").await;
    screen.type_text("Batch size", "25").await;
    setting.value.set("30".to_owned());
    tick().await;
    assert_eq!(screen.typed("Batch size"), "30");
}
