"""A task: predicates, a trigger, and windows around it.

References
----------
ACES, A Library for Extracting Cohorts from Event-Stream Datasets, arXiv:2406.19653.
"""

# ruff: noqa: TRY003 - the reader of a language has one class of complaint

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vitruvian.criteria.errors import CircularTask, InvalidTask, UnknownName
from vitruvian.criteria.language.constructs import Constructs, read_constructs
from vitruvian.criteria.language.document import Entry, allow, read_document
from vitruvian.criteria.language.predicates import (
    NAME,
    SPECIAL,
    Codes,
    Derived,
    Plain,
    Predicate,
    read_concept_set,
    read_predicate,
)
from vitruvian.criteria.language.windows import Window, read_window


@dataclass(frozen=True)
class Task:
    """A question over the timeline, every name in it defined.

    Parameters
    ----------
    predicates
        Those that something refers to, by name; a predicate stands behind its parts.
    demographics
        Names of predicates that a subject must meet without a time.
    trigger
        The predicate whose hits are asked about, one answer each.
    windows
        By name, in the order written.
    constructs
        What it says beside ACES.
    """

    predicates: Mapping[str, Predicate]
    demographics: tuple[str, ...]
    trigger: str
    windows: Mapping[str, Window]
    constructs: Constructs = field(default_factory=lambda: Constructs({}, {}, {}))


_TOP = frozenset(
    {
        *("description", "metadata", "predicates", "patient_demographics", "trigger", "windows"),
        *("concept_sets", "measure", "expr", "score"),
    }
)
_PREDICATES_TOP = frozenset({"description", "metadata", "predicates", "patient_demographics"})


def parse_task(text: str, *, predicates: str | None = None) -> Task:
    """A task from its YAML text.

    Parameters
    ----------
    text
        ACES configuration, with or without the constructs beside it.
    predicates
        A second YAML text whose predicates take the place of those of the same name.

    Raises
    ------
    UnreadableTask
        When a text is not a YAML mapping; names the line.
    InvalidTask
        When an element cannot be used as written; names its path.

    Examples
    --------
    >>> task = parse_task('''
    ... predicates:
    ...   admission: {code: ADMISSION}
    ...   death: {code: MEDS_DEATH}
    ... trigger: admission
    ... windows:
    ...   stay:
    ...     start: trigger
    ...     end: start + 48h
    ...     start_inclusive: false
    ...     end_inclusive: true
    ...     has: {death: "(None, 0)"}
    ... ''')
    >>> sorted(task.predicates), task.windows["stay"].root
    (['admission', 'death'], 'start')
    """
    top = read_document(text).members()
    allow(top, _TOP, at="")
    if "trigger" not in top:
        raise InvalidTask("`trigger` is missing", at="the top", expected="the name of a predicate")
    windows = {name: _window(name, entry) for name, entry in _members(top, "windows").items()}
    constructs = read_constructs(top)
    sets = _concept_sets(top)
    trigger = top["trigger"].text()
    written = _Written.of(top, predicates)
    wanted = _references(trigger, windows, constructs)
    named = _collect(wanted, written, sets)
    _check_windows(windows, constructs)
    statics = tuple(name for name, predicate in named.items() if predicate.static)
    task = Task(named, statics, trigger, windows, constructs)
    _check_counted(task)
    return task


@dataclass(frozen=True)
class _Written:
    """The predicates as written; demographics are met without a time and always asked."""

    entries: Mapping[str, Entry]
    demographics: frozenset[str]

    @classmethod
    def of(cls, top: dict[str, Entry], other: str | None) -> _Written:
        """Those of the task, and over them those of another text."""
        second = {} if other is None else read_document(other).members()
        allow(second, _PREDICATES_TOP, at="predicates file")
        demographics = {
            **_members(top, "patient_demographics"),
            **_members(second, "patient_demographics"),
        }
        plain = {**_members(top, "predicates"), **_members(second, "predicates")}
        return cls({**plain, **demographics}, frozenset(demographics))


def _members(top: dict[str, Entry], key: str) -> dict[str, Entry]:
    return top[key].members() if key in top else {}


def _window(name: str, entry: Entry) -> Window:
    if not NAME.match(name):
        raise entry.wrong("its name is not a word", expected="letters, digits and _")
    return read_window(entry, name=name)


def _concept_sets(top: dict[str, Entry]) -> dict[str, Codes]:
    return {name: read_concept_set(entry) for name, entry in _members(top, "concept_sets").items()}


def _references(
    trigger: str, windows: Mapping[str, Window], constructs: Constructs
) -> Iterator[tuple[str, str]]:
    """Every predicate the task speaks of, and where."""
    yield trigger, "trigger"
    for name, window in windows.items():
        for side, boundary in (("start", window.start), ("end", window.end)):
            if boundary.event is not None:
                yield boundary.event, f"windows.{name}.{side}"
        yield from ((count.predicate, f"windows.{name}.has") for count in window.has)
        if window.label is not None:
            yield window.label, f"windows.{name}.label"
    yield from ((m.predicate, f"measure.{name}.of") for name, m in constructs.measures.items())


def _collect(
    wanted: Iterator[tuple[str, str]], written: _Written, sets: Mapping[str, Codes]
) -> dict[str, Predicate]:
    """The predicates spoken of and all their parts, parts first; demographics besides."""
    done: dict[str, Predicate] = {}
    under_way: list[str] = []

    def visit(name: str, at: str) -> None:
        if name in done:
            return
        if name in under_way:
            raise CircularTask(name, at=at)
        if name not in written.entries:
            raise UnknownName(name, at=at, kind="predicate")
        under_way.append(name)
        predicate = _read(name, written, sets)
        for part in _parts(predicate):
            visit(part, f"predicates.{name}")
        done[name] = predicate
        under_way.pop()

    for name, at in wanted:
        if name not in SPECIAL:
            visit(name, at)
    for name in written.entries:
        if name in written.demographics:
            visit(name, "patient_demographics")
    return done


def _parts(predicate: Predicate) -> tuple[str, ...]:
    parts = predicate.parts if isinstance(predicate, Derived) else ()
    return (*parts, *predicate.absence.looked)


def _read(name: str, written: _Written, sets: Mapping[str, Codes]) -> Predicate:
    entry = written.entries[name]
    if not NAME.match(name) or name in SPECIAL:
        raise entry.wrong("its name cannot be used", expected="letters, digits and _")
    if name not in written.demographics:
        return read_predicate(entry, sets=sets)
    members = entry.members()
    if "static" in members or "expr" in members:
        raise entry.wrong("a demographic is plain", expected="code, and perhaps values")
    return read_predicate(Entry({**entry.value, "static": True}, entry.at), sets=sets)


def _check_windows(windows: Mapping[str, Window], constructs: Constructs) -> None:
    for name, window in windows.items():
        where = window.hung.reference
        if where != "trigger" and where.partition(".")[0] not in windows:
            raise UnknownName(where, at=f"windows.{name}.{window.root}", kind="window")
        if where != "trigger" and "." not in where:
            raise UnknownName(where, at=f"windows.{name}.{window.root}", kind="window end")
    for what in ("label", "index"):
        many = [name for name, window in windows.items() if getattr(window, what) is not None]
        if len(many) > 1:
            at = f"windows.{many[1]}"
            raise InvalidTask(f"a second {what}", at=at, expected="one window with it at most")
    for name, measure in constructs.measures.items():
        if measure.window not in windows:
            raise UnknownName(measure.window, at=f"measure.{name}.window", kind="window")


def _check_counted(task: Task) -> None:
    """What holds without a time cannot be counted in a window, nor start one."""
    for name, window in task.windows.items():
        if window.label in SPECIAL:
            raise UnknownName(window.label, at=f"windows.{name}.label", kind="predicate of its own")
    for name, measure in task.constructs.measures.items():
        if not isinstance(task.predicates.get(measure.predicate), Plain):
            raise UnknownName(measure.predicate, at=f"measure.{name}.of", kind="plain predicate")
    for name, at in _references(task.trigger, task.windows, task.constructs):
        if name in task.demographics:
            raise InvalidTask(
                f"'{name}' holds without a time and is counted or waited for",
                at=at,
                expected="a predicate with times; a demographic chooses subjects by itself",
            )
