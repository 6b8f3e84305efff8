"""How much of each kind of data was kept for as long as the hospital says: counts, and no change.

These counts tell a steward where bytes lie that no rule asks to keep any longer; `lake.erasing`
then erases notes, images and signals by kind, once two people have decided. What belongs to a
person on hold, and what has no time, is never due: unknown is not old.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any  # rows of Arrow

from vitruvian.lake import Lake, Reader
from vitruvian.lake.audit.search import count_before
from vitruvian.lake.erasing.parts import KINDS
from vitruvian.lake.erasing.retention import DataKind, DataRule, Retention, before_of
from vitruvian.trust import Access

# A raw record has no other time than that at which it could be known.
TABLES: Mapping[str, tuple[str, str]] = {"record": ("resource", "known_at"), **KINDS}


@dataclass(frozen=True)
class DueData:
    """How much of one kind of data is due.

    Parameters
    ----------
    before
        What happened before this instant is due: the present less the period and a day.
    rows
        How many rows of this kind there are.
    due
        How many of them are due.
    persons
        How many persons these are about; 0 for the audit, which is about what was done.
    held
        How many would be due, and are of persons on hold.
    untold
        How many have no time, and so are never due.
    oldest
        When the oldest of those due happened; None when none is.
    """

    kind: DataKind
    years: int
    words: str
    before: datetime
    rows: int = 0
    due: int = 0
    persons: int = 0
    held: int = 0
    untold: int = 0
    oldest: datetime | None = None


def look_by_kind(lake: Lake, access: Access, retention: Retention) -> tuple[DueData, ...]:
    """What is due of each kind of data that has a rule; nothing is changed.

    Parameters
    ----------
    lake
        Any lake.
    access
        Who asks.
    retention
        The rules of its hospital.
    """
    with lake.read(access) as reader:
        found = dict(_in_tables(reader, retention, now=lake.clock()))
    rule = retention.data.get("audit")
    if rule is not None:
        found["audit"] = _in_audit(lake, rule)
    return tuple(found[kind] for kind in retention.data)


def _in_tables(
    reader: Reader, retention: Retention, *, now: datetime
) -> Iterator[tuple[DataKind, DueData]]:
    persons = reader.persons()
    for kind, rule in retention.data.items():
        if kind in TABLES:
            table, time = TABLES[kind]
            before = before_of(rule, now)
            late = f"{time} < ?"
            sql = (
                f"SELECT subject_id, count(*) AS rows, count({time}) AS timed, "
                f"count(*) FILTER ({late}) AS due, min({time}) AS oldest "
                f'FROM "{table}" GROUP BY subject_id'
            )
            answer = reader.query(sql, tables=[table], params=[before]).to_pylist()
            yield kind, _added(rule, before, answer, retention.hold, persons)


def _added(
    rule: DataRule,
    before: datetime,
    answer: list[dict[str, Any]],
    hold: frozenset[int],
    persons: Mapping[int, int],
) -> DueData:
    """One kind over everybody."""

    def whose(row: dict[str, Any]) -> int | None:
        subject = row["subject_id"]
        return None if subject is None else persons.get(subject, subject)

    late = [row for row in answer if row["due"]]
    due = [row for row in late if whose(row) not in hold]
    return DueData(
        rule.kind,
        rule.years,
        rule.words,
        before,
        rows=sum(row["rows"] for row in answer),
        due=sum(row["due"] for row in due),
        persons=len({whose(row) for row in due} - {None}),
        held=sum(row["due"] for row in late) - sum(row["due"] for row in due),
        untold=sum(row["rows"] - row["timed"] for row in answer),
        oldest=min((row["oldest"].astimezone(UTC) for row in due), default=None),
    )


def _in_audit(lake: Lake, rule: DataRule) -> DueData:
    """Rows of the audit; they are counted, and stay as long as the chain they hold together."""
    before = before_of(rule, lake.clock())
    due = count_before(lake.audit, before)
    oldest = datetime.fromisoformat(lake.audit.at(1)) if due else None
    rows = lake.audit.head()[0]
    return DueData(rule.kind, rule.years, rule.words, before, rows=rows, due=due, oldest=oldest)
