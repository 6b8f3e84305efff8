"""A guideline's answer for one patient at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from vitruvian.base.clock import system_clock
from vitruvian.guides.engine.asked import AskedAt, PersonReader
from vitruvian.guides.engine.facts import Facts, gather, records_for
from vitruvian.guides.engine.guide import Guide, Row
from vitruvian.guides.engine.judge import Verdict, judge
from vitruvian.guides.engine.presence import read_presence
from vitruvian.risks import scores

Status: TypeAlias = Literal["answered", "unknown", "not recorded", "excluded", "silent"]
Verdicts: TypeAlias = Mapping[str, Verdict]

NOT_FOR_THIS_PATIENT = "not for this patient"


@dataclass(frozen=True)
class Decision:
    """What a guideline says about one patient at one instant.

    Parameters
    ----------
    guide, edition
        Which guideline, in which edition.
    status
        `answered`; `unknown`: several answers are left open; `not recorded`: what it is made for
        is not on record here, and nobody said no; `excluded`: it is not made for this patient;
        `silent`: it is past its review date and was not asked.
    answer, says, cite
        The answer, its sentence and its source; None and empty unless answered.
    possible
        The answers left open, in the order of the table; one when answered.
    missing
        Facts that would decide; empty unless unknown.
    because
        Names of the criteria that exclude the patient, or that are open.
    not_recorded
        Names of the exclusions that are not on record here, and that nobody denied; the answer
        holds if there is none of them.
    trace
        Every criterion that was judged, by name.
    """

    guide: str
    edition: str
    status: Status
    answer: str | None = None
    says: str = ""
    cite: str = ""
    possible: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    not_recorded: tuple[str, ...] = ()
    trace: Verdicts | None = None


def decide(
    guide: Guide,
    reader: PersonReader,
    person_id: int,
    *,
    instant: datetime,
    today: date | None = None,
) -> Decision:
    """The guideline's answer for a person, by what was known at an instant.

    Parameters
    ----------
    guide
        As `guide_named` gives it.
    reader
        A reader of the lake, opened with `known_at=instant` so that later corrections are not
        seen either; what was known or happened later is never looked at.
    person_id
        Whom to ask about.
    instant
        When the question is asked; aware of its zone.
    today
        The day on which the guideline must not be past its review; None means the clock's.
    """
    (decision,) = decide_all((guide,), AskedAt(reader, person_id, instant), today=today)
    return decision


def decide_all(
    asked_of: Sequence[Guide], asked: AskedAt, *, today: date | None = None
) -> tuple[Decision, ...]:
    """The answer of each guideline for one person; the record is read once for all."""
    day = today or system_clock().date()
    speaking = [guide for guide in asked_of if guide.card.review_by >= day]
    record = records_for(speaking, asked)
    presence = read_presence(asked.reader, asked.person_id, instant=asked.instant)
    return tuple(
        decided(guide, gather(guide, asked, record, presence))
        if guide in speaking
        else Decision(guide.name, guide.card.edition, "silent")
        for guide in asked_of
    )


def decided(guide: Guide, facts: Facts) -> Decision:
    """The answer that these facts give; whether it is past its review is not looked at here."""
    edition = guide.card.edition
    verdicts = judge(guide, facts, scores=scores())
    barred = _barred(guide, verdicts)
    if barred:
        return Decision(guide.name, edition, "excluded", because=barred, trace=verdicts)
    absent = tuple(name for name in guide.population if verdicts[name].not_recorded)
    if absent:
        return Decision(
            guide.name,
            edition,
            "not recorded",
            missing=_missing(absent, verdicts),
            because=absent,
            trace=verdicts,
        )
    return _answered(guide, verdicts)


def _barred(guide: Guide, verdicts: Verdicts) -> tuple[str, ...]:
    unmet = [name for name in guide.population if verdicts[name].holds is False]
    met = [name for name in guide.exclusions if verdicts[name].holds is True]
    return (*unmet, *met)


def _answered(guide: Guide, verdicts: Verdicts) -> Decision:
    rows = _possible_rows(guide.rows, verdicts)
    entry = (*guide.population, *guide.exclusions)
    spared = tuple(name for name in guide.exclusions if verdicts[name].not_recorded)
    doubts = [n for n in entry if verdicts[n].holds is None and n not in spared]
    possible = tuple(dict.fromkeys(row.answer for row in rows))
    known = Decision(
        guide=guide.name,
        edition=guide.card.edition,
        status="answered",
        answer=possible[0],
        says=rows[0].says,
        cite=rows[0].cite,
        possible=possible,
        not_recorded=spared,
        trace=verdicts,
    )
    if len(possible) == 1 and not doubts:
        return known
    unsure = _unsure(rows, verdicts) if len(possible) > 1 else []
    because = tuple(dict.fromkeys((*doubts, *unsure)))
    return replace(
        known,
        status="unknown",
        answer=None,
        says="",
        cite="",
        possible=(*possible, NOT_FOR_THIS_PATIENT) if doubts else possible,
        missing=_missing(because, verdicts),
        because=because,
    )


def _unsure(rows: Sequence[Row], verdicts: Verdicts) -> list[str]:
    """The criteria that keep more than one row open."""
    asked = (name for row in rows[:-1] for name in row.criteria)
    return [name for name in asked if verdicts[name].holds is None]


def _missing(names: Iterable[str], verdicts: Verdicts) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for name in names for each in verdicts[name].missing))


def _possible_rows(rows: Iterable[Row], verdicts: Verdicts) -> list[Row]:
    """The rows that may be the first to hold; the last of them is sure to."""
    found: list[Row] = []
    for row in rows:
        held = row_holds(row, verdicts)
        if held is not False:
            found.append(row)
        if held is True:
            break
    return found


def row_holds(row: Row, verdicts: Verdicts) -> bool | None:
    """Whether a row's criteria are met, in Kleene's logic."""
    wanted = [verdicts[name].holds for name in row.all_of]
    unwanted = [verdicts[name].holds for name in row.none_of]
    parts = [*wanted, *(None if each is None else not each for each in unwanted)]
    if row.any_of:
        either = [verdicts[name].holds for name in row.any_of]
        parts.append(True if True in either else None if None in either else False)
    return False if False in parts else None if None in parts else True
