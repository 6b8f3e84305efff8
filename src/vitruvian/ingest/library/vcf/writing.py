"""One file written: variants, each sample's calls and regions, its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import Counts, LoadContext
from vitruvian.ingest.library.vcf.linking import Patients, line_for
from vitruvian.ingest.library.vcf.linking import Told as SheetLine
from vitruvian.ingest.library.vcf.reading.bed import regions
from vitruvian.ingest.library.vcf.rows import tables
from vitruvian.ingest.library.vcf.rows.assay import Assay, Clock, When, assay_row, when_of
from vitruvian.ingest.library.vcf.rows.block import Told
from vitruvian.ingest.library.vcf.rows.events import (
    as_table,
    assay_event,
    finding_event,
    findings,
    line_of,
)
from vitruvian.ingest.library.vcf.rows.records import bed_name, header_record, line_record
from vitruvian.ingest.library.vcf.spool import Spooled
from vitruvian.ingest.library.vcf.telling import read_runs
from vitruvian.ingest.report import Problem, Problems


@dataclass(frozen=True)
class Beside:
    """What lies beside the files: sheets, whom they name, BED files by name."""

    told: Sequence[SheetLine]
    patients: Patients
    beds: Mapping[str, bytes]


@dataclass
class _Tally:
    """What was counted of one assay so far."""

    variants: int = 0
    findings: int = 0
    called_bases: int | None = None
    told_by: str | None = None

    def row(self, records: int) -> dict[str, Any]:
        return {
            "record_count": records,
            "variant_count": self.variants,
            "finding_count": self.findings,
            "called_bases": self.called_bases,
            "regions_told_by": self.told_by,
        }


@dataclass
class FileWriter:
    """Writes the files of one load, one after the other."""

    context: LoadContext
    clock: Clock
    beside: Beside
    done: set[str] = field(default_factory=set)

    def write(self, spooled: Spooled, problems: Problems) -> Counts:
        """Write one file; a file known by its content is skipped."""
        offered = spooled.records + 1
        if self._known(spooled):
            return Counts(0, offered)
        assays = [self._assay(spooled, n) for n in range(len(spooled.header.samples))]
        self._report_unlinked(assays, problems)
        tallies = [_Tally() for _ in assays]
        for assay, tally in zip(assays, tallies, strict=True):
            self._write_beds(assay, tally, problems)
        rejected = self._write_pieces(spooled, assays, tallies)
        for record in rejected:
            problems.add(_bad_line(record))
        self._write_assays(assays, tallies, spooled.records)
        return Counts(offered - len(rejected), 0)

    def _known(self, spooled: Spooled) -> bool:
        words = spooled.content_hash
        if words in self.done:
            return True
        self.done.add(words)
        held = self.context.bulk.reader.rows(
            "assay",
            columns=["assay_id"],
            where="site = ? AND content_hash = ?",
            params=[self.context.site, words],
        )
        return bool(held.num_rows)

    def _assay(self, spooled: Spooled, number: int) -> Assay:
        header, sample = spooled.header, spooled.header.samples[number]
        words = (self.context.site, spooled.content_hash, sample)
        line = line_for(self.beside.told, sample, file=spooled.source.name)
        subject = self.beside.patients.subject_of(line.row) if line else None
        said = line.row if line else None
        when = when_of(header, said, self.clock)
        return Assay(
            assay_id=stable_id("VCF/assay", *words),
            subject_id=stable_id("VCF/sample", *words) if subject is None else subject,
            linked=subject is not None,
            sample=sample,
            number=number,
            header=header,
            said=said,
            lineage=self._lineage(spooled, when),
            when=when,
            content_hash=spooled.content_hash,
        )

    def _lineage(self, spooled: Spooled, when: When) -> dict[str, Any]:
        return {
            "site": self.context.site,
            "source_id": spooled.source.source_id,
            "known_at": when.known_at,
            "known_at_basis": when.basis,
        }

    def _report_unlinked(self, assays: Sequence[Assay], problems: Problems) -> None:
        unlinked = sum(not assay.linked for assay in assays)
        if unlinked:
            problems.add(_unlinked(unlinked, len(assays)))

    # -------------------------------------------------------------- lines

    def _write_pieces(
        self, spooled: Spooled, assays: Sequence[Assay], tallies: Sequence[_Tally]
    ) -> list[int]:
        """Write every run of lines; the record numbers that cannot be read."""
        bulk, rejected, blocks = self.context.bulk, [], False
        whole_file = self._lineage(spooled, when_of(spooled.header, None, self.clock))
        with closing(read_runs(bulk.connection, spooled)) as runs:
            for told, calls in runs:
                bulk.write("variant", tables.variant_rows(told, whole_file))
                blocks = blocks or bool(told.reference.any())
                rejected += told.rejected
                if told.calls is None:
                    continue
                bulk.write("genotype", tables.genotype_rows(told, assays, calls))
                self._count_calls(told, zip(assays, tallies, strict=True), calls, blocks=blocks)
        return rejected

    def _count_calls(
        self,
        told: Told,
        counted: Iterable[tuple[Assay, _Tally]],
        calls: pa.RecordBatch,
        *,
        blocks: bool,
    ) -> None:
        """Count each sample's calls of one run, and write its regions where the file has blocks."""
        size = told.alleles.num_rows
        for assay, tally in counted:
            self._count(told, assay, tally, calls.slice(assay.number * size, size))
            if blocks:
                self._write_regions(tables.block_regions(told, assay.number), assay, tally)

    def _count(self, told: Told, assay: Assay, tally: _Tally, calls: pa.RecordBatch) -> None:
        """Count one sample's calls, and write its findings."""
        tally.variants += pc.sum(pc.greater(calls["copies"], 0)).as_py() or 0
        found = findings(told, calls)
        if found:
            self._write_findings(told, assay, found)
        tally.findings += len(found)

    def _write_findings(self, told: Told, assay: Assay, found: Sequence[Mapping[str, Any]]) -> None:
        bulk = self.context.bulk
        lines = {each["record"]: each["line"] for each in found}
        kept = [line_record(assay, n, line_of(told, assay, at)) for n, at in lines.items()]
        bulk.write("resource", as_table("resource", kept))
        bulk.write("event", as_table("event", [finding_event(each, assay) for each in found]))

    # -------------------------------------------------------------- regions

    def _write_regions(self, found: pa.Table, assay: Assay, tally: _Tally) -> None:
        size = pc.if_else(found["called"], pc.subtract(found["end"], found["start"]), 0)
        tally.called_bases = (tally.called_bases or 0) + (pc.sum(size).as_py() or 0)
        tally.told_by = tally.told_by or "gvcf"
        rows = tables.region_rows(found, assay, "gvcf")
        self.context.bulk.write("assay_region", rows)

    def _write_beds(self, assay: Assay, tally: _Tally, problems: Problems) -> None:
        """Regions that the sheet names, called and uncallable."""
        said = assay.said
        named = [(said.called, True), (said.uncallable, False)] if said else []
        for name, called in named:
            if name is None:
                continue
            data = self.beside.beds.get(bed_name(name))
            if data is None:
                problems.add(_NO_REGIONS)
                continue
            found = regions(data)
            marks = pa.repeat(pa.scalar(called), found.num_rows)
            rows = tables.region_rows(found.append_column("called", marks), assay, "bed")
            self.context.bulk.write("assay_region", rows)
            tally.told_by = "bed"
            if called:
                tally.called_bases = covered(found)

    # -------------------------------------------------------------- assays

    def _write_assays(
        self, assays: Sequence[Assay], tallies: Sequence[_Tally], records: int
    ) -> None:
        if not assays:
            return
        bulk = self.context.bulk
        counted = [(a, tally.row(records)) for a, tally in zip(assays, tallies, strict=True)]
        bulk.write("assay", as_table("assay", [assay_row(a, row) for a, row in counted]))
        bulk.write("resource", as_table("resource", [header_record(a) for a in assays]))
        bulk.write("event", as_table("event", [assay_event(a, row) for a, row in counted]))


def covered(found: pa.Table) -> int:
    """Bases in regions, each once however often it is named."""
    total = 0
    for contig in found["contig"].unique().to_pylist():
        own = found.filter(pc.equal(found["contig"], contig))
        order = np.argsort(own["start"].to_numpy(), kind="stable")
        start, end = own["start"].to_numpy()[order], own["end"].to_numpy()[order]
        reached = np.concatenate([[0], np.maximum.accumulate(end)[:-1]])
        total += int(np.maximum(end - np.maximum(start, reached), 0).sum())
    return total


def _unlinked(unlinked: int, samples: int) -> Problem:
    message = (
        f"{unlinked} of {samples} samples are linked to no patient. They are kept, each as a "
        "subject of its own. Expected a sheet beside the file: a CSV with sample, patient, origin. "
        "Load the sheet, also later, and they become the patient's."
    )
    return Problem(0, "/#CHROM", "unlinked-sample", message)


def _bad_line(record: int) -> Problem:
    message = (
        "The line cannot be read: its columns are not as many as the header's, its position is no "
        "number, or its reference no bases. The other lines are loaded. Ask for the file again."
    )
    return Problem(record, None, "bad-line", message, rejects=True)


_NO_REGIONS = Problem(
    0,
    "/#CHROM",
    "no-such-regions",
    "The sheet names a BED file that was not loaded. Until it is, nothing reads as wild type. "
    "Load the BED file together with the VCF or before it.",
)
