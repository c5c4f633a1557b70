//! Path and query of a request, from the fields of a form.

use form_urlencoded::Serializer;

/// Joins a path with the parameters that are filled in, in order, encoded as forms do.
#[must_use]
pub fn request_target<'a>(path: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in parameters {
        if !value.trim().is_empty() {
            query.append_pair(name, value.trim());
        }
    }
    // Colons and commas may stand in a query as they are, and times and lists read better so.
    let query = query.finish().replace("%3A", ":").replace("%2C", ",");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::request_target;

    #[test]
    fn empty_parameters_are_left_out_and_others_encoded() {
        let fields = [("start", "2025-06-01T21:15:07+02:00"), ("end", " "), ("ids", "a,b")];
        assert_eq!(request_target("query", fields), "query?start=2025-06-01T21:15:07%2B02:00&ids=a,b");
        assert_eq!(request_target("latest", []), "latest");
    }
}
