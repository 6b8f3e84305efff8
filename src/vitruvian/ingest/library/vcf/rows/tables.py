"""Rows of ``variant``, ``genotype`` and ``assay_region`` from what a piece of a file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.ingest.library.vcf.mapping import limit
from vitruvian.ingest.library.vcf.reading.genotypes import allele_reads, shares
from vitruvian.ingest.library.vcf.rows.assay import Assay
from vitruvian.ingest.library.vcf.rows.block import Told

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


def sample_calls(told: Told, assay: Assay) -> pa.Table:
    """One sample's calls, one row an allele of the piece."""
    if told.calls is None:
        return pa.table({})
    calls, sample, meaning = told.calls, assay.number, told.meaning
    code = calls.code[told.row, sample]
    copies = meaning["copies"][code, np.minimum(told.allele, meaning["copies"].shape[1] - 1)]
    ploidy = meaning["ploidy"][code]
    mine, own = calls.of_sample(sample), _text(calls.own_filter, told, sample)
    passed = told.passed[told.row]
    if own is not None:
        passed = passed & pc.fill_null(pc.equal(own, "PASS"), fill_value=True).to_numpy(
            zero_copy_only=False
        )
    return pa.table(
        {
            "record": told.records[told.row].astype(np.int32),
            "allele": told.allele.astype(np.int16),
            "position": told.alleles["position"].cast(pa.int32()),
            "genotype": meaning["text"].take(pa.array(code)),
            "copies": pa.array(copies, mask=copies < 0),
            "ploidy": pa.array(ploidy, mask=ploidy == 0),
            "phased": pa.array(meaning["phased"][code], mask=ploidy == 0),
            "depth": _whole(calls.depth[told.row, sample]),
            "quality": _number(calls.quality[told.row, sample]),
            "allele_depth": _whole(allele_reads(mine, told.row, told.allele)[:, 0]),
            "vaf": _number(shares(mine, told.row, told.allele)[:, 0]),
            "passed": passed,
            **({} if own is None else {"sample_filter": own}),
            **_phase(told, sample),
        }
    )


def genotype_rows(told: Told, assay: Assay, calls: pa.Table) -> pa.Table:
    """One sample's calls as runs: a row a chromosome, and a row every 4,096 alleles."""
    contig = told.alleles["contig"].to_numpy(zero_copy_only=False)
    cuts = runs_of(contig)
    first, last = cuts[:-1], cuts[1:]
    offsets = pa.array(cuts.astype(np.int32))
    ends = told.alleles["end_position"].to_numpy()
    said = {"subject_id": assay.subject_id, "assay_id": assay.assay_id, **assay.lineage}
    lists = {
        name: pa.ListArray.from_arrays(offsets, calls[name].combine_chunks())
        for name in calls.column_names
    }
    return pa.table(
        {
            **same(len(first), said),
            "contig": pa.array(contig[first], pa.string()),
            "start": told.alleles["position"].to_numpy()[first],
            "end": np.array([ends[a:b].max() for a, b in zip(first, last, strict=True)], np.int64),
            **lists,
        }
    )


def runs_of(contig: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Where runs begin, and the end of the last one."""
    changes = np.flatnonzero(contig[1:] != contig[:-1]) + 1
    every = np.arange(0, len(contig), _RUN)
    return np.unique(np.concatenate([every, changes, [len(contig)]])).astype(np.int64)


def _text(column: pa.Array | None, told: Told, sample: int) -> pa.Array | None:
    """One sample's words, null for a dot; None where no line has them."""
    if column is None:
        return None
    found = column.take(pa.array(told.row * told.samples + sample)).cast(pa.string())
    return pc.if_else(pc.equal(found, "."), None, found)


def _phase(told: Told, sample: int) -> dict[str, pa.Array]:
    found = _text(told.calls.phase_set if told.calls else None, told, sample)
    return {} if found is None else {"phase_set": found}


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
