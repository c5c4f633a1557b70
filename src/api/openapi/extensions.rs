//! The endpoints beyond the original.

use super::operation::{Answer, Content, Operation, Parameter, Shape};

/// A response without a body.
const NO_CONTENT: Answer = Answer { status: "204", description: "Done.", headers: &[], contents: &[] };

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "POST",
        description: "When the answer comes, every batch that these events completed is processed and, if persist is on, durable.",
        bodies: &[
            Content::json("Events", r#"[{"id":"pump-1","value":12.5},{"id":"pump-2","value":73}]"#),
            Content::text(
                "application/x-ndjson",
                r#""{\"id\":\"pump-1\",\"value\":12.5}\n{\"id\":\"pump-2\",\"value\":73}\n""#,
            ),
            Content::text("text/csv", r#""id,value\npump-1,12.5\npump-2,73\n""#),
        ],
        answer: Answer {
            status: "202",
            description: "The usable rows are taken, the others are listed with their reasons.",
            headers: &[],
            contents: &[Content::json(
                "Receipt",
                r#"{"accepted":1,"rejected":[{"row":1,"reason":"value n/a is not a number"}]}"#,
            )],
        },
        parameters: &[Parameter {
            place: "query",
            name: "complete",
            shape: Shape::Choice(&["true", "false"]),
            example: "true",
            description: "Whether what waits afterwards is processed too, as a smaller batch.",
        }],
        refusals: &["413", "415", "422", "507"],
        ..Operation::get("events", "Puts events of yours into the queue.", &[])
    },
    Operation {
        method: "DELETE",
        answer: NO_CONTENT,
        refusals: &["507"],
        ..Operation::get("events", "Forgets results, history, dead letters and rolling state.", &[])
    },
    Operation::get(
        "rejected",
        "The newest 1,000 refused rows with their reasons, newest first.",
        &[Content::json(
            "Rejected",
            r#"{"total":1,"rejected":[{"arrived":"2025-06-01T21:15:07","source":"POST /events","row":1,"reason":"value n/a is not a number","input":"pump-1,n/a"}]}"#,
        )],
    ),
    Operation {
        description: "An event \"batch\" for each batch, with its number as id and the tables as data; a comment line \
                      every 15 s; an event \"gap\" when what Last-Event-ID asks for is gone.",
        parameters: &[
            Parameter {
                place: "header",
                name: "Last-Event-ID",
                shape: Shape::Count,
                example: "41",
                description: "The number of the last batch that was seen: the stream goes on after it.",
            },
            Parameter {
                place: "query",
                name: "last_event_id",
                shape: Shape::Count,
                example: "41",
                description: "The same, for a script that opens an EventSource anew; the header overrules it.",
            },
        ],
        refusals: &["422"],
        ..Operation::get(
            "stream",
            "Each batch as it is processed, as Server-Sent Events.",
            &[Content::text(
                "text/event-stream",
                r#""retry: 1000\n\nid: 42\nevent: batch\ndata: {\"latest\":[],\"melted\":[],\"pivoted\":[]}\n\n""#,
            )],
        )
    },
    Operation::get(
        "metrics",
        "Counters, gauges and latencies in Prometheus' text format.",
        &[Content::text("text/plain", r##""# TYPE millrace_batches_total counter\nmillrace_batches_total 42\n""##)],
    ),
    Operation::get(
        "health",
        "State, version, storage and uptime.",
        &[Content::json(
            "Health",
            r#"{"status":"ok","state":"running","version":"0.1.0","storage":"durable","uptime_secs":12.5}"#,
        )],
    ),
    Operation::get("config", "All settings.", &[Content::json("Settings", "")]),
    Operation {
        method: "PATCH",
        description: "null sets the default. All or nothing: 422 lists every bad field and changes nothing.",
        bodies: &[Content::json("SettingsPatch", r#"{"interval":"100ms","batch_size":20}"#)],
        refusals: &["413", "415", "422"],
        ..Operation::get("config", "Changes settings; they apply at once.", &[Content::json("Settings", "")])
    },
    Operation::get("openapi.json", "This document.", &[Content::json("Document", "")]),
    Operation {
        answer: Answer {
            status: "307",
            description: "To the app's page with the console in view.",
            headers: &["Location"],
            contents: &[],
        },
        ..Operation::get("docs", "Opens the API console.", &[])
    },
];
