"""How many dates and times of a load had no zone and were taken as UTC."""

from __future__ import annotations

import threading
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

ASSUMED_ZONE = "assumed-zone"
# A new lake: in this one the same files are known already, and stay as they are.
_WAY_OUT = (
    "If that is wrong, load into a new lake with their zone, such as --time-zone Europe/Oslo."
)
ASSUMED_SENTENCE = f"Dates and times without a zone were taken as UTC. {_WAY_OUT}"


class Assumed:
    """Counts, source by source, the events of a load whose zone was assumed."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.of: Counter[str] = Counter()

    def look(self, table: str, rows: pa.Table) -> None:
        """Count among rows that a load takes in, from any of its threads."""
        if table == "event":
            found = assumed_by_source(rows)
            with self._guard:
                self.of.update(found)


def assumed_by_source(events: pa.Table) -> dict[str, int]:
    """How many events of each source carry the flag ``assumed-zone``.

    Examples
    --------
    >>> flags = pa.array([["assumed-zone"], [], None, ["implausible", "assumed-zone"]])
    >>> assumed_by_source(pa.table({"source_id": ["5c", "5c", "5c", "7d"], "flags": flags}))
    {'5c': 1, '7d': 1}
    """
    found: Counter[str] = Counter()
    for batch in events.select(["source_id", "flags"]).to_batches():
        flags = batch.column("flags")
        said = pc.equal(pc.list_flatten(flags), ASSUMED_ZONE)
        if not pc.any(said).as_py():
            continue
        places = pc.filter(pc.list_parent_indices(flags), said)
        for each in pc.value_counts(batch.column("source_id").take(places)).to_pylist():
            found[each["values"]] += each["counts"]
    return dict(found)


def taken_as_utc(count: int) -> str:
    """What people are told about them, with how many they are.

    Examples
    --------
    >>> taken_as_utc(12345).partition(".")[0]
    'Dates and times without a zone, taken as UTC: 12,345'
    """
    return f"Dates and times without a zone, taken as UTC: {count:,}. {_WAY_OUT}"
