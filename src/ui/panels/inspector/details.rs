//! The parts that the details of all stages have.

use leptos::prelude::*;

use super::Opened;
use crate::ui::store::Pipeline;

/// Text and address of a link: `#` leads to a part of the page, any other address to the API.
pub(super) type Link = (&'static str, &'static str);

/// Name, sentence, facts and links of a stage, beside a drawing.
#[component]
pub(super) fn Details(
    /// The name of the stage.
    name: &'static str,
    /// What the stage does.
    sentence: &'static str,
    /// Links to what belongs to the stage.
    links: &'static [Link],
    /// What the stage looks like inside.
    #[prop(optional, into)]
    drawing: ViewFnOnce,
    /// The facts.
    children: Children,
) -> impl IntoView {
    let opened = Opened::expect();
    view! {
        <div class="panel inspector__panel" data-testid="inspector">
            <div class="panel__head">
                <h2 class="panel__title" id="inspector-title">{name}</h2>
                <button type="button" class="button button--quiet" on:click=move |_| opened.close()>
                    "Close"
                </button>
            </div>
            <p class="panel__sentence">{sentence}</p>
            <div class="inspector__grid">
                <div>
                    <dl class="inspector__facts">{children()}</dl>
                    <ul class="inspector__links">
                        {links.iter().map(|link| view! { <DetailsLink link=*link/> }).collect_view()}
                    </ul>
                </div>
                <div class="inspector__drawing">{drawing.run()}</div>
            </div>
        </div>
    }
}

/// A link; the responses of the API open in another tab.
#[component]
fn DetailsLink(
    /// Its text and address.
    link: Link,
) -> impl IntoView {
    let (text, address) = link;
    let opened = Opened::expect();
    let is_on_page = address.starts_with('#');
    let href = if is_on_page { address.to_owned() } else { Pipeline::expect().base_address() + address };
    view! {
        <li>
            <a
                class="inspector__link"
                href=href
                target=(!is_on_page).then_some("_blank")
                // What it leads to must not be covered.
                on:click=move |_| if is_on_page { opened.close() }
            >
                {text}
            </a>
        </li>
    }
}
