"""Reads answers as files of a folder with the tools that people have, and prints what they hold as JSON.

Usage: formats.py FOLDER. For each view: `<view>.arrow` is read by polars, `<view>.csv` by pandas, `<view>.ndjson` by DuckDB.
Every cell comes out as text, a number or null; instants as nanoseconds since the epoch.
"""

import json
import sys
from pathlib import Path

import duckdb
import pandas
import polars


def cells(columns, rows):
    return {"columns": list(columns), "rows": [[cell(value) for value in row] for row in rows]}


def cell(value):
    if value is None or value != value:
        return None
    if isinstance(value, (int, float, str)):
        return value
    return pandas.Timestamp(value).value


def arrow(path):
    frame = polars.read_ipc_stream(path)
    instants = [name for name, dtype in frame.schema.items() if isinstance(dtype, polars.Datetime)]
    frame = frame.with_columns(polars.col(name).dt.timestamp("ns") for name in instants)
    return cells(frame.columns, frame.rows())


def csv(path):
    frame = pandas.read_csv(path, dtype={"id": str, "val": str})
    if "timestamp" in frame:
        frame["timestamp"] = pandas.to_datetime(frame["timestamp"], format="ISO8601").astype("datetime64[ns, UTC]").astype("int64")
    return cells(frame.columns, frame.astype(object).itertuples(index=False))


def ndjson(path):
    found = duckdb.sql(f"SELECT * FROM read_ndjson('{path}', columns = {{{columns(path)}}})")
    return cells(found.columns, found.fetchall())


def columns(path):
    """All texts as texts: DuckDB would guess UUIDs and instants among them."""
    first = json.loads(path.read_text().splitlines()[0])
    kind = lambda name, value: "DOUBLE" if name != "val" and isinstance(value, (int, float)) or name.startswith("moving") else "VARCHAR"
    return ", ".join(f"'{name}': '{kind(name, value)}'" for name, value in first.items())


READERS = {".arrow": arrow, ".csv": csv, ".ndjson": ndjson}

folder = Path(sys.argv[1])
json.dump({path.name: READERS[path.suffix](path) for path in sorted(folder.iterdir())}, sys.stdout)
