//! The settings.

use super::setting::setting;
use crate::ui::html::{details, div, fieldset, h2, section};
use crate::ui::live::El;
use crate::ui::model::settings::{FieldGroup, MAIN_GROUPS, MORE_GROUPS};
use crate::ui::state::Pipeline;

/// The main settings, and the rest under "More settings".
#[must_use]
pub fn settings_panel(pipeline: Pipeline) -> El {
    let groups = |groups: &'static [FieldGroup]| {
        div("settings__groups").with_all(groups.iter().map(|group| fields_of(pipeline, group)))
    };
    section("panel settings").attr("aria-labelledby", "settings-title").with([
        h2("panel__title").id("settings-title").text("Settings"),
        groups(MAIN_GROUPS),
        details("settings__more").with([El::new("summary").text("More settings"), groups(MORE_GROUPS)]),
    ])
}

fn fields_of(pipeline: Pipeline, group: &'static FieldGroup) -> El {
    fieldset("settings__group")
        .with([El::new("legend").class("settings__group-title").text(group.title)])
        .with_all(group.fields.iter().map(|field| setting(pipeline, field)))
}
