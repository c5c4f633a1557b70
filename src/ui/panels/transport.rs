//! Start, pause, step, clear.

use leptos::prelude::untrack;
use leptos::task::spawn_local;

use crate::browser::random;
use crate::ui::components::copy_button::{copy_button, copy_button_saying};
use crate::ui::components::question::{question, question_button};
use crate::ui::html::{button, div, p, span};
use crate::ui::live::{El, Live, State};
use crate::ui::state::{PageSnapshot, Pipeline};

/// The buttons that control the pipeline, with the reason of a failure.
#[must_use]
pub fn transport(pipeline: Pipeline) -> El {
    let is_paused = pipeline.is_paused();
    let is_known = pipeline.is_known();
    let is_unknown = Live::new(move || !is_known.get());
    let is_asking = State::new(false);
    let error = State::new(String::new());
    let toggle = move || {
        let paused = (!untrack(|| is_paused.get())).to_string();
        spawn_local(async move {
            let outcome = pipeline.configure("paused", &paused).await;
            error.set(outcome.err().unwrap_or_default().join(" "));
        });
    };
    let has_seed = pipeline.flag(|frame| frame.setting("seed").is_some());
    let forget = move || {
        spawn_local(async move { error.set(pipeline.forget_everything().await.err().unwrap_or_default()) });
    };
    div("transport").with([
        button("button button--primary transport__toggle", "")
            .live(move || if is_paused.get() { "Start" } else { "Pause" }.to_owned())
            .disabled_when(is_unknown)
            .on_click(toggle),
        button("button", "Step")
            .attr("title", "Produces one event now")
            .disabled_when(is_unknown)
            .on_click(move || pipeline.step()),
        span("transport__rest"),
        // Both have the same place: which of them is visible is known late, and nothing may move then.
        span("transport__repeat").with([
            copy_button("Copy repeatable link", move || repeatable_link(pipeline))
                .attr("title", "Sets a seed first: the link then shows the same ids and values on another machine")
                .disabled_when(is_unknown)
                .hidden_when(has_seed),
            span("transport__note")
                .attr("title", "A link to this view shows the same ids and values on another machine")
                .hidden_when(move || !has_seed.get())
                .live(pipeline.text(seed_note)),
        ]),
        copy_button_saying("Copy link to this view", move || (pipeline.share_link(""), copied(has_seed))),
        question_button(is_asking, "Forget everything\u{2026}").disabled_when(is_unknown),
        question(is_asking, "Forget results, history and dead letters?", "Forget all", forget),
        p("transport__error").role("alert").live(error),
    ])
}

/// The confirmation text of the copied link.
fn copied(has_seed: Live<bool>) -> &'static str {
    if untrack(|| has_seed.get()) {
        "Copied, with the same ids and values"
    } else {
        "Copied, ids and values will differ"
    }
}

/// That a link to this run repeats it.
fn seed_note(frame: &PageSnapshot) -> String {
    match frame.setting("seed") {
        Some(seed) => ["Repeatable: seed ", seed].concat(),
        None => String::new(),
    }
}

/// Sets a seed for the run, and returns a link that repeats it. The link is made at once: browsers allow clipboard
/// access only shortly after a click.
fn repeatable_link(pipeline: Pipeline) -> String {
    let seed = ((random::unit() * 1e6) as u32).to_string();
    let link = pipeline.share_link(&["seed=", &seed].concat());
    let planned = pipeline.plan("", &[("seed", Some(&seed))]);
    spawn_local(async move {
        if let Ok(step) = planned {
            // A seed is always valid. Without a running pipeline, the rest of the page reports that.
            let _ = pipeline.take(step).await;
        }
    });
    link
}
