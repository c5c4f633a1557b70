//! A table of which one page is shown.

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
        let cells = move || columns.get().into_iter().enumerate();
        view! {
            <tr>
                <For each=cells key=|(_, column)| column.clone() let((index, column))>
                    <td class=cell_class(&column)>{move || slice.read().cell(row, index)}</td>
                </For>
            </tr>
        }
    };
    view! {
        <header class="data-table__head">
            <h3 class="data-table__name">{name}</h3>
            <code class="data-table__verb">{move || verb.get()}</code>
            <span class="data-table__shape" title="rows × columns">{move || slice.read().shape_text()}</span>
        </header>
        <p class="data-table__sentence">{sentence}</p>
        <div class="data-table__scroll" tabindex="0" role="region" aria-label=format!("Rows of {name}")>
            <table class="data-table__table" data-testid=test_id>
                <thead>
                    <tr>
                        <For each=move || columns.get() key=String::clone let(column)>
                            <th class=cell_class(&column) scope="col">{column.clone()}</th>
                        </For>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || 0..visible_rows.get() key=|row| *row children=row />
                </tbody>
            </table>
            <p class="data-table__empty" class:data-table__empty--hidden=move || visible_rows.get() != 0>
                "No batch yet: it comes when enough events wait."
            </p>
        </div>
        <Pager table=name page=Signal::derive(move || slice.read().page()) on_offset=on_offset />
    }
}

fn cell_class(column: &str) -> &'static str {
    match column {
        "id" => "data-table__cell data-table__cell--id",
        "timestamp" => "data-table__cell data-table__cell--time",
        "variable" => "data-table__cell",
        _ => "data-table__cell data-table__cell--number",
    }
}
