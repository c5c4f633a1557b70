//! Floor 0: the columnar frame and its verbs, written by hand.
//!
//! Read [`Frame`] first, then [`Column`]; the verbs are in [`ops`], one file each. Columns are shared, so a verb that
//! only rearranges (melt) or narrows (a slice) copies no values. `examples/verbs` adds verbs from outside. Behaviour follows pandas; missing values are
//! NaN in float columns, [`NAT`] in datetime columns and [`Strings::MISSING`] in text; int and bool columns have none,
//! as in pandas, where a gap turns them into float or object.

mod buffer;
mod categories;
mod column;
mod error;
mod number;
pub mod ops;
mod recent_texts;
mod rows;
mod strings;
mod table;
mod value;

pub use buffer::Buffer;
pub use column::{Column, Dtype, NAT};
pub use error::FrameError;
pub use number::{round_shown, write_number};
pub(crate) use recent_texts::RecentTexts;
pub(crate) use strings::canonical_uuid;
pub use strings::{Strings, StringsBuilder, Text};
pub use table::{Frame, Name};
pub use value::{Cell, Value};
