"""Which facts are likely wrong, and what it would gain to look at them.

Facts that are read alike form a stratum: by extractor and lane, whether the sentence is unsure,
whether its context is turned (negated, historical, of a relative), whether a unit was assumed.
The share of wrong facts in a stratum begins with a guess and follows the verdicts.

References
----------
Gelman A et al. Bayesian Data Analysis, 3rd ed. 2013, section 2.4: the mean of a beta distribution
after so many wrong and right. The guesses come from our own figures on public sentences
(docs/how/derive-facts.md: about one turned context in ten is wrong), the weights from what a wrong
fact would do to the record of a tumour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vitruvian.derive.review.verdicts import NAME, REVIEWED, Judged, stratum_name
from vitruvian.record.event import MACHINE_READ

# The guess counts as much as so many verdicts.
STRENGTH = 10
PLAIN, TURNED, UNSURE, ASSUMED = 0.03, 0.07, 0.15, 0.10
WEIGHTS = {"genomics": 3.0, "allergy": 3.0, "medication": 2.0}
ONCOLOGY = 3.0

STRATA = f"""
    SELECT derivation.name AS extractor, category, certainty <> 'certain' AS unsure,
        polarity <> 'affirmed' OR temporality <> 'current' OR experiencer <> 'patient' AS turned,
        coalesce(list_contains(flags, 'unit-assumed'), false) AS assumed, count(*) AS facts
    FROM event JOIN derivation USING (derivation_id)
    WHERE list_contains(flags, '{MACHINE_READ}') AND NOT list_contains(flags, '{REVIEWED}')
        AND derivation.name <> '{NAME}'
    GROUP BY ALL
"""


@dataclass(frozen=True)
class Stratum:
    """Facts read alike: how many stand, how many were judged and found wrong, what one is worth."""

    name: str
    extractor: str
    category: str
    unsure: bool
    turned: bool
    assumed: bool
    facts: int
    judged: int
    wrong: int

    @property
    def doubt(self) -> float:
        """The share that is likely wrong, 0 to 1."""
        guess = PLAIN + TURNED * self.turned + UNSURE * self.unsure + ASSUMED * self.assumed
        return (self.wrong + STRENGTH * guess) / (self.judged + STRENGTH)

    @property
    def gain(self) -> float:
        """What one look is expected to mend, wrong fields of a tumour record counting most."""
        weight = WEIGHTS.get(self.category, 1.0)
        return self.doubt * max(weight, ONCOLOGY if self.extractor == "oncology" else 1.0)


def strata(reader: Any, judged: Iterable[Judged]) -> list[Stratum]:
    """All strata, the most rewarding first."""
    found = reader.query(STRATA, tables=["event", "derivation"]).to_pylist()
    seen, wrong = counted(judged)
    told = [_stratum(row, seen, wrong) for row in found]
    return sorted(told, key=lambda one: (-one.gain, one.name))


def counted(judged: Iterable[Judged]) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """How many facts of each stratum were judged and were wrong; the last verdict counts."""
    last = {one.event_id: one for one in judged}
    seen = Counter(one.stratum for one in last.values())
    wrong = Counter(one.stratum for one in last.values() if one.answer != "accept")
    return seen, wrong


def _stratum(row: Mapping[str, Any], seen: Mapping[str, int], wrong: Mapping[str, int]) -> Stratum:
    marks = {mark: bool(row[mark]) for mark in ("unsure", "turned", "assumed")}
    name = stratum_name(row["extractor"], row["category"], **marks)
    return Stratum(
        name, row["extractor"], row["category"], facts=row["facts"], judged=seen.get(name, 0),
        wrong=wrong.get(name, 0), **marks,
    )  # fmt: skip


@dataclass(frozen=True)
class CurvePoint:
    """When so many facts are looked at (share, 0 to 1), so many of all are right."""

    looked_at: float
    right: float
    right_at_random: float


def routing_curve(every: Sequence[Stratum]) -> list[CurvePoint]:
    """How right all facts are expected to be, the more of the doubtful ones people look at.

    A reader is taken to be right. Facts are looked at by doubt, and for comparison at random.
    """
    order = sorted(every, key=lambda one: -one.doubt)
    total = sum(one.facts for one in order)
    if not total:
        return []
    wrong = sum(one.facts * one.doubt for one in order)
    left, seen = wrong, 0
    points = [CurvePoint(0.0, 1 - wrong / total, 1 - wrong / total)]
    for one in order:
        left -= one.facts * one.doubt
        seen += one.facts
        share = seen / total
        points.append(
            CurvePoint(share, 1 - max(0.0, left) / total, 1 - wrong * (1 - share) / total)
        )
    return points


def share_for(curve: Sequence[CurvePoint], aim: float) -> float | None:
    """The smallest share of facts to look at so that so many of all are right; None for none."""
    for before, after in pairwise(curve):
        if before.right >= aim:
            return before.looked_at
        if after.right >= aim:
            part = (aim - before.right) / (after.right - before.right)
            return before.looked_at + part * (after.looked_at - before.looked_at)
    return None
