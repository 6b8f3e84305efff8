"""A message taken in: read far enough to know whom it is about and what it is called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.facts.people import subject_of
from vitruvian.ingest.library.hl7v2.folding.persons import declares_links
from vitruvian.ingest.library.hl7v2.folding.refused import reason_of
from vitruvian.ingest.library.hl7v2.mapping import listed, visit_move
from vitruvian.ingest.library.hl7v2.reading.message import Message, parse_message
from vitruvian.ingest.library.hl7v2.reading.moments import Zones, read_moment

_BREAK = re.compile(rb"(?<=[\r\n])(?=[A-Z][A-Z0-9]{2}[^\w\s])")


@dataclass(frozen=True)
class Origin:
    """Where a message came from."""

    site: str
    source_id: str
    record: int
    zones: Zones
    received_at: datetime


@dataclass(frozen=True)
class Incoming:
    """A message's bytes, its number in the load, whom it is about, its version.

    ``reason``: why it cannot be mapped; empty when it can, as far as is known yet.
    """

    source_no: int
    origin: Origin
    data: bytes
    subject_id: int | None
    version_id: int
    declares_links: bool
    moves_visits: bool
    reason: str


def incoming(told: Told, data: bytes, origin: Origin, *, source_no: int) -> Incoming:
    """A message as it waits to be folded."""
    subject = told.subject_id or None
    return Incoming(
        source_no=source_no,
        origin=origin,
        data=data,
        subject_id=subject,
        version_id=told.version_id,
        declares_links=declares_links(told),
        moves_visits=told.message.kind == "ADT" and visit_move(told.message.trigger) is not None,
        reason=reason_of(told),
    )


def tell(data: bytes, origin: Origin) -> Told:
    """A message with whom it is about and when it was sent.

    ``subject_id`` is 0 when it names nobody.
    """
    message = parse_message(data)
    said = message.header.text(7)
    zones = origin.zones.with_clock(said)
    sent = read_moment(said, zones)
    sent_at = (sent.until or sent.start) if sent else origin.received_at
    return Told(
        message=message,
        site=origin.site,
        subject_id=subject_of(message, message.of("PID"), site=origin.site) or 0,
        version_id=version_of(message, data, site=origin.site),
        source_id=origin.source_id,
        record=origin.record,
        zones=zones,
        known_at=sent_at,
        known_at_basis="stated" if sent else "assumed",
        sent_at=sent_at,
    )


def kind_of(message: Message) -> str:
    """The kind of record: ``HL7v2/ADT_A01``."""
    words = [word for word in (message.kind, message.trigger) if re.fullmatch(r"\w{1,8}", word)]
    return "HL7v2/" + ("_".join(words) or "unknown")


def version_of(message: Message, data: bytes, *, site: str) -> int:
    """Same sender, control id and bytes: a message sent again. Control ids alone repeat."""
    words = (site, kind_of(message), message.sender, message.control_id)
    return stable_id(*words, hashlib.sha256(data).hexdigest())


def record_row(told: Told, data: bytes) -> dict[str, Any]:
    """The row of ``resource`` that keeps the bytes."""
    digest = hashlib.sha256(data).hexdigest()
    return {
        "version_id": told.version_id,
        "subject_id": told.subject_id or None,
        **told.lineage,
        "locator": f"record {told.record}",
        "record": told.record,
        "resource_type": kind_of(told.message),
        "resource_id": told.message.control_id or digest[:16],
        "last_updated": told.known_at if told.known_at_basis == "stated" else None,
        "content_hash": digest,
        "deleted": False,
        "bytes": data,
    }


def by_patient(data: bytes, told: Told) -> Iterator[bytes]:
    """A message about several patients as one for each, so that each can be erased alone.

    Links between patients stay whole; a message about one patient stays as it came.
    """
    message = told.message
    pids = list(message.all("PID"))
    subjects = {subject_of(message, pid, site=told.site) for pid in pids}
    # a merge or move names pairs of PID and MRG; a link needs both its PIDs
    in_pairs = (*listed("identity", "merge"), *listed("identity", "move"))
    linked = declares_links(told) and message.trigger not in in_pairs
    if len(subjects) < 2 or linked:  # noqa: PLR2004  one patient
        yield data
        return
    segments = _BREAK.split(data)
    starts = [place for place, line in enumerate(segments) if line.startswith(b"PID")]
    head = b"".join(segments[: starts[0]])
    for start, end in zip(starts, [*starts[1:], len(segments)], strict=True):
        yield (head + b"".join(segments[start:end])).rstrip(b"\r\n")
