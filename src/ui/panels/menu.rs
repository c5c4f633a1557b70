//! The menu of what is needed now and then: links to this view, tour, keys, present mode, clearing.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::tour::Tour;
use crate::browser::random;
use crate::ui::activity_state::Activity;
use crate::ui::components::copy_button::CopyButton;
use crate::ui::components::question::{Question, QuestionButton};
use crate::ui::navigation::Navigation;
use crate::ui::store::Pipeline;
use crate::ui::theme::ThemeChoice;

const MENU_ID: &str = "menu";
/// The id of the button that opens it.
pub const MENU_BUTTON_ID: &str = "menu-button";

/// The button, and the menu that it opens.
#[component]
pub fn Menu() -> impl IntoView {
    let navigation = Navigation::expect();
    let tour = Tour::expect();
    let menu = NodeRef::<Div>::new();
    let item = move |text: &'static str, run: fn(Navigation, Tour)| {
        let click = move |_| {
            close(menu);
            run(navigation, tour);
        };
        view! {
            <button type="button" class="button button--quiet" on:click=click>
                {text}
            </button>
        }
    };
    view! {
        <button type="button" class="button" id=MENU_BUTTON_ID popovertarget=MENU_ID>"More"</button>
        <div class="popover menu" id=MENU_ID popover="auto" role="group" aria-label="More" node_ref=menu>
            <Links/>
            {item("Take the tour", |_, tour| tour.begin())}
            {item("Keys", |navigation, _| navigation.has_keys.set(true))}
            {item("Present", |navigation, _| navigation.is_presenting.set(true))}
            <ThemeChoice/>
            <Clear/>
        </div>
    }
}

fn close(menu: NodeRef<Div>) {
    if let Some(menu) = menu.get_untracked() {
        // Fails when it is closed.
        let _ = menu.hide_popover();
    }
}

/// Copies of the link to this view, and of one that repeats the run.
#[component]
fn Links() -> impl IntoView {
    let pipeline = Pipeline::expect();
    let is_known = pipeline.is_known();
    let has_seed = Memo::new(move |_| !pipeline.setting("seed").is_empty());
    let copied = move || {
        if has_seed.get() { "Copied, with the same ids and values" } else { "Copied, ids and values will differ" }
    };
    view! {
        <CopyButton label="Copy link to this view" text=move |()| pipeline.share_link("") copied/>
        <CopyButton
            label="Copy repeatable link"
            title="Sets a seed first: the link then shows the same ids and values on another machine"
            text=move |()| repeatable_link(pipeline)
            disabled=Signal::derive(move || !is_known.get())
            hidden=has_seed
        />
        <span
            class="menu__note"
            title="A link to this view shows the same ids and values on another machine"
            hidden=move || !has_seed.get()
        >
            {move || has_seed.get().then(|| format!("Repeatable: seed {}", pipeline.setting("seed")))}
        </span>
    }
}

/// Sets a seed for the run, and returns a link that repeats it. The link is made at once: browsers allow clipboard
/// access only shortly after a click.
fn repeatable_link(pipeline: Pipeline) -> String {
    let seed = ((random::unit() * 1e6) as u32).to_string();
    let link = pipeline.share_link(&format!("seed={seed}"));
    let planned = pipeline.plan("", &[("seed", Some(&seed))]);
    spawn_local(async move {
        if let Ok(step) = planned {
            // A seed is always valid. Without a running pipeline, the rest of the page reports that.
            let _ = pipeline.take(step).await;
        }
    });
    link
}

/// The button that clears results, history and refused rows, after a question.
#[component]
pub fn Clear() -> impl IntoView {
    let (pipeline, activity) = (Pipeline::expect(), Activity::expect());
    let (is_known, is_framed) = (pipeline.is_known(), pipeline.is_framed());
    let is_asked = RwSignal::new(false);
    let clear = move |()| {
        spawn_local(async move {
            match pipeline.clear_everything().await {
                Ok(()) => activity.notify("Results, history and refused rows are cleared"),
                Err(sentence) => activity.fail(&format!("Nothing was cleared: {sentence}")),
            }
        });
    };
    view! {
        <QuestionButton is_asked text="Clear everything\u{2026}" disabled=move || !is_known.get() || is_framed/>
        <ClearQuestion is_asked on_answer=clear/>
    }
}

/// The question before everything is cleared, wherever on the page that was asked for.
#[component]
pub fn ClearQuestion(
    /// Whether the question is open.
    is_asked: RwSignal<bool>,
    /// Clears everything.
    #[prop(into)]
    on_answer: Callback<()>,
) -> impl IntoView {
    view! { <Question is_asked sentence="Clear results, history and refused rows?" answer="Clear all" on_answer/> }
}
