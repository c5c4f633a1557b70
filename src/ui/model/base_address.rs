//! The base address of API requests: the folder that serves the page.

/// Cuts query, fragment and file name off the page's address, so that it ends with `/`.
#[must_use]
pub fn base_address(page_address: &str) -> String {
    let path = page_address.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit_once('/') {
        // Two slashes belong to the scheme.
        Some((folder, _)) if folder.split('/').count() > 2 => format!("{folder}/"),
        _ => format!("{path}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::base_address;

    #[test]
    fn the_base_is_the_folder_of_the_page() {
        assert_eq!(
            base_address("https://example.org/millrace/index.html?seed=1#console"),
            "https://example.org/millrace/"
        );
        assert_eq!(base_address("https://example.org/millrace/?next=/a/b"), "https://example.org/millrace/");
        assert_eq!(base_address("http://127.0.0.1:8080/"), "http://127.0.0.1:8080/");
        assert_eq!(base_address("http://127.0.0.1:8080"), "http://127.0.0.1:8080/");
    }
}
