"""Windows: stretches of the timeline, each hung on the trigger or on another window.

References
----------
ACES task configuration, arXiv:2406.19653, as es-aces 0.7.3 reads it.
"""

# ruff: noqa: TRY003 - the reader of a language has one class of complaint

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vitruvian.criteria.errors import InvalidTask
from vitruvian.criteria.language.document import Entry, allow
from vitruvian.criteria.language.duration import microseconds
from vitruvian.criteria.language.predicates import RECORD_END, RECORD_START

Side: TypeAlias = Literal["start", "end"]


@dataclass(frozen=True)
class Boundary:
    """One end of a window, told from a reference.

    `reference` is `trigger`, `start`, `end` or `WINDOW.start`, `WINDOW.end`. The boundary lies
    `offset` microseconds from it, or at the nearest `event` after (`forward`) or before it.
    """

    reference: str
    offset: int = 0
    event: str | None = None
    forward: bool = True

    @property
    def is_reference(self) -> bool:
        """Whether it lies exactly on its reference."""
        return self.offset == 0 and self.event is None


@dataclass(frozen=True)
class Count:
    """How often a predicate must be hit: at least `low`, at most `high`; None is no limit."""

    predicate: str
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Window:
    """A stretch of the timeline; `root` is the end that hangs on another window."""

    name: str
    start: Boundary
    end: Boundary
    start_inclusive: bool
    end_inclusive: bool
    has: tuple[Count, ...]
    label: str | None
    index: Side | None
    root: Side

    @property
    def hung(self) -> Boundary:
        """The end that hangs on the trigger or on another window."""
        return self.end if self.root == "end" else self.start

    @property
    def free(self) -> Boundary:
        """The other end, told from this window's own root."""
        return self.start if self.root == "end" else self.end

    @property
    def at(self) -> str:
        """Its path in the task."""
        return f"windows.{self.name}"


_REFERENCE = re.compile(r"^\w+(\.(start|end))?$")
_COUNT = re.compile(r"^\(?\s*(None|[+-]?\d+)?\s*,\s*(None|[+-]?\d+)?\s*\)?$")
_KEYS = frozenset(
    {"start", "end", "start_inclusive", "end_inclusive", "has", "label", "index_timestamp"}
)
_NEEDED = ("start", "end", "start_inclusive", "end_inclusive")


def read_window(entry: Entry, *, name: str) -> Window:
    """One window."""
    members = entry.members()
    allow(members, _KEYS, at=entry.at)
    for key in _NEEDED:
        if key not in members:
            raise entry.wrong(f"`{key}` is missing", expected=", ".join(_NEEDED))
    start = _boundary(members["start"], default=Boundary("end", 0, RECORD_START, forward=False))
    end = _boundary(members["end"], default=Boundary("start", 0, RECORD_END))
    return Window(
        name=name,
        start=start,
        end=end,
        start_inclusive=members["start_inclusive"].flag(),
        end_inclusive=members["end_inclusive"].flag(),
        has=_has(members.get("has")),
        label=_optional_text(members.get("label")),
        index=_index(members.get("index_timestamp")),
        root=_root(start, end, at=entry.at),
    )


def _optional_text(entry: Entry | None) -> str | None:
    return None if entry is None or entry.value is None else entry.text()


def _boundary(entry: Entry, *, default: Boundary) -> Boundary:
    if entry.value is None:
        return default
    text = entry.text()
    if "->" in text or "<-" in text:
        return _to_event(entry, text)
    if "+" in text or "-" in text:
        return _offset(entry, text)
    return Boundary(_reference(entry, text))


def _to_event(entry: Entry, text: str) -> Boundary:
    arrow = "->" if "->" in text else "<-"
    sides = [side.strip() for side in text.split(arrow)]
    if ("->" in text and "<-" in text) or len(sides) != 2 or not sides[1]:  # noqa: PLR2004 - two sides
        raise entry.wrong("not one arrow", expected="REFERENCE -> PREDICATE, or REFERENCE <- it")
    forward = arrow == "->"
    if sides[1] == (RECORD_START if forward else RECORD_END):
        raise entry.wrong("a record has no start ahead and no end behind", expected="the other one")
    return Boundary(_reference(entry, sides[0]), 0, sides[1], forward)


def _offset(entry: Entry, text: str) -> Boundary:
    sign = "+" if "+" in text else "-"
    sides = [side.strip() for side in text.split(sign)]
    length = microseconds(sides[1]) if len(sides) == 2 and sides[1] else None  # noqa: PLR2004 - two sides
    if ("+" in text and "-" in text) or length is None or length < 0:
        raise entry.wrong(
            "not a reference and a length of time",
            expected="such as `trigger + 24h` or `end - 1 day, 12 hours`; no months, no years",
        )
    return Boundary(_reference(entry, sides[0]), length if sign == "+" else -length)


def _reference(entry: Entry, text: str) -> str:
    reference = text.strip()
    if not _REFERENCE.match(reference):
        raise entry.wrong(
            f"'{reference}' is not a place",
            expected="trigger, start, end, WINDOW.start, WINDOW.end",
        )
    return reference


def _has(entry: Entry | None) -> tuple[Count, ...]:
    if entry is None:
        return ()
    return tuple(_count(value, predicate=name) for name, value in entry.members().items())


def _count(entry: Entry, *, predicate: str) -> Count:
    found = _COUNT.match(entry.value) if isinstance(entry.value, str) else None
    limits = [None if x in {None, "None"} else int(x) for x in found.groups()] if found else []
    low, high = limits or (None, None)
    if (low is None and high is None) or (low is not None and high is not None and high < low):
        raise entry.wrong(
            "not a range of counts",
            expected="(least, most), None for no limit on one side, least not above most",
        )
    return Count(predicate, low, high)


def _index(entry: Entry | None) -> Side | None:
    if entry is None or entry.value is None:
        return None
    if entry.value == "start":
        return "start"
    if entry.value == "end":
        return "end"
    raise entry.wrong("not an end of the window", expected="start or end")


def _root(start: Boundary, end: Boundary, *, at: str) -> Side:
    if (start.reference == "end") == (end.reference == "start"):
        raise InvalidTask(
            "its ends do not hang together",
            at=at,
            expected="exactly one end told from the other, and not both open",
        )
    if start.reference == "end":
        if not start.is_reference and (start.forward if start.event else start.offset > 0):
            raise InvalidTask("it starts after its end", at=f"{at}.start", expected="end - ...")
        return "end"
    if not end.is_reference and (not end.forward if end.event else end.offset < 0):
        raise InvalidTask("it ends before its start", at=f"{at}.end", expected="start + ...")
    return "start"
