"""Courses of treatment by name: planned, begun, given or stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, knowledge
from vitruvian.derive.library.oncology.ways import ENGLISH, FOLDER, way
from vitruvian.derive.text import Mention, Note, Terms

BEFORE, BEHIND, CLOSE = 60, 40, 28
SHORT = 12
# So far behind a word of planning a beginning is what is planned.
SOON = 4
PLAN = "plan"


class Words(NamedTuple):
    """The words of one language."""

    names: Terms
    # Names that are other words in small letters; single medicines, which may be joined.
    in_capitals: frozenset[str]
    as_written: Mapping[str, str]
    drugs: frozenset[str]
    partners: frozenset[str]
    steps: Terms
    conditions: Terms
    joins: re.Pattern[str]
    together: re.Pattern[str]
    instead: re.Pattern[str]
    # How a step ends that leads to another course: "switched to".
    to_another: tuple[str, ...]
    # A step behind a course that is the next one's; one that is told behind its course, too.
    onward: frozenset[str]
    behind: frozenset[str]
    # Behind the second of two medicines: it is a course of its own.
    alone: re.Pattern[str]


class Course(NamedTuple):
    """A course as named: one regimen, or medicines given together."""

    start: int
    end: int
    name: str


def found(note: Note) -> Iterator[Finding]:
    """One finding a mention of a regimen or of cancer medicines given together."""
    words = words_of(note.pack.language)
    mentions = [m for m in note.find(words.names) if _is_meant(note, m, words)]
    courses = list(_courses(note, mentions, words))
    last: tuple[Course, str | None] | None = None
    for number, course in enumerate(courses):
        before = courses[number - 1].end if number else 0
        behind = courses[number + 1].start if number + 1 < len(courses) else len(note.words)
        first, end = note.sentence_of(course.start)
        near = max(first, before), min(end, behind)
        act = act_of(note, course, near, words)
        if act is None and last is not None:
            between = note.folded.folded[last[0].end : course.start]
            act = last[1] if words.together.match(between) else None
            if last[1] == "stopped" and words.instead.match(between):
                act = "ordered"
        last = course, act
        yield _finding(note, course, near, act)


def _is_meant(note: Note, mention: Mention, words: Words) -> bool:
    start, end, _ = mention
    word, shown = note.words[start:end], note.folded.shown[start:end]
    if word in words.as_written:
        return shown == words.as_written[word]
    return word not in words.in_capitals or shown[0].isupper()


def _courses(note: Note, mentions: Sequence[Mention], words: Words) -> Iterator[Course]:
    """Mentions, those of joined medicines as one: "carboplatin/etoposide"."""
    course: Course | None = None
    single = False
    for start, end, name in mentions:
        drug = name in words.drugs or name in words.partners
        if course is not None and drug and single:
            between = note.folded.folded[course.end : start]
            if words.joins.match(between) and not (
                between == ", " and words.alone.match(note.folded.folded[end : end + SHORT])
            ):
                course = Course(course.start, end, f"{course.name}/{name}")
                continue
        if course is not None:
            yield course
            course = None
        if name not in words.partners:
            course, single = Course(start, end, name), drug
    if course is not None:
        yield course


def _finding(note: Note, course: Course, near: tuple[int, int], act: str | None) -> Finding:
    start, end, name = course
    text, language = note.folded.folded, note.pack.language
    # Two courses may share the cycle told behind the second.
    cycle = _cycle(note, course, near)
    stopped = act == "stopped"
    if act is None:
        act = "planned" if note.section_of(start) == PLAN else "reported"
    if cycle is not None and not stopped and act != "planned":
        # "Reduced after cycle 3" tells of no giving.
        behind = way("cycle_as_time", language).search(text[: cycle.start()][-BEFORE:])
        act = act if behind else "administered"
    number = next(filter(None, cycle.groups())) if cycle else None
    why = way("why", language).search(text, end, near[1]) if stopped else None
    return Finding(
        start, end, "medication", f"TEXT//{name.lower()}", name, note.context(start, end),
        act="reported" if stopped else act, state="stopped" if stopped else None,
        text_value=why[1].strip() if why else None, dose_text=f"cycle {number}" if number else None,
    )  # fmt: skip


def _cycle(note: Note, course: Course, near: tuple[int, int]) -> re.Match[str] | None:
    """The number of a cycle: before a course, unless the course before has it, or behind."""
    text, language = note.folded.folded, note.pack.language
    first, last = note.sentence_of(course.start)
    found = way("cycle", language).search(text, near[0], course.start)
    if found and near[0] > first:
        other = way("cycle_of_other", language).search(text, found.end(), course.start)
        found = None if other else found
    return found or way("cycle", language).search(text, course.start, last)


def act_of(note: Note, course: Course, near: tuple[int, int], words: Words) -> str | None:
    """What words behind or before say was done; None where they say nothing."""
    start, end, _ = course
    over = way("over", note.pack.language).search(note.folded.shown, end, near[1])
    limit = min(over.start() if over else near[1], end + BEHIND)
    said = note.words[end:limit]
    before = _last(words.steps.find(note.words[max(near[0], start - BEFORE) : start]))
    now = _now(said, before, note.pack.language)
    if now is not None:
        return now
    behind = [
        _turned(step, said, words)
        for step in words.steps.find(said)
        if said[step.start : step.end] not in words.onward
    ]
    told = [s for s in behind if s.meaning == "stopped" or s.start <= CLOSE]
    over_with = [s for s in told if said[s.start : s.end] in words.behind]
    told = over_with or [s for s in told if s.meaning in {"stopped", "planned", "ordered"}]
    told = told[:1] or before
    act = str(told[0].meaning) if told else None
    first, last = note.sentence_of(start)
    if act == "stopped" and way("if_so", note.pack.language).search(note.folded.folded[first:last]):
        return "reported"
    if act in {None, "ordered"} and words.conditions.find(note.words[near[0] : near[1]]):
        return "planned"
    return act


def _now(said: str, before: Sequence[Mention], language: str) -> str | None:
    """What right behind a course tells of these days: it goes on, or was given."""
    if way("given_now", language).match(said):
        return "administered"
    since = way("since_then", language).match(said) and "stopped" not in {m.meaning for m in before}
    return "reported" if since or way("goes_on", language).match(said) else None


def _last(before: Sequence[Mention]) -> list[Mention]:
    """The step right before a course; one that is planned is not begun: "plan to start"."""
    if len(before) > 1 and [each.meaning for each in before[-2:]] == ["planned", "ordered"]:
        near = before[-1].start - before[-2].end <= SOON
        return [before[-2] if near else before[-1]]
    return list(before[-1:])


def _turned(step: Mention, behind: str, words: Words) -> Mention:
    """A step behind a course; "FOLFOX, switched to FOLFIRI" ends the first of them."""
    to_another = behind[: step.end].endswith(words.to_another)
    return step._replace(meaning="stopped") if to_another and step.meaning == "ordered" else step


@cache
def words_of(language: str) -> Words:
    """Names of regimens and medicines, and words of what is done with them."""
    said: Mapping[str, Any] = knowledge(FOLDER, "tumours", language)
    # Names in letters are the same everywhere; a language adds its own spelling.
    common: Mapping[str, Any] = knowledge(FOLDER, "tumours", ENGLISH) if said else {}
    named = [
        *common.get("drugs", {}).items(),
        *common.get("regimens", {}).items(),
        *said.get("regimens", {}).items(),
    ]
    partners = common.get("partners", {}).get("words", ())
    named += [(name, [name]) for name in partners]
    joins = said.get("joins", {})
    return Words(
        Terms((word, name) for name, all_of in named for word in all_of),
        frozenset(common.get("regimens_in_capitals", {}).get("words", ())),
        {word.lower(): word for word in common.get("regimens_as_written", {}).get("words", ())},
        frozenset(common.get("drugs", ())),
        frozenset(partners),
        Terms((w, act) for act, all_of in said.get("steps", {}).items() for w in all_of),
        Terms((word, word) for word in said.get("conditions", {}).get("words", ())),
        re.compile(joins.get("pattern", r"(?!)")),
        re.compile(joins.get("together", r"(?!)")),
        re.compile(joins.get("instead", r"(?!)")),
        tuple(joins.get("to_another", ())),
        frozenset(joins.get("onward", ())),
        frozenset(joins.get("behind", ())),
        re.compile(joins.get("alone", r"(?!)")),
    )
