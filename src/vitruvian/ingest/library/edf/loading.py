"""One bulk load of recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.signals.origin import Row, origin_now
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.engine.whose.loading import SHEET
from vitruvian.ingest.engine.whose.sheet import Sheet
from vitruvian.ingest.library.edf.header import read_header
from vitruvian.ingest.library.edf.mapping import WORDS
from vitruvian.ingest.library.edf.rows import RECORD, Told, recording_rows
from vitruvian.ingest.report import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa


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
    keys: dict[int, str] = field(default_factory=dict)
    source_ids: dict[int, str] = field(default_factory=dict)
    counts: dict[int, Counts] = field(default_factory=dict)
    rows: dict[int, dict[str, list[Row]]] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Read one recording, or take a sheet in; its samples become blobs at once.

        Raises
        ------
        SourceBroken
            When samples are missing or annotations cannot be read.
        """
        del problems
        (data,), (context,) = batch["bytes"].to_pylist(), batch["context"].to_pylist()
        if context == SHEET:
            self.sheets.append((source, data))
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
        rows: dict[str, list[Row]] = {}
        told = Told(header, origin)
        with spooled.path.open("rb") as stream:
            for table, row in recording_rows(told, stream, head, context.bulk.put_blob):
                rows.setdefault(table, []).append(row)
        self.rows[source.number] = rows
        self.taken[origin.sha256] = source.number
        self.keys[source.number] = told.key
        self.source_ids[source.number] = source.source_id
        self.counts[source.number] = Counts(1, 0)

    def _is_known(self, sha256: str) -> bool:
        if sha256 in self.taken:
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
        self.rows.pop(source.number, None)
        self.counts.pop(source.number, None)
        self.taken = {sha: number for sha, number in self.taken.items() if number != source.number}
        self.sheets = [each for each in self.sheets if each[0].number != source.number]

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Write every recording that is new."""
        self.counts |= self.sheet.take(self.sheets, self.context)
        self._report_unlinked(problems)
        if self.rows:
            WORDS.derivation.write(self.context)
        for rows in self.rows.values():
            for table, some in rows.items():
                write_rows(self.context.bulk, table, some)
        return self.counts

    def _report_unlinked(self, problems: Mapping[int, Problems]) -> None:
        """Say of each recording that no sheet tells whose it is."""
        declared = self.sheet.declared_with(self.sheets, self.context)
        for number in self.rows:
            if self.keys[number] not in declared and self.source_ids[number] not in declared:
                message = _UNLINKED.format(head=self.sheet.head)
                problems[number].add(Problem(0, None, "no-patient", message))


_UNLINKED = (
    "No sheet tells whose patient code this recording carries. It is kept as a person of its own "
    "and not linked. Expected a sheet {head}. Add it and load it."
)
