"""One bulk load of recordings: each header with its files, and annotations of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.signals.clocks import ClockSheet
from vitruvian.ingest.engine.signals.origin import Origin, Row, origin_now
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.engine.whose.loading import SHEET
from vitruvian.ingest.engine.whose.sheet import Sheet
from vitruvian.ingest.library.wfdb.mapping import WORDS
from vitruvian.ingest.library.wfdb.marks.reading import Marks
from vitruvian.ingest.library.wfdb.marks.rows import ANNOTATIONS, Marked, marked_rows, retired
from vitruvian.ingest.library.wfdb.recording import Recording
from vitruvian.ingest.library.wfdb.rows import AHEAD, RECORD, Told, files_of, recording_rows
from vitruvian.ingest.report import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa


CLOCKS = ClockSheet.of("wfdb_record_of_patient", "WFDB/Clocks")
# What a sheet may call a recording by.
_NAMES = ("resource_id", "source_id")


@dataclass
class _Staged:
    number: int
    origin: Origin
    data: bytes
    recording: Recording
    problems: Problems


@dataclass(frozen=True)
class Beside:
    """The annotations of a file, and the recording beside it that they are about."""

    recording: Recording
    header_sha256: str
    marks: Marks
    annotator: str


@dataclass
class _Annotated:
    source: Source
    data: bytes
    beside: Beside
    problems: Problems


@dataclass
class WfdbLoading:
    """Headers and annotations of one bulk load.

    ``parsed`` and ``marked`` hold what the adapter has just put together,
    ``alone`` the faults of signal files, which must be named by some header.
    """

    context: LoadContext
    sheet: Sheet
    parsed: dict[str, tuple[Recording, dict[str, bytes]]] = field(default_factory=dict)
    alone: dict[str, Problems] = field(default_factory=dict)
    marked: dict[str, Beside] = field(default_factory=dict)
    staged: list[_Staged] = field(default_factory=list)
    annotated: list[_Annotated] = field(default_factory=list)
    sheets: list[tuple[Source, bytes]] = field(default_factory=list)
    clocks: list[tuple[Source, bytes]] = field(default_factory=list)
    ahead: dict[str, float] = field(default_factory=dict)
    offsets: dict[int, float] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take one header or sheet in; its signal files become blobs at once."""
        (data,), (kind,) = batch["bytes"].to_pylist(), batch["context"].to_pylist()
        if kind == SHEET:
            self.sheets.append((source, data))
            return
        if kind == CLOCKS.kind:
            self.clocks.append((source, data))
            return
        if kind == ANNOTATIONS:
            found = self.marked[source.sha256]
            self.annotated.append(_Annotated(source, data, found, problems))
            return
        context = self.context
        origin = origin_now(context, source_id=source.source_id, sha256=source.sha256)
        recording, files = self.parsed.pop(source.sha256)
        for part in files.values():
            context.bulk.put_blob(part)
        self.staged.append(_Staged(source.number, origin, data, recording, problems))

    def drop(self, source: Source) -> None:
        """Forget a source that turned out broken."""
        self.staged = [each for each in self.staged if each.number != source.number]
        self.sheets = [each for each in self.sheets if each[0].number != source.number]
        self.clocks = [each for each in self.clocks if each[0].number != source.number]
        self.annotated = [each for each in self.annotated if each.source.number != source.number]

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Write every recording that is new and no part of another."""
        held, stored = self._held()
        self.ahead = CLOCKS.ahead(self.clocks, self.context)
        segments = {sha for each in self.staged for sha in each.recording.parts.values()}
        self._report_unnamed(segments)
        counts = {each.number: self._take(each, held, segments) for each in self.staged}
        self._report_unlinked()
        stored |= {row["version_id"] for row in self.rows.get("resource", ())}
        for one in self.annotated:
            counts[one.source.number] = self._annotate(one, stored)
        new = {row[name] for row in self.rows.get("resource", ()) for name in _NAMES}
        CLOCKS.report(self.clocks, problems, new)
        counts |= self.sheet.take(self.sheets, self.context)
        counts |= CLOCKS.take(self.clocks, self.context)
        if self.rows.get("event"):
            WORDS.derivation.write(self.context)
        for table, rows in self.rows.items():
            write_rows(self.context.bulk, table, rows)
        return counts

    def _held(self) -> tuple[set[str], set[int]]:
        """Hashes of the headers that are stored, and versions of these and of annotations."""
        found = self.context.bulk.reader.rows(
            "resource",
            columns=["resource_type", "version_id", "content_hash"],
            where="resource_type IN (?, ?) AND site = ?",
            params=[RECORD, ANNOTATIONS, self.context.site],
        ).to_pylist()
        headers = {row["content_hash"] for row in found if row["resource_type"] == RECORD}
        return headers, {row["version_id"] for row in found}

    def _take(self, each: _Staged, held: set[str], segments: set[str]) -> Counts:
        if each.origin.sha256 in held:
            return Counts(0, 1)
        held.add(each.origin.sha256)
        if each.origin.sha256 not in segments:
            called = (each.recording.header.name, each.origin.source_id)
            off = next((self.ahead[name] for name in called if name in self.ahead), 0.0)
            told = Told(each.recording, replace(each.origin, clock_ahead_seconds=off))
            self.offsets[told.version_id] = off
            for table, row in recording_rows(told, each.data, self.context.bulk.put_blob):
                self._add(table, row)
        return Counts(1, 0)

    def _annotate(self, one: _Annotated, stored: set[int]) -> Counts:
        """Write annotations of a stored recording; an edited file takes the older's place."""
        beside, context = one.beside, self.context
        origin = origin_now(context, source_id=one.source.source_id, sha256=beside.header_sha256)
        told = Told(beside.recording, origin)
        off = self._offset(told.version_id)
        told = Told(beside.recording, replace(origin, clock_ahead_seconds=off))
        marked = Marked(told, beside.marks, beside.annotator, one.source.sha256)
        if told.version_id not in stored:
            one.problems.add(Problem(0, None, "no-header", _NO_RECORDING, rejects=True))
            return Counts(0, 0)
        if marked.version_id in stored:
            return Counts(0, 1)
        stored.add(marked.version_id)
        for table, row in marked_rows(marked, one.data):
            self._add(table, row)
        for earlier in self._earlier(marked):
            self._add("retirement", retired(marked, earlier))
        return Counts(1, 0)

    def _offset(self, version_id: int) -> float:
        """How far the clock of a recording was ahead, as its times were taken when it came."""
        if version_id in self.offsets:
            return self.offsets[version_id]
        return float(files_of(self.context.bulk.reader, version_id).get(AHEAD, 0))

    def _earlier(self, marked: Marked) -> list[int]:
        """Versions of what the same annotator said of the recording before."""
        found = self.context.bulk.reader.rows(
            "resource",
            columns=["version_id"],
            where="resource_type = ? AND resource_id = ?",
            params=[ANNOTATIONS, marked.name],
        )
        versions: list[int] = found["version_id"].to_pylist()
        return versions

    def _report_unnamed(self, named: set[str]) -> None:
        """Refuse signal files that no header of this load names."""
        for sha256, faults in self.alone.items():
            if sha256 not in named:
                faults.add(Problem(None, None, "no-header", _UNNAMED, rejects=True, unread=True))

    def _report_unlinked(self) -> None:
        """Say of each recording that no sheet tells whose it is."""
        told = self.sheet.declared_with(self.sheets, self.context)
        new = {row["resource_id"] for row in self.rows.get("resource", ())}
        for each in self.staged:
            names = (each.recording.header.name, each.origin.source_id)
            if names[0] in new and not any(name in told for name in names):
                message = _UNLINKED.format(head=self.sheet.head)
                each.problems.add(Problem(0, None, "no-patient", message))

    def _add(self, table: str, row: Row) -> None:
        self.rows.setdefault(table, []).append(row)


_UNNAMED = (
    "No header in this load names this signal file, so nobody knows what is in it. "
    "Expected its .hea file in the same folder. Load them together."
)
_NO_RECORDING = (
    "The recording that these annotations are about is not stored. Expected its .hea file in the "
    "same folder, in this load or an earlier one. Load them together."
)
_UNLINKED = (
    "No sheet tells whose recording this is. It is kept as a person of its own and not linked. "
    "Expected a sheet {head}. Add it and load it."
)
