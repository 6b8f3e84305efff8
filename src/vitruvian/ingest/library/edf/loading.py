"""One bulk load of recordings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.signals.clocks import ClockSheet
from vitruvian.ingest.engine.signals.origin import Row, origin_now
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.engine.whose.loading import SHEET
from vitruvian.ingest.engine.whose.sheet import Sheet
from vitruvian.ingest.library.edf.header import read_header
from vitruvian.ingest.library.edf.mapping import WORDS
from vitruvian.ingest.library.edf.rows import RECORD, Told, read_samples, recording_rows
from vitruvian.ingest.report import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa


CLOCKS = ClockSheet.of("edf_recording_of_patient", "EDF/Clocks")


@dataclass(frozen=True)
class Spooled:
    """A recording on disk, until it is in the lake."""

    path: Path

    def forget(self) -> None:
        """Take it away."""
        self.path.unlink(missing_ok=True)


@dataclass
class EdfLoading:
    """Recordings of one bulk load; ``spooled`` holds what the adapter has just read."""

    context: LoadContext
    sheet: Sheet
    spooled: dict[str, Spooled]
    sheets: list[tuple[Source, bytes]] = field(default_factory=list)
    clocks: list[tuple[Source, bytes]] = field(default_factory=list)
    told: dict[int, tuple[Told, bytes]] = field(default_factory=dict)
    counts: dict[int, Counts] = field(default_factory=dict)

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Read one recording, or take a sheet in; its samples become blobs at once.

        Raises
        ------
        SourceBroken
            When samples are missing or annotations cannot be read.
        """
        del problems
        (data,), (context,) = batch["bytes"].to_pylist(), batch["context"].to_pylist()
        if context is not None:
            (self.sheets if context == SHEET else self.clocks).append((source, data))
            return
        spooled = self.spooled.pop(source.sha256)
        try:
            self._take(source, data, spooled)
        finally:
            spooled.forget()

    def _take(self, source: Source, head: bytes, spooled: Spooled) -> None:
        context = self.context
        header = read_header(head, size=spooled.path.stat().st_size)
        sha256 = context.bulk.put_blob(spooled.path)
        origin = origin_now(context, source_id=source.source_id, sha256=sha256)
        if self._is_known(origin.sha256):
            self.counts[source.number] = Counts(0, 1)
            return
        told = Told(header, origin)
        with spooled.path.open("rb") as stream:
            read_samples(told, stream, context.bulk.put_blob)
        self.told[source.number] = (told, head)
        self.counts[source.number] = Counts(1, 0)

    def _is_known(self, sha256: str) -> bool:
        if any(told.origin.sha256 == sha256 for told, _ in self.told.values()):
            return True
        held = self.context.bulk.reader.rows(
            "resource",
            columns=["content_hash"],
            where="resource_type = ? AND site = ? AND content_hash = ?",
            params=[RECORD, self.context.site, sha256],
        )
        return bool(held.num_rows)

    def drop(self, source: Source) -> None:
        """Forget a source that turned out broken."""
        if (spooled := self.spooled.pop(source.sha256, None)) is not None:
            spooled.forget()
        self.told.pop(source.number, None)
        self.counts.pop(source.number, None)
        self.sheets = [each for each in self.sheets if each[0].number != source.number]
        self.clocks = [each for each in self.clocks if each[0].number != source.number]

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Write every recording that is new."""
        self.counts |= self.sheet.take(self.sheets, self.context)
        self.counts |= CLOCKS.take(self.clocks, self.context)
        self._report_unlinked(problems)
        new = [name for told, _ in self.told.values() for name in told.names]
        CLOCKS.report(self.clocks, problems, new)
        if self.told:
            WORDS.derivation.write(self.context)
        ahead = CLOCKS.ahead(self.clocks, self.context)
        for told, head in self.told.values():
            told.correct_clock(next((ahead[name] for name in told.names if name in ahead), 0.0))
            self._write(recording_rows(told, head))
        return self.counts

    def _write(self, found: Iterable[tuple[str, Row]]) -> None:
        rows: dict[str, list[Row]] = {}
        for table, row in found:
            rows.setdefault(table, []).append(row)
        for table, some in rows.items():
            write_rows(self.context.bulk, table, some)

    def _report_unlinked(self, problems: Mapping[int, Problems]) -> None:
        """Say of each recording that no sheet tells whose it is."""
        declared = self.sheet.declared_with(self.sheets, self.context)
        for number, (told, _) in self.told.items():
            if told.key not in declared and told.origin.source_id not in declared:
                message = _UNLINKED.format(head=self.sheet.head)
                problems[number].add(Problem(0, None, "no-patient", message))


_UNLINKED = (
    "No sheet tells whose patient code this recording carries. It is kept as a person of its own "
    "and not linked. Expected a sheet {head}. Add it and load it."
)
