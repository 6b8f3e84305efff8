"""A live feed: bytes durable first, then the answer, then the timeline.

References
----------
HL7 Version 2.8.2, chapter 2.9 (original and enhanced acknowledgement), table 0155 (MSH-15).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from vitruvian.base.clock import system_clock
from vitruvian.base.ids import stable_id
from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import LoadContext
from vitruvian.ingest.engine.listeners import Feed
from vitruvian.ingest.library.hl7v2.folding.refused import FAILED, reason_of
from vitruvian.ingest.library.hl7v2.folding.subject import Entry
from vitruvian.ingest.library.hl7v2.folding.together import maps
from vitruvian.ingest.library.hl7v2.loading import Hl7Loading
from vitruvian.ingest.library.hl7v2.mapping import listed
from vitruvian.ingest.library.hl7v2.reading.message import Message, NotAMessage, parse_message
from vitruvian.ingest.library.hl7v2.reading.moments import zones_of
from vitruvian.ingest.library.hl7v2.staging import Origin, record_row, tell
from vitruvian.ingest.library.hl7v2.waiting import COLUMNS, end_waiting, stage_rows

_RECEIVED = "#received"
_PENDING = f"starts_with(resource_type, 'HL7v2/') AND ends_with(resource_type, '{_RECEIVED}')"


class Hl7Receiver:
    """Takes messages of one feed."""

    def __init__(self, feed: Feed, manifest: Manifest) -> None:
        self._feed = feed
        self._manifest = manifest
        self._started = system_clock()
        words = f"mllp {feed.site} {self._started.isoformat()}"
        self._sha256 = hashlib.sha256(words.encode()).hexdigest()
        self._zones = zones_of(feed.time_zone or "UTC", declared=feed.time_zone is not None)
        self._records = itertools.count()
        # true at first: an earlier run may have left messages over
        self._waiting = True
        feed.lake.append(feed.access, {"source": [self._source_row()]})

    def receive(self, messages: Sequence[bytes], /) -> list[bytes | None]:
        """Store messages with one commit; give the answer of each."""
        answers: list[bytes | None] = []
        rows: list[dict[str, Any]] = []
        for data in messages:
            record, fault, doubt = self._read(data.strip(b"\r\n"))
            if record is not None:
                rows.append(record)
            answers.append(answer_to(data, fault, doubt=doubt))
        if rows:
            self._feed.lake.append(self._feed.access, {"resource": rows})
            self._waiting = True
        return answers

    def _read(self, data: bytes) -> tuple[dict[str, Any] | None, str, str]:
        """The row that keeps a message, or why it is not accepted; why it will not be mapped."""
        source_id, now = self._sha256[:16], system_clock()
        origin = Origin(self._feed.site, source_id, next(self._records), self._zones, now)
        try:
            told = tell(data, origin)
        except NotAMessage as unreadable:
            return None, str(unreadable), ""
        fault = refusal(told.message)
        if fault:
            return None, fault, ""
        row = record_row(told, data)
        doubt = self._doubt(Entry(told, row, (0, 0, 0)))
        kept = {"version_id": stable_id("received", str(told.version_id))}
        return {**row, **kept, "resource_type": row["resource_type"] + _RECEIVED}, "", doubt

    def _doubt(self, entry: Entry) -> str:
        """Why a message will go to quarantine; asked only where the site wants the sender told."""
        if not self._feed.tell_unmapped:
            return ""
        reason = reason_of(entry.told)
        return reason or ("" if maps(entry) else FAILED)

    def absorb(self) -> int:
        """Map what was received; it and the end of its waiting become visible together."""
        if not self._waiting:
            return 0
        self._waiting, feed = False, self._feed
        try:
            return self._absorb(feed)
        except BaseException:
            self._waiting = True
            raise

    def _absorb(self, feed: Feed) -> int:
        with feed.lake.bulk(feed.access) as bulk:
            waiting = bulk.reader.rows(
                "resource",
                columns=list(COLUMNS),
                where=f"site = ? AND {_PENDING}",
                params=[feed.site],
            ).to_pylist()
            if not waiting:
                return 0
            self._map(bulk, waiting)
            end_waiting(bulk, waiting)
        feed.lake.drain(feed.access)
        return len(waiting)

    def _map(self, bulk: Any, waiting: Sequence[dict[str, Any]]) -> None:
        context = LoadContext(
            bulk=bulk,
            site=self._feed.site,
            time_zone=self._feed.time_zone or "UTC",
            zone_declared=self._feed.time_zone is not None,
            received_at=datetime.now(UTC).isoformat(),
        )
        loading = Hl7Loading(context)
        stage_rows(loading, waiting)
        loading.finish({})

    def _source_row(self) -> dict[str, Any]:
        return {
            "site": self._feed.site,
            "source_id": self._sha256[:16],
            "known_at": self._started,
            "known_at_basis": "stated",
            "sha256": self._sha256,
            "media_type": self._manifest.reads[0],
            "adapter": self._manifest.name,
            "adapter_version": self._manifest.version,
            "time_zone": self._feed.time_zone,
            "received_at": self._started,
            "outcome": "loaded",
        }


# ------------------------------------------------------------------ the answer


def refusal(message: Message) -> str:
    """Why a message is not accepted: MSH-9, MSH-11 or MSH-12; empty when it is."""
    header = message.header
    if not message.kind:
        return "message type not given"
    if header.text(11).upper() not in listed("processing", "accepted"):
        return "processing id not accepted"
    version = header.text(12)
    return "" if not version or version.startswith("2.") else "version not accepted"


def answer_to(data: bytes, fault: str, *, doubt: str = "") -> bytes | None:
    """The acknowledgement; None when the sender wants none.

    Original mode answers AA, AE or AR. Enhanced mode (MSH-15 or MSH-16 filled) answers CA or CR
    when MSH-15 wants it, else AA, AE or AR when MSH-16 does: NE beside AL is original mode.

    Parameters
    ----------
    fault
        Why the message is not accepted (R).
    doubt
        Why it is kept and will not be mapped (E), where the site wants the sender told.
    """
    try:
        message = parse_message(data.strip(b"\r\n"))
    except NotAMessage:
        return _answer(("|", "^~\\&"), "AR", ("", "", "P", "2.5"), fault)
    header = message.header
    applied = "AR" if fault else "AE" if doubt else "AA"
    if not (header.raw(15) or header.raw(16)):
        code = applied
    elif _wants(header.text(15), failed=bool(fault)):
        code, doubt = ("CR" if fault else "CA"), ""
    elif _wants(header.text(16), failed=applied != "AA"):
        code = applied
    else:
        return None
    said = (header.raw(10), message.trigger, header.raw(11), header.raw(12))
    return _answer((header.marks.field, header.raw(2)), code, said, fault or doubt)


def _wants(wish: str, *, failed: bool) -> bool:
    """Whether an answer is wanted (table 0155): always, on success, on error; else never."""
    return wish.upper() in {"AL", "ER" if failed else "SU"}


def _answer(
    marks: tuple[str, str], code: str, said: tuple[str, str, str, str], fault: str
) -> bytes:
    mark, encoding = marks
    control, trigger, processing, version = said
    now = system_clock().astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")
    kind = encoding[0].join(word for word in ("ACK", trigger) if word)
    head = ["MSH", encoding, "VITRUVIAN", "", "", "", now, "", kind]
    number = f"{stable_id(control, now):x}"
    head += [number, processing or "P", version]
    lines = [mark.join(head), mark.join(["MSA", code, control])]
    if fault:
        # ERR-8: a word for people, never a value of the message
        lines.append(mark.join(["ERR", "", "", "", "E", "", "", "", fault]))
    return ("\r".join(lines) + "\r").encode("utf-8", errors="replace")
