//! Leaf components: signals in, callbacks out. One component a file, with its parts.
//!
//! Read `copy_button` first, a small one.

pub mod button;
pub mod channel;
pub mod chart;
pub mod chart_picture;
pub mod choice;
pub mod copy_button;
pub mod counter;
pub mod data_table;
pub mod deferred;
pub mod dialog;
pub mod gauge;
pub mod held_notice;
pub mod link_warning;
pub mod method_badge;
pub mod mill_wheel;
pub mod notice;
pub mod offers;
pub mod outcome;
pub mod pager;
pub mod pandas_line;
pub mod parameter_field;
pub mod question;
pub mod response_docs;
pub mod response_view;
pub mod segmented;
pub mod setting_field;
pub mod slots;
pub mod stage;
pub mod status_pill;
pub mod toast;
pub mod virtual_table;
