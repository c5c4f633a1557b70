//! A table of which one page is shown.

use crate::ui::signals::{flag, text};
use leptos::prelude::*;

use super::pager::Pager;
use crate::ui::model::table_slice::TableSlice;

/// One of the three tables, with what the verb does, its shape and its pages. Cells change in place.
#[component]
pub fn DataTable(
    /// Its key in the answer: `latest`, `melted` or `pivoted`.
    name: &'static str,
    /// The verb that makes it.
    #[prop(into)]
    verb: Signal<String>,
    /// What the verb does, in one sentence.
    sentence: &'static str,
    /// The handle for tests.
    test_id: &'static str,
    /// The visible rows.
    #[prop(into)]
    slice: Signal<TableSlice>,
    /// Wants another first row.
    on_offset: Callback<u32>,
) -> impl IntoView {
    let columns = Memo::new(move |_| slice.read().columns());
    let visible_rows = Memo::new(move |_| slice.read().visible_rows());
    let row = move |row: usize| {
        let cell = move |index: usize| {
            view! {
                <td class=text(move || columns.read().get(index).map_or_else(String::new, |name| cell_class(name)))>
                    {text(move || slice.read().cell(row, index))}
                </td>
            }
        };
        view! {
            <tr>
                <For each=move || 0..columns.read().len() key=|index| *index children=cell />
            </tr>
        }
    };
    let heading = move |index: usize| {
        let name = text(move || columns.read().get(index).cloned().unwrap_or_default());
        view! {
            <th class=text(move || cell_class(&name.read())) scope="col">
                {name}
            </th>
        }
    };
    view! {
        <header class="data-table__head">
            <h3 class="data-table__name">{name}</h3>
            <code class="data-table__verb">{verb}</code>
            <span class="data-table__shape" title="rows × columns">{text(move || slice.read().shape_text())}</span>
        </header>
        <p class="data-table__sentence">{sentence}</p>
        <div class="data-table__scroll" tabindex="0" role="region" aria-label=format!("Rows of {name}")>
            <table class="data-table__table" data-testid=test_id>
                <thead>
                    <tr>
                        <For each=move || 0..columns.read().len() key=|index| *index children=heading />
                    </tr>
                </thead>
                <tbody>
                    <For each=move || 0..visible_rows.get() key=|row| *row children=row />
                </tbody>
            </table>
            <p class="data-table__empty" hidden=flag(move || visible_rows.get() != 0)>
                "No batch yet: it comes when enough events wait."
            </p>
        </div>
        <Pager table=name slice=slice on_offset=on_offset />
    }
}

fn cell_class(column: &str) -> String {
    let kind = match column {
        "id" => " data-table__cell--id",
        "timestamp" => " data-table__cell--time",
        "variable" => "",
        _ => " data-table__cell--number",
    };
    format!("data-table__cell{kind}")
}
