//! The aggregates of pivot_table and rolling, by their pandas names.

use std::fmt;

/// How several values are reduced to one. Missing values are left out, as in pandas (`skipna`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agg {
    /// The sum divided by the count.
    Mean,
    /// The sum; of nothing, zero.
    Sum,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The number of present values.
    Count,
    /// The middle value, or the mean of the two in the middle.
    Median,
    /// The sample standard deviation (`ddof` = 1).
    Std,
    /// The sample variance (`ddof` = 1).
    Var,
    /// The first present value.
    First,
    /// The last present value.
    Last,
    /// The number of distinct present values.
    Nunique,
    /// The standard error of the mean: the sample standard deviation divided by the root of the count.
    Sem,
}

impl Agg {
    /// Every aggregate.
    pub const ALL: &[Self] = &[
        Self::Mean,
        Self::Sum,
        Self::Min,
        Self::Max,
        Self::Count,
        Self::Median,
        Self::Std,
        Self::Var,
        Self::First,
        Self::Last,
        Self::Nunique,
        Self::Sem,
    ];

    /// Those that the HTTP contract offers for the rolling window.
    pub const ROLLING: &[Self] =
        &[Self::Mean, Self::Sum, Self::Min, Self::Max, Self::Count, Self::Std, Self::Var, Self::Median, Self::Sem];

    /// Those that the HTTP contract offers for the pivot.
    pub const PIVOT: &[Self] =
        &[Self::Mean, Self::Sum, Self::Min, Self::Max, Self::Count, Self::Median, Self::Std, Self::First, Self::Last];

    /// Its name in pandas.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Count => "count",
            Self::Median => "median",
            Self::Std => "std",
            Self::Var => "var",
            Self::First => "first",
            Self::Last => "last",
            Self::Nunique => "nunique",
            Self::Sem => "sem",
        }
    }

    /// The names of `N` aggregates.
    pub const fn names<const N: usize>(aggs: &[Self]) -> [&'static str; N] {
        let mut names = [""; N];
        let mut place = 0;
        while place < N {
            names[place] = aggs[place].name();
            place += 1;
        }
        names
    }

    /// The aggregate of this name, if there is one.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|agg| agg.name() == text)
    }
}

impl fmt::Display for Agg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for agg in Agg::ALL {
            assert_eq!(Agg::parse(agg.name()), Some(*agg));
        }
        assert_eq!(Agg::parse("Mean"), None);
    }
}
