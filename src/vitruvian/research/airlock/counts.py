"""Tables of counts: cells too small to be told, and cells that an earlier release gives away.

A count from one to below the floor points at few people. Leaving it out does not help when the
difference between two released tables gives it back, so each table is compared with all that left
before it for the same project.

References
----------
Hundepool A et al. Handbook on Statistical Disclosure Control, 2nd edition, 2024 (chapter on
frequency tables: threshold rule, linked tables and disclosure by differencing).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

TOTALS = frozenset({"", "all", "total", "any", "*"})
Cells = Mapping[tuple[str, ...], int]


@dataclass(frozen=True)
class CountTable:
    """How many, by some dimensions.

    Parameters
    ----------
    dimensions
        Names of the columns that are no counts, in order.
    cells
        The count of each combination; a cell that was left out is not in it.
    """

    dimensions: tuple[str, ...]
    cells: Cells


def tables_of(rows: Sequence[Mapping[str, str]], *, counts: Sequence[str]) -> Iterator[CountTable]:
    """One table of counts for each column of counts; rows that are totals are set apart.

    Parameters
    ----------
    rows
        As read from a file.
    counts
        Columns that hold counts; `3.0` is one too, as programs of statistics write a column in
        which a cell is missing. A cell that is no number, such as `<5`, was left out.
    """
    for column in counts:
        dimensions = tuple(name for name in (rows[0] if rows else ()) if name not in counts)
        cells: dict[tuple[str, ...], int] = {}
        for row in rows:
            count = _count(row[column])
            if count is not None:
                key = tuple(row[name].strip().casefold() for name in dimensions)
                cells[key] = cells.get(key, 0) + count
        yield CountTable(dimensions, cells)


def _count(text: str) -> int | None:
    """The count in a cell, a fraction rounded down; None where it holds no number."""
    try:
        return math.floor(float(text))
    except (ValueError, OverflowError):  # no number; not a number, or without end
        return None


def small_cells(table: CountTable, *, floor: int) -> int:
    """How many cells hold a count from one to below the floor.

    Examples
    --------
    >>> small_cells(CountTable(("sex",), {("f",): 4, ("m",): 5, ("u",): 0}), floor=5)
    1
    """
    return sum(0 < count < floor for count in table.cells.values())


def given_away(new: CountTable, old: CountTable, *, floor: int) -> int:
    """How many small counts the difference of two tables gives away.

    Both are summed over what the other does not have; where the sums of one group differ by one
    to below the floor, so many people came, went, or were left out.

    Parameters
    ----------
    new, old
        Two tables of the same project.
    floor
        The least count that may be told.

    Examples
    --------
    >>> whole = CountTable(("sex",), {("f",): 20})
    >>> older = CountTable(("sex", "age"), {("f", "<50"): 9, ("f", "50+"): 8})
    >>> given_away(whole, older, floor=5)
    1
    """
    shared = [name for name in new.dimensions if name in old.dimensions]
    left, right = (_summed(table, shared) for table in (new, old))
    return sum(0 < abs(left[key] - right[key]) < floor for key in left.keys() & right.keys())


def told_together(new: Sequence[CountTable], left: Sequence[CountTable], *, floor: int) -> int:
    """How many small counts some tables give away beside all that left before them.

    Two by two first; then parts that left one by one are put together to a whole, wherever they
    have the same dimensions and no cell twice, and each whole is compared with the other tables.

    Parameters
    ----------
    new
        Tables that are to leave.
    left
        Tables of the same project that left before.
    floor
        The least count that may be told.

    Examples
    --------
    >>> whole = CountTable(("sex",), {("f",): 21})
    >>> young = CountTable(("sex", "age"), {("f", "<50"): 10})
    >>> old = CountTable(("age", "sex"), {("50+", "f"): 10})
    >>> told_together([old], [whole], floor=5), told_together([old], [whole, young], floor=5)
    (0, 1)
    """
    pairs = sum(given_away(one, old, floor=floor) for one in new for old in left)
    every, fresh = [*left, *new], {id(one) for one in new}
    return pairs or sum(
        given_away(whole, one, floor=floor)
        for whole, parts in _wholes(every)
        for one in every
        if set(one.dimensions) != set(whole.dimensions)
        and fresh & {id(one), *(id(part) for part in parts)}
    )


def _wholes(tables: Sequence[CountTable]) -> Iterator[tuple[CountTable, list[CountTable]]]:
    """Tables put together from several of the same dimensions without a cell in common."""
    found: list[tuple[tuple[str, ...], dict[tuple[str, ...], int], list[CountTable]]] = []
    for table in tables:
        order = tuple(sorted(table.dimensions))
        cells = _summed(table, order)
        for names, whole, parts in found:
            if names == order and whole.keys().isdisjoint(cells):
                whole.update(cells)
                parts.append(table)
                break
        else:
            found.append((order, cells, [table]))
    return ((CountTable(names, whole), parts) for names, whole, parts in found if len(parts) > 1)


def _summed(table: CountTable, names: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Counts by some dimensions; rows that are totals of a dimension summed over are left out."""
    places = [table.dimensions.index(name) for name in names]
    others = [place for place in range(len(table.dimensions)) if place not in places]
    found: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for key, count in table.cells.items():
        if not any(key[place] in TOTALS for place in others):
            found[tuple(key[place] for place in places)] += count
    return dict(found)


def hidden_but_told(table: CountTable, *, floor: int) -> int:
    """How many totals of a table differ from the sum of their parts by a small count.

    Examples
    --------
    >>> hidden_but_told(CountTable(("sex",), {("f",): 20, ("total",): 23}), floor=5)
    1
    """
    return sum(_told_by(table, place, floor=floor) for place in range(len(table.dimensions)))


def _told_by(table: CountTable, place: int, *, floor: int) -> int:
    totals: dict[tuple[str, ...], int] = {}
    parts: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for key, count in table.cells.items():
        rest = (*key[:place], *key[place + 1 :])
        if key[place] in TOTALS:
            totals[rest] = count
        else:
            parts[rest] += count
    return sum(0 < abs(count - parts[rest]) < floor for rest, count in _both(totals, parts))


def _both(
    totals: Mapping[tuple[str, ...], int], parts: Mapping[tuple[str, ...], int]
) -> Iterable[tuple[tuple[str, ...], int]]:
    return [(rest, count) for rest, count in totals.items() if rest in parts]
