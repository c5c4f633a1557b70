//! The endpoints beyond the original.

use super::operation::{Answer, Content, Operation, Parameter, Shape};

/// A key as a client makes it: printable ASCII. Blanks around the value of a header are none of it.
const KEY: &str = "^[!-~]([ -~]{0,253}[!-~])?$";
/// A position of the stream: the id of an event, 0 for all that is kept, or nothing.
const POSITION: &str = "^(([0-9A-Fa-f]{16}-)?[0-9]{1,19})?$";
/// Two events, as lines of JSON.
const LINES: &str = r#""{\"id\":\"pump-1\",\"value\":12.5}\n{\"id\":\"pump-2\",\"value\":73}\n""#;

/// A source that is read.
const SOURCE: &str = r#"{"source":"file","state":"open","cursor":{"source":"file:pumps.csv","epoch":"5f2c9a1b3d4e6f70","position":4194304,"taken":73912},"lag":{"messages":null,"secs":1.5},"rates":{"rows_per_sec":250000,"bytes_per_sec":14200000},"retries":0,"next_try":null,"counts":{"messages":0,"accepted":73900,"refused":12,"dropped":0,"gaps":0},"error":null,"sink":null}"#;

/// A response without a body.
const NO_CONTENT: Answer = Answer { status: "204", description: "Done.", headers: &[], contents: &[] };

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "POST",
        description: "When the answer comes, every batch that these events completed is processed and, if persist is on, durable. \
                      Bodies may be compressed: Content-Encoding gzip or deflate; every other coding but identity is 415. \
                      CSV is read in UTF-8, or UTF-16 with a byte order mark; its delimiter is found from the header row \
                      (comma, semicolon, tab, bar), said by a first line such as sep=; or by the parameter. \
                      A row has at most 1 MiB: a longer one is refused by itself. A body that is refused as a whole \
                      changes nothing. The settings measures, missing, timestamp_field and id_field say what an event is \
                      made of; other fields are ignored, and the answer names them. Record batches are read too, as \
                      application/vnd.apache.arrow.stream, application/vnd.apache.arrow.file and \
                      application/vnd.apache.parquet.",
        bodies: &[
            Content::json("Events", r#"[{"id":"pump-1","value":12.5},{"id":"pump-2","value":73}]"#),
            Content { schema: "EventLines", ..Content::text("application/x-ndjson", LINES) },
            Content { schema: "EventLines", ..Content::text("application/ndjson", LINES) },
            Content { schema: "EventLines", ..Content::text("application/jsonl", LINES) },
            Content { schema: "EventLines", ..Content::text("application/x-jsonlines", LINES) },
            Content { schema: "EventsCsv", ..Content::text("text/csv", r#""id,value\npump-1,12.5\npump-2,73\n""#) },
            Content {
                schema: "EventsTsv",
                ..Content::text("text/tab-separated-values", r#""id\tvalue\npump-1\t12.5\npump-2\t73\n""#)
            },
        ],
        answer: Answer {
            status: "202",
            description: "The usable rows are taken, the others are counted, and the first 1,000 of them at most listed with their reasons: \
                          accepted and rejected_count together are the rows of the body.",
            headers: &["Idempotency-Replayed"],
            contents: &[Content::json(
                "Receipt",
                r#"{"accepted":1,"rejected_count":1,"rejected":[{"row":1,"line":3,"reason":"value n/a is not a number"}]}"#,
            )],
        },
        parameters: &[
            Parameter {
                place: "header",
                name: "Idempotency-Key",
                shape: Shape::Text(KEY),
                example: "0c7e6a30-5d2f-4a35-9a5e-6f0f0e3c8d11",
                description: "Of the newest 10,000 keys each is taken once: a repetition gets the first answer, also after a \
                              reload. With another body it is refused.",
            },
            Parameter::query(
                "complete",
                Shape::Choice(&["true", "false"]),
                "true",
                "Whether what waits afterwards is processed too, as a smaller batch.",
            ),
            Parameter::query(
                "rows_before",
                Shape::Count(u64::MAX),
                "0",
                "Of a large file that is sent in slices: its rows before this slice. Refused rows name their places in the file.",
            ),
            Parameter::query(
                "lines_before",
                Shape::Count(u64::MAX),
                "0",
                "As `rows_before`: the lines before this slice.",
            ),
            Parameter::query(
                "delimiter",
                Shape::Text(r"^[,;\t|]$"),
                ";",
                "What stands between the fields of CSV: comma, semicolon, tab or bar; found from the header row if absent.",
            ),
            Parameter::query(
                "decimal",
                Shape::Choice(&[".", ","]),
                ",",
                "What stands before the fraction of a number in CSV; if absent a point, or a comma where it is not the delimiter.",
            ),
            Parameter::query(
                "header",
                Shape::Choice(&["true", "false"]),
                "true",
                "Whether the first row of CSV names its columns, which are column0, column1 and so on otherwise.",
            ),
        ],
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
            r#"{"total":1,"rejected":[{"arrived":"2025-06-01T21:15:07","source":"POST /events","row":1,"line":3,"reason":"value n/a is not a number","input":"pump-1,n/a"}]}"#,
        )],
    ),
    Operation {
        description: "An event \"batch\" for each batch, with its position as id and the tables as data; a comment line \
                      every 15 s; an event \"gap\" when what Last-Event-ID asks for is gone: trimmed, or from before all was \
                      forgotten. A position is <epoch>-<batch number>, opaque to readers. A batch that was cut off when \
                      another tab took over ends as an event \"cut\", and comes again.",
        parameters: &[
            Parameter {
                place: "header",
                name: "Last-Event-ID",
                shape: Shape::Text(POSITION),
                example: "5f2c9a1b3d4e6f70-41",
                description: "The id of the last event that was seen: the stream goes on after it. 0: all that is kept.",
            },
            Parameter::query(
                "last_event_id",
                Shape::Text(POSITION),
                "5f2c9a1b3d4e6f70-41",
                "The same, for a script that opens an EventSource anew; the header overrules it.",
            ),
        ],
        refusals: &["422"],
        ..Operation::get(
            "stream",
            "Each batch as it is processed, as Server-Sent Events.",
            &[Content::text(
                "text/event-stream",
                r#""retry: 1000\n\nid: 5f2c9a1b3d4e6f70-42\nevent: batch\ndata: {\"latest\":[],\"melted\":[],\"pivoted\":[]}\n\n""#,
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
        description: "null sets the default. A body has at most 64 KiB. All or nothing: 422 lists the bad fields and changes nothing.",
        bodies: &[Content::json("SettingsPatch", r#"{"interval":"100ms","batch_size":20}"#)],
        refusals: &["413", "415", "422"],
        ..Operation::get("config", "Changes settings; they apply at once.", &[Content::json("Settings", "")])
    },
    Operation::get("source", "What the source does, and how far it has come.", &[Content::json("Source", SOURCE)]),
    Operation {
        method: "POST",
        description: "Of a file, also one that is replayed, and of a NATS stream.",
        refusals: &["409"],
        ..Operation::get("source/pause", "Lets the source rest.", &[Content::json("Source", SOURCE)])
    },
    Operation {
        method: "POST",
        refusals: &["409"],
        ..Operation::get("source/resume", "Lets a paused source go on.", &[Content::json("Source", SOURCE)])
    },
    Operation {
        method: "POST",
        description: "Of a file that is replayed, and of a NATS stream that is followed.",
        bodies: &[Content::json("SourceSeek", r#"{"time":"2025-06-01T21:15:07"}"#)],
        refusals: &["409", "413", "415", "422"],
        ..Operation::get("source/seek", "Lets the source go on elsewhere.", &[Content::json("Source", SOURCE)])
    },
    Operation {
        method: "PUT",
        description: "For the servers of websocket, sse, poll and nats, and of sink_subject. An object without members \
                      forgets them. No other server than that of source_url is shown them. They are kept in memory \
                      until the pipeline stops, and stand in no answer, address, file or export.",
        bodies: &[Content::json("Credentials", r#"{"user":"millrace","password":"correct horse"}"#)],
        answer: NO_CONTENT,
        refusals: &["413", "415", "422"],
        ..Operation::get("credentials", "Gives the credentials of live sources.", &[])
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
