"""Cumulative tables: analytes by time, for laboratory results and vital signs alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from vitruvian.picture.facts.events import SAID, Aligned, instant, names
from vitruvian.picture.facts.judgement import abnormal, trend
from vitruvian.picture.facts.words import label, range_text, reading, value_text
from vitruvian.picture.panels.choices import places
from vitruvian.picture.types import LabCell, LabRow, LabTable

Row = Mapping[str, Any]
Key = tuple[str, str | None]
CELL_COLUMNS = names(
    "event_id source_id code code_text status numeric_value value_as_sent comparator text_value "
    "value_code range_low range_high range_text interpretation"
)
MOST_COLUMNS = 30
NEWEST_OF_EACH = 2
UNKNOWN_PLACE = (10**6, "Other")


@dataclass(frozen=True)
class Grid:
    """Which results are drawn: rows of each analyte newest first, and the columns' instants."""

    analytes: dict[Key, list[int]]
    columns: list[int]
    truncated: bool


def cumulative(aligned: Aligned, kind: Literal["laboratory", "vital"]) -> LabTable:
    """The table of one lane.

    Holds the newest thirty collection times, and the last two results of every analyte
    however old; `truncated` says that there are more.
    A result without a time stands at the instant it became known.
    """
    grid = lay_out(aligned, measured(aligned, kind))
    columns = {moment: place for place, moment in enumerate(grid.columns)}
    when = aligned.events.when
    drawn = [row for rows in grid.analytes.values() for row in rows if when[row] in columns]
    wanted = sorted({each for row in drawn for each in aligned.told_by(row)})
    read = dict(zip(wanted, aligned.events.rows(wanted, columns=CELL_COLUMNS), strict=True))
    rows = []
    for key, all_rows in grid.analytes.items():
        cells = cells_of([r for r in all_rows if when[r] in columns], aligned, read, columns)
        rows.append(analyte(key, kind, cells=cells, newest=read[all_rows[0]]))
        rows[-1] = with_trend(rows[-1], aligned, all_rows)
    rows = told_apart(rows)
    rows.sort(key=lambda row: (*places(kind).get(row.code, UNKNOWN_PLACE), row.label.casefold()))
    return LabTable([instant(c) for c in grid.columns], rows, grid.truncated)  # type: ignore[misc]  # never null


def measured(aligned: Aligned, kind: str) -> list[int]:
    """Results of a lane that hold a value, newest first."""
    column = aligned.events.column
    acts, numbers, texts, codes = (
        column(name) for name in ("act", "numeric_value", "text_value", "value_code")
    )
    return [
        row
        for row in aligned.where(kind)
        if acts[row] in SAID
        and not (numbers[row] is None and texts[row] is None and codes[row] is None)
    ]


def lay_out(aligned: Aligned, rows: Sequence[int]) -> Grid:
    """Analytes and collection times, bounded so that a page can draw them."""
    codes, units = aligned.events.column("code"), aligned.events.column("unit")
    when = aligned.events.when
    analytes: dict[Key, list[int]] = {}
    for row in rows:
        analytes.setdefault((codes[row], units[row]), []).append(row)
    moments = list(dict.fromkeys(when[row] for row in rows))
    last = {when[row] for same in analytes.values() for row in same[:NEWEST_OF_EACH]}
    columns = sorted({*moments[:MOST_COLUMNS], *last}, reverse=True)
    return Grid(analytes, columns, truncated=len(columns) < len(moments))


def told_apart(rows: Sequence[LabRow]) -> list[LabRow]:
    """Rows of different codes under one label carry their code, so that nobody mixes them up."""
    times = Counter((row.label, row.unit) for row in rows)
    return [
        replace(row, label=f"{row.label} ({row.code.rpartition('//')[2]})")
        if times[row.label, row.unit] > 1
        else row
        for row in rows
    ]


def cells_of(
    rows: Sequence[int], aligned: Aligned, read: Mapping[int, Row], columns: Mapping[int, int]
) -> list[LabCell]:
    """The drawn results of one analyte, newest first; results of one instant share a cell."""
    at: dict[int, list[int]] = {}
    for row in rows:
        at.setdefault(aligned.events.when[row], []).append(row)
    return [
        cell(same, aligned=aligned, read=read, column=columns[moment])
        for moment, same in at.items()
    ]


def cell(rows: Sequence[int], *, aligned: Aligned, read: Mapping[int, Row], column: int) -> LabCell:
    """One cell; answers that disagree stand side by side, and no number is chosen among them."""
    first = read[rows[0]]
    told = [read[each] for row in rows for each in aligned.told_by(row)]
    answers = list(dict.fromkeys(text for row in told if (text := value_text(row))))
    disputed = not aligned.rivals.keys().isdisjoint(rows)
    alone = len(answers) == 1
    return LabCell(
        event_id=str(first["event_id"]),
        time=instant(aligned.events.when[rows[0]]),  # type: ignore[arg-type]  # `when` is never null
        column=column,
        value=(" ≠ " if disputed else " · ").join(answers),
        numeric_value=first["numeric_value"] if alone else None,
        comparator=first["comparator"] if alone else None,
        interpretation=first["interpretation"] if alone else None,
        abnormal=judged(told),
        status=first["status"],
        range_text=range_text(first),
        sources=len({row["source_id"] for row in told}),
        conflict=disputed,
        machine_read=aligned.events.machine_read.issuperset(rows),
    )


def judged(told: Sequence[Row]) -> bool | None:
    """Abnormal if any answer is, normal only if all are."""
    answers = {abnormal(reading(row)) for row in told}
    if True in answers:
        return True
    return None if None in answers else False


def analyte(key: Key, kind: str, *, cells: list[LabCell], newest: Row) -> LabRow:
    """One analyte in one unit; its range is that of its newest result that carries one."""
    ranges = (each.range_text for each in cells if each.range_text)
    return LabRow(
        code=key[0],
        label=label(newest),
        unit=key[1],
        group=places(kind).get(key[0], UNKNOWN_PLACE)[1],
        range_text=next(ranges, None),
        trend="unknown",
        trend_reason=None,
        cells=cells,
    )


def with_trend(row: LabRow, aligned: Aligned, rows: Sequence[int]) -> LabRow:
    """The analyte with the direction of its last exact, undisputed results."""
    numbers, comparators = (aligned.events.column(n) for n in ("numeric_value", "comparator"))
    exact = [
        numbers[each]
        for each in reversed(rows)
        if numbers[each] is not None
        and comparators[each] is None
        and each not in aligned.rivals
        and each not in aligned.events.machine_read
    ]
    direction, reason = trend(exact)
    return replace(row, trend=direction, trend_reason=reason)
