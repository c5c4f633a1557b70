//! The sentences for what the page is connected to.

/// How well something stands, for its colour and sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// Not known yet.
    #[default]
    Pending,
    /// As wished.
    Good,
    /// Works with less than everything.
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
    /// How well it stands.
    pub health: Health,
    /// What is shown.
    pub text: &'static str,
}

impl Status {
    /// A status.
    #[must_use]
    pub fn new(health: Health, text: &'static str) -> Self {
        Self { health, text }
    }
}
