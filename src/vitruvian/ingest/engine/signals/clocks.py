"""How far the clocks of devices were off, as a site declares it for one format.

::

    wfdb_record_of_patient,clock_ahead_seconds
    bed12-0305,143.5

The recording's clock was that much before the hospital's, or behind it where the number is
negative. Nothing in the file tells it: somebody compared the two clocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vitruvian.ingest.engine.adapter import LoadContext, Source
from vitruvian.ingest.engine.whose.kept import KeptSheet
from vitruvian.ingest.report import Problem, Problems

_MOST_SECONDS = 366 * 24 * 3600.0


@dataclass(frozen=True)
class ClockSheet(KeptSheet):
    """The sheet of one format."""

    @staticmethod
    def of(column: str, kind: str) -> ClockSheet:
        """By the name of its first column; an erasure mends it where that names a patient."""
        return ClockSheet(f"{column},clock_ahead_seconds", kind)

    def ahead(
        self, sheets: Sequence[tuple[Source, bytes]], context: LoadContext
    ) -> dict[str, float]:
        """Seconds by what the first column names; the last word counts."""
        said = self._said(self.all_of(sheets, context))
        return {name: found for name, found in said if found is not None}

    def report(
        self,
        sheets: Iterable[tuple[Source, bytes]],
        faults: Mapping[int, Problems],
        new: Iterable[str],
    ) -> None:
        """Say which lines are no numbers, and which came after their recording.

        Parameters
        ----------
        faults
            The problems of each sheet, by the number of its source.
        new
            What the recordings of this load may be named by.
        """
        known = set(new)
        for source, data in sheets:
            said = list(self._said([data]))
            if count := sum(found is None for _, found in said):
                problem = Problem(0, None, "bad-clock", _BAD_CLOCK.format(count=count))
                faults[source.number].add(problem)
            if late := len({name for name, _ in said} - known):
                problem = Problem(0, None, "clock-alone", _CLOCK_ALONE.format(count=late))
                faults[source.number].add(problem)

    def _said(self, sheets: Iterable[bytes]) -> Iterator[tuple[str, float | None]]:
        for data in sheets:
            for name, seconds in self.lines(data):
                if name:
                    yield name, _number(seconds)


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) <= _MOST_SECONDS else None


_BAD_CLOCK = (
    "{count} line(s) of this sheet of clocks say no number of seconds within a year; these "
    "recordings keep the times of their device. Expected clock_ahead_seconds such as 143.5. "
    "Correct the sheet."
)
_CLOCK_ALONE = (
    "{count} line(s) of this sheet of clocks name no recording that this load brings: a recording "
    "that is stored keeps its times, one that comes later takes the sheet's word. Expected the "
    "sheet before or together with its recordings."
)
