"""Which subjects the sending system says are one person: merges, links and their undoing.

References
----------
HL7 Version 2.8.2, chapter 3.6: A40 (merge), A24 (link), A37 (unlink), A43 (one identifier moves),
A47 (new identifier).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.facts.people import subject_of
from vitruvian.ingest.library.hl7v2.mapping import listed
from vitruvian.ingest.library.hl7v2.reading.message import Segment


@dataclass(frozen=True)
class Link:
    """One subject and the person it is, or no longer is."""

    told: Told
    subject_id: int
    person_id: int
    linked: bool

    @property
    def row(self) -> dict[str, Any]:
        """The row of ``person_link``."""
        told = self.told
        said = (str(told.version_id), str(self.subject_id), str(self.person_id))
        return {
            "link_id": stable_id("HL7v2/link", *said, str(self.linked)),
            "subject_id": self.subject_id,
            "person_id": self.person_id,
            "linked": self.linked,
            **told.lineage,
            "locator": f"record {told.record}",
            "evidence": f"declared by the sending system, ADT {told.message.trigger}",
        }


def links_of(messages: Iterable[Told], persons: Mapping[int, int]) -> list[Link]:
    """The links that messages declare, the last word for each subject.

    Parameters
    ----------
    messages
        In the order of their own times.
    persons
        The person of each subject linked so far.
    """
    now, found = dict(persons), dict[int, Link]()
    for told in messages:
        for link in _links(told, now):
            found[link.subject_id] = link
            now[link.subject_id] = link.person_id if link.linked else link.subject_id
    return list(found.values())


def declares_links(told: Told) -> bool:
    """Whether a message is about who is who."""
    return told.message.kind == "ADT" and any(
        told.message.trigger in listed("identity", what)
        for what in ("merge", "link", "unlink", "move")
    )


def _links(told: Told, now: Mapping[int, int]) -> Iterator[Link]:
    trigger = told.message.trigger
    if told.message.kind != "ADT":
        return
    if trigger in listed("identity", "merge"):
        others = [subject_of(told.message, mrg, site=told.site) for mrg in told.message.all("MRG")]
        yield from _join(told, told.subject_id, others, now)
        return
    if trigger in listed("identity", "move"):
        yield from _move(told, now)
        return
    subjects = [subject_of(told.message, pid, site=told.site) for pid in told.message.all("PID")]
    if trigger in listed("identity", "link"):
        yield from _join(told, told.subject_id, subjects, now)
    elif trigger in listed("identity", "unlink"):
        for subject in subjects:
            if subject is not None and now.get(subject, subject) != subject:
                yield Link(told, subject, now[subject], linked=False)


def _move(told: Told, now: Mapping[int, int]) -> Iterator[Link]:
    """One identifier goes to another person; what it was linked to stays where it is."""
    message = told.message
    for mrg in message.all("MRG"):
        moved, target = subject_of(message, mrg, site=told.site), told.subject_id
        if moved == target:
            target = subject_of(message, _superior(message.of("PID")), site=told.site) or target
        person = now.get(target, target)
        if moved is not None and now.get(moved, moved) != person:
            yield Link(told, moved, person, linked=True)


def _superior(pid: Segment) -> Segment:
    """A PID that names its patient by PID-2 alone, as A43 did up to version 2.4."""
    return replace(pid, fields=[pid.raw(0), "", pid.raw(2)])


def _join(
    told: Told, subject_id: int, others: Iterable[int | None], now: Mapping[int, int]
) -> Iterator[Link]:
    """Everybody who is the other person so far becomes this one."""
    person = now.get(subject_id, subject_id)
    for other in others:
        if other is None or now.get(other, other) == person:
            continue
        theirs = now.get(other, other)
        members = {other, theirs, *(each for each, whom in now.items() if whom == theirs)}
        for member in sorted(members - {person}):
            yield Link(told, member, person, linked=True)
