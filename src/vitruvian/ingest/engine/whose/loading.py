"""One bulk load of declared tables beside sheets that tell whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import RECORDS, Counts, LoadContext, Source
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.engine.tables.language.mapping import Declared
from vitruvian.ingest.engine.tables.loading import TableLoading
from vitruvian.ingest.engine.whose.sheet import Sheet
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
    """Rows that are about a wearer, and the sheets that tell who that is.

    ``names_only``: the format says no more of a wearer than a name of its own, in every row,
    so that the wearer is written here, once.
    """

    def __init__(
        self, context: LoadContext, declared: Declared, sheet: Sheet, *, names_only: bool = False
    ) -> None:
        super().__init__(context)
        self._names_only = names_only
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
        taken = super().finish(problems)
        counts = {**taken, **self._sheet.take(self._sheets, self._context)}
        if self._names_only:
            self._write_wearers()
        self._report_unlinked(problems)
        return counts

    def _write_wearers(self) -> None:
        """Every wearer that is not known yet, to be found by name and linked by a sheet."""
        context = self._context
        rows: dict[int, dict[str, Any]] = {}
        held = context.bulk.reader.rows(
            "patient", columns=["subject_id"], where="site = ?", params=[context.site]
        )
        known = set(held.column("subject_id").to_pylist())
        for number, wearers in self._wearers.items():
            for wearer in wearers:
                row = self._wearer(wearer, self._source_ids[number])
                if row["subject_id"] not in known:
                    rows.setdefault(row["subject_id"], row)
        write_rows(context.bulk, "patient", list(rows.values()))

    def _wearer(self, wearer: str, source_id: str) -> dict[str, Any]:
        declared, site = self._declared, self._context.site
        named = f"{declared.name}/{declared.person}/{wearer}"
        return {
            "subject_id": stable_id(site, named), "version_id": stable_id(site, "patient", named),
            "site": site, "source_id": source_id, "locator": "record 0",
            "known_at": datetime.fromisoformat(self._context.received_at),
            "known_at_basis": "stated", "search_text": terms.fold(wearer),
            "identifiers": [{"system": None, "value": wearer, "label": self._sheet.label}],
        }  # fmt: skip

    def _report_unlinked(self, problems: Mapping[int, Problems]) -> None:
        """Say of each source whether a sheet tells whose it is."""
        declared = self._sheet.declared_with(self._sheets, self._context)
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
