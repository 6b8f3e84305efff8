"""From a request to cards: the lake, what the caller told, and the guidelines over both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vitruvian.api.routes.cds_hooks.cards import (
    Alerts,
    Frame,
    Json,
    alert_of,
    card_of,
    content_of,
    indicator_of,
    on_drafts,
)
from vitruvian.api.routes.cds_hooks.errors import BadHookRequest, NothingToRead
from vitruvian.api.routes.cds_hooks.memory import REPEATED_AFTER, Memory, Shown
from vitruvian.api.routes.cds_hooks.overlay import Overlay
from vitruvian.api.routes.cds_hooks.services import Asked
from vitruvian.api.routes.cds_hooks.told import Event, Told, told_by, unlike
from vitruvian.api.routes.fhir.serving.finding import Finder
from vitruvian.guides.cards import GuideCard, cards_for

if TYPE_CHECKING:
    from vitruvian.lake import Reader

ORDER = {"critical": 0, "warning": 1, "info": 2}
HELD = ("code", "time", "numeric_value", "value_code", "act")


@dataclass(frozen=True)
class Asking:
    """One call: who asks, when, and where links lead."""

    iss: str
    base: str
    site: str
    now: datetime
    memory: Memory
    alerts: Alerts


def answer(reader: Reader, asked: Asked, *, asking: Asking) -> Json:
    """The cards of one request, the most urgent first.

    Raises
    ------
    NothingToRead
        When neither the lake nor the request knows the patient.
    """
    person, subjects = _person(reader, asked, asking)
    told = told_by(asked.prefetch, asked.drafts, subject=person, now=asking.now)
    held = reader.rows("event", subjects=subjects, columns=HELD)
    if not held.num_rows and not told.events:
        raise NothingToRead
    new = unlike(told.events, held.to_pylist()) if told.events else []
    overlay = Overlay(reader, subjects, new)
    found = cards_for(overlay, person, instant=asking.now).cards
    frame = Frame(
        base=asking.base,
        patient=asked.patient,
        person_id=person,
        now=asking.now,
        notes=_notes(told, new, known=bool(held.num_rows)),
        drafts=told.drafts,
        alerts=asking.alerts,
    )
    wanted = _wanted(found, asked, told, alerts=asking.alerts)
    return _spoken(wanted, asked, frame=frame, asking=asking)


def _person(reader: Reader, asked: Asked, asking: Asking) -> tuple[int, tuple[int, ...]]:
    """The person behind the caller's id, and every subject that is them.

    An id may stand for a subject that nothing is stored of; one with a record is meant.
    """
    finder = Finder(reader, asking.site, asking.now)
    people = {reader.person_of(one) for one in finder.subjects_of([f"Patient/{asked.patient}"])}
    found = {person: tuple(reader.subjects_of(person)) for person in sorted(people)}
    stored = {
        person: subjects
        for person, subjects in found.items()
        if reader.rows("event", subjects=subjects, columns=("event_id",)).num_rows
    }
    if len(stored) > 1:
        fault = "its patientId stands for two people here"
        raise BadHookRequest(fault, expected="an id that one person has")
    return next(iter((stored or found).items()))


def _notes(told: Told, new: Sequence[Event], *, known: bool) -> tuple[str, ...]:
    """What the caller's data and the stored record do not agree on."""
    notes = []
    fresh = {event["fact_key"]: event for event in new if event["event_id"] not in told.drafts}
    if fresh and known:
        names = sorted({str(each.get("code_text") or each["code"]) for each in fresh.values()})
        listed = ", ".join(names[:5]) + (" and others" if len(names) > 5 else "")  # noqa: PLR2004 - a line
        notes.append(
            f"{len(fresh)} facts of your request are not stored here, and count: {listed}."
        )
    if not known:
        notes.append("Nothing is stored here about this patient: only your data count.")
    if told.unreadable:
        notes.append("Your system could not read: " + ", ".join(sorted(told.unreadable)) + ".")
    return tuple(notes)


def _wanted(
    found: Sequence[GuideCard], asked: Asked, told: Told, *, alerts: Alerts
) -> list[GuideCard]:
    """Cards with something to say; about orders only those that an order changes."""
    answered = [each for each in found if each.status == "answered"]
    said = [each for each in answered if indicator_of(each, alerts) != "none"]
    if asked.service.on_orders:
        said = [each for each in said if on_drafts(each, told.drafts)]
    return sorted(said, key=lambda each: ORDER[indicator_of(each, alerts)])


def _spoken(wanted: Sequence[GuideCard], asked: Asked, *, frame: Frame, asking: Asking) -> Json:
    """The cards, less those that the same user saw a short while ago."""
    cards, shown, repeated = [], [], 0
    since = asking.now - REPEATED_AFTER
    for guide in wanted:
        made = card_of(guide, frame=frame)
        note = Shown(
            uuid=made["uuid"],
            iss=asking.iss,
            caller=asked.user,
            person=str(frame.person_id),
            hook=asked.service.hook,
            guide=guide.name,
            content=content_of(guide, drafts=list(frame.drafts.values())),
            alert=alert_of(guide, frame.alerts),
        )
        urgent = made["indicator"] == "critical"
        if not urgent and asking.memory.shown_since(note, since=since):
            repeated += 1
            continue
        cards.append(made)
        shown.append(note)
    asking.memory.show(shown, now=asking.now)
    hidden = {"extension": {"repeated": repeated}} if repeated else {}
    return {"cards": cards, **hidden}
