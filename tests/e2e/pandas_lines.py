# Runs pandas code as the page offers it, on rows as the API answers them, and prints what comes out.
#
# Reads a list of {"code", "rows", "answer"} from standard input: `answer` is the variable to print.
import json
import sys

import pandas as pd


def records(frame):
    """The rows, instants as the nanoseconds since the epoch and missing values as null."""
    columns = {name: [cell(value) for value in frame[name]] for name in frame.columns}
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def cell(value):
    if isinstance(value, pd.Timestamp):
        return {"nanos": str(value.as_unit("ns").value)}
    return None if pd.isna(value) else value


def run(case):
    df = pd.DataFrame(case["rows"])[["timestamp", "id", "value"]]
    df["timestamp"] = pd.to_datetime(df["timestamp"], format="ISO8601")
    scope = {"pd": pd, "df": df}
    exec(case["code"], scope)
    answer = scope[case["answer"]]
    assert isinstance(answer, pd.DataFrame), case["code"]
    return records(answer)


print(json.dumps([run(case) for case in json.load(sys.stdin)]))
