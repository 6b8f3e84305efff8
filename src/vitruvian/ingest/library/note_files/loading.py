"""One bulk load of notes: rows of the sheet, and the patients that it numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.engine.storing.rows import write_rows
from vitruvian.ingest.engine.tables.language.mapping import Declared
from vitruvian.ingest.engine.tables.loading import TableLoading
from vitruvian.ingest.report import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa

LABEL = "Note patient"
Row = dict[str, Any]


class NotesLoading(TableLoading):
    """Notes of one bulk load; ``alone`` holds texts that some sheet should name."""

    def __init__(
        self, context: LoadContext, declared: Declared, alone: Mapping[str, tuple[str, Problems]]
    ) -> None:
        super().__init__(context)
        self._declared = declared
        self._alone = alone
        self._patients: dict[int, Row] = {}
        self._named: set[str] = set()

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take notes in."""
        del problems
        self.stage_rows(source, self._declared, batch)
        for fields in batch.column("fields").to_pylist():
            self._named.add(fields.get("file") or "")
            if fields["identifier_system"] and fields["patient_id"]:
                row = self._patient(fields, source)
                self._patients.setdefault(row["subject_id"], row)

    def _patient(self, fields: Mapping[str, str | None], source: Source) -> Row:
        declared, site = self._declared, self._context.site
        system, number = (str(fields[k]).strip() for k in ("identifier_system", "patient_id"))
        named = f"{declared.name}/{declared.person}/{system}|{number}"
        names = [fields.get(each) for each in ("family", "given")]
        return {
            "subject_id": stable_id(site, named), "version_id": stable_id(site, "patient", named),
            "site": site, "source_id": source.source_id, "locator": "record 0",
            "known_at": datetime.fromisoformat(self._context.received_at),
            "known_at_basis": "stated", "family": names[0], "given": names[1],
            "birth_date": fields.get("born"), "sex": fields.get("sex"),
            "search_text": terms.fold(" ".join(filter(None, (*names, number)))),
            "identifiers": [{"system": system, "value": number, "label": LABEL}],
        }  # fmt: skip

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Map and write everything staged."""
        counts = super().finish(problems)
        context = self._context
        held = context.bulk.reader.rows(
            "patient", columns=["subject_id"], where="site = ?", params=[context.site]
        )
        known = set(held.column("subject_id").to_pylist())
        new = [row for subject, row in self._patients.items() if subject not in known]
        write_rows(context.bulk, "patient", new)
        for name, faults in self._alone.values():
            if name not in self._named:
                faults.add(Problem(None, None, "no-sheet", _UNNAMED))
        return counts


_UNNAMED = (
    "No sheet of notes in this load names this text, so nobody knows whose it is; nothing of it "
    "was read. Expected a sheet in the same folder: a CSV with the columns note_id, "
    "identifier_system, patient_id, time and file, and a row with the name of this text. "
    "Add the row, and give the folder."
)
