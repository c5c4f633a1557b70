//! The theme of the page: that of the system, or a choice of the user.

/// What the user prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemePreference {
    /// As the system.
    #[default]
    System,
    /// Light, whatever the system has.
    Light,
    /// Dark, whatever the system has.
    Dark,
}

impl ThemePreference {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Its name in the style sheet and in the browser's storage; empty for that of the system.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The preference of this name; an unknown name is that of the system.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|preference| preference.name() == name).unwrap_or_default()
    }

    /// The position among all of them.
    #[must_use]
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|preference| *preference == self).unwrap_or_default()
    }

    /// Whether the page is dark.
    #[must_use]
    pub fn is_dark(self, is_system_dark: bool) -> bool {
        match self {
            Self::System => is_system_dark,
            Self::Light => false,
            Self::Dark => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preference_is_found_by_its_name_and_position() {
        for (index, preference) in ThemePreference::ALL.into_iter().enumerate() {
            assert_eq!(ThemePreference::of_name(preference.name()), preference);
            assert_eq!(preference.index(), index);
        }
        assert_eq!(ThemePreference::of_name("sepia"), ThemePreference::System);
    }

    #[test]
    fn a_choice_goes_before_the_system() {
        for is_system_dark in [false, true] {
            assert_eq!(ThemePreference::System.is_dark(is_system_dark), is_system_dark);
            assert!(!ThemePreference::Light.is_dark(is_system_dark));
            assert!(ThemePreference::Dark.is_dark(is_system_dark));
        }
    }
}
