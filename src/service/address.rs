//! Opening with the settings of a page's address, which take nothing away from what is stored, and send nothing of it to
//! others.

use super::PipelineService;
use crate::frame::FrameError;
use crate::pipeline::{API_KEY, KEEPING, Settings, SourceUrl, address_of_settings, address_with_key, named_settings};
use crate::protocol::HeldSetting;
use crate::store::Disk;
use crate::time::{Duration, Timestamp, Zone};

/// The setting by which what comes in is sent to others.
const SINK: &str = "sink_subject";

impl PipelineService {
    /// [`Self::open`] with `settings` that were read from the query of an address. What the address does not name of
    /// `history_rows`, `history_age` and `memory_rows` is as it was. A setting by which less would be kept is not
    /// applied while there are rows or waiting events, or files that cannot be read: it is returned, for a person to
    /// decide. `is_memory_only` says that persistence was off before: then `persist=false` takes nothing away. Nor is a
    /// `sink_subject` applied through which batches would go where none went before.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_address(
        disk: Disk,
        settings: Settings,
        query: &str,
        is_memory_only: bool,
        zone: Zone,
        entropy: [u8; 32],
        now: Timestamp,
    ) -> Result<(Self, Vec<HeldSetting>), FrameError> {
        let names_memory = !named_settings(query, &["memory_rows"]).is_empty();
        // With the limits of the files: what a smaller one drops while they are read cannot be held back afterwards.
        let mut opening = settings.clone();
        opening.keep_as(&Settings::default(), &["history_rows", "history_age"]);
        let mut service = Self::open(disk, opening, [false, names_memory], zone, entropy, now)?;
        let in_force = Settings { persist: !is_memory_only, ..service.engine().settings().clone() };
        let mut wanted = in_force.clone();
        wanted.keep_as(&settings, &named_settings(query, &KEEPING));
        // No file says whether new rows are to be stored: an address that does not name it has the default.
        wanted.persist = settings.persist;
        // Files that cannot be read now may hold rows.
        let may_hold_rows = service.stored_rows() > 0 || service.store().unread().is_some();
        let less = if may_hold_rows { in_force.keeps_less(&wanted) } else { Vec::new() };
        let mut held: Vec<_> = less.iter().map(|name| service.held_setting(name, &in_force, &wanted, now)).collect();
        wanted.keep_as(&in_force, &less);
        if !service.is_known_sink(&wanted) {
            held.push(service.held_setting(SINK, &Settings::default(), &wanted, now));
            wanted.sink_subject = None;
        }
        if wanted != *service.engine().settings() {
            service.configure(wanted, now)?;
        }
        Ok((service, held))
    }

    /// The settings in force as the query of an address, the key included: for the workers and pages of this browser.
    pub fn address_in_force(&self) -> String {
        let texts = self.engine().settings().texts();
        let key = texts.iter().find(|(name, _)| name == API_KEY).and_then(|(_, key)| key.as_deref());
        address_with_key(&address_of_settings(&texts), key)
    }

    /// Rows of the history, and events that will be some.
    fn stored_rows(&self) -> usize {
        self.history().len() + self.engine().queue().len()
    }

    /// What a setting would take away, or send where.
    fn held_setting(&self, name: &str, in_force: &Settings, wanted: &Settings, now: Timestamp) -> HeldSetting {
        let text = |settings| Settings::field(name).and_then(|field| field.get(settings));
        let removed_rows = match name {
            "history_rows" => self.stored_rows().saturating_sub(wanted.history_rows),
            "history_age" => wanted.history_age.map_or(0, |age| self.rows_older_than(age, now)),
            _ => 0,
        };
        HeldSetting {
            name: name.to_owned(),
            value: text(wanted).unwrap_or_default(),
            in_force: text(in_force),
            server: wanted.sink_url().filter(|_| name == SINK).map(SourceUrl::server),
            removed_rows: removed_rows as u64,
            stored_rows: self.stored_rows() as u64,
        }
    }

    /// Rows that `history_age` would drop; see [`Engine::retain`](crate::pipeline::Engine::retain).
    fn rows_older_than(&self, age: Duration, now: Timestamp) -> usize {
        let newest = self.engine().newest().map(|newest| newest.min(now));
        newest.map_or(0, |newest| self.history().count(Timestamp::MIN, newest - age - Duration::from_nanos(1)))
    }
}
