"""What Schemathesis cannot know of the app from openapi.json: values that are right by themselves, but not together."""

import uuid

import requests
import schemathesis

TEXTS = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "text/csv",
    "text/tab-separated-values",
)
# With the first two, what follows would be refused; the next three have the app reach for addresses that were made up; all
# others must fit each other. `tests/contract.rs` sends them all.
BARRED = (
    "api_key",
    "rate_limit",
    "source",
    "source_url",
    "sink_subject",
    "batch_size",
    "queue_capacity",
    "min_value",
    "max_value",
)


@schemathesis.serializer(*TEXTS)
def text(ctx, value):
    """A text as it is. What is none is written so that it is no JSON either."""
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else repr(value)).encode("utf-8", "surrogatepass")


@schemathesis.hook
def before_call(ctx, case, kwargs):
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return
    if case.operation.path == "/query" and case.query:
        if case.query.get("format") in ("ndjson", "csv", "arrow"):
            # These hold one table.
            case.query = {**case.query, "views": "latest"}
    if case.operation.path == "/events" and case.query:
        # They fit some tables; `src/pipeline/records/tests.rs` gives each one.
        case.query = {name: value for name, value in case.query.items() if name not in ("delimiter", "decimal", "header")}
    if case.headers and "Idempotency-Key" in case.headers:
        # Each request is another one, so each needs a key of its own.
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if case.operation.path == "/config" and isinstance(case.body, dict):
        case.body = {name: value for name, value in case.body.items() if name not in BARRED}


@schemathesis.hook
def after_call(ctx, case, response):
    """Puts the settings back, so that no test meets those of another."""
    if case.operation.path == "/config" and case.method.upper() == "PATCH" and response.status_code == 200:
        changed = {name: None for name in response.json()}
        base = response.request.url.split("/config")[0]
        requests.patch(f"{base}/config", json={**changed, "source": "none", "clock": "utc"}, timeout=60).raise_for_status()
