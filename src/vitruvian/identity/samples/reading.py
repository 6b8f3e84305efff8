"""Calls of the samples of a lake, as the checks want them: counts, and a matrix of genotypes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.identity.samples.sex import SexCounts
from vitruvian.terms.genome import AUTOSOMES, pseudo_autosomal

if TYPE_CHECKING:
    from vitruvian.lake import Reader

APART = 100_000
"""One site is taken of every so many bases, that of most files: neighbours are inherited together
and count as one. A whole genome has 28,000 such places; peddy takes 25,000 and somalier 17,766
sites (doi:10.1016/j.ajhg.2017.01.017, doi:10.1186/s13073-020-00761-2)."""
BUILDS = ("GRCh37", "GRCh38")
_NOT_CALLED = -2
_AUTOSOMAL = "contig IN ({})".format(", ".join(f"'{name}'" for name in AUTOSOMES))


@dataclass(frozen=True)
class Compared:
    """Genotypes of the samples of one build.

    Parameters
    ----------
    assays
        (n,) their ids.
    files
        (n,) which file each is of.
    complete
        (n,) whether it is known where each was called, so that what is not written is reference.
    genotypes
        (n, sites) copies of the other allele; -1 where not called.
    """

    assays: list[int]
    files: list[str]
    complete: list[bool]
    genotypes: npt.NDArray[np.int8]


def _own(contig: str) -> str:
    """Whether a call lies on X or Y outside the regions that both carry, as SQL."""
    outside = []
    for build in BUILDS:
        inside = " OR ".join(
            f"position - 1 BETWEEN {start} AND {end - 1}"
            for start, end in pseudo_autosomal(build, contig)
        )
        outside.append(f"(build = '{build}' AND NOT ({inside}))")
    return f"contig = '{contig}' AND ({' OR '.join(outside)})"


def _filled(sql: str) -> str:
    """A question with our own constants in their places."""
    constants = {"autosomal": _AUTOSOMAL, "unknown": _NOT_CALLED, "apart": APART}
    sites = _SITES.format(**constants)
    return sql.format(**constants, sites=sites, own_x=_own("X"), own_y=_own("Y"))


_COUNTS = """
WITH call AS (
    SELECT assay_id, build, g.contig, unnest(position) AS position, unnest(copies) AS copies,
        unnest(ploidy) AS ploidy, unnest(passed) AS passed
    FROM genotype g JOIN assay USING (assay_id)
    WHERE g.contig IN ('X', 'Y') OR g.{autosomal}
), kind AS (
    SELECT assay_id, {own_x} AS on_x, {own_y} AS on_y, {autosomal} AS elsewhere,
        copies IS NOT NULL AND passed AS called, copies = 1 AND ploidy = 2 AS one_of_two,
        copies > 0 AND copies = ploidy AS every_copy
    FROM call
)
SELECT assay_id, count(*) FILTER (on_x AND called AND one_of_two) AS x_heterozygous,
    count(*) FILTER (on_x AND called AND every_copy) AS x_homozygous,
    count(*) FILTER (elsewhere AND called AND one_of_two) AS heterozygous,
    count(*) FILTER (elsewhere AND called AND every_copy) AS homozygous,
    count(*) FILTER (on_y AND called) AS y_called, count(*) FILTER (on_y) AS y_offered
FROM kind GROUP BY assay_id
"""


def sex_counts(reader: Reader) -> dict[int, SexCounts]:
    """What each sample carries on X, on Y and elsewhere, by assay."""
    rows = reader.query(_filled(_COUNTS), tables=["assay", "genotype"]).to_pylist()
    return {row.pop("assay_id"): SexCounts(**row) for row in rows}


_SITES = """
WITH one AS (
    SELECT source_id, record, any_value(variant_id) AS variant_id, any_value(contig) AS contig,
        any_value(position) AS position, any_value(kind) AS kind
    FROM variant WHERE build = ? AND {autosomal} GROUP BY ALL HAVING count(*) = 1
), chosen AS (
    SELECT variant_id FROM one WHERE kind = 'snv' GROUP BY variant_id
    QUALIFY row_number() OVER (
        PARTITION BY any_value(contig), any_value(position) // {apart}
        ORDER BY count(DISTINCT source_id) DESC, variant_id
    ) = 1
)
SELECT source_id, record, variant_id, contig, position FROM one JOIN chosen USING (variant_id)
"""
# Where a sample has a line of its own: copies, or -2 where the call is missing or filtered out.
_CALLS = """
WITH call AS (
    SELECT g.assay_id, g.source_id, unnest(record) AS record, unnest(copies) AS copies,
        unnest(ploidy) AS ploidy, unnest(passed) AS passed
    FROM genotype g JOIN assay USING (assay_id) WHERE build = ?
)
SELECT assay_id, variant_id,
    CASE WHEN copies IS NOT NULL AND passed AND ploidy = 2 THEN copies ELSE {unknown} END::TINYINT
        AS said
FROM call JOIN ({sites}) USING (source_id, record)
"""
# Where it has none: reference inside regions called, unknown inside those that could not be.
_REGIONS = """
WITH place AS (SELECT DISTINCT variant_id, contig, position FROM ({sites})),
region AS (
    SELECT assay_id, r.contig, "start", "end", called
    FROM assay_region r JOIN assay USING (assay_id) WHERE build = ?
)
SELECT assay_id, variant_id, CASE WHEN bool_and(called) THEN 0 ELSE {unknown} END::TINYINT AS said
FROM place p JOIN region r
    ON r.contig = p.contig AND r."start" < p.position AND r."end" >= p.position
GROUP BY ALL
"""


def compared(reader: Reader, build: str) -> Compared:
    """Genotypes of all samples of a build at the same sites."""
    names = ["assay_id", "source_id", "regions_told_by"]
    rows = reader.rows("assay", columns=names, where="build = ?", params=[build]).to_pylist()
    assays = sorted({row["assay_id"]: row for row in rows}.items())
    regions = reader.query(
        _filled(_REGIONS), tables=["assay", "assay_region", "variant"], params=[build, build]
    )
    calls = reader.query(
        _filled(_CALLS), tables=["assay", "genotype", "variant"], params=[build, build]
    )
    variants = pc.unique(pa.concat_tables([regions, calls])["variant_id"])
    matrix = np.full((len(assays), len(variants)), -1, np.int8)
    place = pa.array([number for number, _ in assays], pa.int64())
    for told in (regions, calls):  # a line of its own says more than a region
        row, column = (
            pc.index_in(told[name], value_set=values).to_numpy()
            for name, values in (("assay_id", place), ("variant_id", variants))
        )
        matrix[row.astype(np.int64), column.astype(np.int64)] = told["said"].to_numpy()
    return Compared(
        [number for number, _ in assays],
        [row["source_id"] for _, row in assays],
        [row["regions_told_by"] is not None for _, row in assays],
        np.maximum(matrix, -1),
    )
