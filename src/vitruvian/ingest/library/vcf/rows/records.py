"""Verbatim records kept for what stands on the timeline: headers, lines, sheets, regions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.vcf.rows.assay import Assay
from vitruvian.ingest.library.vcf.rows.events import line_version

HEADER, LINE, SHEET, REGIONS = "VCF/header", "VCF/line", "VCF/sample", "VCF/regions"


def header_record(assay: Assay) -> dict[str, Any]:
    """The header as this sample may see it."""
    data = assay.header.of_sample(assay.number)
    return _record(data, assay.lineage, (HEADER, str(assay.assay_id), 0)) | {
        "version_id": assay.version_id,
        "subject_id": assay.subject_id,
    }


def line_record(assay: Assay, record: int, data: bytes) -> dict[str, Any]:
    """A line that became an event."""
    return _record(data, assay.lineage, (LINE, f"{assay.assay_id}/{record}", record)) | {
        "version_id": line_version(assay, record),
        "subject_id": assay.subject_id,
    }


def beside_record(
    data: bytes, lineage: Mapping[str, Any], named: tuple[str, str, int]
) -> dict[str, Any]:
    """A line of a sheet, or a BED file; it is about nobody by itself."""
    row = _record(data, lineage, named)
    words = (str(lineage["site"]), named[0], named[1], row["content_hash"])
    return row | {"version_id": stable_id(*words)}


def bed_name(name: str) -> str:
    """How a BED file is found by the name that a sheet gives it; the name itself is not kept."""
    return f"{stable_id('bed', name):x}"


def _record(data: bytes, lineage: Mapping[str, Any], named: tuple[str, str, int]) -> dict[str, Any]:
    kind, resource_id, record = named
    return {
        **lineage,
        "locator": f"record {record}",
        "record": record,
        "resource_type": kind,
        "resource_id": resource_id,
        "content_hash": hashlib.sha256(data).hexdigest(),
        "deleted": False,
        "bytes": data,
    }
