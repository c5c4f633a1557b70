//! The columns of a file with what becomes of each.

use leptos::prelude::*;

use super::Files;
use crate::pipeline::sniff::Column;
use crate::ui::components::choice::Choice;
use crate::ui::model::file_preview::{ROLES, assign, column_text, hidden_columns_text, role_label, role_of_label};

const CELL: &str = "data-table__cell";

/// A line for each column: its name, what is in it, and its role, which can be chosen.
#[component]
pub(super) fn ColumnsTable(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let count = Memo::new(move |_| files.of_preview(|file| file.preview.columns.len()));
    let hidden = Memo::new(move |_| files.of_preview(|file| hidden_columns_text(&file.preview)));
    view! {
        <div class="file-columns" tabindex="0" role="region" aria-label="Columns of the file">
            <table class="file-columns__table" data-testid="file-columns">
                <thead>
                    <tr>
                        <th class=CELL scope="col">"column"</th>
                        <th class=CELL scope="col">"holds"</th>
                        <th class=CELL scope="col">"becomes"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || 0..count.get() key=|position| *position let:position>
                        <ColumnLine files position/>
                    </For>
                </tbody>
            </table>
        </div>
        <p class="field__hint" hidden=move || hidden.read().is_empty()>{hidden}</p>
    }
}

/// A column.
#[component]
fn ColumnLine(
    /// The chosen files.
    files: Files,
    /// Its position in the file.
    position: usize,
) -> impl IntoView {
    let text = move |read: fn(&Column, usize) -> String| {
        Memo::new(move |_| {
            files.of_preview(|file| {
                let column = file.preview.columns.get(position);
                column.map(|column| read(column, file.preview.sample_rows)).unwrap_or_default()
            })
        })
    };
    let name = text(|column, _| column.name.clone());
    let holds = text(column_text);
    let role = text(|column, _| role_label(column.role).to_owned());
    // A refused choice is taken back in the list.
    let role = Signal::derive(move || {
        files.refusal.track();
        role.get()
    });
    let id = format!("file-role-{position}");
    let options = ROLES.iter().map(|(_, label)| ((*label).to_owned(), (*label).to_owned())).collect();
    let apply = move |label: String| {
        files.choose(|choices, preview| match role_of_label(&label) {
            Some(role) => assign(choices, preview, position, role),
            None => Ok(choices.clone()),
        });
    };
    view! {
        <tr>
            <th class=CELL scope="row" title=name>{name}</th>
            <td class=CELL title=holds>{holds}</td>
            <td class=CELL>
                <label class="visually-hidden" for=id.clone()>{move || format!("{} becomes", name.read())}</label>
                <Choice id options value=role on_change=apply/>
            </td>
        </tr>
    }
}
