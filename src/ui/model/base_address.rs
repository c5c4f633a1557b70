//! The address that everybody's `fetch` starts from: the folder that serves the page.

/// Cuts query, fragment and file name off the page's address, so that it ends with `/`.
#[must_use]
pub fn base_address(page_address: &str) -> String {
    let end = page_address.find(['?', '#']).unwrap_or(page_address.len());
    let path = &page_address[..end];
    let start_of_path = path.find("://").map_or(0, |at| at + 3);
    match path[start_of_path..].rfind('/') {
        Some(at) => path[..=start_of_path + at].to_owned(),
        None => format!("{path}/"),
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
