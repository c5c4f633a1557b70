//! The options of a rolling window.

use crate::frame::ops::Agg;
use crate::frame::{FrameError, write_number};
use crate::time::Duration;

/// Which ends of the time window belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closed {
    /// (t - width, t]
    #[default]
    Right,
    /// [t - width, t)
    Left,
    /// [t - width, t]
    Both,
    /// (t - width, t)
    Neither,
}

impl Closed {
    /// Every choice.
    pub const ALL: &[Self] = &[Self::Right, Self::Left, Self::Both, Self::Neither];

    /// Its name in pandas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Left => "left",
            Self::Both => "both",
            Self::Neither => "neither",
        }
    }

    /// The choice of this name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|closed| closed.name() == text)
    }

    /// Whether the earlier end belongs to the window.
    pub const fn has_left(self) -> bool {
        matches!(self, Self::Left | Self::Both)
    }

    /// Whether the later end belongs to the window.
    pub const fn has_right(self) -> bool {
        matches!(self, Self::Right | Self::Both)
    }
}

/// The result of a quantile that falls between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interpolation {
    /// Linear interpolation from the lower to the higher value.
    #[default]
    Linear,
    /// The lower value.
    Lower,
    /// The higher value.
    Higher,
    /// The nearer value; halfway, the one of even rank.
    Nearest,
    /// The mean of the two.
    Midpoint,
}

impl Interpolation {
    /// Every choice.
    pub const ALL: &[Self] = &[Self::Linear, Self::Lower, Self::Higher, Self::Nearest, Self::Midpoint];

    /// Its name in pandas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Lower => "lower",
            Self::Higher => "higher",
            Self::Nearest => "nearest",
            Self::Midpoint => "midpoint",
        }
    }

    /// The choice of this name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|interpolation| interpolation.name() == text)
    }
}

/// A position in the ordered values of a window: 0 is the smallest, 1 the largest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// The position, from 0 to 1.
    pub at: f64,
    /// The result between two values.
    pub interpolation: Interpolation,
}

impl Quantile {
    /// The value in the middle, or the mean of the two there.
    pub const MEDIAN: Self = Self { at: 0.5, interpolation: Interpolation::Midpoint };
}

/// A time window and the aggregate of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// The length of the window; positive.
    pub width: Duration,
    /// Fewer present values than this give a missing result. [`Agg::Count`] counts all rows of the window for it.
    pub min_periods: usize,
    /// Which ends belong to the window.
    pub closed: Closed,
    /// Whether the window extends half its width to either side of its row, and so includes later rows.
    pub center: bool,
    /// The aggregate.
    pub agg: Agg,
    /// [`Agg::Var`] and [`Agg::Std`] divide by the count less this; they need more values than this.
    pub ddof: u32,
    /// The position that [`Agg::Median`] returns; another one than the middle makes it any quantile.
    pub quantile: Quantile,
}

impl Window {
    /// A window of this width with pandas' defaults: one value is enough, (t - width, t], `ddof` = 1.
    pub const fn new(width: Duration, agg: Agg) -> Self {
        Self { width, min_periods: 1, closed: Closed::Right, center: false, agg, ddof: 1, quantile: Quantile::MEDIAN }
    }

    /// Refuses windows that cannot be computed.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] for a width that is not positive, an aggregate that has no rolling form, and a
    /// quantile outside 0 to 1.
    pub(super) fn check(&self) -> Result<(), FrameError> {
        let refuse = |sentence| Err(FrameError::InvalidArgument(sentence));
        if self.width.as_nanos() <= 0 {
            return refuse(format!("window {} is not longer than zero; give one such as 5s", self.width));
        }
        if self.agg == Agg::Nunique {
            return refuse(format!("\"{}\" has no rolling form; use one of {}", self.agg, names(Agg::ROLLING)));
        }
        if !(0.0..=1.0).contains(&self.quantile.at) {
            let at = write_number(self.quantile.at);
            return refuse(format!("quantile {at} does not lie between 0 and 1"));
        }
        Ok(())
    }
}

fn names(aggs: &[Agg]) -> String {
    aggs.iter().map(|agg| agg.name()).collect::<Vec<_>>().join(", ")
}
