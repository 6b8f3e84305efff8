"""How far the clocks of devices were off, as a site declares it.

::

    wfdb_record_of_patient,clock_ahead_seconds
    bed12-0305,143.5

The header's clock was that much before the hospital's, or behind it where the number is negative.
Neither the header nor the samples tell it: somebody compared the two clocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from vitruvian.ingest.engine.adapter import LoadContext, Source
from vitruvian.ingest.engine.whose.kept import KeptSheet

_MOST_SECONDS = 366 * 24 * 3600.0

# An erasure mends sheets whose first line says that they are of patients.
CLOCKS = KeptSheet("wfdb_record_of_patient,clock_ahead_seconds", "WFDB/Clocks")


def ahead(sheets: Sequence[tuple[Source, bytes]], context: LoadContext) -> dict[str, float]:
    """Seconds by the name of a recording, or the source id of its header; the last word counts."""
    every = CLOCKS.all_of(sheets, context)
    return {name: found for name, found in _said(every) if found is not None}


def unreadable(data: bytes) -> int:
    """How many lines of a sheet say no number of seconds within a year."""
    return sum(found is None for _, found in _said([data]))


def names(data: bytes) -> set[str]:
    """Whom a sheet speaks of."""
    return {name for name, _ in _said([data])}


def _said(sheets: Iterable[bytes]) -> Iterator[tuple[str, float | None]]:
    for data in sheets:
        for name, seconds in CLOCKS.lines(data):
            if name:
                yield name, _number(seconds)


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) <= _MOST_SECONDS else None
