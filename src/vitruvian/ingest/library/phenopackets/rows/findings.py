"""Genomic interpretations as findings: gene, change, zygosity, what the laboratory says of it.

References
----------
GA4GH Phenopacket Schema 2.0: GenomicInterpretation, VariationDescriptor, VcfRecord; GA4GH VRS 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vitruvian.ingest.library.phenopackets.mapping import build_of
from vitruvian.ingest.library.phenopackets.rows.events import Place, Row, Told, event, items, part
from vitruvian.terms.genome import Change, allele_id, fully_justified, refget_accession

_LETTERS = re.compile(r"^[ACGTN]+$")
_CHANGE = re.compile(r"^.*:")


def findings_of(packet: Told, place: Place) -> Iterator[Row]:
    """One event a variant or gene that is interpreted, of the subject or of its biosamples."""
    whose = {str(part(packet, "subject").get("id")), "None", ""}
    whose |= {str(each.get("id")) for _, each in items(packet, "biosamples")}
    for outer, each in items(packet, "interpretations"):
        diagnosis = part(each, "diagnosis")
        for inner, one in items(diagnosis, "genomicInterpretations"):
            if str(one.get("subjectOrBiosampleId")) in whose:
                yield _finding(one, place, f"{outer}/diagnosis{inner}")


def others_of(packet: Told) -> int:
    """How many interpretations are about somebody else than the packet's subject."""
    told = sum(
        1
        for _, each in items(packet, "interpretations")
        for _ in items(part(each, "diagnosis"), "genomicInterpretations")
    )
    nobody = Place(0, 0, 0, {}, None)
    return told - sum(1 for _ in findings_of(packet, nobody))


def _finding(one: Told, place: Place, pointer: str) -> Row:
    variant = part(one, "variantInterpretation")
    descriptor = part(variant, "variationDescriptor")
    gene = part(one, "gene") or part(descriptor, "geneContext")
    symbol = gene.get("symbol")
    changes = {
        str(e.get("syntax")): str(e.get("value")) for _, e in items(descriptor, "expressions")
    }
    place_in_genome, identifier = _coordinates(part(descriptor, "vcfRecord"))
    word = _CHANGE.sub("", changes.get("hgvs.p") or changes.get("hgvs.c") or "")
    name = " ".join(filter(None, (symbol, word))) or str(descriptor.get("label") or "variant")
    coordinates = f"VCF//{place_in_genome}" if place_in_genome else None
    return event(place, pointer, {
        "category": "genomics", "modality": "genome",
        "code": f"GENE//{symbol}" if symbol else coordinates or "LOCAL//variant",
        "code_text": name, "value_code": coordinates,
        "text_value": _said(one, variant, descriptor) or "present",
        "state": str(one.get("interpretationStatus") or "UNKNOWN_STATUS").lower(),
        "codings": [*_codings(symbol, place_in_genome, identifier, changes), *_hgnc(gene)],
    })  # fmt: skip


def _said(one: Told, variant: Told, descriptor: Told) -> str:
    """Zygosity, role and class, in words."""
    classed = variant.get("acmgPathogenicityClassification")
    role = str(one.get("interpretationStatus") or "").lower().replace("_", " ")
    words = [
        part(descriptor, "allelicState").get("label"),
        role if role not in ("", "unknown status") else None,
        f"annotated {str(classed).lower().replace('_', ' ')}"
        if classed not in (None, "NOT_PROVIDED")
        else None,
        part(descriptor, "structuralType").get("label"),
    ]
    return ", ".join(str(word) for word in words if word)


def _coordinates(record: Told) -> tuple[str | None, str | None]:
    """Build, chromosome, place and letters of a VCF record; and its GA4GH identifier."""
    build = build_of(record.get("genomeAssembly"))
    contig = re.sub("^chr", "", str(record.get("chrom") or ""), flags=re.IGNORECASE)
    contig = "MT" if contig in ("M", "MT") else contig
    ref, alt = (str(record.get(key) or "").upper() for key in ("ref", "alt"))
    try:
        position = int(str(record.get("pos")))  # ProtoJSON writes 64 bits as text
    except ValueError:
        return None, None
    if build is None or not contig or not ref or not alt:
        return None, None
    accession = refget_accession(build, contig)
    allele = None
    if accession and _LETTERS.match(ref) and _LETTERS.match(alt) and position > 0:
        allele = fully_justified(accession, Change(position, ref, alt), None)
    return f"{build}:{contig}:{position}:{ref}:{alt}", None if allele is None else allele_id(allele)


def _hgnc(gene: Told) -> Iterator[dict[str, str | None]]:
    """The gene's number with HGNC, where the packet tells it."""
    number = str(gene.get("valueId") or "")
    if number.startswith("HGNC:"):
        yield {"system": "http://www.genenames.org", "code": number, "display": None}


def _codings(
    symbol: object, coordinates: str | None, identifier: str | None, changes: dict[str, str]
) -> Iterator[dict[str, str | None]]:
    if coordinates:
        yield {"system": "VCF", "code": coordinates, "display": None}
    if identifier:
        yield {"system": "VRS", "code": identifier, "display": None}
    if symbol:
        yield {"system": "GENE", "code": str(symbol), "display": None}
    for syntax in ("hgvs.g", "hgvs.c", "hgvs.p"):
        if syntax in changes:
            yield {"system": "http://varnomen.hgvs.org", "code": changes[syntax], "display": None}
