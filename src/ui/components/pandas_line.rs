//! The pandas code of a verb.

use super::copy_button::copy_button;
use crate::ui::html::{code, div};
use crate::ui::live::{El, Live};

/// The code, with a button that copies it.
#[must_use]
pub fn pandas_line(test_id: &str, text: Live<String>) -> El {
    div("pandas-line")
        .with([code("pandas-line__code").test_id(test_id).live(text), copy_button("Copy pandas", move || text.get())])
}
