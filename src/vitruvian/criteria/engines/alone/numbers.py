"""One number out of the values of a predicate in a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from vitruvian.criteria.engines.alone.hits import Hits, Row
from vitruvian.criteria.language.constructs import MeasureOf, Take

HOUR_MICROSECONDS = 3.6e9
Valued: TypeAlias = Sequence[tuple[int, float]]


def taken(what: MeasureOf, limits: tuple[int | None, int | None], *, hits: Hits) -> float | None:
    """A measure; None where there is no value, or one in doubt or in another unit."""
    rows = _near(what, limits, hits)
    if any(_in_doubt(what, row, hits) for row in rows):
        return None
    counts = what.take == "count"
    if what.unit is not None and not counts and any(r.told.get("unit") != what.unit for r in rows):
        return None
    if not rows:
        return 0.0 if counts else None
    return _TAKE[what.take](sorted((row.t, row.value) for row in rows if row.value is not None))


def _near(what: MeasureOf, limits: tuple[int | None, int | None], hits: Hits) -> list[Row]:
    after, until = limits
    if after is None or until is None:
        return []
    rows = (row for row in hits.rows_or_maybe(what.predicate) if row.value is not None)
    if not hits.with_doubts:
        return [row for row in rows if after < row.t <= until]
    return [row for row in rows if row.last > after and row.first <= until]


def _in_doubt(what: MeasureOf, row: Row, hits: Hits) -> bool:
    if not hits.with_doubts:
        return False
    plain = hits.plan.atoms[what.predicate]
    counts_only = what.take == "count" and plain.low is None and plain.high is None
    return not row.exact or (row.comparator is not None and not counts_only)


def _slope(valued: Valued) -> float | None:
    """The least-squares rise an hour; needs two moments."""
    hours = [t / HOUR_MICROSECONDS for t, _ in valued]
    if len(set(hours)) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    mean = sum(hours) / len(hours)
    level = sum(v for _, v in valued) / len(valued)
    spread = sum((h - mean) ** 2 for h in hours)
    return sum((h - mean) * (v - level) for h, (_, v) in zip(hours, valued, strict=True)) / spread


_TAKE: Mapping[Take, Callable[[Valued], float | None]] = {
    "last": lambda valued: valued[-1][1],
    "first": lambda valued: valued[0][1],
    "min": lambda valued: min(v for _, v in valued),
    "max": lambda valued: max(v for _, v in valued),
    "count": lambda valued: float(len(valued)),
    "sum": lambda valued: sum(v for _, v in valued),
    "delta": lambda valued: valued[-1][1] - valued[0][1] if len(valued) > 1 else None,
    "slope": _slope,
}
