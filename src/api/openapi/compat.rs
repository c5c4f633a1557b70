//! The endpoints of the original, `/query` with further parameters.

use super::operation::{Answer, Content, Operation, Parameter, Shape};
use crate::pipeline::{CLOSED, PIVOT_AGGS, WINDOW_AGGS};

const TABLES: &str = r#"{"latest":[{"timestamp":"2025-06-01T21:15:07","id":"pump-1","value":12.5,"moving_avg":12.5}],"melted":[{"id":"pump-1","variable":"timestamp","val":"2025-06-01T21:15:07"},{"id":"pump-1","variable":"value","val":12.5}],"pivoted":[{"id":"pump-1","timestamp":"2025-06-01T21:15:07","value":12.5}]}"#;

const QUERY: &[Parameter] = &[
    Parameter::query("start", Shape::Text, "2025-06-01T21:15:07", "From this instant on, inclusive: ISO 8601."),
    Parameter::query("end", Shape::Text, "2025-06-01T21:16:07", "Up to this instant, inclusive."),
    Parameter::query("ids", Shape::List, "pump-1,pump-2", "Only these ids, between commas."),
    Parameter::query(
        "views",
        Shape::Choices(&["latest", "melted", "pivoted"]),
        "latest,pivoted",
        "Only these tables, between commas.",
    ),
    Parameter::query("window", Shape::Duration, "5s", "How far the rolling aggregate looks back."),
    Parameter::query("min_periods", Shape::Count, "1", "Rows that a window needs."),
    Parameter::query("closed", Shape::Choice(CLOSED), "right", "Which ends of the window belong to it."),
    Parameter::query("agg", Shape::Choice(WINDOW_AGGS), "mean", "What the window computes."),
    Parameter::query("aggfunc", Shape::Choice(PIVOT_AGGS), "mean", "What the pivot computes."),
    Parameter::query(
        "bucket",
        Shape::Duration,
        "1min",
        "Pivots by time buckets of this length, one column for each id.",
    ),
    Parameter::query("limit", Shape::Count, "100", "At most this many of the matched rows."),
    Parameter::query("offset", Shape::Count, "0", "Rows to skip first."),
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
            description: "The tables, or the one view in another format. X-Total-Count and Link only with limit or offset.",
            headers: &["X-Total-Count", "Link"],
            contents: &[
                Content::json("Tables", TABLES),
                Content::text(
                    "application/x-ndjson",
                    r#""{\"timestamp\":\"2025-06-01T21:15:07\",\"id\":\"pump-1\",\"value\":12.5,\"moving_avg\":12.5}\n""#,
                ),
                Content::text("text/csv", r#""timestamp,id,value,moving_avg\n2025-06-01T21:15:07,pump-1,12.5,12.5\n""#),
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
