//! Status texts for the page's connection.

/// The health of something, for its colour and symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// Not known yet.
    #[default]
    Pending,
    /// Works as configured.
    Good,
    /// Works with reduced function.
    Limited,
    /// Does not work.
    Broken,
}

impl Health {
    /// The state part of a class name.
    #[must_use]
    pub fn class_part(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Good => "good",
            Self::Limited => "limited",
            Self::Broken => "broken",
        }
    }
}

/// A short text with its health.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Its health.
    pub health: Health,
    /// The text shown.
    pub text: &'static str,
}

impl Status {
    /// A status.
    #[must_use]
    pub fn new(health: Health, text: &'static str) -> Self {
        Self { health, text }
    }
}
