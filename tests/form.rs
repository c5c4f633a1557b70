//! What proves by repetition has two forms: a short one for each change (`make test`) and a full one (`make prove`).

use proptest::test_runner::Config;

/// What the form that runs takes, such as rows to go through; a browser has the short one.
pub(crate) fn in_form<T>(short: T, full: T) -> T {
    if std::env::var("MILLRACE_FORM").is_ok_and(|form| form == "full") { full } else { short }
}

/// A property test of as many cases as named, ten times as many in the full form.
pub(crate) fn cases(short: u32) -> Config {
    Config { cases: in_form(short, 10 * short), failure_persistence: None, ..Config::default() }
}
