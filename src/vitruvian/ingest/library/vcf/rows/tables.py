"""Rows of ``variant``, ``genotype`` and ``assay_region`` from what a piece of a file says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.ingest.library.vcf.mapping import limit
from vitruvian.ingest.library.vcf.reading.genotypes import allele_reads, shares
from vitruvian.ingest.library.vcf.rows.assay import Assay
from vitruvian.ingest.library.vcf.rows.block import Told
from vitruvian.ingest.library.vcf.rows.events import as_table

_RUN = 4_096
_MOST = (1 << 31) - 1
_LINE_FIELDS = ("row_no", "finding")


def same(count: int, values: Mapping[str, Any]) -> dict[str, pa.Array]:
    """Columns in which every row says the same."""
    found = {}
    for name, value in values.items():
        kind = pa.timestamp("us", tz="UTC") if hasattr(value, "tzinfo") else None
        found[name] = pa.repeat(pa.scalar(value, kind), count)
    return found


def variant_rows(told: Told, lineage: Mapping[str, Any]) -> pa.Table:
    """The alleles of a piece."""
    kept = told.alleles.drop_columns(list(_LINE_FIELDS))
    for name, column in same(kept.num_rows, lineage).items():
        kept = kept.append_column(name, column)
    return kept


def sample_calls(told: Told) -> pa.RecordBatch:
    """The calls of one sample after another, one row an allele of the piece."""
    if told.calls is None:
        return pa.RecordBatch.from_arrays([], [])
    calls, meaning, row, allele = told.calls, told.meaning, told.row, told.allele
    code, most = _one_by_one(calls.code[row]), meaning["copies"].shape[1]
    copies = meaning["copies"].ravel()[code * most + told.each(np.minimum(allele, most - 1))]
    ploidy = meaning["ploidy"][code]
    own, phase = _text(calls.own_filter, told), _text(calls.phase_set, told)
    passed = told.each(told.passed[row])
    if own is not None:
        passed = passed & pc.fill_null(pc.equal(own, "PASS"), fill_value=True).to_numpy(
            zero_copy_only=False
        )
    return pa.record_batch(
        {
            "record": told.each(told.records[row].astype(np.int32)),
            "allele": told.each(allele.astype(np.int16)),
            "position": told.each(told.alleles["position"].cast(pa.int32()).to_numpy()),
            "genotype": meaning["text"].take(pa.array(code)),
            "copies": pa.array(copies, mask=copies < 0),
            "ploidy": pa.array(ploidy, mask=ploidy == 0),
            "phased": pa.array(meaning["phased"][code], mask=ploidy == 0),
            "depth": _whole(_one_by_one(calls.depth[row])),
            "quality": _number(_one_by_one(calls.quality[row])),
            "allele_depth": _whole(_one_by_one(allele_reads(calls, row, allele))),
            "vaf": _number(_one_by_one(shares(calls, row, allele))),
            "passed": passed,
            **({} if own is None else {"sample_filter": own}),
            **({} if phase is None else {"phase_set": phase}),
        }
    )


def genotype_rows(told: Told, assays: Sequence[Assay], calls: pa.RecordBatch) -> pa.Table:
    """The samples' calls as runs: a row a sample and chromosome, and a row every 4,096 alleles."""
    contig = told.alleles["contig"].to_numpy(zero_copy_only=False)
    cuts = runs_of(contig)
    first, runs = cuts[:-1], len(cuts) - 1
    begins = (np.arange(len(assays))[:, None] * len(contig) + first).ravel()
    offsets = pa.array(np.append(begins, len(assays) * len(contig)).astype(np.int32))
    ends = told.alleles["end_position"].to_numpy()
    last_bases = np.maximum.reduceat(ends, first) if runs else ends
    said = [{"subject_id": a.subject_id, "assay_id": a.assay_id, **a.lineage} for a in assays]
    whose = as_table("genotype", said).take(np.repeat(np.arange(len(assays)), runs))
    return pa.table(
        {
            **{name: whose[name] for name in whose.column_names},
            "contig": pa.array(told.each(contig[first]), pa.string()),
            "start": told.each(told.alleles["position"].to_numpy()[first]),
            "end": told.each(last_bases),
            **{name: pa.ListArray.from_arrays(offsets, calls[name]) for name in calls.schema.names},
        }
    )


def runs_of(contig: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where runs begin, and the end of the last one."""
    changes = np.flatnonzero(contig[1:] != contig[:-1]) + 1
    every = np.arange(0, len(contig), _RUN)
    return np.unique(np.concatenate([every, changes, [len(contig)]])).astype(np.int64)


def _one_by_one(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What is said of (m alleles, s samples) as one sample after another, (s * m,)."""
    return values.T.ravel()


def _text(column: pa.Array | None, told: Told) -> pa.Array | None:
    """The samples' words, one after another, null for a dot; None where no line has them."""
    if column is None:
        return None
    where = told.row[:, None] * told.samples + np.arange(told.samples)
    found = column.take(pa.array(_one_by_one(where))).cast(pa.string())
    return pc.if_else(pc.equal(found, "."), None, found)


def _whole(values: npt.NDArray[np.float64]) -> pa.Array:
    odd = ~(np.abs(values) <= _MOST)
    return pa.array(np.where(odd, 0, values).astype(np.int32), mask=odd)


def _number(values: npt.NDArray[np.float64]) -> pa.Array:
    odd = ~(np.abs(values) <= np.finfo(np.float32).max)
    return pa.array(np.where(odd, 0, values).astype(np.float32), mask=odd)


# ------------------------------------------------------------------ what was called


def called_at(told: Told, sample: int) -> npt.NDArray[np.bool_]:
    """Which lines of a piece this sample was called at, reference or not, (n,).

    A genotype that is known, not filtered out, and of the quality or depth that
    ``mapping.toml`` asks for where either is given.
    """
    if told.calls is None:
        return np.zeros(len(told.records), np.bool_)
    code = told.calls.code[:, sample]
    quality, depth = told.calls.quality[:, sample], told.calls.depth[:, sample]
    good = quality >= limit("called", "quality_from")
    deep = np.isnan(depth) | (depth >= limit("called", "depth_from"))
    enough = np.where(np.isnan(quality), deep, good)
    found: npt.NDArray[np.bool_] = told.meaning["called"][code] & enough & told.passed
    return found


def block_regions(told: Told, sample: int) -> pa.Table:
    """Regions of a gVCF: neighbouring lines that say the same become one."""
    called = called_at(told, sample)
    contig = told.lines["contig"].to_numpy(zero_copy_only=False)
    start, end = told.spans[:, 0], told.spans[:, 1]
    fresh = np.ones(len(start), np.bool_)
    fresh[1:] = (contig[1:] != contig[:-1]) | (called[1:] != called[:-1]) | (start[1:] > end[:-1])
    first = np.flatnonzero(fresh)
    return pa.table(
        {
            "contig": pa.array(contig[first], pa.string()),
            "start": start[first],
            "end": np.maximum.reduceat(end, first) if len(first) else np.zeros(0, np.int64),
            "called": called[first],
        }
    )


def region_rows(regions: pa.Table, assay: Assay, told_by: str) -> pa.Table:
    """Regions of one assay as rows."""
    said = {"assay_id": assay.assay_id, "subject_id": assay.subject_id, "told_by": told_by}
    for name, column in same(regions.num_rows, {**said, **assay.lineage}).items():
        regions = regions.append_column(name, column)
    return regions
