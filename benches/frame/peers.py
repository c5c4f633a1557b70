"""Times pandas and polars on the input of `make bench`: peers.py INPUT_DIR RUNS OUT_DIR LIBRARY,… WORK,…

Prints one JSON line a measurement and writes each answer to OUT_DIR/<library>-<work>, as benches/frame/main.rs does. Of the
ways a library offers, the fastest that was found is the one measured; remarks say which was left.
"""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np

VARIABLES = ["a", "b", "c", "d"]
BATCHES = 50  # batches in a run of batch_10
WARM_UPS = 2
STATISTICS = ["mean", "std", "min", "median"]


class Input:
    def __init__(self, folder):
        read = lambda name, dtype: np.fromfile(folder / name, dtype)
        self.time = read("time.i64", "<i8")
        self.id_code = read("id.u32", "<u4").astype(np.int32)
        self.variable_code = read("variable.u32", "<u4").astype(np.int32)
        self.values = {name: read(f"{name}.f64", "<f8") for name in VARIABLES}
        self.ids = (folder / "ids.txt").read_text().split()
        self.rows = len(self.time)

        # The same rule as `ranges` in works.mjs, as first and last instants.
        length = max(1, self.rows // 100)
        firsts = [int((i * 0.618033988749895) % 1 * (self.rows - length)) for i in range(16)]
        self.ranges = [(self.time[first], self.time[first + length - 1]) for first in firsts]

    def texts(self):
        """Ids and variables as one text a row."""
        return np.array(self.ids, object)[self.id_code], np.array(VARIABLES, object)[self.variable_code]

    def batches(self):
        """Batches of ten events, as a consumer takes them from its queue."""
        count = min(BATCHES, self.rows // 10)
        event = lambda row: {
            "timestamp": datetime(1970, 1, 1) + timedelta(microseconds=int(self.time[row]) // 1000),
            "id": self.ids[self.id_code[row]],
            "value": float(self.values["a"][row]),
        }
        return [[event(10 * batch + i) for i in range(10)] for batch in range(count)]


class Work:
    """What is timed, what turns its result into an answer, and how many units (ranges, batches) a run has."""

    def __init__(self, run, answer, units=1):
        self.run, self.answer, self.units = run, answer, units


def melt_answer(ids, variables, values, id_texts):
    """Rows, the sum for each variable, and 1,000 rows: `column[rows]` reads texts and numbers at some rows."""
    rows = np.arange(1000) * 3999
    rows = rows[rows < len(values)]
    code = {text: i for i, text in enumerate(id_texts)}
    sums = [values[variables == name].sum() for name in VARIABLES]
    sample = zip([code[text] for text in ids[rows]], [VARIABLES.index(name) for name in variables[rows]], values[rows])
    return np.concatenate([[len(values)], sums, np.array(list(sample)).ravel()])


def joined(texts):
    return "[" + ",".join(texts) + "]"


def tables(latest, melted, pivoted):
    return f'{{"latest":{latest},"melted":{melted},"pivoted":{pivoted}}}'


def pandas_works(data):
    import pandas as pd

    def categories(codes, texts):
        return pd.Categorical.from_codes(codes, texts).reorder_categories(sorted(texts))

    frame = pd.DataFrame({
        "timestamp": pd.to_datetime(data.time),
        "id": categories(data.id_code, data.ids),
        "variable": categories(data.variable_code, VARIABLES),
        **data.values,
    })
    id_text, variable_text = data.texts()
    texts = pd.DataFrame({
        "id": pd.array(id_text, dtype="str"),
        "variable": pd.array(variable_text, dtype="str"),
        "a": data.values["a"],
    })
    series = pd.Series(data.values["a"], index=frame["timestamp"])
    # A sorted index finds a range by bisection; a mask takes half as long again.
    indexed = pd.DataFrame({"id": frame["id"].to_numpy(), "value": data.values["a"]}, index=frame["timestamp"])
    ranges = [(pd.Timestamp(first), pd.Timestamp(last)) for first, last in data.ranges]
    batches = data.batches()

    def to_json(frame, unit):
        return frame.to_json(orient="records", date_format="iso", date_unit=unit)

    # observed=False, the slower default aside, answers the same where every category occurs.
    def pivot(frame):
        return frame.pivot_table(index="id", columns="variable", values="a", aggfunc="mean", observed=False)

    def batch(events):
        rows = pd.DataFrame(events).sort_values("timestamp", kind="stable")
        melted = rows.melt(id_vars="id", value_vars=["timestamp", "value"], value_name="val")
        pivoted = rows.pivot_table(index="id", values=["timestamp", "value"], aggfunc="mean").reset_index()
        latest = rows.assign(moving_avg=rows.rolling("5s", on="timestamp")["value"].mean())
        return tables(to_json(latest, "us"), to_json(melted, "us"), to_json(pivoted, "us"))

    def rolling(statistic):
        return Work(lambda: getattr(series.rolling("5s"), statistic)(), lambda result: result.to_numpy())

    return {
        "melt_written": Work(
            lambda: frame.melt(id_vars="id", value_vars=VARIABLES),
            lambda m: melt_answer(m["id"].to_numpy(), m["variable"].to_numpy(object), m["value"].to_numpy(), data.ids),
        ),
        "pivot_codes": Work(lambda: pivot(frame), lambda table: table.to_numpy().ravel()),
        "pivot_text": Work(lambda: pivot(texts), lambda table: table.to_numpy().ravel()),
        **{f"rolling_{statistic}": rolling(statistic) for statistic in STATISTICS},
        "range_json": Work(
            lambda: [to_json(indexed.loc[first:last].reset_index(), "ns") for first, last in ranges], joined, len(ranges)
        ),
        "batch_10": Work(lambda: [batch(events) for events in batches], lambda result: joined(result[:16]), len(batches)),
    }


def polars_works(data):
    import polars as pl

    id_text, variable_text = (pl.Series(list(texts)) for texts in data.texts())
    time = pl.Series(data.time).cast(pl.Datetime("ns")).set_sorted()
    frame = pl.DataFrame({
        "timestamp": time,
        "id": id_text.cast(pl.Enum(sorted(data.ids))),
        "variable": variable_text.cast(pl.Enum(VARIABLES)),
        **data.values,
    })
    texts = pl.DataFrame({"id": id_text, "variable": variable_text, "a": data.values["a"]})
    readings = pl.DataFrame({"timestamp": time, "id": id_text, "value": data.values["a"]})
    ranges = [tuple(pl.lit(bound).cast(pl.Datetime("ns")) for bound in pair) for pair in data.ranges]
    batches = data.batches()

    # Lazily, and grouped before it is pivoted: half the time of DataFrame.pivot with an aggregate.
    def pivot(frame):
        means = frame.lazy().group_by("id", "variable").agg(pl.col("a").mean()).collect()
        return means.pivot("variable", index="id", values="a").sort("id").select("id", *VARIABLES)

    def range_json(first, last):
        return readings.filter(pl.col("timestamp").is_between(first, last)).write_json()

    def batch(events):
        rows = pl.DataFrame(events).sort("timestamp", maintain_order=True)
        # A column has one type here, so instants and numbers are melted as text.
        melted = rows.with_columns(pl.col("timestamp", "value").cast(pl.String)).unpivot(
            ["timestamp", "value"], index="id", value_name="val"
        )
        pivoted = rows.group_by("id").agg(pl.col("timestamp", "value").mean()).sort("id")
        latest = rows.with_columns(pl.col("value").rolling_mean_by("timestamp", "5s").alias("moving_avg"))
        return tables(latest.write_json(), melted.write_json(), pivoted.write_json())

    def rolling(statistic):
        expression = getattr(pl.col("a"), f"rolling_{statistic}_by")("timestamp", "5s")
        return Work(lambda: frame.select(expression), lambda result: result["a"].fill_null(np.nan).to_numpy())

    def pivot_answer(table):
        return table.select(VARIABLES).to_numpy().ravel()

    # Lazily melted, which takes half the time, each chunk of rows is melted by itself; the answer is in pandas' order.
    def in_order(column):
        return np.hstack([chunk.to_numpy().reshape(4, -1) for chunk in column.get_chunks()]).ravel()

    melted = frame.lazy().select("id", *VARIABLES).unpivot(VARIABLES, index="id")
    return {
        "melt_written": Work(
            melted.collect,
            lambda m: melt_answer(*(in_order(m[name]) for name in ["id", "variable", "value"]), data.ids),
        ),
        "pivot_codes": Work(lambda: pivot(frame), pivot_answer),
        "pivot_text": Work(lambda: pivot(texts), pivot_answer),
        **{f"rolling_{statistic}": rolling(statistic) for statistic in STATISTICS},
        "range_json": Work(lambda: [range_json(*pair) for pair in ranges], joined, len(ranges)),
        "batch_10": Work(lambda: [batch(events) for events in batches], lambda result: joined(result[:16]), len(batches)),
    }


def measure(work, runs):
    millis = []
    for _ in range(WARM_UPS + runs):
        start = perf_counter()
        result = work.run()
        millis.append((perf_counter() - start) * 1e3 / work.units)
    return millis[WARM_UPS:], work.answer(result)


def write(folder, name, answer):
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(answer, str):
        (folder / f"{name}.json").write_text(answer)
    else:
        np.ascontiguousarray(answer, "<f8").tofile(folder / f"{name}.f64")


def main(input_dir, runs, out_dir, libraries, wanted):
    data = Input(Path(input_dir))
    for library in libraries.split(","):
        works = {"pandas": pandas_works, "polars": polars_works}[library](data)
        for name in filter(works.get, wanted.split(",")):
            millis, answer = measure(works[name], int(runs))
            write(Path(out_dir), f"{library}-{name}", answer)
            print(json.dumps({"work": name, "kind": library, "millis": millis}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
