//! pandas code for the verbs behind the tables, with the settings in force; a test runs exactly these texts.

use super::explanation::Rules;
use super::measures::{VALUE, rolling_column};

/// Code of the melted table.
#[must_use]
pub fn melt_code(rules: &Rules) -> String {
    let columns = columns(&["id"], rules);
    format!(
        "# df: the rows of this batch, in order of time
melted = df[{columns}].melt(id_vars=[\"id\"], value_name=\"val\")"
    )
}

/// Code of the rolling aggregate of each measure.
#[must_use]
pub fn rolling_code(rules: &Rules) -> String {
    let rows = if rules.is_stream { "all rows of the stream up to this batch" } else { "the rows of this batch" };
    let agg = &rules.agg;
    let windows = format!(
        "rolling(\"{}\", on=\"timestamp\", min_periods={}, closed=\"{}\")",
        offset(&rules.window),
        rules.min_periods,
        rules.closed,
    );
    let text = if rules.is_by_id {
        format!(
            "# df: {rows}
df = df.sort_values(\"timestamp\", kind=\"stable\", ignore_index=True)"
        )
    } else {
        format!(
            "# df: {rows}
df = df.sort_values(\"timestamp\", kind=\"stable\")"
        )
    };
    let mut lines = vec![text];
    // The result comes id by id; its rows get the numbers that they have in df.
    let by_id = "set_axis(df.sort_values(\"id\", kind=\"stable\").index)";
    for measure in rules.measures() {
        let (name, measure) = (quoted(&rolling_column(measure, agg)), quoted(measure));
        if rules.is_by_id {
            lines.push(format!("rolled = df.groupby(\"id\").{windows}[{measure}].{agg}()"));
            lines.push(format!("df[{name}] = rolled.{by_id}"));
        } else {
            lines.push(format!("df[{name}] = df.{windows}[{measure}].{agg}()"));
        }
    }
    lines.join("\n")
}

/// Code of the pivoted table. Instants have no sum and no deviation: their mean is used there.
#[must_use]
pub fn pivot_code(rules: &Rules) -> String {
    let agg = &rules.aggfunc;
    let columns = columns(&[], rules);
    let aggfunc = match agg.as_str() {
        "sum" | "std" => {
            let measures: Vec<String> =
                rules.measures().map(|measure| format!(", {}: \"{agg}\"", quoted(measure))).collect();
            format!("{{\"timestamp\": \"mean\"{}}}", measures.concat())
        }
        _ => format!("\"{agg}\""),
    };
    let is_value = rules.measures().eq([VALUE]);
    // Without it pandas omits the column where every id has a single row, or a measure has no number.
    let keep = if agg == "std" || !is_value { ", dropna=False" } else { "" };
    // pandas sorts the columns by name.
    let order = if is_value { String::new() } else { format!("[{columns}]") };
    format!(
        "# df: the rows of this batch, in order of time
pivoted = df.pivot_table(index=\"id\", values={columns}, aggfunc={aggfunc}{keep}){order}.reset_index()"
    )
}

/// A list of columns: the time, further ones, and the measures.
fn columns(others: &[&str], rules: &Rules) -> String {
    let names = ["timestamp"].into_iter().chain(others.iter().copied()).chain(rules.measures());
    format!("[{}]", names.map(quoted).collect::<Vec<_>>().join(", "))
}

/// A name as a text of Python, which reads the escapes of JSON.
fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// A length of time as a pandas offset: a day is `D`.
fn offset(window: &str) -> String {
    window.strip_suffix('d').map_or_else(|| window.to_owned(), |days| format!("{days}D"))
}

#[cfg(test)]
mod tests {
    use super::{melt_code, offset, pivot_code, rolling_code};
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
    fn the_code_of_value_is_as_short_as_it_can_be() {
        let rules = Rules::usual();
        assert!(melt_code(&rules).contains("df[[\"timestamp\", \"id\", \"value\"]].melt("));
        assert!(pivot_code(&rules).contains("values=[\"timestamp\", \"value\"], aggfunc=\"mean\").reset_index()"));
    }

    #[test]
    fn each_measure_has_columns_in_the_order_of_the_setting() {
        let measures = vec!["value".to_owned(), "a \"b\"".to_owned()];
        let rules = Rules { measures, ..Rules::usual() };
        assert!(melt_code(&rules).contains(r#"df[["timestamp", "id", "value", "a \"b\""]].melt("#));
        let code = rolling_code(&rules);
        let lines: Vec<&str> = code.lines().skip(2).map(|line| line.split(" = ").next().unwrap_or_default()).collect();
        assert_eq!(lines, [r#"df["moving_avg"]"#, r#"df["a \"b\"_moving_avg"]"#]);
        let columns = r#"["timestamp", "value", "a \"b\""]"#;
        let code = pivot_code(&Rules { aggfunc: "sum".into(), ..rules });
        assert!(code.contains(&format!("values={columns}")) && code.contains(r#""a \"b\"": "sum"}"#), "{code}");
        assert!(code.ends_with(&format!("dropna=False)[{columns}].reset_index()")), "{code}");
    }

    #[test]
    fn a_day_is_spelled_as_in_pandas() {
        assert_eq!(["1d", "36h", "500ms", "1min"].map(offset), ["1D", "36h", "500ms", "1min"]);
    }
}
