//! The palette of commands.

use leptos::prelude::*;
use leptos::task::tick;
use millrace::ui::model::palette::{Command, PaletteState, entries};
use millrace::ui::model::shortcuts::Shortcut;
use millrace::ui::model::theme::ThemePreference;
use millrace::ui::panels::palette::PaletteDialog;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, HtmlInputElement};

use super::Screen;

/// An open palette, and the commands that it has run.
struct Opened {
    screen: Screen,
    is_open: RwSignal<bool>,
    commands: RwSignal<Vec<Command>>,
}

impl Opened {
    async fn show() -> Self {
        let (is_open, commands) = (RwSignal::new(true), RwSignal::new(Vec::new()));
        let palette = move || {
            let entries = Signal::stored(entries(PaletteState::default()));
            let on_command = move |command| commands.update(|all| all.push(command));
            view! { <PaletteDialog is_open entries on_command/> }
        };
        let screen = Screen::show(palette).await;
        tick().await;
        Self { screen, is_open, commands }
    }

    fn field(&self) -> HtmlElement {
        self.screen.get("combobox", "Command")
    }

    async fn look_for(&self, query: &str) {
        let field: HtmlInputElement = self.field().unchecked_into();
        field.set_value(query);
        self.screen.dispatch(&field, "input").await;
        tick().await;
    }

    async fn press(&self, key: &str) {
        self.screen.press_key(&self.field(), key).await;
    }

    fn titles(&self) -> Vec<String> {
        let titles = self.screen.root.query_selector_all(".palette__title").unwrap();
        (0..titles.length()).filter_map(|index| titles.item(index)?.text_content()).collect()
    }

    /// The title of the entry that screen readers call the active one.
    fn active(&self) -> String {
        let id = self.field().get_attribute("aria-activedescendant").unwrap();
        let entry = self.screen.select(&format!("#{id}"));
        assert_eq!(entry.get_attribute("aria-selected").as_deref(), Some("true"));
        entry.query_selector(".palette__title").unwrap().unwrap().text_content().unwrap()
    }
}

#[wasm_bindgen_test]
async fn all_entries_are_listed_and_the_first_is_active() {
    let opened = Opened::show().await;
    assert_eq!(opened.titles().len(), entries(PaletteState::default()).len());
    assert_eq!(opened.active(), "Go to Live");
}

#[wasm_bindgen_test]
async fn typing_finds_and_enter_runs_the_command_and_closes() {
    let opened = Opened::show().await;
    opened.look_for("theme dark").await;
    assert_eq!(opened.titles(), ["Theme: dark"]);
    opened.press("Enter").await;
    assert_eq!(opened.commands.get_untracked(), [Command::Theme(ThemePreference::Dark)]);
    assert!(!opened.is_open.get_untracked());
}

#[wasm_bindgen_test]
async fn arrows_choose_among_the_entries_and_go_round() {
    let opened = Opened::show().await;
    opened.look_for("theme").await;
    opened.press("ArrowDown").await;
    assert_eq!(opened.active(), "Theme: light");
    opened.press("ArrowUp").await;
    opened.press("ArrowUp").await;
    assert_eq!(opened.active(), "Theme: dark");
}

#[wasm_bindgen_test]
async fn a_click_runs_a_command() {
    let opened = Opened::show().await;
    opened.look_for("one event").await;
    opened.screen.select(".palette__entry").click();
    tick().await;
    assert_eq!(opened.commands.get_untracked(), [Command::Press(Shortcut::Step)]);
}

#[wasm_bindgen_test]
async fn nothing_found_is_said_and_enter_does_nothing() {
    let opened = Opened::show().await;
    opened.look_for("no such thing").await;
    assert!(opened.screen.find("status", "No command matches.").is_some());
    opened.press("Enter").await;
    assert!(opened.commands.read_untracked().is_empty() && opened.is_open.get_untracked());
}

#[wasm_bindgen_test]
async fn it_opens_with_an_empty_field() {
    let opened = Opened::show().await;
    opened.look_for("theme").await;
    opened.is_open.set(false);
    tick().await;
    opened.is_open.set(true);
    tick().await;
    // The field follows the search that follows the opening.
    tick().await;
    assert_eq!(opened.field().unchecked_into::<HtmlInputElement>().value(), "");
    assert_eq!(opened.active(), "Go to Live");
}
