//! Floor 6: the page, in Leptos. It draws; it never computes.
