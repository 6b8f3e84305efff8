"""Cutting a population into spans of ids that fit in memory, none of which cuts a person."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vitruvian.lake import Reader


@dataclass(frozen=True)
class Span:
    """Persons from `low` to `high`, both inclusive.

    Parameters
    ----------
    rows
        How many rows their subjects have.
    linked
        Person of each subject that was linked to a person of this span.
    others
        Subjects between `low` and `high` that are linked to any person, and so not their own.
    """

    low: int
    high: int
    rows: int
    linked: Mapping[int, int]
    others: tuple[int, ...]


def rows_by_subject(reader: Reader, table: str) -> dict[int, int]:
    """How many rows each subject has, by ascending subject."""
    sql = f'SELECT subject_id, count(*) AS n FROM "{table}" WHERE subject_id IS NOT NULL '
    found = reader.query(sql + "GROUP BY 1 ORDER BY 1", tables=[table])
    subjects, counts = found.column("subject_id").to_pylist(), found.column("n").to_pylist()
    return dict(zip(subjects, counts, strict=True))


def spans(
    rows: Mapping[int, int], *, persons: Mapping[int, int], rows_a_span: int
) -> Iterator[Span]:
    """Persons with rows, cut so that each span has about as many rows as wanted.

    Parameters
    ----------
    rows
        Rows of each subject.
    persons
        Person of each subject that is linked; the rest are their own persons.
    rows_a_span
        About how many rows a span may have; one person may have more.

    Examples
    --------
    >>> cut = spans({1: 5, 2: 5, 3: 5}, persons={3: 1}, rows_a_span=6)
    >>> [(one.low, one.high, one.rows, dict(one.linked)) for one in cut]
    [(1, 1, 10, {3: 1}), (2, 2, 5, {})]
    """
    of_person: Counter[int] = Counter()
    for subject, count in rows.items():
        of_person[persons.get(subject, subject)] += count
    links = sorted(persons.items())
    subjects = [subject for subject, _ in links]
    members: dict[int, list[int]] = {}
    for subject, person in links:
        members.setdefault(person, []).append(subject)
    for chosen, count in _cut(of_person, rows_a_span):
        low, high = chosen[0], chosen[-1]
        others = subjects[bisect_left(subjects, low) : bisect_right(subjects, high)]
        linked = {one: person for person in chosen for one in members.get(person, ())}
        yield Span(low, high, count, linked, tuple(others))


def _cut(of_person: Mapping[int, int], rows_a_span: int) -> Iterator[tuple[list[int], int]]:
    """Ascending persons with the sum of their rows, span by span."""
    chosen: list[int] = []
    total = 0
    for person in sorted(of_person):
        if chosen and total + of_person[person] > rows_a_span:
            yield chosen, total
            chosen, total = [], 0
        chosen.append(person)
        total += of_person[person]
    if chosen:
        yield chosen, total
