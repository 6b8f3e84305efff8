"""How far structuring has come: notes read, facts found, what is doubtful, how fast people go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from vitruvian.derive.engine.standing import PastRun, Standing, past_runs, standings
from vitruvian.derive.review.agreement import Agreement, agreement
from vitruvian.derive.review.doubt import CurvePoint, Stratum, routing_curve, strata
from vitruvian.derive.review.verdicts import Judged, verdicts
from vitruvian.lake import Lake
from vitruvian.trust import Access

# A fact is doubtful where one in so many like it is likely wrong.
DOUBTFUL = 0.12
# So many runs are shown.
RUNS = 6
# Longer than this between two verdicts is a pause.
PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Lane:
    """Facts of one lane: how many, how many of them are doubtful."""

    category: str
    facts: int
    doubtful: int


@dataclass(frozen=True)
class ReaderCount:
    """What one reader did; seconds a verdict is the median without pauses."""

    reader: str
    verdicts: int
    seconds: float | None
    last: datetime


@dataclass(frozen=True)
class Group:
    """Facts read alike, as people see them."""

    name: str
    facts: int
    judged: int
    wrong: int
    doubt: float


@dataclass(frozen=True)
class ReviewStanding:
    """The structuring page in one answer."""

    notes: int
    waiting: int
    facts: int
    doubtful: int
    judged: int
    wrong: int
    accepted: int
    lanes: tuple[Lane, ...]
    groups: tuple[Group, ...]
    extractors: tuple[Standing, ...]
    runs: tuple[PastRun, ...]
    readers: tuple[ReaderCount, ...]
    agreement: Agreement
    curve: tuple[CurvePoint, ...]


def review_standing(lake: Lake, *, access: Access) -> ReviewStanding:
    """Everything the structuring page shows."""
    found = standings(lake, access=access)
    with lake.read(access) as reader:
        given = verdicts(reader)
        every = strata(reader, given)
        notes = reader.query("SELECT count(*) AS n FROM note WHERE text IS NOT NULL",
                             tables=["note"])["n"][0].as_py()  # fmt: skip
        runs = past_runs(reader, most=RUNS)
    last = {one.event_id: one for one in given}
    answers = Counter(one.answer for one in last.values())
    return ReviewStanding(
        notes=notes,
        waiting=max((one.waiting or 0 for one in found), default=0),
        facts=sum(one.facts for one in every),
        doubtful=sum(one.facts for one in every if one.doubt >= DOUBTFUL),
        judged=len(last),
        wrong=answers["correct"] + answers["reject"],
        accepted=answers["accept"],
        lanes=tuple(lanes(every)),
        groups=tuple(Group(s.name, s.facts, s.judged, s.wrong, round(s.doubt, 4)) for s in every),
        extractors=tuple(found),
        runs=tuple(runs),
        readers=tuple(readers(given)),
        agreement=agreement(given),
        curve=tuple(routing_curve(every)),
    )


def lanes(every: Sequence[Stratum]) -> list[Lane]:
    """By lane, the largest first."""
    facts: Counter[str] = Counter()
    doubtful: Counter[str] = Counter()
    for one in every:
        facts[one.category] += one.facts
        doubtful[one.category] += one.facts if one.doubt >= DOUBTFUL else 0
    return [Lane(name, count, doubtful[name]) for name, count in facts.most_common()]


def readers(given: Sequence[Judged]) -> list[ReaderCount]:
    """By reader, the busiest first."""
    told = []
    for who in {one.reader for one in given}:
        times = [one.at for one in given if one.reader == who]
        gaps = [b - a for a, b in pairwise(times) if b - a <= PAUSE]
        pace = median(gap.total_seconds() for gap in gaps) if gaps else None
        told.append(ReaderCount(who, len(times), pace, times[-1]))
    return sorted(told, key=lambda one: (-one.verdicts, one.reader))
