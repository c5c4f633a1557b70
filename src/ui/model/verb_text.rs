//! The verbs behind the tables, as pandas writes them.

/// How the melted table is made.
pub const MELT_TEXT: &str = "melt(id_vars=\"id\", value_name=\"val\")";

/// How the moving aggregate is made.
#[must_use]
pub fn rolling_text(window: Option<&str>, agg: Option<&str>) -> String {
    format!("rolling(\"{}\").{}()", window.unwrap_or("5s"), agg.unwrap_or("mean"))
}

/// How the pivoted table is made.
#[must_use]
pub fn pivot_text(aggfunc: Option<&str>) -> String {
    format!("pivot_table(index=\"id\", aggfunc=\"{}\")", aggfunc.unwrap_or("mean"))
}

#[cfg(test)]
mod tests {
    use super::{pivot_text, rolling_text};

    #[test]
    fn verbs_name_their_settings() {
        assert_eq!(rolling_text(Some("1min"), Some("max")), "rolling(\"1min\").max()");
        assert_eq!(pivot_text(None), "pivot_table(index=\"id\", aggfunc=\"mean\")");
    }
}
