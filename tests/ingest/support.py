"""Taking files in and looking at what came of it, in few words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vitruvian.ingest import IngestReport, Limits, ingest
from vitruvian.lake import Lake
from vitruvian.trust import Access

SYSTEM = Access(who="system", role="system", purpose="operations")


def take(
    lake: Lake, *paths: Path, zone: str | None = None, limits: Limits | None = None
) -> IngestReport:
    return ingest(paths, lake, access=SYSTEM, time_zone=zone, limits=limits)


def rows(lake: Lake, table: str, **wanted: Any) -> list[dict[str, Any]]:
    with lake.read(SYSTEM) as reader:
        found: list[dict[str, Any]] = reader.rows(table, **wanted).to_pylist()
    return found


def every_version(lake: Lake, table: str) -> list[dict[str, Any]]:
    with lake.read(SYSTEM) as reader:
        found: list[dict[str, Any]] = reader.history(table).to_pylist()
    return found


def ndjson(path: Path, *resources: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in resources), "utf-8")
    return path


def bundle(path: Path, *entries: dict[str, Any], kind: str = "transaction") -> Path:
    document = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    path.write_text(json.dumps(document), "utf-8")
    return path


PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "ada",
    "identifier": [{"system": "https://ward.example/mrn", "value": "M-1"}],
    "name": [{"family": "Ward", "given": ["Test"]}],
    "gender": "female",
    "birthDate": "1950-02-14",
}


def potassium(name: str, *, subject: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "subject": subject or {"reference": "Patient/ada"},
        "effectiveDateTime": "2024-03-05T07:15:00+01:00",
        "issued": "2024-03-05T10:40:00+01:00",
        "valueQuantity": {
            "value": 4.1,
            "unit": "mmol/L",
            "system": "http://unitsofmeasure.org",
            "code": "mmol/L",
        },
    } | more
