//! The views of the page, and the places that addresses lead to.

/// A view: a screen of its own, named in the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ViewId {
    /// The pipeline at work: stages, chart, the tables of the newest batch.
    #[default]
    Live,
    /// All rows that are kept.
    History,
    /// The operations of the API.
    Api,
    /// The user's own events, and the refused rows.
    Data,
    /// Where the history is kept.
    Storage,
}

impl ViewId {
    /// All views, in the order of their links.
    pub const ALL: [Self; 5] = [Self::Live, Self::History, Self::Api, Self::Data, Self::Storage];

    /// The title of its link.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::History => "History",
            Self::Api => "API",
            Self::Data => "Data",
            Self::Storage => "Storage",
        }
    }

    /// Its name in the address.
    #[must_use]
    pub fn anchor(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::History => "history",
            Self::Api => "api",
            Self::Data => "data",
            Self::Storage => "storage",
        }
    }

    /// The id of its heading, which takes the focus when the view is shown.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Live => "pipeline-title",
            Self::History => "history-title",
            Self::Api => "console-title",
            Self::Data => "own-data-title",
            Self::Storage => "storage-title",
        }
    }

    /// The view at a position among all of them.
    #[must_use]
    pub fn at(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }
}

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A part of a view, by its id; the heading of the view unless the address names another part.
    Part(ViewId, &'static str),
    /// The settings, beside whichever view is shown.
    Settings,
}

impl Place {
    /// The place that an anchor leads to, `None` for one that is not known. The anchors of the page as one long document
    /// still lead to what they named.
    #[must_use]
    pub fn of(anchor: &str) -> Option<Self> {
        let view = ViewId::ALL.into_iter().find(|view| view.anchor() == anchor);
        if let Some(view) = view {
            return Some(Self::Part(view, view.heading()));
        }
        let (view, part) = match anchor {
            "settings" | "settings-title" => return Some(Self::Settings),
            "pipeline" | "pipeline-title" => (ViewId::Live, "pipeline-title"),
            "chart" | "chart-title" => (ViewId::Live, "chart-title"),
            "tables" | "tables-title" => (ViewId::Live, "tables-title"),
            "history-title" => (ViewId::History, "history-title"),
            "console" | "console-title" => (ViewId::Api, "console-title"),
            "own-data" | "own-data-title" => (ViewId::Data, "own-data-title"),
            "live-source" | "live-source-title" => (ViewId::Data, "live-source-title"),
            "dead-letters" | "dead-letters-title" | "refused" => (ViewId::Data, "dead-letters-title"),
            "storage-title" => (ViewId::Storage, "storage-title"),
            _ => return None,
        };
        Some(Self::Part(view, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_is_found_by_its_anchor_and_by_its_position() {
        for (index, view) in ViewId::ALL.into_iter().enumerate() {
            assert_eq!(Place::of(view.anchor()), Some(Place::Part(view, view.heading())));
            assert_eq!(ViewId::at(index), Some(view));
        }
        assert_eq!(ViewId::at(5), None);
    }

    #[test]
    fn old_anchors_lead_to_what_they_named() {
        assert_eq!(Place::of("console"), Some(Place::Part(ViewId::Api, "console-title")));
        assert_eq!(Place::of("tables"), Some(Place::Part(ViewId::Live, "tables-title")));
        assert_eq!(Place::of("dead-letters-title"), Some(Place::Part(ViewId::Data, "dead-letters-title")));
        assert_eq!(Place::of("live-source"), Some(Place::Part(ViewId::Data, "live-source-title")));
        assert_eq!(Place::of("settings"), Some(Place::Settings));
        assert_eq!(Place::of("nowhere"), None);
    }
}
