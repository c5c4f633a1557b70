//! The pandas code of a verb.

use leptos::prelude::*;

use super::copy_button::CopyButton;

/// The code, with a button that copies it.
#[component]
pub fn PandasLine(
    /// The test id of the code.
    #[prop(into)]
    test_id: String,
    /// The code.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="pandas-line">
            <code class="pandas-line__code" data-testid=test_id>
                {text}
            </code>
            <CopyButton label="Copy pandas" text=move |()| text.get_untracked()/>
        </div>
    }
}
