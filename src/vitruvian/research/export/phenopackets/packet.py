"""One person's packet from the rows of the timeline."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from vitruvian.research.export.phenopackets.words import (
    Json,
    moment,
    ontology_class,
    prefixes,
    resources,
)

Row = Mapping[str, Any]
_SEX = {"male": "MALE", "female": "FEMALE", "other": "OTHER_SEX"}
_ZYGOSITY = {"heterozygous": "GENO:0000135", "homozygous": "GENO:0000136",
             "hemizygous": "GENO:0000134"}  # fmt: skip
_STATUS = {"candidate", "contributory", "causative", "rejected"}
_ACMG = {"benign", "likely benign", "uncertain significance", "likely pathogenic", "pathogenic"}
_HGVS = re.compile(r"(?:^|:)([cgpmn])\.")
ANY_DISEASE = {"id": "MONDO:0000001", "label": "disease"}
"""The root of Mondo: a diagnosis must name a disease, and a finding by itself names none."""


def packet_of(person: int, sex: str | None, rows: Sequence[Row], created: str) -> Json:
    """The packet of a person.

    Parameters
    ----------
    rows
        Events that hold, in the order of time; one that several sources tell counts once.
    created
        Instant of the state that is written, ISO 8601.
    """
    told = list(_once(rows))
    born = next((row["time"] for row in told if row["code"] == "MEDS_BIRTH"), None)
    parts: Json = {
        "id": f"vitruvian-{person}",
        "subject": {"id": str(person), "sex": _SEX.get(sex or "", "UNKNOWN_SEX")},
        "phenotypicFeatures": list(_stated(told, born, key="type", features=True)),
        "measurements": list(_measured(told, born)),
        "diseases": list(_stated(told, born, key="term", features=False)),
        "interpretations": list(_interpreted(person, told)),
    }
    packet = {key: value for key, value in parts.items() if value}
    return packet | {
        "metaData": {
            "created": created, "createdBy": "Vitruvian",
            "resources": resources(prefixes(packet)), "phenopacketSchemaVersion": "2.0",
        }
    }  # fmt: skip


def _once(rows: Iterable[Row]) -> Iterator[Row]:
    seen: set[int] = set()
    for row in rows:
        if row["fact_key"] is None or row["fact_key"] not in seen:
            seen.add(row["fact_key"])
            yield row


def _stated(
    rows: Sequence[Row], born: datetime | None, *, key: str, features: bool
) -> Iterator[Json]:
    """Features (codes of HPO) or diseases, each once, with its onset where any source tells one.

    What was looked for and not found is excluded.
    """
    found: dict[tuple[str, str], Json] = {}
    for row in rows:
        term = ontology_class(row)
        wanted = row["category"] == "problem" and row["code"].startswith("HPO//") == features
        if term is None or not wanted or row["certainty"] != "certain":
            continue
        told = found.setdefault((term["id"], row["polarity"]), {key: term})
        if row["polarity"] == "negated":
            told["excluded"] = True
        onset = moment(row, born)
        if onset is not None:
            told.setdefault("onset", onset)
    yield from found.values()


def _measured(rows: Sequence[Row], born: datetime | None) -> Iterator[Json]:
    for row in rows:
        term = ontology_class(row)
        if row["category"] not in ("laboratory", "vital") or term is None:
            continue
        if row["numeric_value"] is None or row["comparator"]:
            continue
        unit = {"id": f"UCUM:{row['unit'] or '1'}", "label": row["unit"] or "1"}
        quantity: Json = {"unit": unit, "value": row["numeric_value"]}
        if row["range_low"] is not None and row["range_high"] is not None:
            limits = {"low": row["range_low"], "high": row["range_high"]}
            quantity["referenceRange"] = {"unit": unit, **limits}
        at = moment(row, born)
        found: Json = {"assay": term, "value": {"quantity": quantity}}
        yield found | ({"timeObserved": at} if at else {})


# ------------------------------------------------------------------ genomes


def _interpreted(person: int, rows: Sequence[Row]) -> Iterator[Json]:
    """All findings as one interpretation; which disease they speak of is not said."""
    findings = [row for row in rows if row["category"] == "genomics" and _carried(row)]
    if findings:
        told = [_finding(person, row) for row in findings]
        diagnosis = {"disease": ANY_DISEASE, "genomicInterpretations": told}
        yield {
            "id": f"findings-{person}", "progressStatus": "UNKNOWN_PROGRESS",
            "diagnosis": diagnosis,
        }  # fmt: skip


def _carried(row: Row) -> bool:
    return row["polarity"] == "affirmed" and (
        row["code"].startswith("GENE//") or str(row["value_code"]).startswith("VCF//")
    )


def _finding(person: int, row: Row) -> Json:
    words = [word.strip().lower() for word in (row["text_value"] or "").split(",")]
    classed = next((w.removeprefix("annotated ") for w in words if w.startswith("annotated ")), "")
    acmg = classed.upper().replace(" ", "_") if classed in _ACMG else "NOT_PROVIDED"
    state = str(row["state"] or "")
    return {
        "subjectOrBiosampleId": str(person),
        "interpretationStatus": state.upper() if state in _STATUS else "UNKNOWN_STATUS",
        "variantInterpretation": {
            "acmgPathogenicityClassification": acmg,
            "variationDescriptor": _descriptor(row, words),
        },
    }


def _descriptor(row: Row, words: Sequence[str]) -> Json:
    codings = [(each["system"], each["code"]) for each in row["codings"] or ()]
    by_system = dict(reversed(codings))
    identifier = by_system.get("VRS")
    found: Json = {
        "id": identifier or row["value_code"] or row["code"],
        "label": row["code_text"], "moleculeContext": "genomic",
    }  # fmt: skip
    if identifier:
        found["xrefs"] = [identifier]
    if row["code"].startswith("GENE//"):
        symbol, number = (
            row["code"].removeprefix("GENE//"),
            by_system.get("http://www.genenames.org"),
        )
        found["geneContext"] = {"symbol": symbol} | ({"valueId": number} if number else {})
    expressions = [
        {"syntax": f"hgvs.{kind[1]}", "value": code}
        for system, code in codings
        if system == "http://varnomen.hgvs.org" and (kind := _HGVS.search(code))
    ]
    if expressions:
        found["expressions"] = expressions
    record = _record(row["value_code"])
    zygosity = next((word for word in words if word in _ZYGOSITY), None)
    state = {"id": _ZYGOSITY[zygosity], "label": zygosity} if zygosity else None
    return found | ({"vcfRecord": record} if record else {}) | (
        {"allelicState": state} if state else {}
    )  # fmt: skip


def _record(value: str | None) -> Json | None:
    """Coordinates as VCF writes them; the position is text, as ProtoJSON writes 64 bits."""
    parts = (value or "").removeprefix("VCF//").split(":")
    if not str(value).startswith("VCF//") or len(parts) != len(_RECORD):
        return None
    return dict(zip(_RECORD, parts, strict=True))


_RECORD = ("genomeAssembly", "chrom", "pos", "ref", "alt")
