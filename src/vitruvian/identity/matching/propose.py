"""Looking for records that may be one person, and offering them to people; nothing is linked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.ids import stable_id
from vitruvian.identity.matching.apart import held_back, of_one_person
from vitruvian.identity.matching.gather import everybody
from vitruvian.identity.matching.model import OFFERED, Pair, score
from vitruvian.identity.settling import rows_as_table

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.trust import Access

SOURCE = "identity-matching"
"""What the rows of a run name as their source: the lake's own records, compared."""


@dataclass(frozen=True)
class MatchReport:
    """What a run did.

    ``records`` were compared; ``offered`` pairs are likely one person, ``held`` are alike and
    likely two people all the same; ``new`` were not offered before, ``gone`` are alike no longer.
    ``trained`` tells whether the weights are this hospital's own.
    """

    records: int
    offered: int
    held: int
    new: int
    gone: int
    trained: bool

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form."""
        return dict(vars(self))


def propose(
    lake: Lake, *, access: Access, least: float = OFFERED, clock: Clock = system_clock
) -> MatchReport:
    """Compare everybody with everybody, and offer likely pairs to people.

    Parameters
    ----------
    lake
        An open lake.
    access
        Who asks and why.
    least
        The least probability of being one person that is offered, 0 to 1.
    clock
        What tells the time; an offer is known from then on.

    Raises
    ------
    NoMatcher
        Without the optional package splink.
    """
    with lake.read(access) as reader:
        people = list(everybody(reader))
        persons = reader.persons()
        before = offers(reader)
    found = score(people, least=least, temp=lake.path / "temp")
    apart = [one for one in found.pairs if of_one_person(one) and not _is_one(persons, one)]
    held = held_back(apart, {each.subject_id: each for each in people})
    rows = [*_rows(apart, held, before), *_no_longer(found.pairs, before)]
    _write(lake, rows, access=access, now=clock())
    new = sum(row["offered"] and row["pair_id"] not in before for row in rows)
    gone = sum(not row["offered"] for row in rows)
    return MatchReport(
        len(people), len(apart) - len(held), len(held), new, gone, trained=found.trained
    )


def pair_id(left: int, right: int) -> int:
    """The number of two subjects, in whatever order."""
    low, high = sorted((left, right))
    return stable_id("pair", str(low), str(high))


def offers(reader: Reader) -> dict[int, dict[str, Any]]:
    """The newest offer of every pair, by pair."""
    rows = reader.rows("look_alike").to_pylist()
    return {row["pair_id"]: row for row in sorted(rows, key=lambda row: row["recorded_at"])}


def _is_one(persons: Mapping[int, int], pair: Pair) -> bool:
    """Whether a pair is one person already."""
    left, right = (persons.get(end, end) for end in (pair.left, pair.right))
    return left == right


def _rows(
    pairs: Sequence[Pair],
    held: Mapping[tuple[int, int], str],
    before: Mapping[int, Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Offers that are new, or that say something new."""
    for pair in pairs:
        number = pair_id(pair.left, pair.right)
        row = _row(pair, number, held.get((pair.left, pair.right)))
        if not _says_the_same(row, before.get(number)):
            yield row


def _no_longer(
    pairs: Sequence[Pair], before: Mapping[int, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Offers whose two records are alike no longer."""
    alike = {pair_id(pair.left, pair.right) for pair in pairs}
    for number, old in before.items():
        if old["offered"] and number not in alike:
            kept = {name: old[name] for name in ("pair_id", "subject_id", "other_id")}
            yield kept | {"offered": False}


def _write(lake: Lake, rows: Sequence[Mapping[str, Any]], *, access: Access, now: datetime) -> None:
    stamp = {"site": lake.site, "source_id": SOURCE, "known_at": now, "known_at_basis": "stated"}
    whole = [
        {**row, **stamp, "row_id": stable_id("offer", str(row["pair_id"]), now.isoformat())}
        for row in rows
    ]
    if whole:
        with lake.bulk(access) as bulk:
            bulk.write("look_alike", rows_as_table("look_alike", whole))


def _row(pair: Pair, number: int, held: str | None) -> dict[str, Any]:
    told = [[each.field, each.level, round(each.weight, 2)] for each in pair.evidence]
    return {
        "pair_id": number,
        "subject_id": pair.left,
        "other_id": pair.right,
        "offered": True,
        "probability": pair.probability,
        "weight": pair.weight,
        "held": held,
        "evidence": json.dumps(told),
    }


def _says_the_same(row: Mapping[str, Any], old: Mapping[str, Any] | None) -> bool:
    """Whether an offer stands as it is: weights move a little with every new patient."""
    if old is None or not old["offered"] or old["held"] != row["held"]:
        return False
    return levels(old["evidence"]) == levels(row["evidence"])


def levels(evidence: str) -> list[list[str]]:
    """Fields and how they agree, without their weights."""
    return [each[:2] for each in json.loads(evidence)]
