"""What the page of a guideline shows: whom it is for, its criteria, answers, cases and editions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from vitruvian.criteria.language.formula import names_in
from vitruvian.guides.cards import told
from vitruvian.guides.cases import Case, CaseFact, Cases, cases_of
from vitruvian.guides.engine.guide import Criterion, Guide, Row, Seen, Urgency
from vitruvian.guides.engine.library import guide_named, manifests
from vitruvian.guides.engine.read import OWN_NUMBERS

State: TypeAlias = Literal["active", "silent", "retired"]
Part: TypeAlias = Literal["population", "exclusion", "criterion"]

OLDER = re.compile(r"_(18|19|20)\d\d$")
"""The folder of an older edition is called as the newest, and ends in its year."""


@dataclass(frozen=True)
class GuideLine:
    """One guideline in the list.

    `state` is active: asked of every patient it is made for; silent: past its review date and not
    asked; retired: an older edition, only asked when editions are compared. `trial` means that no
    site has checked it on its own patients yet. One that does not `interrupts` is shown and never
    becomes an alert.
    """

    name: str
    title: str
    edition: str
    owner: str
    review_by: str
    state: State
    trial: bool
    interrupts: bool


@dataclass(frozen=True)
class PageCriterion:
    """One criterion in words; `reads` names the facts that it is judged by."""

    name: str
    part: Part
    says: str
    cite: str
    deviation: str
    reads: list[str]


@dataclass(frozen=True)
class PageAnswer:
    """One row of the table: the answer where the criteria of all rows before it do not hold."""

    answer: str
    says: str
    cite: str
    urgency: Urgency
    suggest: str
    all_of: list[str]
    any_of: list[str]
    none_of: list[str]


@dataclass(frozen=True)
class PageCase:
    """One vignette: how its patient differs from the one they start from, and the right answer."""

    says: str
    clause: str
    has: list[CaseFact]
    lacks: list[str]
    status: str
    answer: str


@dataclass(frozen=True)
class GuidePage:
    """Everything about one guideline that does not depend on a patient."""

    line: GuideLine
    doi: str
    source: str
    standard: str
    intended_use: str
    population: str
    exclusions: str
    hazard: str
    criteria: list[PageCriterion]
    answers: list[PageAnswer]
    patient: list[CaseFact]
    cases: list[PageCase]
    editions: list[GuideLine]


def guide_lines(today: date) -> list[GuideLine]:
    """Every guideline: those asked first, older editions last."""
    found = [line_of(guide_named(name), today) for name in manifests()]
    order: dict[State, int] = {"active": 0, "silent": 1, "retired": 2}
    return sorted(found, key=lambda line: (order[line.state], line.title))


def line_of(guide: Guide, today: date) -> GuideLine:
    """A guideline in one line."""
    card, manifest = guide.card, guide.manifest
    past = card.review_by < today
    return GuideLine(
        name=guide.name,
        title=manifest.title,
        edition=card.edition,
        owner=card.owner,
        review_by=card.review_by.isoformat(),
        state="retired" if manifest.status == "retired" else "silent" if past else "active",
        trial=manifest.status == "trial",
        interrupts=card.interrupts,
    )


def page_of(name: str, today: date) -> GuidePage:
    """The page of a guideline.

    Raises
    ------
    NoSuchGuide
        When there is none of that name.
    """
    guide, paper = guide_named(name), cases_of(name)
    card = guide.card
    return GuidePage(
        line=line_of(guide, today),
        doi=card.doi,
        source=guide.manifest.source,
        standard=guide.manifest.standard,
        intended_use=card.intended_use,
        population=card.population,
        exclusions=card.exclusions,
        hazard=card.hazard,
        criteria=[_criterion(each, guide) for each in guide.criteria.values()],
        answers=[_answer(row, guide) for row in guide.rows],
        patient=[paper.told(fact, value) for fact, value in paper.patient.items()],
        cases=[_case(each, guide, paper) for each in paper.cases],
        editions=[line_of(guide_named(one), today) for one in _editions(name)],
    )


def _editions(name: str) -> list[str]:
    """All editions of a guideline, the newest first."""
    newest = OLDER.sub("", name)
    found = [each for each in manifests() if OLDER.sub("", each) == newest]
    return sorted(found, key=lambda each: "9999" if each == newest else each[-4:], reverse=True)


def _criterion(criterion: Criterion, guide: Guide) -> PageCriterion:
    name = criterion.name
    part: Part = (
        "population"
        if name in guide.population
        else "exclusion"
        if name in guide.exclusions
        else "criterion"
    )
    return PageCriterion(
        name=name,
        part=part,
        says=criterion.says,
        cite=criterion.cite,
        deviation=criterion.deviation,
        reads=_reads(criterion, guide),
    )


def _reads(criterion: Criterion, guide: Guide) -> list[str]:
    """The facts behind a number; a fact that is looked for is what the sentence says already."""
    if isinstance(criterion.asks, Seen):
        return []
    parts = names_in(criterion.asks)
    fed = {
        each
        for name in parts & {*guide.scores}
        if _first_to_ask(name, guide) is criterion
        for each in guide.scores[name].inputs.values()
    }
    every = sorted({*parts, *fed})
    if {*every} <= {*OWN_NUMBERS}:
        return []
    plain = told([each for each in every if each not in guide.criteria], guide)
    others = [guide.criteria[each].says for each in every if each in guide.criteria]
    return [*plain, *map(_small, others)]


def _first_to_ask(score: str, guide: Guide) -> Criterion:
    """The criterion beside which a score's inputs are named; the others name the score."""
    asks = ((each, each.asks) for each in guide.criteria.values())
    return next(
        each for each, asked in asks if not isinstance(asked, Seen) and score in names_in(asked)
    )


def _small(sentence: str) -> str:
    """A sentence within another; names such as BRAF keep their capitals."""
    plain = sentence[1:2].islower() or sentence[1:2] == " "
    return sentence[0].lower() + sentence[1:] if plain else sentence


def _answer(row: Row, guide: Guide) -> PageAnswer:
    return PageAnswer(
        answer=row.answer,
        says=row.says,
        cite=row.cite,
        urgency=row.urgency if guide.card.interrupts or row.urgency == "none" else "info",
        suggest=row.suggest,
        all_of=_says(row.all_of, guide),
        any_of=_says(row.any_of, guide),
        none_of=_says(row.none_of, guide),
    )


def _says(names: Iterable[str], guide: Guide) -> list[str]:
    """The criteria of a row, which the page joins to one sentence."""
    return [_small(guide.criteria[name].says) for name in names]


def _case(case: Case, guide: Guide, paper: Cases) -> PageCase:
    return PageCase(
        says=case.says,
        clause=guide.criteria[case.clause].says,
        has=[paper.told(fact, value) for fact, value in case.has.items()],
        lacks=[paper.lacked(fact) for fact in case.lacks],
        status=case.status,
        answer=case.expect,
    )
