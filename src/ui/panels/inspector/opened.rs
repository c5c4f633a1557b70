//! Which stage is open.

use leptos::ev::KeyboardEvent;
use leptos::html::Button;
use leptos::prelude::*;

use crate::ui::model::stage_health::StageKind;

/// The open stage: a context that `app` provides once.
#[derive(Clone, Copy)]
pub struct Opened {
    stage: RwSignal<Option<StageKind>>,
    /// The button that the focus returns to.
    opener: StoredValue<Option<NodeRef<Button>>>,
}

impl Opened {
    /// No stage is open.
    #[must_use]
    pub fn new() -> Self {
        Self { stage: RwSignal::new(None), opener: StoredValue::new(None) }
    }

    /// The context that `app` provides.
    #[must_use]
    pub fn expect() -> Self {
        expect_context()
    }

    /// The open stage; tracked.
    #[must_use]
    pub fn stage(self) -> Option<StageKind> {
        self.stage.get()
    }

    /// Whether this stage is open.
    #[must_use]
    pub fn is_open(self, stage: StageKind) -> Signal<bool> {
        Signal::derive(move || self.stage() == Some(stage))
    }

    /// Opens a stage, or closes it if it is open.
    pub fn toggle(self, stage: StageKind, opener: NodeRef<Button>) {
        self.opener.set_value(Some(opener));
        self.stage.update(|open| *open = (*open != Some(stage)).then_some(stage));
    }

    /// Closes the open stage, if any, and returns the focus to its button.
    pub fn close(self) {
        if self.stage.get_untracked().is_none() {
            return;
        }
        self.stage.set(None);
        if let Some(opener) = self.opener.get_value().and_then(|opener| opener.get_untracked()) {
            // A focus that the browser refuses stays where it is.
            let _ = opener.focus();
        }
    }

    /// Closes the open stage on Escape; without one the key keeps its default action.
    pub fn close_on_escape(self, event: &KeyboardEvent) {
        if event.key() == "Escape" && self.stage.get_untracked().is_some() {
            event.prevent_default();
            self.close();
        }
    }
}

impl Default for Opened {
    fn default() -> Self {
        Self::new()
    }
}
