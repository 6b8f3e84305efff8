"""Real files, counted and read by an independent reader: plain JSON and plain Python."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import SYSTEM, rows, take
from vitruvian.base.ids import stable_id
from vitruvian.ingest import IngestReport, trace
from vitruvian.ingest.library.fhir.retrace import recompute
from vitruvian.lake import Lake

pytestmark = pytest.mark.real_data
Row = dict[str, Any]


def bundles(real_data: Path, count: int) -> list[Path]:
    return sorted((real_data / "clinical/fhir-synthea-r4/bundles").glob("*.gz"))[:count]


def resources_in(path: Path) -> list[Row]:
    document = json.loads(gzip.decompress(path.read_bytes()))
    return [entry["resource"] for entry in document["entry"]]


@pytest.fixture(scope="module")
def loaded(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Lake, IngestReport]]:
    with Lake.create(tmp_path_factory.mktemp("real") / "lake", site="test") as lake:
        yield lake, take(lake, *bundles(real_data, 200))


def test_bundles__load_to_the_resource(loaded: tuple[Lake, IngestReport], real_data: Path) -> None:
    lake, report = loaded
    offered = sum(len(resources_in(path)) for path in bundles(real_data, 200))
    assert report.offered == offered == report.loaded + report.skipped
    assert (report.rejected, report.refused) == (0, 0)
    assert sum(source.problem_count for source in report.sources) == 0
    with lake.read(SYSTEM) as reader:
        stored = reader.history("resource", columns=["version_id"]).num_rows
    assert stored == report.loaded


def test_bundles__again_add_nothing(loaded: tuple[Lake, IngestReport], real_data: Path) -> None:
    lake, report = loaded
    before = len(rows(lake, "event", columns=["event_id"]))
    again = take(lake, *bundles(real_data, 200))
    assert (again.loaded, again.skipped) == (0, report.offered)
    assert len(rows(lake, "event", columns=["event_id"])) == before


# ------------------------------------------------------------------ an oracle in plain Python

PREFIX = {
    "http://loinc.org": "LOINC",
    "http://snomed.info/sct": "SNOMED",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RXNORM",
    "http://hl7.org/fhir/sid/cvx": "CVX",
}
MMOL = {"2345-7": 18.0156, "2339-0": 18.0156}  # mg/dL in one mmol/L
CHOLESTEROL = dict.fromkeys(("2093-3", "2085-9", "18262-6"), 38.666)
FACTORS: dict[str, tuple[float, str]] = {
    **{code: (1 / factor, "mmol/L") for code, factor in (MMOL | CHOLESTEROL).items()},
    "2571-8": (1 / 88.545, "mmol/L"),
    "3094-0": (1 / 2.8014, "mmol/L"),
    "6299-2": (1 / 2.8014, "mmol/L"),
    "49765-1": (1 / 4.0078, "mmol/L"),
    "17861-6": (1 / 4.0078, "mmol/L"),
    "2160-0": (10_000 / 113.12, "umol/L"),
    "38483-4": (10_000 / 113.12, "umol/L"),
    "1975-2": (17.1037, "umol/L"),
    "718-7": (10, "g/L"),
    "1751-7": (10, "g/L"),
    "3084-1": (59.485, "umol/L"),
}
PLAIN = {
    "mmHg": "mm[Hg]", "{beats}/min": "/min", "{breaths}/min": "/min", "10*3/uL": "10*9/L",
    "10*6/uL": "10*12/L", "/min": "/min",
}  # fmt: skip
OWN_UNIT = {"6690-2", "777-3", "789-8"}
Expected = tuple[str, datetime | None, float | None, str | None]


def code_of(concept: Row) -> str:
    coding = concept["coding"][0]
    return f"{PREFIX[coding['system']]}//{coding['code']}"


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def measured(part: Row, at: datetime | None) -> Expected:
    code, quantity = code_of(part["code"]), part.get("valueQuantity")
    if quantity is None:
        return code, at, None, None
    bare = code.split("//")[1]
    if bare in FACTORS and quantity["unit"] in {"mg/dL", "g/dL"}:
        factor, unit = FACTORS[bare]
        return code, at, round(quantity["value"] * factor, 2), unit
    unit = quantity["unit"]
    plain = PLAIN.get(unit, unit) if bare in OWN_UNIT or not unit.startswith("10*") else unit
    return code, at, round(quantity["value"], 2), plain


def events_of(resource: Row) -> list[Expected]:
    """What the mapping declares of one Synthea resource, said again without its code."""
    kind = resource["resourceType"]
    if kind == "Observation":
        at = instant(resource["effectiveDateTime"])
        parts = resource.get("component", [])
        own = [] if parts and "valueQuantity" not in resource else [measured(resource, at)]
        return own + [measured(part, at) for part in parts]
    simple = {
        "Condition": ("code", "onsetDateTime"),
        "MedicationRequest": ("medicationCodeableConcept", "authoredOn"),
        "Immunization": ("vaccineCode", "occurrenceDateTime"),
    }
    if kind in simple:
        concept, when = simple[kind]
        return [(code_of(resource[concept]), instant(resource[when]), None, None)]
    if kind == "Procedure":
        at = resource.get("performedDateTime") or resource["performedPeriod"]["start"]
        return [(code_of(resource["code"]), instant(at), None, None)]
    if kind == "Encounter":
        return [(code_of(resource["type"][0]), instant(resource["period"]["start"]), None, None)]
    return []


JUDGED = (
    "Observation", "Condition", "MedicationRequest", "Immunization", "Procedure", "Encounter",
)  # fmt: skip


@pytest.mark.parametrize("patient", [3, 17, 41, 77, 108])
def test_patient__has_exactly_the_declared_events(
    loaded: tuple[Lake, IngestReport], real_data: Path, patient: int
) -> None:
    lake, _ = loaded
    resources = resources_in(bundles(real_data, 200)[patient])
    (person,) = [each["id"] for each in resources if each["resourceType"] == "Patient"]
    subject = stable_id("test", f"Patient/{person}")
    kinds = {
        row["version_id"]: row["resource_type"]
        for row in rows(
            lake, "resource", subjects=[subject], columns=["version_id", "resource_type"]
        )
    }
    expected = Counter(event for each in resources for event in events_of(each))
    found = Counter(
        (row["code"], row["time"], _rounded(row["numeric_value"]), row["unit"])
        for row in rows(lake, "event", subjects=[subject])
        if kinds[row["version_id"]] in JUDGED
    )
    assert found - expected == Counter()
    assert expected - found == Counter()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def test_events__trace_to_their_record_and_recompute(loaded: tuple[Lake, IngestReport]) -> None:
    lake, _ = loaded
    with lake.read(SYSTEM) as reader:
        sample = reader.query(
            "SELECT * FROM event ORDER BY hash(event_id) LIMIT 20", tables=["event"]
        ).to_pylist()
        for event in sample:
            record, fresh = trace(reader, event["event_id"])
            assert record["version_id"] == event["version_id"]
            (same,) = [row for row in fresh.to_pylist() if row["event_id"] == event["event_id"]]
            assert {name: event[name] for name in same} == same


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.torture)])
def test_events__recompute_to_the_same_value_from_their_bytes(
    loaded: tuple[Lake, IngestReport], count: int
) -> None:
    lake, _ = loaded
    with lake.read(SYSTEM) as reader:
        sample = reader.query(
            f"SELECT * FROM event ORDER BY hash(event_id, 7) LIMIT {count}", tables=["event"]
        ).to_pylist()
        versions = sorted({event["version_id"] for event in sample})
        wanted = "version_id IN (SELECT unnest(?::BIGINT[]))"
        resources = reader.history("resource", where=wanted, params=[versions])
        fresh = recompute(reader, resources, sample).to_pylist()
    by_id = {row["event_id"]: row for row in fresh}
    assert len(sample) == count
    different = [
        event["event_id"]
        for event in sample
        if {name: event[name] for name in fresh[0]} != by_id.get(event["event_id"])
    ]
    assert different == []


@pytest.mark.parametrize(
    "folder, records", [("fhir-bulk-ndjson", 9381), ("fhir-r4-examples", None)]
)
def test_folder__loads_to_the_line(
    lake: Lake, real_data: Path, folder: str, records: int | None
) -> None:
    report = take(lake, real_data / "clinical" / folder)
    assert report.offered == report.loaded + report.skipped + report.rejected
    assert report.rejected == 0
    if records is not None:
        lines = [
            line
            for path in (real_data / "clinical" / folder).rglob("*.ndjson.gz")
            if not path.name.startswith("log")
            for line in gzip.decompress(path.read_bytes()).splitlines()
        ]
        assert report.offered == len(lines) == records
