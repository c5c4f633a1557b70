//! The first rows of a file, raw beside parsed.

use leptos::prelude::*;

use super::Files;
use crate::browser::number::number_text;
use crate::frame::round_shown;
use crate::pipeline::sniff::{PreviewRow, Reading};

const CELL: &str = "data-table__cell";
const NUMBER_CELL: &str = "data-table__cell data-table__cell--number";
/// Rows that are shown.
const SHOWN_ROWS: usize = 20;
/// Raw columns that are shown; more than a few dozen are not read by anybody.
const SHOWN_COLUMNS: usize = 40;

/// What the rows table shows.
#[derive(Debug, Clone, PartialEq, Default)]
struct Sample {
    names: Vec<String>,
    reading: Reading,
    rows: Vec<PreviewRow>,
}

/// The rows: on the left as they stand in the file, on the right what is taken of them, or why they would be refused.
#[component]
pub(super) fn SampleTable(
    /// The chosen files.
    files: Files,
) -> impl IntoView {
    let sample = Memo::new(move |_| {
        files.of_preview(|file| {
            let preview = &file.preview;
            Sample {
                names: preview.columns.iter().take(SHOWN_COLUMNS).map(|column| column.name.clone()).collect(),
                reading: preview.reading.clone(),
                rows: preview.rows.iter().take(SHOWN_ROWS).cloned().collect(),
            }
        })
    });
    view! {
        <div class="file-sample" tabindex="0" role="region" aria-label="First rows of the file">
            {move || view! { <SampleRows sample=sample.get()/> }}
        </div>
    }
}

/// The table itself. It is made anew with each preview: no cell of it takes the focus.
#[component]
fn SampleRows(
    /// What it shows.
    sample: Sample,
) -> impl IntoView {
    let Sample { names, reading, rows } = sample;
    let columns = names.len();
    let measures = reading.measures;
    let parsed_columns = measures.len() + 2;
    let heading = |name: String| view! { <th class=CELL scope="col" title=name.clone()>{name.clone()}</th> };
    let parsed = ["timestamp", "id"].map(str::to_owned).into_iter().chain(measures);
    let line = |row: PreviewRow| {
        let field = |at: usize| {
            let text = row.raw.get(at).cloned().flatten().unwrap_or_default();
            view! { <td class=CELL title=text.clone()>{text.clone()}</td> }
        };
        let raw = (0..columns).map(field).collect_view();
        let parsed = match row.parsed {
            Ok(parsed) => {
                let number = |value: Option<f64>| {
                    let text = value.map(|value| number_text(round_shown(value))).unwrap_or_default();
                    view! { <td class=NUMBER_CELL>{text}</td> }
                };
                view! {
                    <td class=CELL>{parsed.timestamp.unwrap_or_else(|| "on arrival".to_owned())}</td>
                    <td class=CELL>{parsed.id.unwrap_or_else(|| "random".to_owned())}</td>
                    {parsed.values.into_iter().map(number).collect_view()}
                }
                .into_any()
            }
            Err(reason) => view! {
                <td class="data-table__cell file-sample__refused" colspan=parsed_columns.to_string() title=reason.clone()>
                    {reason.clone()}
                </td>
            }
            .into_any(),
        };
        view! {
            <tr>
                <th class="data-table__cell data-table__cell--number" scope="row">{row.line.to_string()}</th>
                {raw}
                <td class="file-sample__arrow">"\u{2192}"</td>
                {parsed}
            </tr>
        }
    };
    view! {
        <table class="file-sample__table" data-testid="file-rows">
            <thead>
                <tr>
                    <th class=NUMBER_CELL scope="col">"line"</th>
                    {names.into_iter().map(heading).collect_view()}
                    <th class="file-sample__arrow" scope="col"><span class="visually-hidden">"becomes"</span></th>
                    {parsed.map(heading).collect_view()}
                </tr>
            </thead>
            <tbody>{rows.into_iter().map(line).collect_view()}</tbody>
        </table>
    }
}
