//! The user's own events, the live source, and the rows that were refused.

use leptos::prelude::*;

use super::View;
use crate::ui::model::view_id::ViewId;
use crate::ui::panels::dead_letters::DeadLettersPanel;
use crate::ui::panels::live_source::LiveSourcePanel;
use crate::ui::panels::own_data::OwnDataPanel;

/// What comes in beside the source, and what was refused of it.
#[component]
pub fn DataView() -> impl IntoView {
    view! {
        <View id=ViewId::Data>
            <OwnDataPanel/>
            <LiveSourcePanel/>
            <DeadLettersPanel/>
        </View>
    }
}
