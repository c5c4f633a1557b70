//! The parts of the page: they read the contexts, hold transient state, and arrange components.
//!
//! Read `bar` first, a small one; `chart` and `tables` are the largest.

#![expect(
    unreachable_pub,
    reason = "`#[component]` makes the props of a component public, also of one that a file keeps to itself"
)]

pub mod activity;
pub mod bar;
pub mod chart;
mod chart_export;
mod chart_lines;
mod chart_span;
mod chart_table;
pub mod console;
pub mod console_form;
pub mod console_operations;
pub mod console_request;
pub mod console_snippets;
pub mod dead_letters;
pub mod exchange;
pub mod files;
pub mod history;
mod history_copy;
mod history_detail;
mod history_filter;
mod history_state;
mod history_tools;
pub mod inspector;
pub mod keys;
pub mod live_source;
pub mod menu;
pub mod notices;
pub mod own_data;
pub mod palette;
pub mod pipeline;
pub mod setting;
pub mod settings;
pub mod side_counters;
pub mod storage;
pub mod tables;
pub mod tour;
pub mod transfer;
pub mod update_notice;
