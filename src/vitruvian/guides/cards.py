"""What the patient's page shows of a guideline: the answer, the facts behind, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.guides.engine.asked import AskedAt, PersonReader
from vitruvian.guides.engine.decide import Decision, Status, decide_all
from vitruvian.guides.engine.guide import Guide
from vitruvian.guides.engine.judge import Verdict
from vitruvian.guides.engine.library import guides
from vitruvian.picture.facts.words import label, value_text
from vitruvian.picture.record import NoSuchPatient

Held: TypeAlias = Literal["yes", "no", "not recorded", "unknown"]
# Any: one row as the engine gives it
Row: TypeAlias = Mapping[str, Any]

MOST_FACTS = 12
"""Facts shown under one criterion, the newest first; `fact_count` says how many there are."""
FACT_COLUMNS = (
    *("event_id", "time", "code", "code_text", "value_as_sent", "numeric_value", "unit"),
    *("unit_as_sent", "comparator", "text_value", "value_code", "polarity"),
)


@dataclass(frozen=True)
class CardFact:
    """One event behind a criterion; `event_id` leads to its birth."""

    event_id: str
    label: str
    value: str | None
    unit: str | None
    time: datetime | None
    negated: bool


@dataclass(frozen=True)
class CardNumber:
    """A number that a criterion speaks of; from `low` to `high` where parts are missing."""

    name: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CardCriterion:
    """One criterion for one patient."""

    name: str
    says: str
    cite: str
    deviation: str
    holds: Held
    decides: bool
    numbers: list[CardNumber]
    facts: list[CardFact]
    fact_count: int
    missing: list[str]


@dataclass(frozen=True)
class GuideCard:
    """One guideline for one patient at one instant.

    `status` is answered, unknown (several answers are open), not recorded (what it is made for is
    not on record), excluded (not made for this patient) or silent (past its review date).
    `because` names the criteria that exclude, or that are open; `not_recorded` the exclusions that
    nobody recorded nor denied. A `quiet` card has nothing to say now: it does not apply, or the
    record holds nothing that it asks for.
    """

    name: str
    title: str
    edition: str
    doi: str
    status: Status
    quiet: bool
    answer: str | None
    says: str
    cite: str
    possible: list[str]
    because: list[str]
    not_recorded: list[str]
    missing: list[str]
    criteria: list[CardCriterion]
    intended_use: str
    population: str
    exclusions: str
    hazard: str
    owner: str
    review_by: str


@dataclass(frozen=True)
class GuideCards:
    """Every guideline's card for one patient, as known at `instant`."""

    instant: datetime
    cards: list[GuideCard]


def cards_for(reader: PersonReader, person_id: int, *, instant: datetime) -> GuideCards:
    """What each guideline says of a person, by what was known at an instant."""
    asked_of = guides()
    decisions = decide_all(asked_of, AskedAt(reader, person_id, instant))
    wanted = {
        event
        for decision in decisions
        for verdict in (decision.trace or {}).values()
        for event in verdict.events
    }
    facts = facts_of(reader, person_id, wanted)
    pairs = zip(asked_of, decisions, strict=True)
    return GuideCards(instant, [_card(guide, each, facts) for guide, each in pairs])


def facts_of(reader: PersonReader, person_id: int, wanted: set[int]) -> dict[int, CardFact]:
    """Those events of a person, as a page shows them; nothing for ids that are not theirs."""
    members = reader.subjects_of(person_id)
    rows = reader.rows("event", subjects=members, columns=FACT_COLUMNS)
    if not rows.num_rows:
        raise NoSuchPatient
    ids = pa.array(list(wanted), pa.int64())
    found = rows.filter(pc.is_in(rows["event_id"], value_set=ids))
    return {row["event_id"]: _fact(row) for row in found.to_pylist()}


def _fact(row: Row) -> CardFact:
    return CardFact(
        event_id=str(row["event_id"]),
        label=label(row),
        value=value_text(row),
        unit=row["unit"],
        time=row["time"],
        negated=row["polarity"] == "negated",
    )


def _card(guide: Guide, decision: Decision, facts: Mapping[int, CardFact]) -> GuideCard:
    card, verdicts = guide.card, decision.trace or {}
    return GuideCard(
        name=guide.name,
        title=guide.manifest.title,
        edition=decision.edition,
        doi=card.doi,
        status=decision.status,
        quiet=is_quiet(guide, decision),
        answer=decision.answer,
        says=decision.says,
        cite=decision.cite,
        possible=list(decision.possible),
        because=[verdicts[name].criterion.says for name in decision.because],
        not_recorded=[verdicts[name].criterion.says for name in decision.not_recorded],
        missing=told(decision.missing, guide),
        criteria=[
            _criterion(each, facts, guide, decides=_decides(name, guide, decision))
            for name, each in verdicts.items()
        ],
        intended_use=card.intended_use,
        population=card.population,
        exclusions=card.exclusions,
        hazard=card.hazard,
        owner=card.owner,
        review_by=card.review_by.isoformat(),
    )


def is_quiet(guide: Guide, decision: Decision) -> bool:
    """Whether there is nothing to say of this patient now."""
    if decision.status != "unknown" or decision.trace is None:
        return decision.status != "answered"
    if not all(decision.trace[name].holds for name in guide.population):
        return True
    entry = {*guide.population, *guide.exclusions}
    asked = [each for name, each in decision.trace.items() if name not in entry]
    counts = {name for name, each in guide.task.constructs.measures.items() if each.take == "count"}
    measures = guide.measured.keys() - counts
    if not measures:
        return not any(each.events for each in asked)
    return not any(each.measured for each in asked)


def _decides(name: str, guide: Guide, decision: Decision) -> bool:
    """Whether a criterion made the answer, or keeps it open."""
    if decision.status != "answered":
        return name in decision.because
    row = next(row for row in guide.rows if row.answer == decision.answer)
    return name in row.criteria


def _criterion(
    verdict: Verdict, facts: Mapping[int, CardFact], guide: Guide, *, decides: bool
) -> CardCriterion:
    criterion = verdict.criterion
    found = [facts[event] for event in verdict.events if event in facts]
    unknown: Held = "not recorded" if verdict.not_recorded else "unknown"
    held: Held = unknown if verdict.holds is None else "yes" if verdict.holds else "no"
    return CardCriterion(
        name=criterion.name,
        says=criterion.says,
        cite=criterion.cite,
        deviation=criterion.deviation,
        holds=held,
        decides=decides,
        numbers=[
            CardNumber(called, each.low if each else None, each.high if each else None)
            for name, each in verdict.numbers.items()
            if name not in guide.criteria
            for called in told([name], guide)
        ],
        facts=_newest(found),
        fact_count=len(found),
        missing=told(verdict.missing, guide),
    )


def told(names: Iterable[str], guide: Guide) -> list[str]:
    """Names of facts as the guideline calls them for people, each once."""
    return list(dict.fromkeys(guide.words.get(name) or in_words(name) for name in names))


def _newest(found: Iterable[CardFact]) -> list[CardFact]:
    timed: Sequence[CardFact] = sorted(
        found, key=lambda fact: fact.time.timestamp() if fact.time else 0.0, reverse=True
    )
    return list(timed[:MOST_FACTS])


UNITS = {
    "mmhg": "mmHg",
    "mm": "mm",
    "ms": "ms",
    "percent": "%",
    "umol": "µmol/L",
    "years": "years",
    "celsius": "°C",
}


def in_words(name: str) -> str:
    """A name of a criterion, measure or predicate for people.

    Examples
    --------
    >>> in_words("wall_mm"), in_words("no_cardiomyopathy"), in_words("urine_6h")
    ('wall (mm)', 'a denial of cardiomyopathy', 'urine 6h')
    """
    words = name.split("_")
    if words[0] == "no" and len(words) > 1:
        return f"a denial of {' '.join(words[1:])}"
    if words[-1] in UNITS and len(words) > 1:
        return f"{' '.join(words[:-1])} ({UNITS[words[-1]]})"
    return " ".join(words)
