"""One bulk load of declared tables beside sheets that tell whose they are."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.ingest.engine.adapter import RECORDS, Counts, LoadContext, Source
from vitruvian.ingest.engine.tables.language.mapping import Declared
from vitruvian.ingest.engine.tables.loading import TableLoading
from vitruvian.ingest.engine.whose.sheet import Sheet, write_rows
from vitruvian.ingest.report import Problem, Problems

SHEET = "sheet"
"""The word of the envelope that a sheet carries."""
WEARER = "wearer"
"""The column of every table that tells whose a row is."""


def sheet_batch(data: bytes) -> pa.RecordBatch:
    """A sheet as the one record it is."""
    return pa.record_batch(
        {
            "record": pa.array([0], pa.int64()),
            "locator": pa.array(["record 0"], pa.string()),
            "bytes": pa.array([data], pa.large_binary()),
            "context": pa.array([SHEET], pa.string()),
        },
        schema=RECORDS,
    )


class WearerLoading(TableLoading):
    """Rows that are about a wearer, and the sheets that tell who that is."""

    def __init__(self, context: LoadContext, declared: Declared, sheet: Sheet) -> None:
        super().__init__(context)
        self._declared = declared
        self._sheet = sheet
        self._sheets: list[tuple[Source, bytes]] = []
        self._wearers: dict[int, set[str]] = {}
        self._source_ids: dict[int, str] = {}

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take rows, or a sheet, in."""
        del problems
        if batch.num_rows and batch.column("context")[0].as_py() == SHEET:
            self._sheets.append((source, batch.column("bytes")[0].as_py()))
            return
        self.stage_rows(source, self._declared, batch)
        named = pc.unique(batch.column("fields").field(WEARER)).to_pylist()
        self._wearers.setdefault(source.number, set()).update(filter(None, named))
        self._source_ids[source.number] = source.source_id

    def drop(self, source: Source) -> None:
        """Forget a source that turned out broken."""
        super().drop(source)
        self._sheets = [each for each in self._sheets if each[0].number != source.number]
        self._wearers.pop(source.number, None)

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Map and write everything staged."""
        counts = {**super().finish(problems), **self._take_sheets()}
        self._report_unlinked(problems)
        return counts

    def _take_sheets(self) -> dict[int, Counts]:
        context, counts, rows = self._context, {}, []
        held = set(self._sheet.stored(context.bulk.reader, site=context.site))
        for source, data in self._sheets:
            new = source.sha256 not in held
            held.add(source.sha256)
            counts[source.number] = Counts(int(new), int(not new))
            if new:
                rows.append(self._sheet.row(data, source, context))
        write_rows(context.bulk, "resource", rows)
        return counts

    def _report_unlinked(self, problems: Mapping[int, Problems]) -> None:
        """Say of each source whether a sheet tells whose it is."""
        context = self._context
        stored = self._sheet.stored(context.bulk.reader, site=context.site).values()
        declared = self._sheet.declared([*stored, *(data for _, data in self._sheets)])
        for number, wearers in self._wearers.items():
            if self._source_ids[number] in declared:
                continue
            unknown = sum(each not in declared for each in wearers)
            if unknown:
                message = _UNLINKED.format(count=unknown, head=self._sheet.head)
                problems[number].add(Problem(None, None, "no-patient", message))


_UNLINKED = (
    "No sheet tells who {count} wearer(s) of this source are. They are kept as persons of their "
    "own and not linked. Expected a sheet {head}. Add it and load it."
)
