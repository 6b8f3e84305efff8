"""The pairs of records that wait for a person, the likeliest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Show = Literal["waiting", "held", "decided"]
SHOWS: tuple[Show, ...] = ("waiting", "held", "decided")

# The newest offer and the newest verdict of every pair of which both records may be seen.
PAIRS = """
    WITH offer AS (
        SELECT pair_id, arg_max(offered, recorded_at) AS offered,
               arg_max(subject_id, recorded_at) AS subject_id,
               arg_max(other_id, recorded_at) AS other_id,
               arg_max(probability, recorded_at) AS probability,
               arg_max(weight, recorded_at) AS weight,
               arg_max(coalesce(held, ''), recorded_at) AS held,
               arg_max(coalesce(evidence, '[]'), recorded_at) AS evidence,
               min(known_at) AS since
        FROM look_alike GROUP BY pair_id
    ), verdict AS (
        SELECT pair_id, arg_max(answer, recorded_at) AS answer, arg_max(who, recorded_at) AS who,
               max(known_at) AS decided_at
        FROM pair_verdict GROUP BY pair_id
    ), named AS (
        SELECT subject_id, arg_max(coalesce(family, ''), (known_at, version_id)) AS family,
               arg_max(coalesce(given, ''), (known_at, version_id)) AS given,
               arg_max(coalesce(birth_date, ''), (known_at, version_id)) AS born
        FROM patient GROUP BY subject_id
    )
    SELECT offer.*, answer, who, decided_at, a.family AS left_family, a.given AS left_given,
           a.born AS left_born, b.family AS right_family, b.given AS right_given,
           b.born AS right_born
    FROM offer JOIN named a ON a.subject_id = offer.subject_id
    JOIN named b ON b.subject_id = offer.other_id LEFT JOIN verdict USING (pair_id)
"""
TABLES = ("look_alike", "pair_verdict", "patient")
# What "don't know" leaves waits again, after what nobody looked at.
_ORDER = " ORDER BY answer IS NOT NULL, probability DESC, pair_id"
_WHERE: Mapping[Show, str] = {
    "waiting": " WHERE offered AND held = '' AND coalesce(answer, 'unknown') = 'unknown'",
    "held": " WHERE offered AND held <> '' AND coalesce(answer, 'unknown') = 'unknown'",
    "decided": " WHERE answer IN ('same', 'different')",
}


@dataclass(frozen=True)
class WaitingPair:
    """One line of the queue: two records as their names and births, and how alike they are.

    ``probability`` is 0 to 1; ``held`` says why they are likely two people all the same; ``answer``
    is what was last said, by whom.
    """

    pair_id: str
    left: str
    right: str
    probability: float
    held: str | None
    answer: str | None
    who: str | None


@dataclass(frozen=True)
class PairQueue:
    """The pairs asked for, and how many there are of each kind."""

    items: tuple[WaitingPair, ...]
    waiting: int
    held: int
    decided: int


def waiting(reader: Reader, *, show: Show = "waiting", limit: int = 50) -> PairQueue:
    """The pairs that wait for a person, those held back, or those decided.

    Parameters
    ----------
    reader
        The door; a pair is told only when both records may be seen.
    show
        Which ones.
    limit
        At most so many.
    """
    persons = reader.persons()
    found = {name: _apart(_ask(reader, _WHERE[name]), persons, name) for name in SHOWS}
    chosen = tuple(_line(row) for row in found[show][:limit])
    return PairQueue(chosen, *(len(found[name]) for name in SHOWS))


def pair_row(reader: Reader, pair: int) -> dict[str, Any] | None:
    """The newest offer of one pair with its verdict; None when there is none to be seen."""
    found = _ask(reader, " WHERE pair_id = ?", pair)
    return found[0] if found else None


def _ask(reader: Reader, where: str, *params: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = reader.query(
        PAIRS + where + _ORDER, tables=TABLES, params=params
    ).to_pylist()
    return rows


def _apart(
    rows: Sequence[dict[str, Any]], persons: Mapping[int, int], show: Show
) -> list[dict[str, Any]]:
    """Without pairs that are one person already, by whatever link: nothing is left to decide."""
    if show == "decided":
        return list(rows)

    def person(subject: int) -> int:
        return persons.get(subject, subject)

    return [row for row in rows if person(row["subject_id"]) != person(row["other_id"])]


def _line(row: Mapping[str, Any]) -> WaitingPair:
    return WaitingPair(
        pair_id=str(row["pair_id"]),
        left=_named(row, "left"),
        right=_named(row, "right"),
        probability=row["probability"] or 0.0,
        held=row["held"] or None,
        answer=row["answer"],
        who=row["who"],
    )


def _named(row: Mapping[str, Any], side: str) -> str:
    name = ", ".join(filter(None, (row[f"{side}_family"], row[f"{side}_given"])))
    return " · ".join(filter(None, (name or "no name", row[f"{side}_born"])))
