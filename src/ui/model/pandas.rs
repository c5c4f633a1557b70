//! pandas code for the verbs behind the tables, with the settings in force; a test runs exactly these texts.

use super::explanation::Rules;

/// Code of the melted table.
pub const MELT_CODE: &str = "# df: the rows of this batch, in order of time
melted = df[[\"timestamp\", \"id\", \"value\"]].melt(id_vars=[\"id\"], value_name=\"val\")";

/// Code of the rolling aggregate.
#[must_use]
pub fn rolling_code(rules: &Rules) -> String {
    let rows = if rules.is_stream { "all rows of the stream up to this batch" } else { "the rows of this batch" };
    let (name, agg) = (rolling_name(&rules.agg), &rules.agg);
    let windows = format!(
        "rolling(\"{}\", on=\"timestamp\", min_periods={}, closed=\"{}\")[\"value\"].{agg}()",
        offset(&rules.window),
        rules.min_periods,
        rules.closed,
    );
    if !rules.is_by_id {
        return format!(
            "# df: {rows}
df = df.sort_values(\"timestamp\", kind=\"stable\")
df[\"{name}\"] = df.{windows}"
        );
    }
    // The result comes id by id; its rows get the numbers that they have in df.
    format!(
        "# df: {rows}
df = df.sort_values(\"timestamp\", kind=\"stable\", ignore_index=True)
rolled = df.groupby(\"id\").{windows}
df[\"{name}\"] = rolled.set_axis(df.sort_values(\"id\", kind=\"stable\").index)"
    )
}

/// Code of the pivoted table. Instants have no sum and no deviation: their mean is used there.
#[must_use]
pub fn pivot_code(rules: &Rules) -> String {
    let agg = &rules.aggfunc;
    let aggfunc = match agg.as_str() {
        "sum" | "std" => format!("{{\"timestamp\": \"mean\", \"value\": \"{agg}\"}}"),
        _ => format!("\"{agg}\""),
    };
    // Without it pandas omits the column where every id has a single row.
    let keep = if agg == "std" { ", dropna=False" } else { "" };
    format!(
        "# df: the rows of this batch, in order of time
pivoted = df.pivot_table(index=\"id\", values=[\"timestamp\", \"value\"], aggfunc={aggfunc}{keep}).reset_index()"
    )
}

/// The column name of the rolling aggregate; that of the default one for an empty `agg`.
#[must_use]
pub fn rolling_name(agg: &str) -> String {
    format!("moving_{}", if matches!(agg, "" | "mean") { "avg" } else { agg })
}

/// A length of time as a pandas offset: a day is `D`.
fn offset(window: &str) -> String {
    window.strip_suffix('d').map_or_else(|| window.to_owned(), |days| format!("{days}D"))
}

#[cfg(test)]
mod tests {
    use super::{offset, pivot_code, rolling_code, rolling_name};
    use crate::pipeline::rolling_name as column_name;
    use crate::ui::model::explanation::Rules;

    #[test]
    fn rolling_names_its_settings_and_its_rows() {
        let text = str::to_owned;
        let (window, closed, agg, min_periods) = (text("1min"), text("right"), text("max"), text("2"));
        let rules = Rules { window, closed, agg, min_periods, ..Rules::default() };
        assert_eq!(
            rolling_code(&rules),
            "# df: the rows of this batch
df = df.sort_values(\"timestamp\", kind=\"stable\")
df[\"moving_max\"] = df.rolling(\"1min\", on=\"timestamp\", min_periods=2, closed=\"right\")[\"value\"].max()"
        );
        assert!(rolling_code(&Rules { is_stream: true, ..rules.clone() }).starts_with("# df: all rows of the stream"));
        assert_eq!(
            rolling_code(&Rules { is_by_id: true, ..rules }),
            "# df: the rows of this batch
df = df.sort_values(\"timestamp\", kind=\"stable\", ignore_index=True)
rolled = df.groupby(\"id\").rolling(\"1min\", on=\"timestamp\", min_periods=2, closed=\"right\")[\"value\"].max()
df[\"moving_max\"] = rolled.set_axis(df.sort_values(\"id\", kind=\"stable\").index)"
        );
    }

    #[test]
    fn instants_are_averaged_where_they_have_no_sum_or_deviation() {
        let code = |aggfunc: &str| pivot_code(&Rules { aggfunc: aggfunc.to_owned(), ..Rules::default() });
        assert!(code("first").contains("aggfunc=\"first\")"));
        assert!(code("sum").contains("aggfunc={\"timestamp\": \"mean\", \"value\": \"sum\"})"));
        assert!(code("std").contains("\"value\": \"std\"}, dropna=False)"));
    }

    #[test]
    fn a_day_is_spelled_as_in_pandas() {
        assert_eq!(["1d", "36h", "500ms", "1min"].map(offset), ["1D", "36h", "500ms", "1min"]);
    }

    #[test]
    fn the_column_name_is_that_of_the_pipeline() {
        for agg in crate::frame::ops::Agg::ROLLING {
            assert_eq!(rolling_name(agg.name()), column_name(*agg));
        }
    }
}
