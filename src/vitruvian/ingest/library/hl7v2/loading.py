"""One bulk load of messages: staged, told apart, folded subject by subject, written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.library.hl7v2.facts.documents import broken_attachments
from vitruvian.ingest.library.hl7v2.folding.ledger import Ledger, Row
from vitruvian.ingest.library.hl7v2.folding.persons import links_of
from vitruvian.ingest.library.hl7v2.folding.refused import (
    FAILED,
    REASONS,
    reason_of,
    waiting_ids,
    waiting_row,
)
from vitruvian.ingest.library.hl7v2.folding.subject import Entry
from vitruvian.ingest.library.hl7v2.folding.together import fold_what_maps
from vitruvian.ingest.library.hl7v2.mapping import derivation, listed
from vitruvian.ingest.library.hl7v2.reading.message import NotAMessage
from vitruvian.ingest.library.hl7v2.reading.moments import zones_of
from vitruvian.ingest.library.hl7v2.staging import (
    Incoming,
    Origin,
    by_patient,
    incoming,
    record_row,
    tell,
)
from vitruvian.ingest.library.hl7v2.stored import Stored, read_stored, related
from vitruvian.ingest.report import Problem, Problems
from vitruvian.record import table_named

SUBJECTS_AT_ONCE = 2_000
_NEW = 1


@dataclass
class Hl7Loading:
    """Messages of one bulk load, held until they are folded together.

    ``waited``: versions of the messages that a replay takes out of quarantine.
    ``received``: when each of them was received, by source and record.
    ``waiting``: versions of the messages that this load leaves in quarantine.
    """

    context: LoadContext
    staged: list[Incoming] = field(default_factory=list)
    waited: frozenset[int] = frozenset()
    received: Mapping[tuple[str, int], datetime] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)

    # -------------------------------------------------------------- staging

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take messages in; those that cannot be read or are no production data are reported."""
        rows = zip(batch["record"].to_pylist(), batch["bytes"].to_pylist(), strict=True)
        for record, data in rows:
            origin = self._origin(source.source_id, record)
            try:
                parts = self._parts(data, origin, (source.number, problems))
            except NotAMessage as fault:
                message = (
                    f"The message cannot be read: {fault}. Expected HL7 v2 with an MSH segment."
                )
                problems.add(Problem(record, "/MSH/1", "not-a-message", message, rejects=True))
                continue
            for part in parts:
                self.staged.append(part)

    def _origin(self, source_id: str, record: int) -> Origin:
        context = self.context
        zones = zones_of(context.time_zone, declared=context.zone_declared)
        now = datetime.fromisoformat(context.received_at)
        received = self.received.get((source_id, record), now)
        return Origin(context.site, source_id, record, zones, received)

    def _parts(self, data: bytes, origin: Origin, into: tuple[int, Problems]) -> list[Incoming]:
        """The message, or one for each of its patients; none when it is refused."""
        told = tell(data, origin)
        message, (number, problems) = told.message, into

        def note(pointer: str, code: str, sentence: str, *, rejects: bool = False) -> None:
            problems.add(Problem(origin.record, pointer, code, sentence, rejects=rejects))

        if message.header.text(11).upper() not in listed("processing", "accepted"):
            note("/MSH/1/11", "not-production", _NOT_PRODUCTION, rejects=True)
            return []
        if not message.kind:
            note("/MSH/1/9", "no-type", _NO_TYPE, rejects=True)
            return []
        if reason := reason_of(told):
            note(REASONS[reason][0], reason, REASONS[reason][1])
        if message.charset_doubtful:
            note("/MSH/1/18", "character-set", _CHARSET)
        for pointer in broken_attachments(message):
            note(pointer, "attachment-unread", _ATTACHMENT)
        return [
            incoming(told if part is data else tell(part, origin), part, origin, source_no=number)
            for part in by_patient(data, told)
        ]

    def drop(self, source: Source) -> None:
        """Forget every message of a source that turned out broken."""
        self.staged = [each for each in self.staged if each.source_no != source.number]

    # -------------------------------------------------------------- finishing

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Fold and write everything staged; keep in quarantine what cannot be mapped."""
        fresh = self._fresh()
        subjects: dict[int, list[Incoming]] = {}
        refused: list[tuple[Incoming, str]] = []
        for each in fresh:
            if each.reason:
                refused.append((each, each.reason))
            else:
                subjects.setdefault(each.subject_id or 0, []).append(each)
        for groups in _portions(self._groups(subjects)):
            for each in self._write_groups(groups, subjects):
                refused.append((each, FAILED))
                _tell_failed(each, problems)
        self._quarantine(refused)
        kept_back = {each.version_id for each, _ in refused}
        self._write_links([each for each in fresh if each.version_id not in kept_back])
        if fresh:
            self._write_derivation()
        return self._counts({id(each) for each in fresh})

    def _quarantine(self, refused: Sequence[tuple[Incoming, str]]) -> None:
        """Keep messages that cannot be mapped; one that waited before goes on waiting."""
        rows = [
            waiting_row(record_row(tell(each.data, each.origin), each.data), reason)
            for each, reason in refused
        ]
        self.waiting |= {row["version_id"] for row in rows}
        self._write_rows("resource", [row for row in rows if row["version_id"] not in self.waited])

    def _fresh(self) -> list[Incoming]:
        """The first of each message that the lake does not hold."""
        found = self.context.bulk.reader.history(
            "resource",
            columns=["version_id"],
            where="site = ? AND starts_with(resource_type, 'HL7v2/')",
            params=[self.context.site],
        )
        seen, fresh = set(found["version_id"].to_pylist()), []
        for each in self.staged:
            waits = not self.waited and seen & {*waiting_ids(each.version_id).values()}
            if each.version_id not in seen and not waits:
                seen.add(each.version_id)
                fresh.append(each)
        return fresh

    def _counts(self, fresh: set[int]) -> dict[int, Counts]:
        """A message about several patients counts once."""
        records: dict[tuple[int, int], int] = {}
        for each in self.staged:
            key = (each.source_no, each.origin.record)
            records[key] = max(records.get(key, 0), int(id(each) in fresh))
        counts: dict[int, Counts] = {}
        for (number, _), new in records.items():
            held = counts.get(number, Counts(0, 0))
            counts[number] = Counts(held.loaded + new, held.skipped + (_NEW - new))
        return counts

    def _groups(self, subjects: Mapping[int, Sequence[Incoming]]) -> list[set[int]]:
        """Subjects of this load, together with those between whom visits move."""
        moving = (
            tell(each.data, each.origin)
            for some in subjects.values() for each in some if each.moves_visits
        )  # fmt: skip
        return related(self.context.bulk.reader, subjects, moving) if subjects else []

    def _write_groups(
        self, groups: Sequence[set[int]], subjects: Mapping[int, Sequence[Incoming]]
    ) -> list[Incoming]:
        """Write what the messages of these subjects say; those on which the mapping fails."""
        every = sorted(subject for group in groups for subject in group)
        stored = read_stored(self.context.bulk.reader, every, self._origin)
        together, failed = dict[str, list[Row]](), set[int]()
        for group in groups:
            known = {subject: stored.entries.get(subject, []) for subject in group}
            fresh = {subject: list(_entries(subjects.get(subject, ()))) for subject in group}
            ledgers, faulty = fold_what_maps(known, fresh, self.context.bulk.put_blob)
            failed |= faulty
            for subject, ledger in ledgers.items():
                for table, rows in _unstored(ledger, stored, subject):
                    together.setdefault(table, []).extend(rows)
        for table, rows in together.items():
            self._write_rows(table, rows)
        named = (subjects.get(subject, ()) for subject in every)
        return [each for some in named for each in some if each.version_id in failed]

    def _write_links(self, fresh: Sequence[Incoming]) -> None:
        told = [tell(each.data, each.origin) for each in fresh if each.declares_links]
        about = sorted((each for each in told if each.subject_id), key=lambda t: t.known_at)
        if about:
            links = links_of(about, self.context.bulk.reader.persons())
            self._write_rows("person_link", [link.row for link in links])

    def _write_rows(self, table: str, rows: Sequence[Row]) -> None:
        if rows:
            schema = table_named(table).schema
            names = {name for row in rows for name in row}
            wanted = pa.schema([each for each in schema if each.name in names])
            self.context.bulk.write(table, pa.Table.from_pylist(list(rows), schema=wanted))

    def _write_derivation(self) -> None:
        number, name, version = derivation()
        held = self.context.bulk.reader.history(
            "derivation", columns=["derivation_id"], where="derivation_id = ?", params=[number]
        )
        if not held.num_rows:
            row = {
                "derivation_id": number, "site": self.context.site, "source_id": "mapping",
                "known_at": datetime.fromisoformat(self.context.received_at),
                "known_at_basis": "stated", "name": name, "version": version, "parameters": "{}",
            }  # fmt: skip
            self._write_rows("derivation", [row])


_NOT_PRODUCTION = (
    "The message says that it is for training or debugging (MSH-11). "
    "Expected P. It was not stored; load such messages into a lake of their own as P."
)
_NO_TYPE = "The message does not say of what type it is (MSH-9). Expected a type such as ADT^A01."
_CHARSET = (
    "The text is not in the character set that MSH-18 declares; it was read as UTF-8 or Latin-1. "
    "Ask the sender to declare the set it uses."
)
_ATTACHMENT = (
    "The attachment says that it is Base64 and cannot be decoded; its document stands without it. "
    "Expected whole Base64, with its padding. Ask the sender to send the message again."
)


def _tell_failed(each: Incoming, problems: Mapping[int, Problems]) -> None:
    if each.source_no in problems:
        pointer, sentence = REASONS[FAILED]
        problems[each.source_no].add(Problem(each.origin.record, pointer, FAILED, sentence))


def _portions(groups: Sequence[set[int]]) -> Iterator[Sequence[set[int]]]:
    """Groups of together about as many subjects as are folded at once."""
    portion, size = list[set[int]](), 0
    for group in groups:
        portion.append(group)
        size += len(group)
        if size >= SUBJECTS_AT_ONCE:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _entries(messages: Sequence[Incoming]) -> Iterator[Entry]:
    for each in messages:
        told = tell(each.data, each.origin)
        arrived = (_NEW, each.source_no, each.origin.record)
        yield Entry(told, record_row(told, each.data), arrived)


def _unstored(ledger: Ledger, stored: Stored, subject: int) -> Iterator[tuple[str, list[Row]]]:
    """Rows that the lake does not hold yet, and the end of those that should not stand."""
    for table, rows in ledger.rows.items():
        known = stored.ids.get((table, subject), {})
        key = stored.key(table)
        yield table, [row for row in rows if row[key] not in known]
    yield "retirement", stored.stray(ledger, subject)
