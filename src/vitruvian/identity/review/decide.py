"""A person says whether two records are one person; accepted, the link is declared by that person.

Taking a decision back is saying something else of the same pair: every answer is then what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.ids import stable_id
from vitruvian.identity.errors import MayNotDecide, NoSuchPair, ToldApart
from vitruvian.identity.persons import persons_of
from vitruvian.identity.review.queue import pair_row
from vitruvian.identity.settling import (
    REVIEW,
    Cause,
    Links,
    links_standing,
    rows_as_table,
    settle,
    verdicts,
)
from vitruvian.trust import SYSTEM, require

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.trust import Access

Answer = Literal["same", "different", "unknown"]
ANSWERS: tuple[Answer, ...] = ("same", "different", "unknown")
DECIDERS = ("data steward", "administrator", "operator")
"""Who keeps the records decides; who treats a patient may not see both of two records."""


@dataclass(frozen=True)
class Decided:
    """One decision: what was said, by whom, when; ``changed`` subjects have another person now."""

    pair_id: str
    answer: Answer
    who: str
    at: datetime
    changed: int


def decide(
    lake: Lake, pair: int, answer: Answer, *, access: Access, clock: Clock = system_clock
) -> Decided:
    """Keep what a person says of a pair; the last word is the one that stands.

    Parameters
    ----------
    lake
        An open lake.
    pair
        Number of a pair that was offered.
    answer
        One person (then they are linked), two people (never offered again), or not known.
    access
        Who decides; the name is kept.
    clock
        What tells the time; a link is known from then on.

    Raises
    ------
    MayNotDecide
        When the role does not keep records.
    PolicyRefused
        When policy does not let the account write.
    NoSuchPair
        When the pair was never offered, or one of its records may not be seen.
    ToldApart
        When linking them would join people who were told apart.
    """
    expect_decider(access)
    require(replace(access, operation="write"), lake.policy)
    with lake.read(access) as reader:
        row = pair_row(reader, pair)
        if row is None:
            raise NoSuchPair
        reader.note([row["subject_id"], row["other_id"]])
    now = clock()
    # What stands is read whole, or a link that is hidden from the one who decides would be undone.
    whole = replace(SYSTEM, request=access.request, reason=f"review decided by {access.who}")
    with lake.bulk(whole) as bulk:
        before = verdicts(bulk.reader)
        verdict = _verdict(row, answer, who=access.who, site=lake.site, now=now)
        said = {**before, pair: verdict}
        links = links_standing(bulk.reader, said=said)
        _expect_not_told_apart(links, said, answer)
        bulk.write("pair_verdict", rows_as_table("pair_verdict", [verdict]))
        changed = settle(bulk, links, _cause(verdict))
    return Decided(str(pair), answer, access.who, now, changed)


def expect_decider(access: Access) -> None:
    """Refuse a role that does not keep records; raises `MayNotDecide`."""
    if access.role not in DECIDERS:
        raise MayNotDecide(role=access.role, roles=DECIDERS)


def _verdict(
    row: Mapping[str, Any], answer: Answer, *, who: str, site: str, now: datetime
) -> dict[str, Any]:
    number = stable_id("verdict", str(row["pair_id"]), who, answer, now.isoformat())
    return {
        **{name: row[name] for name in ("pair_id", "subject_id", "other_id")},
        "verdict_id": number,
        "answer": answer,
        "who": who,
        "site": site,
        "source_id": REVIEW,
        "locator": f"pair {row['pair_id']}",
        "known_at": now,
        "known_at_basis": "stated",
    }


def _cause(verdict: Mapping[str, Any]) -> Cause:
    lineage = {name: verdict[name] for name in ("site", "source_id", "locator", "known_at")}
    words = f"declared by {verdict['who']} in review of pair {verdict['pair_id']}"
    return Cause(lineage, str(verdict["verdict_id"]), words)


def _expect_not_told_apart(
    links: Links, said: Mapping[int, Mapping[str, Any]], answer: Answer
) -> None:
    """Refuse a link that joins, perhaps through others, two whom a person told apart."""
    if answer != "same":
        return
    persons = persons_of(links.edges, links.chosen)
    for row in said.values():
        one, other = (persons.get(row[end], row[end]) for end in ("subject_id", "other_id"))
        if row["answer"] == "different" and one == other:
            raise ToldApart
