"""One bulk load: files, sheets and regions staged, then written together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vitruvian.ingest.engine.adapter import Counts, LoadContext, Source
from vitruvian.ingest.library.vcf.linking import (
    Patients,
    Told,
    late_link,
    line_for,
    stored_rows,
)
from vitruvian.ingest.library.vcf.mapping import derivation
from vitruvian.ingest.library.vcf.reading.bed import BED
from vitruvian.ingest.library.vcf.reading.lines import HEADER
from vitruvian.ingest.library.vcf.reading.sheet import EVERY, SHEET, refused, sheet_row
from vitruvian.ingest.library.vcf.rows import records
from vitruvian.ingest.library.vcf.rows.assay import Clock
from vitruvian.ingest.library.vcf.rows.events import as_table
from vitruvian.ingest.library.vcf.rows.records import bed_name, beside_record
from vitruvian.ingest.library.vcf.spool import Spooled
from vitruvian.ingest.library.vcf.writing import Beside, FileWriter
from vitruvian.ingest.report import Problem, Problems

if TYPE_CHECKING:
    import pyarrow as pa

_FILE_BYTES = 32 << 20


@dataclass
class VcfLoading:
    """What one load was offered, held until all of it is there."""

    context: LoadContext
    files: dict[int, Spooled] = field(default_factory=dict)
    sheets: list[Told] = field(default_factory=list)
    beds: dict[int, tuple[str, bytes, str]] = field(default_factory=dict)

    # -------------------------------------------------------------- staging

    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take records in: a header, a run of lines, lines of a sheet, or a BED file."""
        kind = batch["context"][0].as_py()
        if kind == SHEET:
            self._stage_sheet(source, batch, problems)
        elif kind == BED:
            held = (source.source_id, batch["bytes"][0].as_py(), source.name)
            self.beds[source.number] = held
        elif kind == HEADER:
            self.files[source.number] = Spooled.begin(source, batch["bytes"][0].as_py())
        else:
            self.files[source.number].add(batch)

    def _stage_sheet(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        rows = zip(batch["record"].to_pylist(), batch["bytes"].to_pylist(), strict=True)
        for record, data in rows:
            read = sheet_row(data)
            if isinstance(read, str):
                problems.add(refused(record, read))
            else:
                told = Told(read, data, self._lineage(source.source_id), record, source.number)
                self.sheets.append(told)

    def drop(self, source: Source) -> None:
        """Forget a source that turned out broken."""
        spooled = self.files.pop(source.number, None)
        if spooled is not None:
            spooled.close()
        self.beds.pop(source.number, None)
        self.sheets = [each for each in self.sheets if each.source_number != source.number]

    # -------------------------------------------------------------- finishing

    def finish(self, problems: Mapping[int, Problems]) -> Mapping[int, Counts]:
        """Write everything staged, and link samples of earlier loads that a sheet now names."""
        reader = self.context.bulk.reader
        told = [*stored_rows(reader, site=self.context.site), *self.sheets]
        patients = Patients(reader, [each.row for each in told], site=self.context.site)
        counts = self._write_beside(patients, problems)
        beside = Beside(told, patients, self._stored_beds())
        writer = FileWriter(self.context, self._clock(), beside)
        with self._small_files():
            for number, spooled in self.files.items():
                with spooled:
                    counts[number] = writer.write(spooled, problems[number])
        self._link_earlier(beside)
        self._write_derivation()
        return counts

    @contextmanager
    def _small_files(self) -> Iterator[None]:
        """Write what was read while the next lines are read, not all of it at the end."""
        bulk = self.context.bulk
        before = bulk.file_bytes
        bulk.file_bytes = min(before, _FILE_BYTES)
        try:
            yield
        finally:
            bulk.file_bytes = before

    def _write_beside(
        self, patients: Patients, problems: Mapping[int, Problems]
    ) -> dict[int, Counts]:
        """Keep the sheets' lines and the BED files themselves."""
        rows, counts = [], dict.fromkeys([each.source_number or 0 for each in self.sheets], 0)
        for each in self.sheets:
            subject = patients.subject_of(each.row)
            row = beside_record(
                each.data, each.lineage, (records.SHEET, each.row.sample, each.record)
            )
            rows.append(row | {"subject_id": subject})
            number = each.source_number or 0
            counts[number] += 1
            if subject is None and each.row.sample != EVERY and number in problems:
                problems[number].add(_no_patient(each.record))
        for number, (source_id, data, name) in self.beds.items():
            named = (records.REGIONS, bed_name(name), 0)
            rows.append(beside_record(data, self._lineage(source_id), named))
            counts[number] = 1
        if rows:
            self.context.bulk.write("resource", as_table("resource", rows))
        return {number: Counts(loaded, 0) for number, loaded in counts.items()}

    def _stored_beds(self) -> dict[str, bytes]:
        """BED files by how a sheet's name for them is kept."""
        rows = self.context.bulk.reader.rows(
            "resource",
            columns=["resource_id", "bytes"],
            where="site = ? AND resource_type = ?",
            params=[self.context.site, records.REGIONS],
        ).to_pylist()
        found = {row["resource_id"]: row["bytes"] for row in rows}
        return found | {bed_name(name): data for _, data, name in self.beds.values()}

    def _link_earlier(self, beside: Beside) -> None:
        reader = self.context.bulk.reader
        columns = ["assay_id", "subject_id", "sample"]
        waiting = reader.rows(
            "assay", columns=columns, where="site = ? AND NOT linked", params=[self.context.site]
        ).to_pylist()
        persons, rows = reader.persons() if waiting else {}, []
        for assay in waiting:
            told = line_for(beside.told, assay["sample"], file=None)
            subject = beside.patients.subject_of(told.row) if told else None
            if told and subject is not None and assay["subject_id"] not in persons:
                rows.append(late_link(told, assay, beside.patients.person_of(subject)))
        if rows:
            self.context.bulk.write("person_link", as_table("person_link", rows))

    def _write_derivation(self) -> None:
        number, name, version = derivation()
        held = self.context.bulk.reader.history(
            "derivation", columns=["derivation_id"], where="derivation_id = ?", params=[number]
        )
        if self.files and not held.num_rows:
            said = {"derivation_id": number, "name": name, "version": version, "parameters": "{}"}
            row = said | self._lineage("mapping")
            self.context.bulk.write("derivation", as_table("derivation", [row]))

    # -------------------------------------------------------------- small things

    def _clock(self) -> Clock:
        context = self.context
        return Clock(context.time_zone, context.zone_declared, self._received())

    def _received(self) -> datetime:
        return datetime.fromisoformat(self.context.received_at).astimezone(UTC)

    def _lineage(self, source_id: str) -> dict[str, Any]:
        return {
            "site": self.context.site,
            "source_id": source_id,
            "known_at": self._received(),
            "known_at_basis": "assumed",
        }


def _no_patient(record: int) -> Problem:
    message = (
        "The patient that this line of the sheet names is not known here, or the identifier is of "
        "several people. Expected Patient/<id>, Specimen/<id>, or an identifier of one patient "
        "loaded before; add the column system to tell equal values apart. The samples are kept, "
        "linked to nobody."
    )
    return Problem(record, "/patient", "no-such-patient", message)
