//! Settings in the query of the page's address.

use super::settings::API_KEY;
use super::{Field, Settings};

/// The settings that an address's query names, and one sentence for each refused setting. A refused setting keeps its
/// default; the others apply.
pub fn settings_of_address(query: &str) -> (Settings, Vec<String>) {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut refused: Vec<String> = Vec::new();
    let mut problems = Vec::new();
    loop {
        let changes = pairs
            .iter()
            .filter(|(name, _)| !refused.contains(name))
            .map(|(name, value)| (name.as_str(), Some(value.as_str())));
        match Settings::default().merged(changes) {
            Ok(settings) => return (settings, problems),
            Err(errors) => {
                for error in errors {
                    problems.push(format!("{error} (in the address; the default is used)"));
                    refused.push(error.name);
                }
            }
        }
    }
}

/// Whether an address names this setting.
pub fn names_setting(query: &str, name: &str) -> bool {
    form_urlencoded::parse(query.trim_start_matches('?').as_bytes()).any(|(known, _)| known == name)
}

/// The query of an address that names these settings, without those at their default and without the API key: addresses
/// are shared.
pub fn address_of_settings(settings: &[(String, Option<String>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, text) in settings.iter().filter(|(name, _)| name != API_KEY) {
        let default = Settings::field(name).and_then(Field::default);
        if let Some(text) = text.as_ref().filter(|text| Some(*text) != default.as_ref()) {
            query.append_pair(name, text);
        }
    }
    query.finish()
}

/// The same query with the key, unless it names one; for use within this browser only.
pub fn address_with_key(query: &str, key: Option<&str>) -> String {
    match key {
        Some(key) if !names_setting(query, API_KEY) => {
            form_urlencoded::Serializer::new(query.to_owned()).append_pair(API_KEY, key).finish()
        }
        _ => query.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_sets_the_settings_it_names() {
        let (settings, problems) = settings_of_address("?source=none&batch_size=25&window=1min&seed=");
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(settings.batch_size, 25);
        assert_eq!(settings.window.to_string(), "1min");
    }

    #[test]
    fn a_refused_setting_is_reported_and_the_others_apply() {
        let (settings, problems) = settings_of_address("interval=soon&batch_size=7&colour=red&min_value=200");
        assert_eq!(settings, Settings { batch_size: 7, ..Settings::default() });
        assert_eq!(problems.len(), 3);
        assert!(problems[0].contains("\"soon\""), "{problems:?}");
    }

    #[test]
    fn settings_that_depend_on_each_other_may_come_in_any_order() {
        let (settings, problems) = settings_of_address("batch_size=200000&queue_capacity=200000");
        assert_eq!((settings.batch_size, problems.len()), (200_000, 0));
    }

    #[test]
    fn an_address_made_from_settings_reads_back() {
        let (settings, _) = settings_of_address("source=none&window=90s&seed=42");
        let texts: Vec<_> =
            Settings::FIELDS.iter().map(|field| (field.name.to_owned(), field.get(&settings))).collect();
        let address = address_of_settings(&texts);
        assert_eq!(address, "source=none&seed=42&window=90s");
        assert_eq!(settings_of_address(&address).0, settings);
    }

    #[test]
    fn the_key_is_left_out_of_addresses_and_passed_on_within_the_browser() {
        let (settings, _) = settings_of_address("seed=42&api_key=s3cret%26more");
        let texts: Vec<_> =
            Settings::FIELDS.iter().map(|field| (field.name.to_owned(), field.get(&settings))).collect();
        let address = address_of_settings(&texts);
        assert_eq!(address, "seed=42");
        assert_eq!(settings_of_address(&address_with_key(&address, Some("s3cret&more"))).0, settings);
        assert_eq!(address_with_key("", Some("k")), "api_key=k");
        assert_eq!(address_with_key("api_key=a", Some("b")), "api_key=a", "the key typed into the address comes first");
        assert_eq!(address_with_key("seed=42", None), "seed=42");
    }
}
