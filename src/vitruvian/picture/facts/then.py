"""What nobody could know yet at a moment of knowledge.

A source often sends a record once, in its last version, dated by its beginning: an order written
on Monday that already says "completed". The door withholds ends that lay ahead; here go the words
that speak of an end without dating it, and the beds a patient was moved to later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.picture.facts.events import stamp

Row = Mapping[str, Any]
OVER = pa.array(
    "inactive remission resolved completed stopped cancelled discontinued ended".split()
)
COURSES = pa.array(["problem", "medication"])
ORDERED = pa.array(["ordered", "planned", "observed", "reported"])
FORESEEN = frozenset({"planned", "reserved"})


def events_then(events: pa.Table, *, known_at: datetime | None) -> pa.Table:
    """Events without a state that says "over" of what, as it was known, was only beginning."""
    if known_at is None or events.num_rows == 0:
        return events
    column = events.column
    told = [
        pc.is_in(column("state"), value_set=OVER),
        pc.is_null(column("end_time")),
        pc.is_in(column("category"), value_set=COURSES),
        pc.is_in(column("act"), value_set=ORDERED),
        pc.less_equal(column("known_at"), column("time")),
    ]
    early = told[0]
    for each in told[1:]:
        early = pc.and_(early, each)
    early = pc.fill_null(early, fill_value=False)
    shown = pc.if_else(early, pa.scalar(None, pa.string()), column("state"))
    return events.set_column(events.column_names.index("state"), "state", shown)


def stays_then(stays: Sequence[Row], *, known_at: datetime | None) -> list[Row]:
    """Stays that had begun, or were foreseen."""
    if known_at is None:
        return list(stays)
    at = stamp(known_at)
    return [
        row
        for row in stays
        if row["start_time"] is None or row["start_time"] <= at or row["status"] in FORESEEN
    ]
