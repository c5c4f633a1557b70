//! The pipeline at work: stages, chart, the tables of the newest batch.

use leptos::prelude::*;

use super::View;
use crate::ui::model::view_id::ViewId;
use crate::ui::panels::chart::ChartPanel;
use crate::ui::panels::pipeline::PipelinePanel;
use crate::ui::panels::side_counters::SideCounters;
use crate::ui::panels::tables::TablesPanel;

/// All of the mission on one screen.
#[component]
pub fn LiveView() -> impl IntoView {
    view! {
        <View id=ViewId::Live>
            <PipelinePanel/>
            <ChartPanel/>
            <TablesPanel/>
            <SideCounters/>
        </View>
    }
}
