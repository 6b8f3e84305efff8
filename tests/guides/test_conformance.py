"""What holds for every guideline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.guides.vignettes import (
    AGE_FACT,
    INSTANT,
    PERSON,
    PaperReader,
    asked,
    asked_of,
    event_of,
    events_of,
    vignettes_of,
    visits_of,
)
from vitruvian.guides import Guide, decide, guide_named, manifests
from vitruvian.guides.engine.guide import Seen

NAMES = sorted(manifests())
FULL = [(name, fact) for name in NAMES for fact in vignettes_of(name).patient]


@pytest.fixture(scope="module", params=NAMES)
def guide(request: pytest.FixtureRequest) -> Guide:
    return guide_named(request.param)


def test_criterion__cites_its_source_and_says_what_it_is(guide: Guide) -> None:
    bare = [each.name for each in guide.criteria.values() if not (each.cite and each.says)]
    assert bare == []
    assert all(row.says and row.cite for row in guide.rows)


def test_card__says_what_a_reader_must_know(guide: Guide) -> None:
    card = guide.card
    assert card.edition
    assert all((card.intended_use, card.population, card.exclusions, card.owner, card.hazard))


def test_manifest__yields_the_answers_of_the_table(guide: Guide) -> None:
    assert set(guide.manifest.yields) == {row.answer for row in guide.rows}


def test_vignettes__reach_every_answer(guide: Guide) -> None:
    reached = {case.expect for case in vignettes_of(guide.name).cases} - {""}
    assert reached == {row.answer for row in guide.rows}


def test_vignettes__meet_every_exclusion_and_fail_every_condition_of_entry(guide: Guide) -> None:
    named = {
        n
        for case in vignettes_of(guide.name).cases
        for n in case.because or ()
        if case.status == "excluded"
    }
    assert named == {*guide.population, *guide.exclusions}


def test_vignette__tests_a_criterion_that_there_is(guide: Guide) -> None:
    clauses = {case.clause for case in vignettes_of(guide.name).cases}
    assert clauses - {*guide.criteria} == set()


def test_past_its_review_date__a_guideline_is_silent(guide: Guide) -> None:
    reader = PaperReader([])
    late = guide.card.review_by + timedelta(days=1)
    decision = decide(guide, reader, PERSON, instant=INSTANT, today=late)
    assert (decision.status, decision.answer, decision.trace) == ("silent", None, None)


def test_nothing_known__is_never_an_answer(guide: Guide) -> None:
    decision = asked(guide, [])
    assert decision.status == "unknown"
    assert decision.missing != ()


@pytest.mark.parametrize("name, fact", FULL)
def test_fact_taken_away__changes_no_answer_for_another(name: str, fact: str) -> None:
    """Less knowledge leaves the answer, or leaves it open; or gives one that says it knows less."""
    paper = vignettes_of(name)
    guide = guide_named(name)
    full = asked_of(guide, paper, paper.patient)
    less = asked_of(guide, paper, {k: v for k, v in paper.patient.items() if k != fact})
    assert full.status == "answered"
    if less.status == "not recorded":
        return
    open_to = {*less.possible}
    open_to |= {
        each for row in guide.rows if row.answer in less.possible for each in row.instead_of
    }
    assert full.answer in open_to
    assert less.status == "answered" or less.missing != ()


def later(event: Mapping[str, Any], **when: timedelta) -> dict[str, Any]:
    return {**event, **{key: INSTANT + after for key, after in when.items()}}


def test_future__what_becomes_known_or_happens_later_changes_nothing(guide: Guide) -> None:
    paper = vignettes_of(guide.name)
    now, visits = events_of(paper, paper.patient), visits_of(paper.patient)
    hour, before = timedelta(hours=1), timedelta(hours=-1)
    alarming = [
        event_of(name, 1 if "unit" in said else True, paper.facts)
        for name, said in paper.facts.items()
        if name != AGE_FACT
    ]
    told_later = [later(each, time=before, known_at=hour) for each in alarming]
    happens_later = [later(each, time=hour, known_at=hour) for each in alarming]
    future = [later(each, start_time=hour * 50, known_at=hour) for each in visits]
    later_on = asked(guide, [*now, *told_later, *happens_later], [*visits, *future])
    assert later_on == asked(guide, now, visits)


def test_order_of_rows__does_not_matter(guide: Guide) -> None:
    paper = vignettes_of(guide.name)
    events = events_of(paper, paper.patient)
    visits = visits_of(paper.patient)
    forth, back = asked(guide, events, visits), asked(guide, events[::-1], visits[::-1])
    assert (forth.status, forth.answer) == (back.status, back.answer)


def test_trace__names_the_events_behind_each_criterion(guide: Guide) -> None:
    paper = vignettes_of(guide.name)
    decision = asked_of(guide, paper, paper.patient)
    assert decision.trace is not None
    assert set(decision.trace) == {*guide.criteria}
    seen = [
        verdict
        for verdict in decision.trace.values()
        if isinstance(verdict.criterion.asks, Seen) and verdict.holds
    ]
    assert all(verdict.events for verdict in seen)


def test_not_recorded__is_said_beside_every_answer_and_never_makes_one(guide: Guide) -> None:
    """An exclusion that nobody denied stands beside the answer; nothing else may be left so."""
    paper = vignettes_of(guide.name)
    for case in paper.cases:
        decision = asked_of(guide, paper, paper.known(case))
        verdicts = decision.trace or {}
        spared = [name for name in guide.exclusions if verdicts[name].not_recorded]
        if decision.status == "answered":
            assert list(decision.not_recorded) == spared
            assert all(verdicts[name].holds for name in guide.population)
            row = next(row for row in guide.rows if row.answer == decision.answer)
            assert all(verdicts[name].holds is True for name in row.all_of)


def test_record_that_nobody_kept__leaves_nothing_merely_not_recorded(guide: Guide) -> None:
    paper = vignettes_of(guide.name)
    for case in paper.cases:
        decision = asked(guide, events_of(paper, paper.known(case)))
        assert not any(each.not_recorded for each in (decision.trace or {}).values())
