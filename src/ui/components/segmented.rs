//! A choice of a few, all visible.

use std::rc::Rc;

use crate::ui::html::{fieldset, input, label, span};
use crate::ui::live::{El, State};

/// Radio buttons drawn as one strip.
pub struct Segmented {
    /// What is chosen, for people who do not see the strip.
    pub legend: &'static str,
    /// The name of the radio group, unique on the page.
    pub name: &'static str,
    /// Which one is chosen.
    pub selected: State<usize>,
}

impl Segmented {
    /// The strip with these labels; `on_select` hears of a new choice.
    #[must_use]
    pub fn view(self, labels: impl IntoIterator<Item = &'static str>, on_select: impl Fn(usize) + 'static) -> El {
        let Self { legend, name, selected } = self;
        let on_select = Rc::new(on_select);
        let segment = |(index, text)| {
            let on_select = Rc::clone(&on_select);
            label("segmented__segment").with([
                input("segmented__radio")
                    .attr("type", "radio")
                    .attr("name", name)
                    .checked_when(move || selected.get() == index)
                    .on("change", move |_| on_select(index)),
                span("segmented__label").text(text),
            ])
        };
        fieldset("segmented")
            .with([El::new("legend").class("visually-hidden").text(legend)])
            .with_all(labels.into_iter().enumerate().map(segment))
    }
}
