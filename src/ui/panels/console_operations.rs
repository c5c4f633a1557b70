//! The list of the API's operations.

use leptos::prelude::*;

use super::console_form::ConsoleForm;
use crate::ui::components::method_badge::MethodBadge;
use crate::ui::model::endpoints::{Endpoint, groups};
use crate::ui::store::Pipeline;

/// All operations, in groups where the document has them; the chosen one is pressed.
#[component]
pub fn Operations(
    /// The console's form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let choose = move |index: usize| {
        form.choose(index);
        form.is_touched.set(true);
        form.is_from_link.set(false);
        if form.endpoint.read_untracked().has_bounds() && form.parameters.read_untracked().is_empty() {
            pipeline.peek(|page| form.fill_bounds(page.batch.as_ref()));
        }
    };
    let operation = move |index: usize, endpoint: &Endpoint| {
        view! {
            <li>
                <button
                    type="button"
                    class="operations__item"
                    title=endpoint.summary.clone()
                    aria-pressed=move || (form.chosen.get() == index).to_string()
                    on:click=move |_| choose(index)
                >
                    <MethodBadge method=endpoint.method.clone()/>
                    " "
                    <span class="operations__path">{format!("/{}", endpoint.path)}</span>
                </button>
            </li>
        }
    };
    let list = move || {
        let endpoints = form.endpoints.read();
        let group = |(tag, indices): (String, Vec<usize>)| {
            let items = indices.into_iter().filter_map(|index| Some(operation(index, endpoints.get(index)?)));
            let items = items.collect_view();
            view! {
                {(!tag.is_empty()).then(|| view! { <h3 class="operations__group">{tag}</h3> })}
                <ul class="operations__list">{items}</ul>
            }
        };
        groups(&endpoints).into_iter().map(group).collect_view()
    };
    view! {
        <nav class="operations" aria-label="Operations">
            {list}
            <p class="console__note" hidden=move || !form.endpoints.read().is_empty()>"loading"</p>
        </nav>
    }
}
