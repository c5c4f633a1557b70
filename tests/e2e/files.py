"""Writes files as people have them, and what pandas makes of each: its events, and the three tables of a query.

Usage: files.py FOLDER ROWS. Beside the files stands `expected.json`, one entry for each: its name and content type, its
columns, those that are ignored, how many rows are taken and refused, and the answer. The rows of an answer come from pandas,
which reads the file that was written; times are text in UTC, and what is missing is null.
"""

import json
import math
import random
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_GROUP = 250


def sensors(path, rows):
    """A sensor export: semicolons, decimal commas, five measures with gaps, three devices at each second."""
    chance = random.Random(1)
    start = datetime(2026, 6, 14, 21, 59, 30)
    lines = ["Zeit;Gerät;Druck;Temperatur;Feuchte;Durchfluss;Leistung"]
    for row in range(rows):
        values = [f"{chance.uniform(-50, 1000):.{digits}f}".replace(".", ",") for digits in (1, 2, 0, 3, 1)]
        for measure in range(5):
            # A device that is off for a while, and a value now and then.
            if (row % 3 == measure and 100 < row % 200 < 160) or chance.random() < 0.05:
                values[measure] = chance.choice(["", "", "NaN"])
        if row % 50 == 7:
            values = [""] * 5
        at = start + timedelta(seconds=row // 3)
        lines.append(";".join([at.strftime("%d.%m.%Y %H:%M:%S"), f"Pumpe {row % 3 + 1}", *values]))
    # As a spreadsheet writes it: with a mark and the line ends of Windows.
    path.write_text("\r\n".join([*lines, ""]), encoding="utf-8-sig", newline="")


def read_sensors(path):
    frame = pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig")
    frame["Zeit"] = pd.to_datetime(frame["Zeit"], format="%d.%m.%Y %H:%M:%S", utc=True)
    return frame


def trades(path, rows):
    """A trade tape: microseconds, up to four trades at one instant, columns that are no measures."""
    chance = random.Random(2)
    at = datetime(2026, 6, 2, 13, 30, 0, 123456)
    lines = ["time,symbol,price,size,trade_id,venue"]
    for row in range(rows):
        if row % 4 == 0 or chance.random() < 0.5:
            at += timedelta(microseconds=chance.choice([1, 17, 999, 40_000, 900_000]))
        symbol = chance.choice(["AAPL", "MSFT", "BRK.B", '"Böhler, AG"'])
        lines.append(f"{at.isoformat(' ', 'microseconds')},{symbol},{chance.uniform(5, 500):.4f},{chance.randrange(1, 900)},{90_000 + row},XNAS")
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def read_trades(path):
    frame = pd.read_csv(path)
    frame["time"] = pd.to_datetime(frame["time"], format="ISO8601", utc=True)
    return frame


def log(path, rows):
    """A log over the end of summer time, with offsets: fields that are missing or null, lines that are a little late."""
    chance = random.Random(3)
    begin = datetime(2026, 10, 25, 0, 58, 0, tzinfo=timezone.utc)
    summer_ends = datetime(2026, 10, 25, 1, 0, 0, tzinfo=timezone.utc)
    lines = []
    for row in range(rows):
        at = begin + timedelta(milliseconds=row * 420)
        zone = timezone(timedelta(hours=2 if at < summer_ends else 1))
        entry = {"time": at.astimezone(zone).isoformat(timespec="milliseconds"), "level": chance.choice(["info", "warn"])}
        entry["host"] = f"web-{row % 5}"
        if chance.random() < 0.8 and row % 40 != 9:
            entry["latency_ms"] = round(chance.expovariate(0.02), 3)
        if chance.random() < 0.8 and row % 40 != 9:
            entry["bytes"] = chance.choice([None, chance.randrange(1 << 20)])
        if row % 3 == 0:
            entry["tags"] = {"zone": "eu", "path": "/a,b"}
        lines.append(json.dumps(entry, ensure_ascii=False))
    for row in range(36, rows, 37):
        lines[row - 1], lines[row] = lines[row], lines[row - 1]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def read_log(path):
    frame = pd.read_json(path, lines=True, precise_float=True, dtype={"latency_ms": float, "bytes": float})
    frame["time"] = pd.to_datetime(frame["time"], format="ISO8601", utc=True)
    return frame


def parquet_of_pyarrow(path, rows):
    """Dictionary, delta and byte stream split pages, zstd, several row groups, nulls."""
    chance = random.Random(4)
    start = datetime(2026, 6, 1, 21, 15, 0, 123456, tzinfo=timezone.utc)
    table = pa.table(
        {
            "timestamp": pa.array([start + timedelta(microseconds=170_000 * (row // 2)) for row in range(rows)], pa.timestamp("us", tz="UTC")),
            "id": [["AAPL", "MSFT", 'Ünïcode, "quoted"'][row % 3] for row in range(rows)],
            "note": [f"order {row:06} at {'x' * (row % 40)}" for row in range(rows)],
            "price": pa.array([None if row % 11 == 3 else chance.uniform(1, 1000) for row in range(rows)], pa.float64()),
            "size": pa.array([row * row - 5000 for row in range(rows)], pa.int64()),
        }
    )
    encodings = {"timestamp": "DELTA_BINARY_PACKED", "note": "DELTA_BYTE_ARRAY", "price": "BYTE_STREAM_SPLIT", "size": "DELTA_BINARY_PACKED"}
    options = {"row_group_size": ROWS_A_GROUP, "data_page_size": 512, "write_batch_size": 32}
    pq.write_table(table, path, compression="zstd", data_page_version="2.0", use_dictionary=["id"], column_encoding=encodings, **options)


def parquet_of_polars(path, rows):
    """Naive times in nanoseconds, a categorical id, 32-bit floats beside decimals."""
    chance = random.Random(5)
    start = datetime(2026, 3, 1)
    frame = pl.DataFrame(
        {
            "datetime": [start + timedelta(milliseconds=333 * row) for row in range(rows)],
            "sensor": [f"hall-{row % 7}" for row in range(rows)],
            "humidity": [chance.uniform(0, 100) for row in range(rows)],
            "temperature": [None if row % 13 == 5 else chance.uniform(-20, 40) for row in range(rows)],
        }
    ).with_columns(pl.col("datetime").cast(pl.Datetime("ns")), pl.col("sensor").cast(pl.Categorical), pl.col("temperature").cast(pl.Float32))
    frame.write_parquet(path, compression="zstd", row_group_size=ROWS_A_GROUP, data_page_size=512)


def read_parquet(path):
    return pd.read_parquet(path)


def arrow_of_pandas(path, rows):
    """What `to_feather` writes: an Arrow file, compressed by LZ4, with a category and nanoseconds."""
    chance = random.Random(6)
    frame = pd.DataFrame(
        {
            "ts": pd.Timestamp("2026-01-31T23:59:00.000000001") + pd.to_timedelta([row * 211_000_003 for row in range(rows)], unit="ns"),
            "station": pd.Categorical([f"Meßstelle {row % 4}" for row in range(rows)]),
            "level": [chance.uniform(0, 5) for row in range(rows)],
            "flow": [math.nan if row % 9 == 4 else chance.gauss(100, 20) for row in range(rows)],
            "count": range(rows),
        }
    )
    frame.to_feather(path)


def stream_of_pandas(path, rows):
    """The same rows as an Arrow stream, in several batches."""
    feather = path.with_suffix(".feather-of-stream")
    arrow_of_pandas(feather, rows)
    table = pa.Table.from_pandas(pd.read_feather(feather))
    feather.unlink()
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=ROWS_A_GROUP)


def read_stream(path):
    with pa.ipc.open_stream(path) as reader:
        return reader.read_pandas()


# By its name: what writes and what reads it, its content type, and its columns of times, of ids and of measures.
FILES = {
    "sensors.csv": (sensors, read_sensors, "text/csv", "Zeit", "Gerät", ["Druck", "Temperatur", "Feuchte", "Durchfluss", "Leistung"]),
    "trades.csv": (trades, read_trades, "text/csv", "time", "symbol", ["price", "size"]),
    "log.ndjson": (log, read_log, "application/x-ndjson", "time", "host", ["latency_ms", "bytes"]),
    "pyarrow.parquet": (parquet_of_pyarrow, read_parquet, "application/vnd.apache.parquet", "timestamp", "id", ["price", "size"]),
    "polars.parquet": (parquet_of_polars, read_parquet, "application/vnd.apache.parquet", "datetime", "sensor", ["humidity", "temperature"]),
    "pandas.feather": (arrow_of_pandas, pd.read_feather, "application/vnd.apache.arrow.file", "ts", "station", ["level", "flow", "count"]),
    "pandas.arrows": (stream_of_pandas, read_stream, "application/vnd.apache.arrow.stream", "ts", "station", ["level", "flow", "count"]),
}


def text(instant):
    """An instant as the API prints it: no fraction where it is zero, else six digits, or nine where they are needed."""
    nanos = instant.as_unit("ns").value
    seconds, fraction = divmod(nanos, 10**9)
    whole = (datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat()
    digits = "" if fraction == 0 else f".{fraction:09}"
    return f"{whole}{digits.removesuffix('000') if len(digits) == 10 else digits}Z"


def cell(value):
    if isinstance(value, pd.Timestamp):
        return text(value)
    if isinstance(value, str):
        return value
    return None if pd.isna(value) else float(value)


def records(frame):
    columns = [[cell(value) for value in frame[name].astype(object)] for name in frame.columns]
    return [dict(zip(frame.columns, row)) for row in zip(*columns)]


def answer(frame, measures):
    """`latest`, `melted` and `pivoted` of events, as the original computes them from one value."""
    frame = frame.sort_values("timestamp", kind="stable", ignore_index=True)
    by_time = frame.set_index("timestamp")
    averages = {f"{name}_moving_avg": by_time[name].rolling("5s").mean().to_numpy() for name in measures}
    latest = frame.assign(**averages)
    melted = frame.astype({"timestamp": object}).melt(id_vars=["id"], value_vars=["timestamp", *measures], value_name="val")
    pivoted = frame.pivot_table(index="id", values=["timestamp", *measures], aggfunc="mean", observed=True).reset_index()
    return {
        "latest": records(latest),
        "melted": records(melted),
        # pandas sorts these columns by name.
        "pivoted": records(pivoted[["id", "timestamp", *measures]]),
    }


def expected(path, read, content_type, time, id_field, measures):
    frame = read(path)
    ignored = [name for name in frame.columns if name not in (time, id_field, *measures)]
    events = frame[[time, id_field, *measures]].set_axis(["timestamp", "id", *measures], axis=1)
    events["id"] = events["id"].astype(str)
    if events["timestamp"].dt.tz is None:
        events["timestamp"] = events["timestamp"].dt.tz_localize("UTC")
    for name in measures:
        events[name] = events[name].astype("float64")
    # An event has at least one measure.
    taken = events.dropna(how="all", subset=measures, ignore_index=True)
    return {
        "name": path.name,
        "type": content_type,
        "time": time,
        "id": id_field,
        "measures": measures,
        "ignored": sorted(ignored),
        "taken": len(taken),
        "refused": len(events) - len(taken),
        "answer": answer(taken, measures),
    }


def main(folder, rows):
    found = []
    for name, (write, read, *columns) in FILES.items():
        path = folder / name
        write(path, rows)
        found.append(expected(path, read, *columns))
    (folder / "expected.json").write_text(json.dumps(found, allow_nan=False), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
