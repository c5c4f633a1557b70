//! The request of the console as code.

use leptos::prelude::*;

use super::console_form::ConsoleForm;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::segmented::Segmented;
use crate::ui::model::snippet::SnippetKind;
use crate::ui::store::Pipeline;

/// The request in the languages that suit it, each with a button that copies it.
#[component]
pub fn Snippets(
    /// The console's form.
    form: ConsoleForm,
) -> impl IntoView {
    let pipeline = Pipeline::expect();
    let has_key = Memo::new(move |_| !pipeline.setting("api_key").is_empty());
    let offered = Memo::new(move |_| SnippetKind::offered(&form.endpoint.read(), has_key.get()));
    // `None` until a language is chosen: the best for the endpoint. A choice stays for the endpoints that offer it.
    let wanted = RwSignal::new(None::<SnippetKind>);
    let shown = Memo::new(move |_| {
        let offered = offered.read();
        let kept = wanted.get().filter(|kind| offered.contains(kind));
        kept.or_else(|| offered.first().copied()).unwrap_or(SnippetKind::Fetch)
    });
    let code = move |kind| form.code(kind, &pipeline.base_address(), has_key.get());
    let copy = move |kind: SnippetKind| {
        view! {
            <CopyButton
                label=kind.copy_label()
                text=move |()| untrack(|| code(kind))
                hidden=move || shown.get() != kind
            />
        }
    };
    view! {
        <div class="snippets" hidden=move || form.endpoints.read().is_empty()>
            <h3 class="console__subtitle" id="console-code">"Code"</h3>
            <div class="snippets__bar">
                <For
                    each=move || [offered.get()]
                    key=Vec::clone
                    children=move |kinds| view! { <Languages kinds shown wanted/> }
                />
                {SnippetKind::ALL.map(copy).collect_view()}
            </div>
            <pre class="snippets__code" tabindex="0" role="region" aria-labelledby="console-code">
                {move || code(shown.get())}
            </pre>
        </div>
    }
}

/// The choice among the languages.
#[component]
fn Languages(
    /// Those that are offered.
    kinds: Vec<SnippetKind>,
    /// The one that is shown.
    shown: Memo<SnippetKind>,
    /// The one that was chosen.
    wanted: RwSignal<Option<SnippetKind>>,
) -> impl IntoView {
    let options = kinds.iter().map(|kind| kind.title()).collect();
    let known = kinds.clone();
    let selected = Signal::derive(move || known.iter().position(|kind| *kind == shown.get()).unwrap_or_default());
    let select = move |index: usize| wanted.set(kinds.get(index).copied());
    view! { <Segmented legend="Language" name="console-language" options selected on_select=select/> }
}
