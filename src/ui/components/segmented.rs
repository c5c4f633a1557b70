//! A choice of a few options, all visible.

use std::rc::Rc;

use crate::ui::html::{fieldset, input, label, span};
use crate::ui::live::{El, State};

/// Radio buttons drawn as one strip.
pub struct Segmented {
    /// The label of the group, for screen readers.
    pub legend: &'static str,
    /// The name of the radio group, unique on the page.
    pub name: &'static str,
    /// The index of the selected option.
    pub selected: State<usize>,
}

impl Segmented {
    /// The strip with these labels; `on_select` is called with the index of a new choice.
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
