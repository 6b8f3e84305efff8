"""Events of the timeline: one an assay, one an annotated finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.vcf.mapping import derivation
from vitruvian.ingest.library.vcf.rows.assay import Assay
from vitruvian.ingest.library.vcf.rows.block import Told
from vitruvian.record import table_named

ASSAY_CODE = "LOINC//81247-9"
"""LOINC 81247-9, Master HL7 genetic variant reporting panel."""
_HALF, _PERCENT = 0.5, 100
_LONGEST = 20


def line_version(assay: Assay, record: int) -> int:
    """The stored line that a finding was read from."""
    return stable_id("VCF/line", str(assay.assay_id), str(record))


def findings(told: Told, calls: pa.RecordBatch) -> list[dict[str, Any]]:
    """Alleles of one sample that are findings: carried, unfiltered, annotated as such.

    Parameters
    ----------
    calls
        The sample's calls, one row an allele of the piece.
    """
    marked = np.flatnonzero(told.alleles["finding"].to_numpy(zero_copy_only=False))
    if told.calls is None or not len(marked):
        return []
    mine = calls.take(pa.array(marked)).to_pylist()
    alleles = told.alleles.take(pa.array(marked)).to_pylist()
    return [
        {**allele, **call, "line": int(told.row[place])}
        for place, allele, call in zip(marked, alleles, mine, strict=True)
        if (call["copies"] or 0) > 0 and call["passed"]
    ]


def line_of(told: Told, assay: Assay, line: int) -> bytes:
    """A line as this sample may see it: its own cell and no other's."""
    block = told.block
    if told.samples <= 1:
        return block.data[int(block.starts[line]) : int(block.ends[line])] + b"\n"
    return block.line_of_sample(line, assay.number) + b"\n"


# ------------------------------------------------------------------ in words


def label_of(found: Mapping[str, Any]) -> str:
    """What a finding is called on the ward.

    Examples
    --------
    >>> label_of({"gene": "KRAS", "hgvs_p": "p.Gly12Asp", "hgvs_c": "c.35G>A"})
    'KRAS p.Gly12Asp'
    """
    change = found["hgvs_p"] or found["hgvs_c"] or (found.get("consequence") or "").split("&")[0]
    if not found["gene"]:
        return place_of(found)
    return f"{found['gene']} {change.replace('_', ' ') or place_of(found)}"


def place_of(found: Mapping[str, Any]) -> str:
    """A variant by its place; long alleles by their length."""
    ref, alt = (
        each if len(each) <= _LONGEST else f"{len(each)} bases"
        for each in (found["ref"], found["alt"])
    )
    return f"chr{found['contig']}:{found['position']} {ref}>{alt}"


def answer_of(found: Mapping[str, Any], assay: Assay) -> str:
    """Zygosity of a germline finding, share of reads, depth, significance."""
    said = [zygosity(found["copies"], found["ploidy"])] if assay.origin != "somatic" else []
    if found["vaf"] is not None:
        said.append(f"VAF {_PERCENT * found['vaf']:.2g} %" if found["vaf"] < 1 else "VAF 100 %")
    if found["depth"] is not None:
        said.append(f"depth {found['depth']}")
    if found["significance"]:
        words = found["significance"].replace("_", " ").replace("&", ", ").lower()
        said.append(f"annotated {words}")
    return ", ".join(word for word in said if word)


def zygosity(copies: int, ploidy: int) -> str:
    """In words (LOINC 53034-5, Allelic state).

    Examples
    --------
    >>> zygosity(1, 2), zygosity(2, 2), zygosity(1, 1)
    ('heterozygous', 'homozygous', 'hemizygous')
    """
    if ploidy == 1:
        return "hemizygous"
    return "homozygous" if copies == ploidy else "heterozygous"


# ------------------------------------------------------------------ as rows


def finding_event(found: Mapping[str, Any], assay: Assay) -> dict[str, Any]:
    """The event of one finding."""
    version = line_version(assay, found["record"])
    place = f"/ALT/{found['allele']}"
    variant = (
        f"{found['build']}:{found['contig']}:{found['position']}:{found['ref']}:{found['alt']}"
    )
    sent = assay.when.start.isoformat() if assay.when.start else ""
    return {
        **_shared(assay, version, place),
        "locator": f"record {found['record']} {place}",
        "code": f"GENE//{found['gene']}" if found["gene"] else f"VCF//{variant}",
        "code_text": label_of(found),
        "codings": list(_codings(found, variant)),
        "text_value": answer_of(found, assay) or "present",
        "value_code": f"VCF//{variant}",
        "method": _method(assay),
        "fact_key": stable_id("variant", str(found["variant_id"]), str(assay.origin), sent),
    }


def _codings(found: Mapping[str, Any], variant: str) -> Iterator[dict[str, str | None]]:
    yield {"system": "VCF", "code": variant, "display": None}
    if found["vrs_id"]:
        yield {"system": "VRS", "code": found["vrs_id"], "display": None}
    if found["gene"]:
        yield {"system": "GENE", "code": found["gene"], "display": None}
    for key in ("hgvs_c", "hgvs_p"):
        if found[key]:
            whole = f"{found['transcript']}:{found[key]}" if key == "hgvs_c" else found[key]
            yield {"system": "http://varnomen.hgvs.org", "code": whole, "display": None}
    for term in (found["consequence"] or "").split("&"):
        if term:
            yield {"system": "http://www.sequenceontology.org", "code": term, "display": None}
    for name in found["names"] or ():
        if name.startswith("rs"):
            yield {"system": "http://www.ncbi.nlm.nih.gov/snp", "code": name, "display": None}


def assay_event(assay: Assay, counts: Mapping[str, Any]) -> dict[str, Any]:
    """The event of one assay."""
    findings_word = "finding" if counts["finding_count"] == 1 else "findings"
    said = [
        f"{counts['variant_count']:,} variant alleles",
        f"{counts['finding_count']:,} {findings_word}",
    ]
    if counts["called_bases"] is None:
        said.append("which regions were called is not said")
    else:
        said.append(f"{counts['called_bases']:,} bases called")
    kind = f"{assay.origin} sequencing" if assay.origin else "sequencing"
    return {
        **_shared(assay, assay.version_id, "/#CHROM"),
        "locator": "record 0 /#CHROM",
        "code": ASSAY_CODE,
        "code_text": f"Genetic test: {kind}",
        "codings": [{"system": "http://loinc.org", "code": "81247-9", "display": None}],
        "text_value": ", ".join(said),
        "method": _method(assay),
        "fact_key": stable_id("assay", str(assay.assay_id)),
    }


def _method(assay: Assay) -> str:
    return ", ".join(word for word in (assay.origin, assay.header.build) if word)


def _specimen(assay: Assay) -> str | None:
    said = assay.said
    if said is None:
        return None
    purity = said.tumour_purity
    share = None if purity is None else f"tumour cells {_PERCENT * purity:.3g} %"
    return ", ".join(word for word in (said.specimen, share) if word) or None


def _shared(assay: Assay, version: int, place: str) -> dict[str, Any]:
    when = assay.when
    return {
        **assay.lineage,
        "event_id": stable_id(str(version), place, str(derivation()[0]), "0"),
        "subject_id": assay.subject_id,
        "version_id": version,
        "derivation_id": derivation()[0],
        "category": "genomics",
        "modality": "genome",
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "time": when.start,
        "time_min": when.start if when.until else None,
        "time_max": when.until,
        "utc_offset": when.offset,
        "time_as_sent": when.as_sent,
        "specimen": _specimen(assay),
        "flags": ["assumed-zone"] if when.zone_assumed else [],
    }


def as_table(table: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as the table they belong to, absent columns left out."""
    names = {name for row in rows for name in row}
    wanted = pa.schema([each for each in table_named(table).schema if each.name in names])
    return pa.Table.from_pylist([dict(row) for row in rows], schema=wanted)
