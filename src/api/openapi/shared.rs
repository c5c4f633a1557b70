//! The parts that several operations share, as the JSON text in the document.

/// The start of the document, up to its paths.
pub(super) const HEAD: &str = concat!(
    r#"{"openapi":"3.1.0","info":{"title":"millrace","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#"","summary":"A real-time data pipeline in one browser tab, and its HTTP surface.","description":"Answered from inside the browser, as long as a tab of the app is open. Paths are relative to the folder that serves the app. HEAD is answered as GET without the body; OPTIONS with 204 and Allow; another method with 405 and Allow; a slash at the end with 307 to the path without it. Of a repeated parameter the last counts, an empty one is absent, an unknown one is ignored. Every answer has Cache-Control: no-store and X-Content-Type-Options: nosniff.","license":{"name":"MIT OR Apache-2.0","identifier":"MIT OR Apache-2.0"}},"servers":[{"url":".","description":"The folder that serves the app"}],"security":[{},{"bearer":[]}]"#
);

/// Statuses with which every operation may refuse: a key or a limit may be set, and the pipeline may be gone.
pub(super) const REFUSALS: [&str; 3] = ["401", "429", "503"];

/// Headers of every response when a rate limit is set.
pub(super) const HEADERS: [&str; 3] = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"];

/// The members of `components`, schemas last and without those of the settings and the closing brackets.
pub(super) const COMPONENTS: &str = concat!(
    r##"{"securitySchemes":{"bearer":{"type":"http","scheme":"bearer","description":"The setting api_key; needed only when it is set."}}"##,
    r##","headers":{"##,
    r##""Retry-After":{"description":"Seconds to wait.","schema":{"type":"integer"},"example":1}"##,
    r##","WWW-Authenticate":{"schema":{"type":"string"},"example":"Bearer"}"##,
    r##","RateLimit-Limit":{"description":"Requests that a full bucket allows; only when rate_limit is set, as the next two.","schema":{"type":"integer"},"example":10}"##,
    r##","RateLimit-Remaining":{"description":"Requests that are left.","schema":{"type":"integer"},"example":9}"##,
    r##","RateLimit-Reset":{"description":"Seconds until the bucket is full.","schema":{"type":"integer"},"example":1}"##,
    r##","Idempotency-Replayed":{"description":"true when the key was there before, and this is the first answer to it.","schema":{"const":"true"},"example":"true"}"##,
    r##","Accept-Encoding":{"description":"The codings that are read, when another one was sent.","schema":{"type":"string"},"example":"gzip, deflate"}"##,
    r##","X-Total-Count":{"description":"Rows that matched before paging.","schema":{"type":"integer"},"example":1650}"##,
    r##","Link":{"description":"The next page, when there is one.","schema":{"type":"string"},"example":"<query?limit=100&cursor=t1748812507000000000.1.5f2c9a1b>; rel=\"next\""}"##,
    r##","Location":{"schema":{"type":"string"},"example":"./#console"}"##,
    r##"},"responses":{"##,
    r##""401":{"description":"A key is set and the request has not got it.","headers":{"WWW-Authenticate":{"$ref":"#/components/headers/WWW-Authenticate"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem"},"example":{"detail":"Not authenticated"}}}}"##,
    r##","413":{"description":"The body is larger than 64 MiB, as sent or as decoded; settings have at most 64 KiB.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}"##,
    r##","415":{"description":"A content type or a Content-Encoding that is not read here; the answer names those that are.","headers":{"Accept-Encoding":{"$ref":"#/components/headers/Accept-Encoding"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}"##,
    r##","422":{"description":"What was sent cannot be used: every bad value at once.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/HTTPValidationError"},"example":{"detail":[{"type":"value_error","loc":["query","start"],"msg":"\"garbage\" is not an ISO 8601 date and time, such as 2025-06-01T21:15:07.5 or 2025-06-01, nor a number since the epoch","input":"garbage"}]}}}}"##,
    r##","429":{"description":"A rate limit is set and reached.","headers":{"Retry-After":{"$ref":"#/components/headers/Retry-After"},"RateLimit-Limit":{"$ref":"#/components/headers/RateLimit-Limit"},"RateLimit-Remaining":{"$ref":"#/components/headers/RateLimit-Remaining"},"RateLimit-Reset":{"$ref":"#/components/headers/RateLimit-Reset"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}"##,
    r##","503":{"description":"No tab runs the pipeline, the queue is full and overflow is reject, or too many queries of many rows or bodies wait already.","headers":{"Retry-After":{"$ref":"#/components/headers/Retry-After"}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem"},"example":{"detail":"no tab runs the pipeline; open the app in a tab and ask again"}}}}"##,
    r##","507":{"description":"The disk is full, or the events could not be kept.","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}"##,
    r##"},"schemas":{"##,
    r##""Text":{"type":"string"}"##,
    r##","Instant":{"type":"string","description":"ISO 8601: local time, or UTC with a Z, as the setting clock says; with its offset where local time alone would name another instant. No fraction when it is zero, else six digits, nine when it needs them.","pattern":"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{6}(\\d{3})?)?(Z|[+-]\\d\\d:\\d\\d(:\\d\\d)?)?$"}"##,
    r##","Message":{"type":"object","required":["message"],"properties":{"message":{"type":"string"}},"additionalProperties":false}"##,
    r##","LatestRow":{"type":"object","required":["timestamp","id","value"],"properties":{"timestamp":{"$ref":"#/components/schemas/Instant"},"id":{"type":"string"},"value":{"type":"number"}},"patternProperties":{"^moving_":{"type":["number","null"],"description":"moving_avg for the mean, else moving_ and the aggregate; null while the window has too few rows."}},"additionalProperties":false}"##,
    r##","MeltedRow":{"type":"object","required":["id","variable","val"],"properties":{"id":{"type":"string"},"variable":{"enum":["timestamp","value"]},"val":{"anyOf":[{"$ref":"#/components/schemas/Instant"},{"type":"number"}]}},"additionalProperties":false}"##,
    r##","PivotedRow":{"description":"Of an id; with bucket of a span of time, with a member for each id.","anyOf":[{"type":"object","required":["id","timestamp","value"],"properties":{"id":{"type":"string"},"timestamp":{"anyOf":[{"$ref":"#/components/schemas/Instant"},{"type":["integer","null"]}]},"value":{"type":["number","null"]}},"additionalProperties":false},{"type":"object","required":["timestamp"],"properties":{"timestamp":{"$ref":"#/components/schemas/Instant"}},"additionalProperties":{"type":["number","null"]}}]}"##,
    r##","Tables":{"type":"object","properties":{"latest":{"type":"array","items":{"$ref":"#/components/schemas/LatestRow"}},"melted":{"type":"array","items":{"$ref":"#/components/schemas/MeltedRow"}},"pivoted":{"type":"array","items":{"$ref":"#/components/schemas/PivotedRow"}}},"additionalProperties":false}"##,
    r##","RefusedRow":{"type":"object","required":["row","line","reason"],"properties":{"row":{"type":"integer","minimum":0,"description":"From 0."},"line":{"type":"integer","minimum":1,"description":"Where the row begins, from 1, as an editor shows it."},"reason":{"type":"string"}},"additionalProperties":false}"##,
    r##","Receipt":{"type":"object","required":["accepted","rejected_count","rejected"],"properties":{"accepted":{"type":"integer","minimum":1},"rejected_count":{"type":"integer","minimum":0},"rejected":{"type":"array","maxItems":1000,"items":{"$ref":"#/components/schemas/RefusedRow"}}},"additionalProperties":false}"##,
    r##","Rejected":{"type":"object","required":["total","rejected"],"properties":{"total":{"type":"integer","minimum":0},"rejected":{"type":"array","maxItems":1000,"items":{"type":"object","required":["arrived","source","row","line","reason","input"],"properties":{"arrived":{"$ref":"#/components/schemas/Instant"},"source":{"type":"string"},"row":{"type":["integer","null"]},"line":{"type":["integer","null"]},"reason":{"type":"string"},"input":{"type":"string"}},"additionalProperties":false}}},"additionalProperties":false}"##,
    r##","Health":{"type":"object","required":["status","state","version","storage","uptime_secs"],"properties":{"status":{"const":"ok"},"state":{"enum":["running","paused"]},"version":{"type":"string"},"storage":{"enum":["durable","memory"]},"uptime_secs":{"type":"number","minimum":0}},"additionalProperties":false}"##,
    r##","Problem":{"type":"object","required":["detail"],"properties":{"detail":{"type":"string"}},"additionalProperties":false}"##,
    r##","HTTPValidationError":{"type":"object","required":["detail"],"properties":{"detail":{"type":"array","minItems":1,"maxItems":1000,"description":"Of refused parameters and settings the first 100, and one that says how many more there are.","items":{"$ref":"#/components/schemas/ValidationError"}},"accepted":{"const":0,"description":"This and the next two where no row of a body was accepted."},"rejected_count":{"type":"integer","minimum":1},"rejected":{"type":"array","maxItems":1000,"items":{"$ref":"#/components/schemas/RefusedRow"}}},"additionalProperties":false}"##,
    r##","ValidationError":{"type":"object","required":["loc","msg","type","input"],"properties":{"loc":{"type":"array","items":{"type":["string","integer"]}},"msg":{"type":"string"},"type":{"type":"string"},"input":{},"line":{"type":"integer","minimum":1,"description":"Of the body, where a row of it is refused."}},"additionalProperties":false}"##,
    r##","Document":{"type":"object","required":["openapi","info","paths"]}"##,
);
