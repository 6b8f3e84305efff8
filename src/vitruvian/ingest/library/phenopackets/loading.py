"""One bulk load of phenopackets: held on disk, then told as rows, some at a time."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.library.phenopackets.mapping import derivation
from vitruvian.ingest.library.phenopackets.reading.moments import instant
from vitruvian.ingest.library.phenopackets.reading.packets import PACKET, packet_of, refused
from vitruvian.ingest.library.phenopackets.rows.events import Place, Row, Told, events_of, part
from vitruvian.ingest.library.phenopackets.rows.findings import findings_of, others_of
from vitruvian.ingest.library.phenopackets.rows.person import born_of, patient_row, subject_of
from vitruvian.ingest.report import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa

_IN_MEMORY, _AT_ONCE = 32 << 20, 500


@dataclass(frozen=True)
class _Held:
    """Where one packet lies in the spool."""

    source: Source
    record: int
    start: int
    size: int


def _spool() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


@dataclass
class PacketLoading:
    """Packets of one load."""

    context: LoadContext
    held: list[_Held] = field(default_factory=list)
    spool: IO[bytes] = field(default_factory=_spool)

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take packets in; one that cannot be used is reported."""
        rows = zip(batch["record"].to_pylist(), batch["bytes"].to_pylist(), strict=True)
        for record, data in rows:
            fault = refused(record, data)
            if fault is not None:
                problems.add(fault)
                continue
            self.held.append(_Held(source, record, self.spool.seek(0, 2), len(data)))
            self.spool.write(data)

    def drop(self, source: Source) -> None:
        """Forget a source that turned out broken."""
        self.held = [each for each in self.held if each.source.number != source.number]

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Write everything staged; a packet known word by word is skipped."""
        with self.spool:
            stored = _Stored(self.context)
            loaded, skipped = Counter[int](), Counter[int]()
            waiting = iter(self.held)
            while some := list(islice(waiting, _AT_ONCE)):
                fresh = list(self._fresh(some, stored, skipped))
                self._write(fresh, stored, problems)
                loaded.update(each.source.number for each, _, _ in fresh)
        if self.held:
            derivation().write(self.context)
        return {n: Counts(loaded[n], skipped[n]) for n in {*loaded, *skipped}}

    def _fresh(
        self, some: list[_Held], stored: _Stored, skipped: Counter[int]
    ) -> Iterator[tuple[_Held, bytes, Row]]:
        for each in some:
            self.spool.seek(each.start)
            data = self.spool.read(each.size)
            row = self._resource(each, data)
            if row["version_id"] in stored.ever:
                skipped[each.source.number] += 1
            else:
                stored.ever.add(row["version_id"])
                yield each, data, row

    def _resource(self, held: _Held, data: bytes) -> Row:
        packet, site = packet_of(data), self.context.site
        digest = hashlib.sha256(data.strip()).hexdigest()
        subject = subject_of(site, packet)
        name = f"{subject:x}/{packet.get('id') or digest[:32]}"
        created = instant(part(packet, "metaData").get("created") or "")
        return {
            "site": site, "source_id": held.source.source_id, "locator": f"record {held.record}",
            "known_at": created or datetime.fromisoformat(self.context.received_at),
            "known_at_basis": "stated" if created else "assumed",
            "version_id": stable_id(site, PACKET, name, digest), "subject_id": subject,
            "record": held.record, "resource_type": PACKET, "resource_id": name,
            "last_updated": created, "content_hash": digest, "deleted": False, "bytes": data,
        }  # fmt: skip

    def _write(
        self,
        fresh: list[tuple[_Held, bytes, Row]],
        stored: _Stored,
        problems: Mapping[int, Problems],
    ) -> None:
        bulk = self.context.bulk
        events: list[Row] = []
        people: list[Row] = []
        ends: list[Row] = []
        for held, data, row in fresh:
            packet = packet_of(data)
            place = place_of(row, packet)
            people.append(patient_row(packet, place))
            events += [*events_of(packet, place), *findings_of(packet, place)]
            ends += stored.supersede(row)
            if others_of(packet):
                problems[held.source.number].add(_of_others(held.record))
        write_rows(bulk, "resource", [row for *_, row in fresh])
        write_rows(bulk, "patient", people)
        write_rows(bulk, "event", events)
        write_rows(bulk, "retirement", ends)


def place_of(row: Mapping[str, Any], packet: Told) -> Place:
    """Where a packet is stored, for the rows that are told of it."""
    lineage = {key: row[key] for key in ("site", "source_id", "known_at", "known_at_basis")}
    names = (row["subject_id"], row["version_id"], row["record"])
    return Place(*names, lineage, born_of(packet))


class _Stored:
    """The packets that the lake holds, and which of them is the last of its name."""

    def __init__(self, context: LoadContext) -> None:
        reader, mine = context.bulk.reader, "site = ? AND resource_type = ?"
        params = [context.site, PACKET]
        ever = reader.history("resource", columns=["version_id"], where=mine, params=params)
        self.ever: set[int] = set(ever.column("version_id").to_pylist())
        columns = ["resource_id", "version_id", "last_updated", "subject_id"]
        rows = reader.rows("resource", columns=columns, where=mine, params=params).to_pylist()
        self._last: dict[str, Mapping[str, Any]] = {row["resource_id"]: row for row in rows}

    def supersede(self, row: Row) -> Iterator[Row]:
        """What ends one of two packets of one name: the one made earlier, where that is told."""
        held = self._last.get(row["resource_id"])
        self._last[row["resource_id"]] = row
        if held is None:
            return
        times = (held["last_updated"], row["last_updated"])
        older = row if None not in times and times[1] < times[0] else held
        if older is row:
            self._last[row["resource_id"]] = held
        yield {
            **{key: row[key] for key in ("site", "source_id", "known_at", "known_at_basis")},
            "locator": row["locator"], "subject_id": row["subject_id"], "scope": "version",
            "retirement_id": stable_id("version", str(older["version_id"]), str(row["version_id"])),
            "target_id": older["version_id"], "reason": "superseded",
        }  # fmt: skip


def _of_others(record: int) -> Problem:
    message = (
        "An interpretation names somebody who is neither the packet's subject nor one of its "
        "biosamples. It is kept in the packet and is no event. Expected the subject's id; send "
        "the relative as a packet of its own."
    )
    return Problem(record, "/interpretations", "of-another", message)
