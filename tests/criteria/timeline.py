"""Small timelines written by hand: `1 0h LACTATE 2.5` is subject, hour, code, value."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from vitruvian.criteria import Engine, Source

START = datetime(2020, 1, 1)  # noqa: DTZ001 - MEDS times have no zone


def hour(text: str) -> datetime:
    """`26h` as a moment."""
    return START + timedelta(hours=float(text.removesuffix("h")))


def events_of(text: str) -> pa.Table:
    """Events, one a line; the row number is the event's id, `-` is no time or no value."""
    rows: list[dict[str, Any]] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        subject, when, code, *rest = line.split()
        value = float(rest[0]) if rest and rest[0] != "-" else None
        rows.append(
            {
                "event_id": len(rows) + 1,
                "subject_id": int(subject),
                "time": None if when == "-" else hour(when),
                "code": code,
                "numeric_value": value,
                "unit": rest[1] if len(rest) > 1 else None,
            }
        )
    fields = [("event_id", pa.int64()), ("subject_id", pa.int64()), ("time", pa.timestamp("us"))]
    fields += [("code", pa.string()), ("numeric_value", pa.float64()), ("unit", pa.string())]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def over(text: str, *, observed: str = "") -> Engine:
    """A connection with those events, and observation periods as `subject from until`."""
    connection = duckdb.connect()
    connection.register("events", events_of(text))
    lines = [line.split() for line in observed.splitlines() if line.strip()]
    periods = [(int(one), hour(begin), hour(end)) for one, begin, end in lines]
    connection.execute(
        "CREATE TABLE seen (subject_id BIGINT, start_time TIMESTAMP, end_time TIMESTAMP)"
    )
    for period in periods:
        connection.execute("INSERT INTO seen VALUES (?, ?, ?)", period)
    return Engine(connection, Source("events", event_id="event_id", observed="seen"))
