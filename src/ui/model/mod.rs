//! View models of the page, without Leptos and without a browser, so that they run in native tests.
//!
//! One file for each view model. Read `explanation` first: what a cell of the tables is made of, in a sentence.

pub mod address;
pub mod base_address;
pub mod chart_columns;
pub mod chart_export;
pub mod chart_lines;
pub mod chart_options;
pub mod chart_range;
pub mod chart_reading;
pub mod connection;
pub mod decimal;
pub mod digits;
pub mod endpoints;
pub mod event_tail;
pub mod explanation;
pub mod export_share;
pub mod history_table;
pub mod inspector_text;
pub mod news;
pub mod pandas;
pub mod payload;
pub mod presets;
pub mod pretty_json;
pub mod quantity;
pub mod rates;
pub mod report;
pub mod request_target;
pub mod response_text;
pub mod row_selection;
pub mod settings;
pub mod slices;
pub mod snippet;
pub mod stage_health;
pub mod stage_text;
pub mod storage_text;
pub mod table_page;
pub mod table_slice;
pub mod tar;
pub mod tour_steps;
pub mod undo;
pub mod update_scheduler;
pub mod virtual_scroll;
