"""Answers about cohorts as the page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitruvian.api.routes.cohorts.asking import Desk
from vitruvian.api.routes.cohorts.words import (
    Checked,
    Draft,
    FoundCode,
    Split,
    Two,
    WhyLineShown,
    WhyShown,
    WhyTriggerShown,
)
from vitruvian.criteria.cohorts import Group, read_definition
from vitruvian.criteria.cohorts.document import document_of, text_of
from vitruvian.criteria.cohorts.kept.floor import Floor
from vitruvian.criteria.cohorts.why import Why, WhyLine, WhyTrigger
from vitruvian.criteria.errors import BrokenDefinition
from vitruvian.guides.cards import CardFact, facts_of, in_words
from vitruvian.terms import fold

if TYPE_CHECKING:
    from vitruvian.lake import Reader

MOST_FACTS = 8
MOST_PATIENTS = 12
MOST_CODES = 20
_CODES = """
    SELECT code, any_value(code_text) AS label, any_value(category) AS category,
           count(DISTINCT subject_id) AS persons
    FROM event WHERE {words} GROUP BY code ORDER BY persons DESC, code LIMIT {most}
"""
_WORD = "contains(strip_accents(lower(code || ' ' || coalesce(code_text, ''))), ?)"


def checked(draft: Draft) -> Checked:
    """A definition as text and as elements, and what is wrong with it."""
    text = text_of(draft.document) if draft.document is not None else draft.text or ""
    document = document_of(text)
    try:
        found = read_definition(text)
    except BrokenDefinition as problem:
        return Checked(text, document, None, None, problem.complaint)
    return Checked(text, document, found.title, found.logic, None)


def why_shown(found: Why, reader: Reader, person: int) -> WhyShown:
    """An explanation with its facts in words."""
    lines = [line for each in found.triggers for line in each.lines]
    wanted = {int(event) for line in lines for event in line.events}
    facts = facts_of(reader, person, wanted)
    return WhyShown(found.person_id, [_trigger(each, facts) for each in found.triggers])


def _trigger(one: WhyTrigger, facts: dict[int, CardFact]) -> WhyTriggerShown:
    return WhyTriggerShown(
        trigger=one.trigger,
        answer=one.answer,
        decided_at=one.decided_at,
        lines=[_line(line, facts) for line in one.lines],
        measures=dict(one.measures),
        units=dict(one.units),
    )


def _line(line: WhyLine, facts: dict[int, CardFact]) -> WhyLineShown:
    shown = [facts[int(event)] for event in line.events if int(event) in facts]
    return WhyLineShown(
        at=line.at,
        line=line.line,
        says=line.says,
        answer=line.answer,
        count=line.count,
        facts=shown[:MOST_FACTS],
        missing=list(map(in_words, line.missing)),
    )


def split(group: Group, at: Desk, reader: Reader, two: Two) -> Split:
    """A group with its first patients by name."""
    persons = list(dict.fromkeys(int(each.person_id) for each in group.listed))[:MOST_PATIENTS]
    return Split(
        first=group.first,
        second=group.second,
        at=group.at,
        of=group.of,
        line=group.line,
        persons=group.persons,
        triggers=group.triggers,
        patients=at.patients(reader, persons, two) if persons else [],
    )


def codes_like(reader: Reader, text: str, floor: Floor) -> list[FoundCode]:
    """Codes that hold all the words, the most common first."""
    words = fold(text).split()
    if not words:
        return []
    sql = _CODES.format(words=" AND ".join(_WORD for _ in words), most=MOST_CODES)
    rows = reader.query(sql, tables=["event"], params=words).to_pylist()
    return [
        FoundCode(
            row["code"], row["label"] or row["code"], row["category"], floor.count(row["persons"])
        )
        for row in rows
    ]
