"""What an annotator says of each allele: gene, protein change, impact, significance.

References
----------
Ensembl VEP 110, "Other output formats: VCF" (CSQ; its allele is without the shared first base);
SnpEff, "Variant annotations in VCF format" 1.0 (ANN).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.vcf.alleles.split import keep
from vitruvian.ingest.library.vcf.mapping import limit, listed
from vitruvian.ingest.library.vcf.reading.header import Annotation, Header

EFFECT = "vcf_effect"
_NAMES = {
    "token": ("Allele",),
    "number": ("ALLELE_NUM",),
    "consequence": ("Consequence", "Annotation"),
    "impact": ("IMPACT", "Annotation_Impact"),
    "gene": ("SYMBOL", "Gene_Name"),
    "transcript": ("Feature", "Feature_ID"),
    "hgvs_c": ("HGVSc", "HGVS.c"),
    "hgvs_p": ("HGVSp", "HGVS.p"),
    "mane": ("MANE_SELECT", "MANE"),
    "canonical": ("CANONICAL",),
    "pick": ("PICK",),
}
_NOTHING = ", ".join(f"NULL::VARCHAR AS {name}" for name in (
    "gene", "consequence", "impact", "transcript", "hgvs_c", "hgvs_p"))  # fmt: skip


def read_effects(connection: Any, header: Header) -> None:
    """Fill ``vcf_effect``: one row an allele that anything is said of.

    Of several transcripts the one of MANE is taken, then the canonical, the annotator's own
    pick, the gravest, the first.
    """
    told_in_info = f"""
    SELECT row_no, allele, {_NOTHING}, {_from_info("significance")} AS significance,
        {_frequency_of_info()} AS population_frequency
    FROM vcf_split JOIN vcf_line USING (row_no) WHERE {_told_in_info()}
    """
    keep(connection, EFFECT, told_in_info)
    if header.annotation is not None:
        annotated_first = f"""
        WITH told AS ({_effect_sql(header.annotation)})
        SELECT * FROM told UNION ALL BY NAME
        SELECT * FROM {EFFECT} ANTI JOIN told USING (row_no, allele)
        """
        keep(connection, EFFECT, annotated_first)


def _told_in_info() -> str:
    """Whether INFO may tell significance or frequency, by one look at the whole of it.

    The header is not asked: fields that it does not declare are met in real files.
    """
    words = [*listed("significance", "info"), *listed("frequencies", "info")]
    return f"regexp_matches(info, '(?:{'|'.join(words)})=')"


def finding_sql(*, records: int) -> str:
    """Whether what is said of an allele makes it a finding, as SQL over ``vcf_effect``."""
    words = ", ".join(literal(word) for word in listed("findings", "significance"))
    impacts = ", ".join(literal(word) for word in listed("findings", "impact"))
    below = limit("findings", "population_frequency_below")
    panel = "true" if records <= limit("findings", "records_of_a_panel") else "false"
    folded = "replace(lower(significance), ' ', '_')"
    return f"""coalesce(list_has_any(string_split_regex({folded}, '[&,|/;]'), [{words}]), false)
        OR (coalesce(impact IN ({impacts}), false)
            AND coalesce(population_frequency < {below}, {panel}))"""


def _field(annotation: Annotation, names: Sequence[str]) -> str:
    for name in names:
        if name in annotation.fields:
            return f"nullif(f[{annotation.fields.index(name) + 1}], '')"
    return "NULL"


def _info(key: str) -> str:
    return f"nullif(regexp_extract(info, '(?:^|;){key}=([^;]*)', 1), '')"


def _from_info(what: str) -> str:
    return f"coalesce({', '.join(_info(key) for key in listed(what, 'info'))})"


def _number(text: str) -> str:
    return f"TRY_CAST(regexp_extract({text}, '^[^&,]*') AS DOUBLE)"


def _frequency_of_info() -> str:
    return f"greatest({', '.join(_number(_info(key)) for key in listed('frequencies', 'info'))})"


def _frequency(annotation: Annotation) -> str:
    own = [
        _number(_field(annotation, [key]))
        for key in listed("frequencies", "csq")
        if key in annotation.fields
    ]
    return f"greatest({', '.join([*own, _frequency_of_info()])})"


_EFFECT_SQL = """
    WITH told AS (
        SELECT row_no, info, alts, ref, string_split({told}, ',') AS entries
        FROM vcf_line
    ), entry AS (
        SELECT row_no, info, alts, ref, generate_subscripts(entries, 1) AS place,
            string_split(unnest(entries), '|') AS f
        FROM told
    ), part AS (
        SELECT row_no, place, len(alts) AS many, {stripped} AS stripped, {picked},
            coalesce({significance}) AS significance, {frequency} AS frequency
        FROM entry
    ), matched AS (
        SELECT s.row_no, s.allele, p.* EXCLUDE (row_no), {rank} AS rank
        FROM part p JOIN vcf_split s ON s.row_no = p.row_no AND (p.many = 1
            OR TRY_CAST(p.number AS INTEGER) = s.allele
            OR (p.number IS NULL AND (p.token = s.sent_alt
                OR p.token = CASE WHEN stripped THEN coalesce(nullif(substr(s.sent_alt, 2), ''),
                    '-') END)))
    )
    SELECT row_no, allele, gene, consequence, impact, transcript,
        {hgvs_c} AS hgvs_c, {hgvs_p} AS hgvs_p, significance,
        frequency AS population_frequency
    FROM matched QUALIFY row_number() OVER (PARTITION BY row_no, allele
        ORDER BY mane IS NOT NULL DESC, canonical IS NOT DISTINCT FROM 'YES' DESC,
            pick IS NOT NULL DESC, rank, place) = 1
    """


def _effect_sql(annotation: Annotation) -> str:
    own = [_field(annotation, [key]) for key in listed("significance", "csq")]
    significance = [*(each for each in own if each != "NULL"), _from_info("significance")]
    return _EFFECT_SQL.format(
        told=_info(annotation.key),
        picked=", ".join(f"{_field(annotation, names)} AS {key}" for key, names in _NAMES.items()),
        significance=", ".join(significance),
        frequency=_frequency(annotation),
        stripped=_STRIPPED,
        rank=_RANK,
        hgvs_c=_change("hgvs_c"),
        hgvs_p=_change("hgvs_p"),
    )


def _change(column: str) -> str:
    """A change without its sequence and without the escapes of VEP."""
    return f"replace(regexp_extract({column}, '[^:]*$'), '%3D', '=')"


_RANK = "coalesce(list_position(['HIGH', 'MODERATE', 'LOW', 'MODIFIER'], impact), 5)"
_STRIPPED = """list_bool_and(list_transform(alts, lambda a: a[1] = ref[1]))
            AND list_bool_or(list_transform(alts, lambda a: length(a) <> length(ref)))"""
