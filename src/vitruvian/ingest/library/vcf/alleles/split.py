"""Records split into alleles, trimmed, named: the same change is written in one way.

References
----------
Tan A, Abecasis GR, Kang HM. Unified representation of genetic variants. Bioinformatics 2015
(doi:10.1093/bioinformatics/btv112): trim the right, then the left, one base stays.
VCF 4.3, section 1.4.5 and 5.4 (symbolic alleles, breakends).
"""

from __future__ import annotations

from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import fetched, literal

_LINE = r"""
SELECT row_no, record, byte_offset, regexp_replace(chrom, '^(?i:chr)', '') AS bare,
    CASE WHEN bare IN ('M', 'MT') THEN 'MT' ELSE bare END AS contig,
    TRY_CAST(pos AS BIGINT) AS position, upper(ref) AS ref, string_split(alt, ',') AS alts,
    list_filter(string_split(id, ';'), lambda x: x <> '.') AS names,
    coalesce(position NOT BETWEEN 0 AND 2147483647, true)
        OR NOT regexp_matches(ref, '^[A-Z]+$') AS bad,
    TRY_CAST(qual AS DOUBLE) AS quality, filter, info,
    TRY_CAST(regexp_extract(info, '(?:^|;)END=(\d+)', 1) AS BIGINT) AS said_end
FROM vcf_columns
"""

# Shared letters at the end, then at the beginning; both always leave one.
_TRIM = """
CREATE OR REPLACE TEMP MACRO vcf_shared_end(a, b) AS coalesce(list_position(list_transform(
    range(1, least(length(a), length(b))), lambda i: substr(a, -i, 1) <> substr(b, -i, 1)), true)
    - 1, least(length(a), length(b)) - 1);
CREATE OR REPLACE TEMP MACRO vcf_shared_start(a, b) AS coalesce(list_position(list_transform(
    range(1, least(length(a), length(b))), lambda i: substr(a, i, 1) <> substr(b, i, 1)), true)
    - 1, least(length(a), length(b)) - 1);
"""

_SPLIT = r"""
WITH one AS (
    SELECT row_no, record, byte_offset, contig, position AS sent, ref AS sent_ref, said_end,
        names, quality, filter,
        generate_subscripts(alts, 1) AS allele, unnest(alts) AS sent_alt
    FROM vcf_line WHERE NOT bad
), known AS (
    SELECT *, regexp_matches(sent_alt, '^[ACGTNacgtn]+$') AS bases FROM one
    WHERE sent_alt NOT IN ('<NON_REF>', '<*>', '.')
), ends AS (
    SELECT *, CASE WHEN bases THEN upper(sent_alt) ELSE sent_alt END AS a,
        bases AND length(sent_ref) > 1 AND length(sent_alt) > 1 AS longer,
        CASE WHEN longer THEN vcf_shared_end(sent_ref, a) ELSE 0 END AS cut_end,
        substr(sent_ref, 1, length(sent_ref) - cut_end) AS r1,
        substr(a, 1, length(a) - cut_end) AS a1,
        CASE WHEN longer AND length(r1) > 1 AND length(a1) > 1
            THEN vcf_shared_start(r1, a1) ELSE 0 END AS cut_start
    FROM known
)
SELECT row_no, record, byte_offset, contig, allele, bases, said_end, position_ AS position,
    ref, alt, sent_ref, sent_alt, names, quality, filter
FROM (SELECT *, sent + cut_start AS position_, substr(r1, cut_start + 1) AS ref,
        CASE WHEN bases THEN substr(a1, cut_start + 1) ELSE a END AS alt FROM ends)
"""


def split_lines(connection: Any) -> None:
    """Fill ``vcf_line`` and ``vcf_split`` from the columns registered as ``vcf_columns``."""
    connection.execute(_TRIM)
    keep(connection, "vcf_line", _LINE)
    keep(connection, "vcf_split", _SPLIT)


def keep(connection: Any, name: str, sql: str) -> None:
    """Keep what a query gives under a name: a temporary table takes several times as long."""
    connection.register(name, fetched(connection, sql))


def named_alleles(build: str) -> str:
    """The alleles of ``vcf_split`` with kind, end and id, as SQL."""
    words = stable_id_sql(literal(build), "contig", "position::VARCHAR", "ref", "alt")
    return f"""
    SELECT *, {words} AS variant_id,
        CASE WHEN NOT bases AND said_end >= position THEN said_end
            ELSE position + length(ref) - 1 END AS end_position,
        CASE WHEN alt = '*' THEN 'other' WHEN starts_with(alt, '<') THEN 'symbolic'
            WHEN NOT bases THEN 'breakend'
            WHEN length(ref) = 1 AND length(alt) = 1 THEN 'snv'
            WHEN length(ref) = length(alt) THEN 'mnv'
            WHEN length(ref) = 1 AND ref = alt[1] THEN 'insertion'
            WHEN length(alt) = 1 AND alt = ref[1] THEN 'deletion'
            ELSE 'delins' END AS kind
    FROM vcf_split
    """
