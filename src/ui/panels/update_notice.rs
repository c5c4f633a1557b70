//! The offer of a newer version of the app.

use leptos::prelude::*;

use crate::ui::store::Pipeline;

/// Reports once that a newer version is available, and offers to activate it. The element exists before that, so that
/// its content is announced politely.
#[component]
pub fn UpdateNotice() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let has_update = pipeline.has_update();
    view! {
        <div class="update-notice" role="status">
            <Show when=move || has_update.get()>
                <div class="notice">
                    <strong class="notice__title">"A new version is ready."</strong>
                    <button type="button" class="button" on:click=move |_| pipeline.update()>
                        "Reload all tabs"
                    </button>
                </div>
            </Show>
        </div>
    }
}
