"""Visits and accounts that go from one patient to another.

What was told of the visit ends at the patient it leaves, and is told again of the one it goes to,
known there from the moment of the move. Nothing that others were told before is changed.

References
----------
HL7 Version 2.8.2, chapter 3.3.44 (A44, an account), 3.3.45 (A45, a visit), 3.5.2.1.3 (move):
everything below the number in MRG goes with it, from the patient of MRG-1 to that of PID-3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.facts.people import subject_of
from vitruvian.ingest.library.hl7v2.facts.visits import numbered, visit_number
from vitruvian.ingest.library.hl7v2.folding.subject import LEFT, MOVED, Entry
from vitruvian.ingest.library.hl7v2.mapping import visit_move
from vitruvian.ingest.library.hl7v2.reading.message import Segment, decoded, parse_message
from vitruvian.ingest.library.hl7v2.staging import Origin, record_row, tell

_SENT, _ACCOUNT, _UPDATED = 7, 18, 33
_IDENTIFIERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Move:
    """What goes (the number of an account or a visit) from whom to whom."""

    source: int
    target: int
    number: int
    account: bool


def moves_of(told: Told) -> Iterator[Move]:
    """What a message moves between patients; nothing when it does not name all that it takes."""
    field = visit_move(told.message.trigger) if told.message.kind == "ADT" else None
    target = subject_of(told.message, told.message.of("PID"), site=told.site)
    if field is None or target is None:
        return
    for mrg in told.message.all("MRG"):
        source = subject_of(told.message, mrg, site=told.site)
        number = numbered(told, mrg, field)
        if source is not None and number is not None and source != target:
            yield Move(source, target, number, field == visit_move("A44"))


def departures(entry: Entry) -> Iterator[Entry]:
    """The message as the patients keep it whom something leaves, one entry each."""
    pid = entry.told.message.of("PID")
    for source in dict.fromkeys(move.source for move in moves_of(entry.told)):
        version = stable_id("left", str(entry.told.version_id), str(source))
        told = replace(entry.told, subject_id=source, version_id=version)
        row = {
            **entry.record,
            "version_id": version,
            "subject_id": source,
            "resource_type": f"{entry.record['resource_type']}{LEFT}",
            "bytes": about(entry.record["bytes"], pid, entry.told),
        }
        yield Entry(told, row, entry.arrived)


def carry(every: dict[int, list[Entry]]) -> None:
    """Put each moved message where it belongs after every move, in the order of the moves."""
    gone: set[tuple[int, int]] = set()
    leaving = [(whom, each) for whom, some in every.items() for each in some if each.left]
    for whom, left in sorted(leaving, key=lambda pair: (pair[1].told.known_at, pair[1].arrived)):
        moves = [move for move in moves_of(left.told) if move.source == whom]
        before = [
            each for each in every[whom]
            if not each.left and each.told.known_at <= left.told.known_at
            and (whom, each.told.version_id) not in gone
        ]  # fmt: skip
        visits = _visits(before, moves)
        going = [each for each in before if _visit(each) in visits]
        gone |= {(whom, each.told.version_id) for each in going}
        every[whom] = [replace(e, leaves=visits) if e is left else e for e in every[whom]]
        _arrive(every, moves, left, going)


def _arrive(
    every: dict[int, list[Entry]], moves: Sequence[Move], left: Entry, going: Sequence[Entry]
) -> None:
    """Tell the messages again of the patient they go to, unless that record was erased."""
    target = moves[0].target if moves else None
    if target is None or not any(not each.left for each in every.get(target, ())):
        return
    known = {each.told.version_id for each in every[target]}
    arrived = (_moved(each, left, target) for each in going)
    every[target] += [each for each in arrived if each.told.version_id not in known]


def _visit(entry: Entry) -> int | None:
    return visit_number(entry.told, entry.told.message.of("PV1"))


def _visits(before: Sequence[Entry], moves: Sequence[Move]) -> frozenset[int]:
    """Every visit that goes: the one named, or all of the account."""
    accounts = {move.number for move in moves if move.account}
    found = {move.number for move in moves}
    for each in before:
        visit = _visit(each)
        if visit is not None and _account(each) in accounts:
            found.add(visit)
    return frozenset(found)


def _account(entry: Entry) -> int | None:
    return numbered(entry.told, entry.told.message.of("PID"), _ACCOUNT)


def _moved(entry: Entry, left: Entry, target: int) -> Entry:
    """A message as a statement about the patient it was moved to."""
    told = entry.told
    data = about(entry.record["bytes"], left.told.message.of("PID"), left.told)
    origin = Origin(told.site, told.source_id, told.record, told.zones, told.sent_at)
    again = replace(
        tell(data, origin),
        subject_id=target,
        known_at=left.told.known_at,
        known_at_basis=left.told.known_at_basis,
    )
    row = record_row(again, data)
    return Entry(again, row | {"resource_type": f"{row['resource_type']}{MOVED}"}, entry.arrived)


def about(data: bytes, pid: Segment, move: Told) -> bytes:
    """A message with the identifiers of another patient, and nothing else of either person.

    PID-18 (its account) stays, PID-33 (last update) says when the move was sent. So each of two
    patients can be erased without the other.
    """
    lines = []
    for segment in parse_message(data).segments:
        fields = list(segment.fields)
        if segment.name == "MSH":
            del fields[1]  # the separator itself
        elif segment.name == "PID":
            fields = _identified(segment, pid, move.message.header.raw(_SENT))
        lines.append(segment.marks.field.join(fields))
    return "\r".join(lines).encode(decoded(data)[1], "replace")


def _identified(own: Segment, pid: Segment, updated: str) -> list[str]:
    """PID with the identifiers of another one, in its own delimiters."""
    theirs, ours = pid.marks, own.marks
    same = str.maketrans(
        theirs.component + theirs.repetition + theirs.subcomponent,
        ours.component + ours.repetition + ours.subcomponent,
    )
    fields = ["PID", *[""] * _UPDATED]
    for field in _IDENTIFIERS:
        fields[field] = pid.raw(field).translate(same)
    fields[_ACCOUNT], fields[_UPDATED] = own.raw(_ACCOUNT), updated
    return fields


def partners(messages: Iterable[Told]) -> dict[int, set[int]]:
    """Subjects between whom anything moves, each with the others."""
    found: dict[int, set[int]] = {}
    for move in (move for told in messages for move in moves_of(told)):
        found.setdefault(move.source, set()).add(move.target)
        found.setdefault(move.target, set()).add(move.source)
    return found
