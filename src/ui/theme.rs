//! Light or dark: as the system, or as the user prefers.

use leptos::prelude::*;
use leptos_use_media_query::use_media_query;

use crate::browser::session::{keep_for_good, kept_for_good};
use crate::client::THEME;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::theme::ThemePreference;

/// The attribute of the page's root that `style/tokens.css` follows.
const ATTRIBUTE: &str = "data-theme";

/// The theme: a context that `app` provides.
#[derive(Clone, Copy)]
pub struct Theme {
    preference: RwSignal<ThemePreference>,
    is_system_dark: Signal<bool>,
}

impl Theme {
    /// The theme that the user chose last in this browser, applied at once.
    #[must_use]
    pub fn new() -> Self {
        let preference = ThemePreference::of_name(&kept_for_good(THEME).unwrap_or_default());
        apply(preference);
        Self { preference: RwSignal::new(preference), is_system_dark: use_media_query("(prefers-color-scheme: dark)") }
    }

    /// The theme that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// What the user prefers.
    #[must_use]
    pub fn preference(self) -> Signal<ThemePreference> {
        self.preference.into()
    }

    /// Whether the page is dark; what is drawn outside of CSS follows it.
    #[must_use]
    pub fn is_dark(self) -> Signal<bool> {
        Signal::derive(move || self.preference.get().is_dark(self.is_system_dark.get()))
    }

    /// Changes the theme, for later visits too.
    pub fn choose(self, preference: ThemePreference) {
        keep_for_good(THEME, preference.name());
        // Before the signal: who follows it reads colours of the new theme.
        apply(preference);
        self.preference.set(preference);
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::new()
    }
}

/// Hands the preference to the style sheet.
fn apply(preference: ThemePreference) {
    let Some(root) = document().document_element() else { return };
    // Only an invalid name is refused.
    let _ = match preference {
        ThemePreference::System => root.remove_attribute(ATTRIBUTE),
        _ => root.set_attribute(ATTRIBUTE, preference.name()),
    };
}

/// The choice of the theme.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let theme = Theme::expect();
    view! {
        <Segmented
            legend="Theme"
            name="theme"
            options=ThemePreference::ALL.map(ThemePreference::title).to_vec()
            selected=Signal::derive(move || theme.preference.get().index())
            on_select=move |index| theme.choose(ThemePreference::ALL.get(index).copied().unwrap_or_default())
        />
    }
}
