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

import pyarrow as pa

from vitruvian.base.clock import system_clock
from vitruvian.base.ids import stable_id
from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import RECORDS, LoadContext, Source
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.listeners import Feed
from vitruvian.ingest.library.hl7v2.loading import Hl7Loading
from vitruvian.ingest.library.hl7v2.mapping import listed
from vitruvian.ingest.library.hl7v2.reading.message import Message, NotAMessage, parse_message
from vitruvian.ingest.library.hl7v2.reading.moments import zones_of
from vitruvian.ingest.library.hl7v2.staging import Origin, record_row, tell
from vitruvian.ingest.report import Problems
from vitruvian.record import table_named

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
            record, fault = self._read(data.strip(b"\r\n"))
            if record is not None:
                rows.append(record)
            answers.append(answer_to(data, fault))
        if rows:
            self._feed.lake.append(self._feed.access, {"resource": rows})
            self._waiting = True
        return answers

    def _read(self, data: bytes) -> tuple[dict[str, Any] | None, str]:
        """The row that keeps a message, or why it is not accepted."""
        source_id, now = self._sha256[:16], system_clock()
        origin = Origin(self._feed.site, source_id, next(self._records), self._zones, now)
        try:
            told = tell(data, origin)
        except NotAMessage as unreadable:
            return None, str(unreadable)
        fault = refusal(told.message)
        if fault:
            return None, fault
        row = record_row(told, data)
        kept = {"version_id": stable_id("received", str(told.version_id))}
        return {**row, **kept, "resource_type": row["resource_type"] + _RECEIVED}, ""

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
            columns = ["version_id", "subject_id", "source_id", "record", "known_at", "bytes"]
            waiting = bulk.reader.rows(
                "resource",
                columns=columns,
                where=f"site = ? AND {_PENDING}",
                params=[feed.site],
            ).to_pylist()
            if not waiting:
                return 0
            self._map(bulk, waiting)
            ended = pa.Table.from_pylist([_ended(feed.site, row) for row in waiting], _ENDED)
            bulk.write("retirement", ended)
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
        loading, problems = Hl7Loading(context), Problems()
        by_source: dict[str, list[dict[str, Any]]] = {}
        for row in waiting:
            by_source.setdefault(row["source_id"], []).append(row)
        for number, (source_id, rows) in enumerate(by_source.items()):
            loading.stage(_source(source_id, number), _batch(rows), problems)
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


_ENDED = pa.schema(
    [
        field
        for field in table_named("retirement").schema
        if field.name not in {"recorded_at", "load_id", "locator"}
    ]
)


def _ended(site: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "retirement_id": stable_id("absorbed", str(row["version_id"])),
        "subject_id": row["subject_id"],
        "site": site,
        "source_id": row["source_id"],
        "known_at": row["known_at"],
        "known_at_basis": "stated",
        "scope": "version",
        "target_id": row["version_id"],
        "reason": "mapped",
    }


def _source(source_id: str, number: int) -> Source:
    def closed() -> Any:
        # Its bytes are rows of the hot log already: there is no file behind a received message.
        raise RuntimeError

    return Source(source_id, source_id, 0, "", closed, number, Limits())


def _batch(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    ordered = sorted(rows, key=lambda row: row["record"])
    return pa.record_batch(
        {
            "record": pa.array([row["record"] for row in ordered], pa.int64()),
            "locator": pa.array([f"record {row['record']}" for row in ordered], pa.string()),
            "bytes": pa.array([row["bytes"] for row in ordered], pa.large_binary()),
            "context": pa.nulls(len(ordered), pa.string()),
        },
        schema=RECORDS,
    )


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


def answer_to(data: bytes, fault: str) -> bytes | None:
    """The acknowledgement; None when the sender wants none.

    Original mode answers AA or AR; enhanced mode (MSH-15 or MSH-16 filled) CA or CR.
    """
    try:
        message = parse_message(data.strip(b"\r\n"))
    except NotAMessage:
        return _answer(("|", "^~\\&"), "AR", ("", "", "P", "2.5"), fault)
    header = message.header
    wish, enhanced = header.text(15).upper(), bool(header.raw(15) or header.raw(16))
    unwanted = {"NE", "", "SU" if fault else "ER"}
    if enhanced and wish in unwanted:
        return None
    code = ("C" if enhanced else "A") + ("R" if fault else "A")
    said = (header.raw(10), message.trigger, header.raw(11), header.raw(12))
    return _answer((header.marks.field, header.raw(2)), code, said, fault)


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
