"""The facts a reader should look at next, the most rewarding first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian.derive.review.doubt import Stratum, strata
from vitruvian.derive.review.verdicts import NAME, REVIEWED, Judged, verdicts
from vitruvian.record.event import MACHINE_READ

# Every so many facts is read by two people.
TWICE = 5
COLUMNS = (
    "event_id subject_id time category code code_text text_value numeric_value unit act polarity "
    "certainty temporality experiencer body_site dose_text"
).split()
_PICK = f"""
    SELECT {", ".join(COLUMNS)} FROM event JOIN derivation USING (derivation_id)
    WHERE derivation.name = ? AND category = ? AND (certainty <> 'certain') = ?
        AND (polarity <> 'affirmed' OR temporality <> 'current' OR experiencer <> 'patient') = ?
        AND coalesce(list_contains(flags, 'unit-assumed'), false) = ?
        AND list_contains(flags, '{MACHINE_READ}') AND NOT list_contains(flags, '{REVIEWED}')
        AND derivation.name <> '{NAME}' AND event_id NOT IN (SELECT unnest(?::BIGINT[]))
    ORDER BY row_number() OVER (PARTITION BY code, polarity ORDER BY hash(event_id)),
        hash(event_id) LIMIT ?
"""


@dataclass(frozen=True)
class QueueItem:
    """One fact to look at; ``why`` in words for people."""

    event_id: str
    person_id: str
    time: datetime | None
    category: str
    label: str
    value: str
    doubt: float
    gain: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class Queue:
    """What waits for one reader: the next facts, and how many of all are doubtful."""

    items: tuple[QueueItem, ...]
    facts: int
    judged: int
    mine: int


def queue(reader: Any, *, who: str, limit: int = 50, category: str | None = None) -> Queue:
    """The facts one reader should look at next.

    Parameters
    ----------
    reader
        The door, at the present.
    who
        The reader's account; what the reader judged already is left out.
    limit
        At most so many.
    category
        Only facts of this lane; None means all.
    """
    given = verdicts(reader)
    every = strata(reader, given)
    chosen = [one for one in every if category is None or one.category == category]
    done = {one.event_id for one in given}
    items = [*_second(reader, given, chosen, who=who, limit=limit)]
    for stratum in chosen:
        if len(items) >= limit:
            break
        items += _first(reader, stratum, sorted(done), limit=limit - len(items))
    mine = sum(one.reader == who for one in given)
    return Queue(tuple(items), sum(one.facts for one in every), len(done), mine)


def _first(
    reader: Any, stratum: Stratum, done: Sequence[int], *, limit: int
) -> Iterator[QueueItem]:
    """Facts of one stratum that nobody judged."""
    asked = [stratum.extractor, stratum.category, stratum.unsure, stratum.turned, stratum.assumed]
    found = reader.query(_PICK, tables=["event", "derivation"], params=[*asked, list(done), limit])
    for row in found.to_pylist():
        yield item(reader, row, stratum)


def _second(
    reader: Any, given: Sequence[Judged], every: Sequence[Stratum], *, who: str, limit: int
) -> Iterator[QueueItem]:
    """A fifth of what others judged: read again without being told what they said."""
    mine = {one.event_id for one in given if one.reader == who}
    by_name = {one.name: one for one in every}
    wanted = {
        one.event_id: by_name[one.stratum]
        for one in given
        if one.event_id % TWICE == 0 and one.event_id not in mine and one.stratum in by_name
    }
    chosen = list(wanted)[:limit]
    if not chosen:
        return
    rows = reader.history(
        "event", columns=[*COLUMNS, "recorded_at"],
        where="event_id IN (SELECT unnest(?::BIGINT[]))", params=[chosen],
    ).to_pylist()  # fmt: skip
    for row in {row["event_id"]: row for row in rows}.values():
        yield item(reader, row, wanted[row["event_id"]], second=True)


def item(reader: Any, row: dict[str, Any], stratum: Stratum, *, second: bool = False) -> QueueItem:
    """A row as a line of the queue."""
    alike = stratum.judged > 0 and stratum.wrong > 0
    reasons = [
        (second, "second reading"), (stratum.unsure, "the sentence is unsure"),
        (stratum.turned, "negated, past or a relative's"), (stratum.assumed, "unit assumed"),
        (alike, f"{stratum.wrong} of {stratum.judged} alike were wrong"),
    ]  # fmt: skip
    return QueueItem(
        event_id=str(row["event_id"]),
        person_id=str(reader.person_of(row["subject_id"])),
        time=row["time"],
        category=row["category"],
        label=row["code_text"] or row["code"],
        value=value_of(row),
        doubt=round(stratum.doubt, 4),
        gain=round(stratum.gain, 4),
        why=tuple(words for is_so, words in reasons if is_so),
    )


def value_of(row: dict[str, Any]) -> str:
    """What a fact says beside its name, in few words."""
    number = row["numeric_value"]
    told = [f"{number:g} {row['unit'] or ''}".strip()] if number is not None else []
    told += [row[name] for name in ("text_value", "dose_text", "body_site") if row.get(name)]
    usual = {"affirmed", "certain", "current", "patient"}
    told += [
        row[name]
        for name in ("polarity", "certainty", "temporality", "experiencer")
        if row[name] not in usual
    ]
    return ", ".join(dict.fromkeys(told))
