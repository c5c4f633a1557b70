//! A drop-down list.

use crate::ui::html::select;
use crate::ui::live::{El, Follow};

/// A `<select>` of values with their labels; the form around it provides its label.
#[must_use]
pub fn choice<'a>(id: &str, options: impl IntoIterator<Item = (&'a str, &'a str)>, value: impl Follow<String>) -> El {
    let options = options.into_iter().map(|(known, label)| El::new("option").attr("value", known).text(label));
    select("input input--choice").id(id).with_all(options).live_value(value)
}

/// Values that are their own labels.
pub fn plain(values: &'static [&'static str]) -> impl Iterator<Item = (&'static str, &'static str)> {
    values.iter().map(|value| (*value, *value))
}
