//! Leaf components: values and callbacks in, an element out. One component a file.
//!
//! Read `copy_button` first, a small one. A component of few props is a function, one of many a struct with a doc line for each and a `view`.

pub mod channel;
pub mod chart;
pub mod chart_picture;
pub mod choice;
pub mod copy_button;
pub mod counter;
pub mod data_table;
pub mod gauge;
pub mod mill_wheel;
pub mod notice;
pub mod outcome;
pub mod pager;
pub mod pandas_line;
pub mod parameter_field;
pub mod question;
pub mod response_view;
pub mod segmented;
pub mod setting_field;
pub mod slots;
pub mod stage;
pub mod status_pill;
pub mod toast;
pub mod virtual_table;
