"""Courses of treatment by name: planned, begun, given or stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import Finding, knowledge
from vitruvian.derive.library.oncology.ways import ENGLISH, FOLDER, counted, way
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
    # Short names that count only together with another.
    short: frozenset[str]
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
    nears = list(_nears(note, courses))
    acts = [act_of(note, *each, words) for each in zip(courses, nears, strict=True)]
    for number in range(len(courses) - 2, -1, -1):
        if acts[number] is None and _share(note, courses[number], courses[number + 1], words):
            acts[number] = acts[number + 1]
    last: tuple[Course, str | None] | None = None
    for course, near, told in zip(courses, nears, acts, strict=True):
        act = told if told is not None or last is None else _as_before(note, last, course, words)
        last = course, act
        yield _finding(note, course, near, act)


def _nears(note: Note, courses: Sequence[Course]) -> Iterator[tuple[int, int]]:
    """How far around each course something is told of it: to its neighbours at most."""
    for number, course in enumerate(courses):
        before = courses[number - 1].end if number else 0
        behind = courses[number + 1].start if number + 1 < len(courses) else len(note.words)
        first, end = note.sentence_of(course.start)
        yield max(first, before), min(end, behind)


def _share(note: Note, course: Course, after: Course, words: Words) -> bool:
    """Whether what is told behind the second holds for both: "FOLFOX + cetuximab proposed"."""
    folded = note.folded.folded
    joined = way("with_next", note.pack.language).match(folded[course.end : after.start])
    alone = words.alone.match(folded[after.end : after.end + SHORT])
    return joined is not None and alone is None


def _as_before(
    note: Note, last: tuple[Course, str | None], course: Course, words: Words
) -> str | None:
    """What was told of the course before, where the two are joined."""
    between = note.folded.folded[last[0].end : course.start]
    if last[1] == "stopped" and words.instead.match(between):
        return "ordered"
    joined = words.together.match(between) or way("with_next", note.pack.language).match(between)
    return last[1] if joined else None


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
        drug = name in words.partners or words.drugs.issuperset(name.split("/"))
        if course is not None and drug and single:
            between = note.folded.folded[course.end : start]
            if words.joins.match(between) and not _is_apart(note, course, (start, end), words):
                course = Course(course.start, end, f"{course.name}/{name}")
                continue
        if course is not None and not _is_short(note, course, words):
            yield course
        course = None
        if name not in words.partners:
            course, single = Course(start, end, name), drug
    if course is not None and not _is_short(note, course, words):
        yield course


def _is_short(note: Note, course: Course, words: Words) -> bool:
    """Whether a course is only a short name, which counts where it is joined: "FOLFOX/bev"."""
    joined = _JOINED.search(note.folded.folded, max(0, course.start - SOON), course.start)
    return note.words[course.start : course.end] in words.short and joined is None


_JOINED = re.compile(r"\w ?[/+] ?$")


def _is_apart(note: Note, course: Course, at: tuple[int, int], words: Words) -> bool:
    """Whether a sign parts two courses: "gefitinib, carboplatin/pemetrexed + bevacizumab"."""
    folded, (start, end) = note.folded.folded, at
    between = folded[course.end : start]
    if "+" in between:
        return "/" in folded[course.start : course.end]
    if between != ", ":
        return False
    stroke = "/" in folded[course.start : course.end] or folded[end : end + 1] == "/"
    return stroke or words.alone.match(folded[end : end + SHORT]) is not None


def _finding(note: Note, course: Course, near: tuple[int, int], act: str | None) -> Finding:
    start, end, name = course
    text, language = note.folded.folded, note.pack.language
    cycle = _cycle(note, course, near)
    stopped = act == "stopped"
    if act is None:
        act = "planned" if note.section_of(start) == PLAN else "reported"
    if cycle is not None and not stopped and act != "planned":
        # "Reduced after cycle 3" tells of no giving.
        behind = way("cycle_as_time", language).search(text[: cycle[0]][-BEFORE:])
        act = act if behind else "administered"
    number = cycle[1] if cycle else None
    why = way("why", language).search(text, end, near[1]) if stopped else None
    return Finding(
        start, end, "medication", f"TEXT//{name.lower()}", name, note.context(start, end),
        act="reported" if stopped else act, state="stopped" if stopped else None,
        text_value=why[1].strip() if why else None, dose_text=f"cycle {number}" if number else None,
    )  # fmt: skip


def _cycle(note: Note, course: Course, near: tuple[int, int]) -> tuple[int, str] | None:
    """Where the number of a cycle stands, and it: right behind a course, before it, or behind."""
    text, language = note.folded.folded, note.pack.language
    first, last = note.sentence_of(course.start)
    closed = text.find(";", course.end, last)
    last = closed if closed >= 0 else last
    at_once = way("cycle_behind", language).match(text[course.end : near[1]])
    if at_once is not None:
        return course.end + at_once.start(), at_once[1]
    # "Cycle of" may be part of the name: "her fifth cycle of AC".
    for name, end in (("cycle", course.start), ("cycle_in_words", course.end)):
        found = way(name, language).search(text, near[0], end)
        # Two courses may share the cycle told behind the second; the one before has its own.
        if found and near[0] > first:
            other = way("cycle_of_other", language).search(text, found.end(), course.start)
            found = None if other else found
        found = found or way(name, language).search(text, course.start, last)
        if found is not None:
            number = next(filter(None, found.groups()))
            return found.start(), counted(number, language)
    return None


_BEHIND = frozenset({"stopped", "planned", "ordered"})


def act_of(note: Note, course: Course, near: tuple[int, int], words: Words) -> str | None:
    """What words behind or before say was done; None where they say nothing."""
    start, end, _ = course
    over = way("over", note.pack.language).search(note.folded.shown, end, near[1])
    limit = min(over.start() if over else near[1], end + BEHIND)
    said = note.words[end:limit]
    # "DVd stopped; now KRd": what was told of another ends there.
    low = max(near[0], start - BEFORE, note.folded.folded.rfind(";", near[0], start) + 1)
    before = _last(words.steps.find(note.words[low:start]))
    now = _now(said, before, note.pack.language)
    if now is not None:
        return now
    behind = _behind(said, before, words)
    told = [s for s in behind if s.meaning == "stopped" or s.start <= CLOSE]
    over_with = [s for s in told if said[s.start : s.end] in words.behind]
    told = (over_with or [s for s in told if s.meaning in _BEHIND])[:1] or before
    act = str(told[0].meaning) if told else None
    first, last = note.sentence_of(start)
    if act == "stopped" and way("if_so", note.pack.language).search(note.folded.folded[first:last]):
        return "reported"
    if act == "ordered" and _is_long_since(note, course, near):
        return "reported"
    act = act or _in_short(note, course, limit)
    if act in {None, "ordered"} and words.conditions.find(note.words[near[0] : near[1]]):
        return "planned"
    return act


def _in_short(note: Note, course: Course, limit: int) -> str | None:
    """What a word or two tell where nothing else does: "For FOLFOX.", "ipilimumab today"."""
    folded, language = note.folded.folded, note.pack.language
    if way("given_today", language).match(folded[course.end : limit]):
        return "administered"
    first = note.sentence_of(course.start)[0]
    intended = way("intended", language).search(folded[first : course.start])
    return "planned" if intended else None


def _is_long_since(note: Note, course: Course, near: tuple[int, int]) -> bool:
    """Whether what was begun was begun in a year that is told, and is a thing of the past."""
    folded, language = note.folded.folded, note.pack.language
    behind = way("long_since", language).match(folded[course.end : near[1]])
    before = way("long_since_before", language).search(folded[near[0] : course.start])
    return behind is not None or before is not None


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
    if len(before) > 1 and (before[-2].meaning, before[-1].meaning) in _OF_A_CYCLE:
        # "Due her third cycle of", "hold cycle 4 of".
        near = before[-1].start - before[-2].end <= SHORT
        return [before[-2] if near else before[-1]]
    return list(before[-1:])


_OF_A_CYCLE = frozenset({("planned", "administered"), ("stopped", "administered")})


def _behind(said: str, before: Sequence[Mention], words: Words) -> list[Mention]:
    """The steps behind a course that are its own."""
    # "Progressed on FOLFOX and will move to FOLFIRI": what is planned is the next.
    ended = bool(before) and before[0].meaning == "stopped"
    return [
        _turned(step, said, words)
        for step in words.steps.find(said)
        if said[step.start : step.end] not in words.onward
        and not (ended and said[: step.end].endswith(words.to_another))
    ]


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
    own: Mapping[str, Any] = knowledge(FOLDER, "terms", language).get("treatment", {})
    short = own.get("short", {})
    partners = common.get("partners", {}).get("words", ())
    joins = said.get("joins", {})
    return Words(
        Terms((word, name) for name, all_of in _named(common, said, short) for word in all_of),
        frozenset(common.get("regimens_in_capitals", {}).get("words", ())),
        {word.lower(): word for word in common.get("regimens_as_written", {}).get("words", ())},
        frozenset(common.get("drugs", ())),
        frozenset(word for all_of in short.values() for word in all_of),
        frozenset(partners),
        Terms(_steps(said, own)),
        Terms((word, word) for word in said.get("conditions", {}).get("words", ())),
        re.compile(joins.get("pattern", r"(?!)")),
        re.compile(joins.get("together", r"(?!)")),
        re.compile(joins.get("instead", r"(?!)")),
        tuple(joins.get("to_another", ())),
        frozenset(joins.get("onward", ())),
        frozenset((*joins.get("behind", ()), *own.get("behind", ()))),
        re.compile(joins.get("alone", r"(?!)")),
    )


def _named(common: Any, said: Any, short: Any) -> Iterator[tuple[str, Sequence[str]]]:
    """Each course with what it is called."""
    yield from common.get("drugs", {}).items()
    yield from common.get("regimens", {}).items()
    yield from said.get("regimens", {}).items()
    yield from ((name, [name]) for name in common.get("partners", {}).get("words", ()))
    yield from short.items()


def _steps(*tables: Any) -> Iterator[tuple[str, str]]:
    for table in tables:
        for act, all_of in table.get("steps", {}).items():
            yield from ((word, act) for word in all_of)
