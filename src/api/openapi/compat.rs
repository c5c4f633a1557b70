//! The endpoints of the original, `/query` with further parameters.

use super::operation::{Answer, Content, Operation, Parameter, Shape};
use crate::api::tables::CURSOR_PATTERN;
use crate::pipeline::{CLOSED, IDS_PATTERN, PIVOT_AGGS, RollingBy, WINDOW_AGGS};
use crate::time::{POSITIVE_DURATION_PATTERN, TIMESTAMP_PATTERN};

const TABLES: &str = r#"{"latest":[{"timestamp":"2025-06-01T21:15:07","id":"pump-1","value":12.5,"moving_avg":12.5}],"melted":[{"id":"pump-1","variable":"timestamp","val":"2025-06-01T21:15:07"},{"id":"pump-1","variable":"value","val":12.5}],"pivoted":[{"id":"pump-1","timestamp":"2025-06-01T21:15:07","value":12.5}]}"#;

/// A row of `latest`, as lines of JSON.
const LINES: &str =
    r#""{\"timestamp\":\"2025-06-01T21:15:07\",\"id\":\"pump-1\",\"value\":12.5,\"moving_avg\":12.5}\n""#;

/// A cursor as its pattern has it.
const CURSOR_EXAMPLE: &str = "t1748812507000000000.1.5f2c9a1b";

/// The largest number that a count of rows can be; larger ones than the rows there are count as all of them.
const ANY_COUNT: u64 = u64::MAX;

const QUERY: &[Parameter] = &[
    Parameter::query(
        "start",
        Shape::Text(TIMESTAMP_PATTERN),
        "2025-06-01T21:15:07",
        "From this instant on, inclusive.",
    ),
    Parameter::query("end", Shape::Text(TIMESTAMP_PATTERN), "2025-06-01T21:16:07", "Up to this instant, inclusive."),
    Parameter::query(
        "ids",
        Shape::Text(IDS_PATTERN),
        "pump-1,pump-2",
        "Only these ids, as one CSV record: an id with a comma, a quote or a line break stands in quotes.",
    ),
    Parameter::query(
        "views",
        Shape::Choices(&["latest", "melted", "pivoted"]),
        "latest,pivoted",
        "Only these tables, between commas.",
    ),
    Parameter::query(
        "window",
        Shape::Text(POSITIVE_DURATION_PATTERN),
        "5s",
        "How far the rolling aggregate looks back.",
    ),
    Parameter::query("min_periods", Shape::Count(1_000_000), "1", "Rows that a window needs."),
    Parameter::query("closed", Shape::Choice(CLOSED), "right", "Which ends of the window belong to it."),
    Parameter::query("agg", Shape::Choice(WINDOW_AGGS), "mean", "What the window computes."),
    Parameter::query("rolling_by", Shape::Choice(RollingBy::NAMES), "id", "Whether each id has windows of its own."),
    Parameter::query("aggfunc", Shape::Choice(PIVOT_AGGS), "mean", "What the pivot computes."),
    Parameter::query(
        "bucket",
        Shape::Text(POSITIVE_DURATION_PATTERN),
        "1min",
        "Pivots by time buckets of this length, one column for each id; of several measures for each <measure>_<id>.",
    ),
    Parameter::query("limit", Shape::Count(ANY_COUNT), "100", "At most this many of the matched rows."),
    Parameter::query("offset", Shape::Count(ANY_COUNT), "0", "Rows to skip first."),
    Parameter::query(
        "cursor",
        Shape::Text(CURSOR_PATTERN),
        CURSOR_EXAMPLE,
        "Where the page before ended: as its Link has it.",
    ),
    Parameter::query(
        "spreadsheet",
        Shape::Choice(&["true", "false"]),
        "true",
        "CSV for spreadsheets: a byte order mark, and text that would be a formula begins with '.",
    ),
    Parameter::query(
        "format",
        Shape::Choice(&["json", "ndjson", "csv", "arrow"]),
        "json",
        "All but json need exactly one view; the header Accept chooses it too.",
    ),
];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        description: "{} before the first batch. All parameters are ignored.",
        ..Operation::get("latest", "The newest processed batch.", &[Content::json("Tables", TABLES)])
    },
    Operation {
        description: "With start, end or both: the matching rows of the history. With neither: the newest batch. \
                      {} when no row matches. What is left out is as in the settings.",
        parameters: QUERY,
        answer: Answer {
            status: "200",
            description: "The tables, or the one view in another format. X-Total-Count and Link only with limit, offset or \
                          cursor; following Link gives each row once, whatever arrives meanwhile.",
            headers: &["X-Total-Count", "Link"],
            contents: &[
                Content::json("Tables", TABLES),
                Content::text("application/x-ndjson", LINES),
                Content::text("application/ndjson", LINES),
                Content::text("application/jsonl", LINES),
                Content::text("application/x-jsonlines", LINES),
                Content::text("text/csv", r#""timestamp,id,value,moving_avg\n2025-06-01T21:15:07,pump-1,12.5,12.5\n""#),
                Content::text(
                    "text/tab-separated-values",
                    r#""timestamp\tid\tvalue\tmoving_avg\n2025-06-01T21:15:07\tpump-1\t12.5\t12.5\n""#,
                ),
                Content { media_type: "application/vnd.apache.arrow.stream", schema: "", example: "" },
            ],
        },
        refusals: &["422"],
        ..Operation::get("query", "Rows of the whole history between two instants, transformed anew.", &[])
    },
    Operation::get(
        "trigger",
        "Says that the pipeline runs.",
        &[Content::json("Message", r#"{"message":"Data pipeline triggered (auto-started on app launch)"}"#)],
    ),
];
