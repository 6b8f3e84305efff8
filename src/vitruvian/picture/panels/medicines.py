"""Medicines by substance code: what was ordered, dispensed, given, reported and stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from vitruvian.picture.facts.events import Aligned, stamp
from vitruvian.picture.facts.words import facts
from vitruvian.picture.panels.banner import Death
from vitruvian.picture.types import Fact, Medicine
from vitruvian.record.event import MACHINE_READ

Course = Literal["current", "stopped", "completed", "unknown"]
ORDER_OF_COURSES: tuple[Course, ...] = ("current", "unknown", "stopped", "completed")
ORDERED = ("ordered", "planned")
STOPPED = frozenset({"stopped", "cancelled"})
Codings = Mapping[int, Sequence[Mapping[str, Any]]]
NOBODYS: Codings = {}
# Codes that say nothing, or name a class of substances, make no two medicines one.
SAYS_NOTHING = ("NullFlavor", "data-absent-reason")
CLASSES, SUBSTANCE_DIGITS = "atc", 7


@dataclass(frozen=True)
class Steps:
    """The newest row of each step of one substance, and how often it was given.

    An order that goes on stands before a newer one that was stopped: stopping the morning dose
    does not stop the evening dose. `also` are the other orders that go on.
    """

    ordered: int | None
    also: tuple[int, ...]
    dispensed: int | None
    given: int | None
    reported: int | None
    administrations: int


def medicines(
    aligned: Aligned, *, at: datetime, codings: Codings = NOBODYS, death: Death | None = None
) -> list[Medicine]:
    """Every substance once, current ones first.

    `codings` gives all codings of an event: records that share one are the same substance.
    Nobody takes a medicine after `death`, even if no source ever ended the order.
    """
    substances = by_substance(aligned, codings)
    steps = {code: steps_of(aligned, rows, at=at) for code, rows in substances.items()}
    known = [row for each in steps.values() for row in vars_rows(each)]
    found = dict(zip(known, facts(aligned, known), strict=True))
    fallback = facts(aligned, [rows[0] for rows in substances.values()])
    drawn = [
        medicine(step, found=found, course=course(aligned, step, at=at), newest=newest)
        for step, newest in zip(steps.values(), fallback, strict=True)
    ]
    if death is not None:
        drawn = [ended_by(death, each) for each in drawn]
    return sorted(drawn, key=place_of)


def place_of(taken: Medicine) -> tuple[bool, int, str]:
    """What is current stands first, and what only a note tells of comes last."""
    steps = (taken.ordered, taken.dispensed, taken.last_given, taken.reported)
    only_read = all(MACHINE_READ in step.flags for step in steps if step is not None)
    return only_read, ORDER_OF_COURSES.index(taken.current), taken.label.casefold()


def by_substance(aligned: Aligned, codings: Codings) -> dict[str, list[int]]:
    """Rows newest first, by a code that stands for all codes of one substance."""
    codes, ids = aligned.events.column("code"), aligned.events.column("event_id")
    head: dict[str, str] = {}

    def root(name: str) -> str:
        while (above := head.setdefault(name, name)) != name:
            name = above
        return name

    rows = aligned.where("medication")
    for row in rows:
        for coding in codings.get(ids[row], ()):
            if (name := shared_name(coding)) is not None:
                head[root(name)] = root(codes[row])
    for row, stated in same_words(aligned, rows).items():
        head[root(codes[row])] = root(codes[stated])
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(root(codes[row]), []).append(row)
    return found


def same_words(aligned: Aligned, rows: Sequence[int]) -> dict[int, int]:
    """Rows read in a note, each with one that a record states under the same words."""
    machine, words = aligned.events.machine_read, aligned.events.column("code_text")
    stated = {words[row].casefold(): row for row in rows if row not in machine and words[row]}
    named = ((row, (words[row] or "").casefold()) for row in rows if row in machine)
    return {row: stated[said] for row, said in named if said in stated}


def shared_name(coding: Mapping[str, Any]) -> str | None:
    """A coding as a name under which records meet; None where meeting would mean nothing."""
    system, code = coding["system"], coding["code"]
    if not system or not code or any(word in system for word in SAYS_NOTHING):
        return None
    if system.endswith(CLASSES) and len(code) < SUBSTANCE_DIGITS:
        return None
    return f"{system}|{code}"


def vars_rows(steps: Steps) -> list[int]:
    """The rows that stand behind the steps."""
    rows = (steps.ordered, *steps.also, steps.dispensed, steps.given, steps.reported)
    return [row for row in rows if row is not None]


def steps_of(aligned: Aligned, rows: Sequence[int], *, at: datetime) -> Steps:
    """The newest row of each step; what lies ahead has not been given yet.

    Where a record states anything, a note is only a report: it would count a dose twice.
    """
    stated = [row for row in rows if row not in aligned.events.machine_read] or rows
    acts, when, now = aligned.events.column("act"), aligned.events.when, stamp(at)

    def newest(*wanted: str) -> int | None:
        return next((row for row in stated if acts[row] in wanted), None)

    orders = [row for row in stated if acts[row] in ORDERED]
    orders.sort(key=lambda row: ORDER_OF_COURSES.index(course_of(aligned, row, at=at)))
    going_on = [row for row in orders if course_of(aligned, row, at=at) == "current"]

    given = [row for row in stated if acts[row] == "administered" and when[row] <= now]
    return Steps(
        ordered=orders[0] if orders else None,
        also=tuple(going_on[1:]),
        dispensed=newest("dispensed"),
        given=given[0] if given else None,
        reported=next((row for row in rows if acts[row] in ("reported", "observed")), None),
        administrations=len(given),
    )


def course(aligned: Aligned, steps: Steps, *, at: datetime) -> Course:
    """Whether it is being taken: any order that goes on says so, else the newest, else a report.

    A medicine that was only dispensed or given, and never ordered or reported, stays unknown.
    """
    row = steps.ordered if steps.ordered is not None else steps.reported
    return "unknown" if row is None else course_of(aligned, row, at=at)


def course_of(aligned: Aligned, row: int, *, at: datetime) -> Course:
    """Whether one order or report is going on; words read in a note alone decide nothing."""
    if row in aligned.events.machine_read:
        return "unknown"
    state = aligned.events.column("state")[row]
    end = aligned.events.column("end_time")[row]
    if state in STOPPED:
        return "stopped"
    if state == "completed" or (end is not None and end <= stamp(at)):
        return "completed"
    return "current" if state == "active" else "unknown"


def medicine(steps: Steps, *, found: dict[int, Fact], course: Course, newest: Fact) -> Medicine:
    """One substance as the page draws it."""
    ordered, dispensed, given, reported = (
        None if row is None else found[row]
        for row in (steps.ordered, steps.dispensed, steps.given, steps.reported)
    )
    lead = ordered or reported or given or newest
    return Medicine(
        code=lead.code,
        label=lead.label,
        current=course,
        dose_text=doses([ordered, *(found[row] for row in steps.also)])
        or doses([reported])
        or doses([given])
        or doses([dispensed]),
        ordered=ordered,
        dispensed=dispensed,
        last_given=given,
        reported=reported,
        stopped=lead.end_time if course in ("stopped", "completed") else None,
        administrations=steps.administrations,
    )


def ended_by(death: Death, taken: Medicine) -> Medicine:
    """A medicine that was being taken when its patient died."""
    if taken.current != "current":
        return taken
    return replace(taken, current="stopped", stopped=death.time)


def doses(steps: Sequence[Fact | None]) -> str | None:
    """Each dose that these steps state, once."""
    stated = dict.fromkeys(step.detail for step in steps if step is not None and step.detail)
    return " and ".join(stated) or None
