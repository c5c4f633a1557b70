//! The page's address with the settings that differ from their defaults.

use super::request_target::request_target;
use super::settings::field_named;

/// The base address with `?name=value` for each changed setting; the API key stays secret.
#[must_use]
pub fn share_link(base_address: &str, settings: &[(String, Option<String>)]) -> String {
    let changed = settings.iter().filter_map(|(name, value)| {
        let field = field_named(name).filter(|field| field.name != "api_key")?;
        let value = value.as_deref()?;
        (field.default != Some(value)).then_some((field.name, value))
    });
    request_target(base_address, changed)
}

#[cfg(test)]
mod tests {
    use super::share_link;

    #[test]
    fn only_changed_settings_are_in_the_link() {
        let settings = [("batch_size", Some("10")), ("seed", Some("42")), ("api_key", Some("s")), ("rate_limit", None)]
            .map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        assert_eq!(share_link("http://a/", &settings), "http://a/?seed=42");
    }
}
