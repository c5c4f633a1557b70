//! The API key in an address: it belongs into the fragment, which no host sees, and is taken out of the address at once.

use super::settings::API_KEY;

/// Splits the key from what follows `?` or `#` in an address: returns the other parts to the letter, and the last key
/// that is not empty.
///
/// A `+` stays one, although forms write blanks so: no key has a blank, and many have a `+`.
pub fn split_key(part: &str) -> (String, Option<String>) {
    let (mut others, mut key) = (Vec::new(), None);
    for pair in part.split('&') {
        let plain = pair.replace('+', "%2B");
        match form_urlencoded::parse(plain.as_bytes()).next() {
            Some((name, value)) if name == API_KEY => {
                key = Some(value.into_owned()).filter(|value| !value.is_empty()).or(key);
            }
            _ => others.push(pair),
        }
    }
    (others.join("&"), key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pipeline::{names_setting, settings_of_address};

    #[test]
    fn the_key_is_taken_and_the_rest_stays_to_the_letter() {
        for (part, rest, key) in [
            ("", "", None),
            ("seed=42&window=5%20s", "seed=42&window=5%20s", None),
            ("api_key=s3cret", "", Some("s3cret")),
            ("console&api_key=s3cret&request=GET%20latest", "console&request=GET%20latest", Some("s3cret")),
            ("seed=42&api_key=s3cret%26more", "seed=42", Some("s3cret&more")),
            ("api%5Fkey=hidden", "", Some("hidden")),
            ("api_key=first&api_key=last&api_key=", "", Some("last")),
            ("api_key=a+b%2Bc", "", Some("a+b+c")),
            ("api_key", "", None),
            ("API_KEY=no&my_api_key=no", "API_KEY=no&my_api_key=no", None),
        ] {
            assert_eq!(split_key(part), (rest.to_owned(), key.map(str::to_owned)), "{part}");
        }
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn nothing_that_is_left_of_an_address_sets_a_key(part in "(api_key|api%5fkey|%61pi_key|seed|[&=+%x]){0,9}\\PC{0,9}") {
            let (rest, key) = split_key(&part);
            prop_assert!(!names_setting(&rest, API_KEY), "{}", rest);
            prop_assert_eq!(settings_of_address(&rest).0.api_key, None);
            prop_assert_eq!(split_key(&rest), (rest.clone(), None));
            prop_assert!(key.is_none_or(|key| !key.is_empty()));
        }
    }
}
