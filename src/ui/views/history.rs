//! All rows that are kept.

use leptos::prelude::*;

use super::View;
use crate::ui::model::view_id::ViewId;
use crate::ui::panels::history::HistoryPanel;

/// All rows that are kept, on a screen of its own.
#[component]
pub fn HistoryView() -> impl IntoView {
    view! {
        <View id=ViewId::History>
            <HistoryPanel/>
        </View>
    }
}
