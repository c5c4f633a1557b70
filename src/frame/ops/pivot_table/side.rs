//! The labels of one side of a wide table.

use std::borrow::Cow;

use super::axis::Axis;
use super::level::Level;
use super::numbering::{Numbering, number_small, number_tuples};
use crate::frame::FrameError;

/// The labels of one side of a wide table.
pub(super) struct Side {
    pub(super) axis: Axis,
    /// For each group the position of its label.
    pub(super) of: Vec<u32>,
    /// The number of labels that occur.
    pub(super) occurring: usize,
}

impl Side {
    /// Labels in the order of their values if `sort`, else of the groups; every combination of keys if `is_whole`.
    ///
    /// # Errors
    /// [`FrameError::InvalidArgument`] when there would be too many.
    pub(super) fn new(levels: &[Level], codes: &[Vec<u32>], sort: bool, is_whole: bool) -> Result<Self, FrameError> {
        let ranked: Vec<Ranked> = levels.iter().zip(codes).map(|(level, codes)| Ranked::new(level, codes)).collect();
        let ranks: Vec<&[u32]> = ranked.iter().map(|ranked| &*ranked.ranks).collect();
        let mut numbering = number_tuples(&ranks);
        if sort {
            let tuple = |group: u32| ranks.iter().map(move |ranks| ranks[group as usize]);
            numbering = numbering.sorted(|firsts| firsts.sort_unstable_by(|a, b| tuple(*a).cmp(tuple(*b))));
        }
        let Numbering { codes: mut of, firsts } = numbering;
        let codes = ranks
            .iter()
            .zip(&ranked)
            .map(|(ranks, ranked)| ranked.codes_of(firsts.iter().map(|first| ranks[*first as usize]).collect()));
        let (codes, occurring) = (codes.collect(), firsts.len());
        let levels = levels.iter().map(|level| (level.name.clone(), level.values.clone())).collect();
        let mut axis = Axis { levels, codes, len: occurring };
        if is_whole && axis.levels.len() > 1 {
            let (product, places) = axis.product()?;
            of.iter_mut().for_each(|label| *label = places[*label as usize]);
            axis = product;
        }
        Ok(Self { axis, of, occurring })
    }
}

/// The codes of a level as ranks in the order of the labels.
struct Ranked<'a> {
    ranks: Cow<'a, [u32]>,
    /// The code of each rank, unless they are equal.
    codes: Option<Vec<u32>>,
}

impl<'a> Ranked<'a> {
    /// Ranks are codes, unless one of the level's values does not occur: then, as in pandas (`remove_unused_levels`),
    /// values rank in order of appearance.
    fn new(level: &Level, codes: &'a [u32]) -> Self {
        let Numbering { codes: ranks, firsts } = number_small(codes.iter().copied().map(Some), level.values.len());
        if firsts.len() == level.values.len() {
            return Self { ranks: Cow::Borrowed(codes), codes: None };
        }
        let codes = firsts.iter().map(|first| codes[*first as usize]).collect();
        Self { ranks: Cow::Owned(ranks), codes: Some(codes) }
    }

    fn codes_of(&self, ranks: Vec<u32>) -> Vec<u32> {
        match &self.codes {
            Some(codes) => ranks.into_iter().map(|rank| codes[rank as usize]).collect(),
            None => ranks,
        }
    }
}
