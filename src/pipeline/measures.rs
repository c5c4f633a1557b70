//! The measures of events: the names of their numeric fields, in order, and of the columns that averages of them have.

use std::fmt;
use std::sync::Arc;

use super::id_list::{read_record, start_of, write_ids};
use crate::frame::Name;
use crate::frame::ops::Agg;

/// Maximum number of measures.
pub const MAX_MEASURES: usize = 64;
/// The longest name of a measure, in bytes of UTF-8.
pub const MAX_MEASURE_BYTES: usize = 64;

/// The measure of events unless others are set, as in the original.
pub const DEFAULT_MEASURE: &str = "value";

/// What [`Measures::parse`] accepts, for the openapi document, as far as a pattern can say it: it counts characters, where
/// names are measured in bytes, and knows neither of names that are used twice nor of those of other columns.
pub const MEASURES_PATTERN: &str = concat!(
    r#"^(?:[^\s",][^\s,]{0,15}|[!#-+\--~][!-+\--~]{0,63}|"(?:[^"]|""){1,16}")"#,
    r#"(?:,(?:[^\s",][^\s,]{0,15}|[!#-+\--~][!-+\--~]{0,63}|"(?:[^"]|""){1,16}")){0,63}$"#
);

/// The names of the measures, in order; at least one. Cloning shares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measures(Arc<[Arc<str>]>);

impl Measures {
    /// Reads the names of one CSV record, as `ids=` has them: a name that holds a comma, a quote or a newline is quoted.
    ///
    /// # Errors
    /// A sentence, for a record with more than one reading and as [`new`](Self::new).
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::new(read_record(text, "measure")?)
    }

    /// Measures of these names.
    ///
    /// # Errors
    /// A sentence, for no names or more than [`MAX_MEASURES`], and for a name that is empty, longer than
    /// [`MAX_MEASURE_BYTES`], used twice, or that of another column of the tables.
    pub fn new<T: Into<Arc<str>>>(names: impl IntoIterator<Item = T>) -> Result<Self, String> {
        let names: Arc<[Arc<str>]> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err("no measure is named; name at least one".to_owned());
        }
        if names.len() > MAX_MEASURES {
            return Err(format!("{} measures are named; name at most {MAX_MEASURES}", names.len()));
        }
        for (position, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(format!("measure {} of the list is empty; name one between each two commas", position + 1));
            }
            if name.len() > MAX_MEASURE_BYTES {
                let bytes = name.len();
                let name = start_of(name);
                return Err(format!("\"{name}\" has {bytes} bytes; a measure's name has at most {MAX_MEASURE_BYTES}"));
            }
            if names[..position].contains(name) {
                return Err(format!("\"{name}\" is named twice; name each measure once"));
            }
        }
        let taken = names.iter().find(|name| is_taken(name, &names));
        match taken {
            Some(name) => Err(format!("\"{name}\" is the name of another column of the tables; rename the field")),
            None => Ok(Self(names)),
        }
    }

    /// The names in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator + Clone {
        self.0.iter().map(|name| &**name)
    }

    /// The names in order, to be shared.
    #[must_use]
    pub fn as_slice(&self) -> &[Arc<str>] {
        &self.0
    }

    /// Number of measures, at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The name of the first measure.
    #[must_use]
    pub fn first(&self) -> &str {
        self.0.first().map_or(DEFAULT_MEASURE, |name| name)
    }

    /// The position of the measure with this name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|measure| **measure == *name)
    }

    /// The place of each `wanted` measure among these, by name.
    #[must_use]
    pub fn places_of(&self, wanted: &Self) -> Vec<Option<usize>> {
        wanted.names().map(|name| self.position(name)).collect()
    }

    /// Whether `value` is the only one, as in the original.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0.len() == 1 && self.first() == DEFAULT_MEASURE
    }
}

impl Default for Measures {
    fn default() -> Self {
        let name: Arc<str> = DEFAULT_MEASURE.into();
        Self(Arc::new([name]))
    }
}

/// As [`Measures::parse`] reads them.
impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_ids(self.names()))
    }
}

/// The column name of a measure's rolling aggregate: `moving_avg` for the mean of `value`, as in the original,
/// `<measure>_moving_avg` for that of another measure.
#[must_use]
pub fn rolling_name(measure: &str, agg: Agg) -> Name {
    match (measure, agg) {
        (DEFAULT_MEASURE, Agg::Mean) => Name::Borrowed("moving_avg"),
        (DEFAULT_MEASURE, agg) => Name::Owned(["moving_", agg.name()].concat()),
        (measure, Agg::Mean) => Name::Owned([measure, "_moving_avg"].concat()),
        (measure, agg) => Name::Owned([measure, "_moving_", agg.name()].concat()),
    }
}

/// Whether a name is that of a column that the tables have besides the measures: of times, of ids, or of an average of one
/// of the measures. All aggregates count, since a query may ask for any of them.
fn is_taken(name: &str, measures: &[Arc<str>]) -> bool {
    let is_average_of = |measure: &str| Agg::ROLLING.iter().any(|agg| rolling_name(measure, *agg) == name);
    matches!(name, "timestamp" | "id")
        || is_average_of(DEFAULT_MEASURE)
        || measures.iter().any(|measure| is_average_of(measure))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Result<Vec<String>, String> {
        Measures::parse(text).map(|measures| measures.names().map(str::to_owned).collect())
    }

    #[test]
    fn names_are_read_in_order_and_kept_to_the_letter() {
        for (text, expected) in [
            ("value", vec!["value"]),
            ("flow,level", vec!["flow", "level"]),
            ("\"a,b\",temperature (°C),a", vec!["a,b", "temperature (°C)", "a"]),
            ("\"Temp\n(°C)\",val,variable,mean", vec!["Temp\n(°C)", "val", "variable", "mean"]),
            ("Value,value,Timestamp,moving", vec!["Value", "value", "Timestamp", "moving"]),
        ] {
            assert_eq!(names(text).unwrap(), expected, "{text}");
        }
        assert_eq!(names("value").unwrap(), Measures::default().names().collect::<Vec<_>>());
    }

    #[test]
    fn a_name_that_cannot_be_a_column_is_refused_with_its_reason() {
        let (long, many) = ("ä".repeat(33), (0..65).map(|number| number.to_string()).collect::<Vec<_>>().join(","));
        for (text, reason) in [
            ("a,,b", "measure 2 of the list is empty"),
            ("a,b,a", "\"a\" is named twice"),
            ("timestamp", "\"timestamp\" is the name of another column"),
            ("a,id", "\"id\" is the name of another column"),
            ("moving_avg", "\"moving_avg\" is the name of another column"),
            ("flow,moving_sum", "\"moving_sum\" is the name of another column"),
            ("flow_moving_avg,flow", "\"flow_moving_avg\" is the name of another column"),
            ("flow,flow_moving_median", "\"flow_moving_median\" is the name of another column"),
            ("\"a", "the quote before \"a\" never ends"),
            ("\"a\"b", "double each quote of the measure"),
            (&long, "has 66 bytes; a measure's name has at most 64"),
            (&many, "65 measures are named; name at most 64"),
        ] {
            let error = names(text).unwrap_err();
            assert!(error.contains(reason) && error.len() < 200, "{text:?}: {error}");
        }
        assert_eq!(names("level,flow_moving_avg").unwrap().len(), 2, "no measure has this average");
        assert!(Measures::new(Vec::<Arc<str>>::new()).is_err());
    }

    #[test]
    fn measures_find_their_places_among_others() {
        let measures = |text| Measures::parse(text).unwrap();
        assert_eq!(measures("a,b,c").places_of(&measures("c,d,a")), [Some(2), None, Some(0)]);
    }

    proptest! {
        #![proptest_config(crate::tests::form::cases(256))]

        #[test]
        fn what_is_written_reads_back_also_when_a_form_trims_it(
            names in prop::collection::btree_set("\\PC{1,9}|[,\"\r\n a]{1,5}", 1..9),
        ) {
            let measures = Measures::new(names.iter().map(String::as_str)).unwrap();
            let text = measures.to_string();
            prop_assert_eq!(Measures::parse(&text), Ok(measures.clone()));
            prop_assert_eq!(Measures::parse(text.trim()), Ok(measures));
        }

        #[test]
        fn what_the_pattern_describes_is_read_but_for_names_that_are_taken(
            text in proptest::string::string_regex(MEASURES_PATTERN.trim_matches(['^', '$'])).unwrap(),
        ) {
            if let Err(error) = Measures::parse(&text) {
                prop_assert!(error.contains("twice") || error.contains("another column"), "{:?}: {}", text, error);
            }
        }
    }
}
