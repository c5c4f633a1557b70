//! What proves by repetition has two forms: a short one for each change (`make test`) and a full one (`make prove`).

/// Cases of a property test: as many as named, ten times as many in the full form.
pub(crate) fn cases(short: u32) -> u32 {
    if std::env::var("MILLRACE_FORM").is_ok_and(|form| form == "full") { 10 * short } else { short }
}
