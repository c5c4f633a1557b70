//! The details of the transforms.

use leptos::prelude::*;

use super::details::{Details, Link};
use super::fact::{Fact, SettingFact};
use crate::ui::components::pandas_line::PandasLine;
use crate::ui::model::inspector_text::last_batch_text;
use crate::ui::panels::tables::pandas_codes;
use crate::ui::store::{PageSnapshotStoreFields, Pipeline};

const LINKS: [Link; 1] = [("Step through them", "#tables")];

/// The settings of the transforms, and the pandas code that does the same.
#[component]
pub(super) fn TransformsDetails() -> impl IntoView {
    let page = Pipeline::expect().page();
    view! {
        <Details
            name="Transforms"
            sentence="Each batch is sorted by time, gains a moving aggregate, and is melted and pivoted."
            links=&LINKS
            drawing=|| view! { <PandasLines/> }
        >
            <SettingFact name="Window" setting="window"/>
            <SettingFact name="Closed" setting="closed"/>
            <SettingFact name="Moving aggregate" setting="agg"/>
            <SettingFact name="Windows reach over" setting="rolling_scope"/>
            <SettingFact name="Windows of" setting="rolling_by"/>
            <SettingFact name="Pivot's aggregate" setting="aggfunc"/>
            <Fact name="Last batch" text=move || last_batch_text(page.batch().read().as_ref())/>
        </Details>
    }
}

/// The pandas code of each verb.
#[component]
fn PandasLines() -> impl IntoView {
    let [rolling, melt, pivot] = pandas_codes();
    view! {
        <PandasLine test_id="inspector-rolling" text=rolling/>
        <PandasLine test_id="inspector-melt" text=melt/>
        <PandasLine test_id="inspector-pivot" text=pivot/>
    }
}
