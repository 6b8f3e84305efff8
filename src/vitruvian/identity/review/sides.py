"""Two records side by side: what agrees, what differs, and how much each field says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from vitruvian.identity.errors import NoSuchPair
from vitruvian.identity.matching.fields import NUMBER, words_of
from vitruvian.identity.matching.gather import everybody_shown
from vitruvian.identity.review.queue import pair_row

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Agreement = Literal["same", "near", "different", "missing"]
_COUNTS = """
    SELECT subject_id, count(*) AS facts, min(time) AS first_time, max(time) AS last_time
    FROM event WHERE code <> 'MEDS_BIRTH' AND NOT starts_with(code, 'GENDER//')
    GROUP BY subject_id
"""
_VISITS = "SELECT subject_id, count(DISTINCT encounter_id) AS visits FROM encounter GROUP BY ALL"


@dataclass(frozen=True)
class ComparedField:
    """One field of both records; ``weight`` in bits speaks for (+) or against (-) one person."""

    field: str
    words: str
    left: str
    right: str
    level: str | None
    agreement: Agreement
    weight: float | None


@dataclass(frozen=True)
class PairRecord:
    """One of the two: who it is now, where it came from, and how much there is of it."""

    subject_id: str
    person_id: str
    site: str
    source_id: str
    facts: int
    visits: int
    first_time: datetime | None
    last_time: datetime | None


@dataclass(frozen=True)
class SideBySide:
    """Two records, how likely they are one person (0 to 1), and what was said of them so far.

    ``linked`` tells that they are one person at present, by whatever link.
    """

    pair_id: str
    probability: float
    held: str | None
    left: PairRecord
    right: PairRecord
    fields: tuple[ComparedField, ...]
    linked: bool
    answer: str | None
    who: str | None
    decided_at: datetime | None
    since: datetime


def side_by_side(reader: Reader, pair: int) -> SideBySide:
    """One pair in full.

    Parameters
    ----------
    reader
        The door; both records are noted in the audit.
    pair
        Its number.

    Raises
    ------
    NoSuchPair
        When it was never offered, or one of the records may not be seen.
    """
    row = pair_row(reader, pair)
    if row is None:
        raise NoSuchPair
    ends = [row["subject_id"], row["other_id"]]
    shown = {each["subject_id"]: each for each in everybody_shown(reader, ends)}
    if not all(end in shown for end in ends):
        raise NoSuchPair
    left, right = (shown[end] for end in ends)
    records = _records(reader, (left, right))
    return SideBySide(
        pair_id=str(pair),
        probability=row["probability"] or 0.0,
        held=row["held"] or None,
        left=records[0],
        right=records[1],
        fields=tuple(_fields(left, right, json.loads(row["evidence"]))),
        linked=records[0].person_id == records[1].person_id,
        answer=row["answer"],
        who=row["who"],
        decided_at=row["decided_at"],
        since=row["since"],
    )


def _records(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> list[PairRecord]:
    ends = [row["subject_id"] for row in rows]
    facts = _by_subject(reader.query(_COUNTS, tables=["event"], subjects=ends).to_pylist())
    visits = _by_subject(reader.query(_VISITS, tables=["encounter"], subjects=ends).to_pylist())
    return [
        PairRecord(
            subject_id=str(row["subject_id"]),
            person_id=str(reader.person_of(row["subject_id"])),
            site=row["site"],
            source_id=row["source_id"],
            facts=facts.get(row["subject_id"], {}).get("facts", 0),
            visits=visits.get(row["subject_id"], {}).get("visits", 0),
            first_time=facts.get(row["subject_id"], {}).get("first_time"),
            last_time=facts.get(row["subject_id"], {}).get("last_time"),
        )
        for row in rows
    ]


def _by_subject(rows: Sequence[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["subject_id"]: row for row in rows}


def _fields(
    left: Mapping[str, Any], right: Mapping[str, Any], evidence: Sequence[Sequence[Any]]
) -> Iterator[ComparedField]:
    """The compared fields, then every number: those of one system on one line."""
    told = {name: (level, weight) for name, level, weight in evidence}
    for name, words in words_of().items():
        one, other = left["shown"].get(name, ""), right["shown"].get(name, "")
        level, weight = told.get(name, (None, None))
        if one or other:
            yield ComparedField(name, words, one, other, level, agreement_of(level), weight)
    for system in sorted({*left["numbers"], *right["numbers"]}):
        yield _number(system, left["numbers"], right["numbers"], told)


def _number(
    system: str,
    left: Mapping[str, tuple[str, str]],
    right: Mapping[str, tuple[str, str]],
    told: Mapping[str, tuple[str | None, float | None]],
) -> ComparedField:
    (one, label), (other, its_label) = left.get(system, ("", "")), right.get(system, ("", ""))
    level, weight = told.get(f"{NUMBER}{system}", (_level_of(one, other), None))
    words = label or its_label or system
    return ComparedField("number", words, one, other, level, agreement_of(level), weight)


def _level_of(one: str, other: str) -> str | None:
    if not one or not other:
        return None
    if one == other:
        return "same"
    return "different"


def agreement_of(level: str | None) -> Agreement:
    """A level of agreement in one of four words."""
    if level is None:
        return "missing"
    if level in {"same", "different"}:
        return "same" if level == "same" else "different"
    return "near"
