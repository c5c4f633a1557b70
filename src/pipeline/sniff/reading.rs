//! From a reading to what reads: settings, a format and a mapping.

use super::preview::Reading;
use crate::pipeline::records::{CsvOptions, Format, Mapping};
use crate::pipeline::{Settings, SourceFormat, write_ids};
use crate::time::{Clock, Zone};

/// The zones in which times without an offset can be read.
#[derive(Clone, Copy)]
pub struct Zones<'a> {
    /// That of the setting `clock`, which also prints times.
    pub clock: &'a Clock,
    /// The browser's.
    pub local: &'a Zone,
    /// Finds one by its IANA name.
    pub find: &'a dyn Fn(&str) -> Option<Zone>,
}

/// What a reading means.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The settings, of which those of the reading are changed.
    pub settings: Settings,
    /// How rows are written.
    pub format: Format,
    /// What becomes of them.
    pub mapping: Mapping,
}

impl Reading {
    /// What this reading means, on top of these settings.
    ///
    /// # Errors
    /// A sentence for each value that its setting refuses, for no measure at all, and for a zone that is not known.
    pub fn resolve(&self, settings: &Settings, zones: Zones<'_>) -> Result<Resolved, Vec<String>> {
        if self.measures.is_empty() {
            return Err(vec!["no column is a measure; choose at least one column of numbers".to_owned()]);
        }
        let values = self.values();
        let changes = values.iter().map(|(name, value)| (*name, value.as_deref()));
        let settings =
            settings.merged(changes).map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        let clock = settings.timestamp_zone.clock(zones.clock, zones.local, zones.find);
        let clock = clock.map_err(|error| vec![format!("timestamp_zone: {error}")])?;
        let mut mapping = Mapping::of(&settings, clock);
        // The settings have a default where the reading has none, and where the name of a column is empty.
        mapping.timestamp_field = self.timestamp_field.as_deref().map(Into::into);
        mapping.id_field = self.id_field.as_deref().map(Into::into);
        let format = match settings.source_format {
            SourceFormat::Json => Format::Json,
            SourceFormat::Ndjson => Format::Ndjson,
            SourceFormat::Csv | SourceFormat::Auto => Format::Csv(CsvOptions::of(&settings)),
            SourceFormat::Arrow | SourceFormat::Parquet => Format::Columns,
        };
        Ok(Resolved { settings, format, mapping })
    }

    /// Names and values of the settings; `None` is the default.
    #[must_use]
    pub fn values(&self) -> [(&'static str, Option<String>); 10] {
        let header = self.header.map(|has_header| has_header.to_string());
        let measures = write_ids(self.measures.iter().map(String::as_str));
        [
            ("source_format", Some(self.source_format.clone())),
            ("delimiter", self.delimiter.clone()),
            ("decimal", self.decimal.clone()),
            ("header", header),
            ("timestamp_field", self.timestamp_field.clone()),
            ("timestamp_format", Some(self.timestamp_format.clone())),
            ("timestamp_zone", Some(self.timestamp_zone.clone())),
            ("id_field", self.id_field.clone()),
            ("measures", Some(measures).filter(|names| !names.is_empty())),
            ("missing", Some(self.missing.clone())),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Missing;

    fn reading() -> Reading {
        Reading {
            source_format: "csv".to_owned(),
            delimiter: Some("tab".to_owned()),
            decimal: Some(",".to_owned()),
            header: Some(false),
            timestamp_field: Some("at".to_owned()),
            timestamp_format: "%d.%m.%Y".to_owned(),
            timestamp_zone: "Europe/Berlin".to_owned(),
            id_field: None,
            measures: vec!["a,b".to_owned(), "c".to_owned()],
            missing: "allow".to_owned(),
        }
    }

    fn resolve(reading: &Reading) -> Result<Resolved, Vec<String>> {
        let find = |name: &str| (name == "Europe/Berlin").then(|| Zone::new(3600, Vec::new()));
        reading.resolve(&Settings::default(), Zones { clock: &Clock::Utc, local: &Zone::UTC, find: &find })
    }

    #[test]
    fn a_reading_becomes_settings_and_a_mapping() {
        let Resolved { settings, format, mapping } = resolve(&reading()).unwrap();
        assert_eq!(format, Format::Csv(CsvOptions::of(&settings)));
        assert_eq!((settings.delimiter.byte(), settings.missing), (Some(b'\t'), Missing::Allow));
        assert_eq!(mapping.measures.names().collect::<Vec<_>>(), ["a,b", "c"]);
        assert_eq!((mapping.timestamp_field.as_deref(), mapping.id_field), (Some("at"), None));
        assert_eq!(mapping.clock, Clock::Local(Zone::new(3600, Vec::new())));
    }

    #[test]
    fn what_cannot_be_meant_is_said_by_its_setting() {
        let faulty = |change: fn(&mut Reading)| {
            let mut reading = reading();
            change(&mut reading);
            resolve(&reading).unwrap_err().join("; ")
        };
        for (found, reason) in [
            (faulty(|reading| reading.measures.clear()), "no column is a measure"),
            (
                faulty(|reading| reading.timestamp_format = "%Q".to_owned()),
                "timestamp_format: \"%Q\" has the directive",
            ),
            (faulty(|reading| reading.timestamp_zone = "Mars/Base".to_owned()), "\"Mars/Base\" is no time zone"),
            (faulty(|reading| reading.measures = vec!["id".to_owned()]), "measures: \"id\""),
            (faulty(|reading| reading.delimiter = Some("ab".to_owned())), "delimiter: \"ab\""),
        ] {
            assert!(found.contains(reason), "{found}");
        }
    }
}
