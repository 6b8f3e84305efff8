"""Whether a region of a person's genome carries a variant: yes, no, or nobody looked.

Missing is not negative: without a call or a region that covers every base, the answer is
"not looked", never "wild type".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

GeneState = Literal["variant", "wild type", "not looked"]
Interval = tuple[int, int]


@dataclass(frozen=True)
class Region:
    """A piece of a genome: 0-based, end exclusive, as in BED.

    Parameters
    ----------
    build
        GRCh37 or GRCh38; an assay of the other build says nothing about it.
    contig
        Chromosome without chr.
    """

    build: str
    contig: str
    start: int
    end: int


class Reader(Protocol):
    """What is needed of the lake's reader."""

    def query(
        self,
        sql: str,
        *,
        tables: Sequence[str],
        params: Sequence[object] = (),
        subjects: Sequence[int] | None = None,
    ) -> Any:
        """The answer of one SELECT over tables as the door shows them, an Arrow table."""
        ...


def gene_state(
    reader: Reader,
    subjects: Sequence[int],
    region: Region,
    *,
    origin: Literal["germline", "somatic"] | None = None,
) -> GeneState:
    """What is known of a region in one person.

    Parameters
    ----------
    reader
        The lake's reader, as of the instant asked about.
    subjects
        The subjects that are the person.
    region
        The gene, exon or codon.
    origin
        Only assays of this origin; None for all. A germline assay does not speak of the tumour,
        so a question about a tumour must say "somatic".

    Returns
    -------
    GeneState
        ``variant`` when an unfiltered allele that overlaps the region is carried;
        ``wild type`` when none is, and one single assay was called at every base of it;
        ``not looked`` otherwise.

    Notes
    -----
    Called is what a BED file, a gVCF block or a genotype says; uncallable regions are taken off.
    A genotype that is filtered out, or not known, leaves its place uncalled.
    A symbolic deletion overlaps what it deletes; the base that VCF writes before an insertion or
    deletion counts as part of it.
    """
    if not subjects or region.start >= region.end:
        return "not looked"
    asked: list[object] = [region.build, origin, origin, region.contig, region.start, region.end]
    calls = _rows(reader, _CALLS, ("assay", "genotype", "variant"), (asked, subjects))
    if any(row["copies"] and row["passed"] for row in calls):
        return "variant"
    regions = _rows(reader, _REGIONS, ("assay", "assay_region"), (asked, subjects))
    assays = {row["assay_id"] for row in (*calls, *regions)}
    covered = any(_covered(assay, calls, regions, region) for assay in assays)
    return "wild type" if covered else "not looked"


# One row an allele that overlaps the region. Runs are found by their own bounds first.
_CALLS = """
WITH wanted AS (
    SELECT assay_id FROM assay WHERE build = ? AND (?::VARCHAR IS NULL OR origin = ?)
), near AS (
    SELECT g.assay_id, g.source_id, unnest(record) AS record, unnest(allele) AS allele,
        unnest(copies) AS copies, unnest(passed) AS passed
    FROM genotype g JOIN wanted USING (assay_id)
    WHERE g.contig = ? AND g."end" > ? AND g.start <= ?
)
SELECT n.assay_id, n.copies, n.passed, v.position - 1 AS "start",
    v.end_position AS "end"
FROM near n JOIN variant v ON v.source_id = n.source_id AND v.record = n.record
    AND v.allele = n.allele
WHERE v.contig = ? AND v.end_position > ? AND v.position <= ?
"""
_REGIONS = """
WITH wanted AS (
    SELECT assay_id FROM assay WHERE build = ? AND (?::VARCHAR IS NULL OR origin = ?)
)
SELECT r.assay_id, r.start, r."end", r.called
FROM assay_region r JOIN wanted USING (assay_id)
WHERE r.contig = ? AND r."end" > ? AND r.start < ?
"""


def _rows(
    reader: Reader, sql: str, tables: Sequence[str], asked: tuple[list[object], Sequence[int]]
) -> list[dict[str, Any]]:
    params, subjects = asked
    twice = [*params, *params[3:]] if "genotype" in tables else params
    found = reader.query(sql, tables=tables, params=twice, subjects=subjects)
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def _covered(
    assay: int, calls: Sequence[dict[str, Any]], regions: Sequence[dict[str, Any]], region: Region
) -> bool:
    """Whether one assay was called at every base."""
    own = [row for row in regions if row["assay_id"] == assay]
    mine = [row for row in calls if row["assay_id"] == assay]
    looked = [(row["start"], row["end"]) for row in own if row["called"]]
    looked += [
        (row["start"], row["end"]) for row in mine if row["copies"] is not None and row["passed"]
    ]
    blind = [(row["start"], row["end"]) for row in own if not row["called"]]
    blind += [
        (row["start"], row["end"]) for row in mine if row["copies"] is None or not row["passed"]
    ]
    if any(start < region.end and end > region.start for start, end in blind):
        return False
    return covers(looked, (region.start, region.end))


def covers(intervals: Sequence[Interval], whole: Interval) -> bool:
    """Whether intervals together cover another, end exclusive.

    Examples
    --------
    >>> covers([(5, 9), (0, 5)], (1, 9)), covers([(0, 4), (5, 9)], (1, 9))
    (True, False)
    """
    reached, end = whole
    for first, last in sorted(intervals):
        if first > reached:
            return False
        reached = max(reached, last)
        if reached >= end:
            return True
    return reached >= end
