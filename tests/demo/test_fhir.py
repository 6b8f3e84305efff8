"""The FHIR files, read by plain JSON: nothing of the room that wrote them helps to judge."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vitruvian.demo import FolderInUse, ImpossibleHospital, lives, write_demo

PATIENTS = 30
# FHIR R4 (4.0.1), each resource's page: elements with a cardinality that begins with 1.
REQUIRED = {
    "AllergyIntolerance": ["patient"],
    "CareTeam": [],
    "Condition": ["subject"],
    "Consent": ["status", "scope", "category"],
    "DiagnosticReport": ["status", "code"],
    "DocumentReference": ["status", "content"],
    "Encounter": ["status", "class"],
    "FamilyMemberHistory": ["status", "patient", "relationship"],
    "Flag": ["status", "code", "subject"],
    "ImagingStudy": ["status", "subject"],
    "Immunization": ["status", "vaccineCode", "patient", "occurrenceDateTime"],
    "Location": [],
    "MedicationAdministration": ["status", "medicationCodeableConcept", "subject"],
    "MedicationDispense": ["status", "medicationCodeableConcept"],
    "MedicationRequest": ["status", "intent", "medicationCodeableConcept", "subject"],
    "MedicationStatement": ["status", "medicationCodeableConcept", "subject"],
    "Observation": ["status", "code"],
    "Organization": ["name"],
    "Patient": ["identifier", "name", "gender", "birthDate"],
    "Practitioner": ["name"],
    "Procedure": ["status", "subject"],
    "ServiceRequest": ["status", "intent", "subject"],
    "Specimen": [],
}
# Value sets bound with strength "required", same pages.
STATUS = {
    "CareTeam": "proposed active suspended inactive entered-in-error",
    "Consent": "draft proposed active rejected inactive entered-in-error",
    "DiagnosticReport": "registered partial preliminary final amended corrected appended",
    "DocumentReference": "current superseded entered-in-error",
    "Encounter": "planned arrived triaged in-progress onleave finished cancelled",
    "FamilyMemberHistory": "partial completed entered-in-error health-unknown",
    "Flag": "active inactive entered-in-error",
    "ImagingStudy": "registered available cancelled entered-in-error unknown",
    "Immunization": "completed entered-in-error not-done",
    "Location": "active suspended inactive",
    "MedicationAdministration": "in-progress not-done on-hold completed entered-in-error stopped",
    "MedicationDispense": "preparation in-progress cancelled on-hold completed stopped declined",
    "MedicationRequest": "active on-hold cancelled completed entered-in-error stopped draft",
    "MedicationStatement": "active completed entered-in-error intended stopped on-hold not-taken",
    "Observation": "registered preliminary final amended corrected cancelled entered-in-error",
    "Procedure": "preparation in-progress not-done on-hold stopped completed entered-in-error",
    "ServiceRequest": "draft active on-hold revoked completed entered-in-error unknown",
}
SHELVES = {
    "encounters": "Encounter",
    "conditions": "Condition",
    "measurements": "Observation",
    "specimens": "Specimen",
    "reports": "DiagnosticReport",
    "orders": "ServiceRequest",
    "prescriptions": "MedicationRequest",
    "dispenses": "MedicationDispense",
    "administrations": "MedicationAdministration",
    "statements": "MedicationStatement",
    "procedures": "Procedure",
    "documents": "DocumentReference",
    "allergies": "AllergyIntolerance",
    "immunisations": "Immunization",
    "imaging": "ImagingStudy",
    "relatives": "FamilyMemberHistory",
    "flags": "Flag",
    "consents": "Consent",
    "teams": "CareTeam",
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "bundles"
    write_demo(out, patients=PATIENTS)
    return out


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "ndjson"
    write_demo(out, patients=PATIENTS, layout="ndjson")
    return out


@cache
def _read(folder: Path) -> tuple[dict[str, Any], ...]:
    files = sorted(folder.glob("fhir/*.ndjson"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    return tuple(json.loads(line) for line in lines)


def everything(element: object) -> list[tuple[str, Any]]:
    """Every key and value inside a resource, at any depth."""
    found: list[tuple[str, Any]] = []
    children = element.items() if isinstance(element, dict) else []
    if isinstance(element, list):
        children = [("", child) for child in element]
    for key, child in children:
        found.append((key, child))
        found += everything(child)
    return found


# ---------------------------------------------------------------- refusals


def test_folder_in_use__is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "already.txt").write_text("here")
    with pytest.raises(FolderInUse, match="not empty"):
        write_demo(tmp_path, patients=1)
    assert [path.name for path in tmp_path.iterdir()] == ["already.txt"]


def test_impossible_number__writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ImpossibleHospital):
        write_demo(tmp_path / "new", patients=0)
    assert not (tmp_path / "new").exists()


# ---------------------------------------------------------------- bytes


def test_files__are_the_same_bytes_twice(bundles: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "again", patients=PATIENTS)
    first = {path.relative_to(bundles): path for path in bundles.rglob("*") if path.is_file()}
    for relative, path in first.items():
        assert (tmp_path / "again" / relative).read_bytes() == path.read_bytes()


def test_both_layouts__hold_the_same_resources_byte_for_byte(bundles: Path, exported: Path) -> None:
    lines = {
        line
        for file in exported.glob("fhir/*.ndjson")
        for line in file.read_text("utf-8").splitlines()
    }
    for file in bundles.rglob("patient-*.json"):
        text = file.read_text("utf-8")
        for part in text.split('"resource":')[1:]:
            assert part.rsplit(',"request":', 1)[0] in lines


def test_progress__counts_every_patient(tmp_path: Path) -> None:
    seen: list[int] = []
    report = write_demo(tmp_path / "few", patients=3, seed=2, progress=seen.append)
    assert seen == [1, 2, 3]
    assert report.patients == 3


def test_report__counts_what_the_files_hold(exported: Path, tmp_path: Path) -> None:
    report = write_demo(tmp_path / "counted", patients=PATIENTS, layout="ndjson")
    counted = Counter(resource["resourceType"] for resource in _read(exported))
    assert report.resources == counted
    assert report.total == sum(counted.values())


def test_file_names__hold_no_name_and_no_identifier(bundles: Path) -> None:
    names = [path.name for path in (bundles / "fhir").rglob("*") if path.is_file()]
    assert set(names) == {"hospital.json", *(f"patient-{n:07d}.json" for n in range(1, 31))}


# ---------------------------------------------------------------- truth


def test_truth__has_one_line_a_life_and_each_fact_is_rendered_once(exported: Path) -> None:
    rendered: dict[str, Counter[str]] = defaultdict(Counter)
    for resource in _read(exported):
        for key in ("subject", "patient"):
            if key in resource:
                rendered[resource[key]["reference"]][resource["resourceType"]] += 1
    lines = (exported / ".truth" / "lives.ndjson").read_text("utf-8").splitlines()
    assert len(lines) == PATIENTS
    for line in lines:
        life = json.loads(line)
        key = f"Patient/s{life['seed']}-p{life['number']}"
        counted = {kind: len(life[shelf]) for shelf, kind in SHELVES.items() if life[shelf]}
        assert rendered[key] == counted


def test_numbers__are_written_as_the_laboratory_printed_them(exported: Path) -> None:
    truth = {
        f"{life.key}-{one.id}": one
        for life in lives(1, PATIENTS)
        for one in life.measurements
        if one.value
    }
    seen = 0
    for line in (exported / "fhir" / "Observation.ndjson").read_text("utf-8").splitlines():
        match = re.search(r'"id":"([^"]+)".*"valueQuantity":\{"value":([-0-9.]+),', line)
        if match and '"component"' not in line:
            assert truth[match[1]].value == match[2]
            seen += 1
    assert seen == len(truth)


# ---------------------------------------------------------------- shape


def test_every_type__the_house_promises_is_written(exported: Path) -> None:
    assert {resource["resourceType"] for resource in _read(exported)} == set(REQUIRED)


def test_resources__have_what_fhir_requires(exported: Path) -> None:
    for resource in _read(exported):
        kind = resource["resourceType"]
        assert [key for key in REQUIRED[kind] if key not in resource] == []
        if kind in STATUS:
            assert resource["status"] in STATUS[kind].split()


def test_resources__hold_nothing_empty(exported: Path) -> None:
    for resource in _read(exported):
        assert [key for key, value in everything(resource) if value in ("", [], {}, None)] == []


def test_ids__are_unique_and_short(exported: Path) -> None:
    ids = [(resource["resourceType"], resource["id"]) for resource in _read(exported)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,64}", one) for _, one in ids)


def test_references__all_resolve_and_to_the_right_type(exported: Path) -> None:
    known = {f"{resource['resourceType']}/{resource['id']}" for resource in _read(exported)}
    asked = [
        value
        for resource in _read(exported)
        for key, value in everything(resource)
        if key == "reference"
    ]
    assert set(asked) - known == set()
    assert len(asked) > 10_000


def test_times__carry_the_hospitals_offset(exported: Path) -> None:
    asked = ("effectiveDateTime", "issued", "recordedDate", "authoredOn", "start", "end", "date")
    for resource in _read(exported):
        for key, value in everything(resource):
            if key in asked and isinstance(value, str):
                assert INSTANT.fullmatch(value) or DAY.fullmatch(value)


def test_summer_and_winter__differ_by_an_hour(exported: Path) -> None:
    months = defaultdict(set)
    for resource in _read(exported):
        if "effectiveDateTime" in resource:
            when = datetime.fromisoformat(resource["effectiveDateTime"])
            months[when.month].add(when.utcoffset())
    assert [len(months[month]) for month in (1, 7)] == [1, 1]
    assert months[1] != months[7]


def test_notes__read_back_from_base64(exported: Path) -> None:
    notes = {
        f"{life.key}-{one.id}": one.text for life in lives(1, PATIENTS) for one in life.documents
    }
    for resource in _read(exported):
        if resource["resourceType"] == "DocumentReference":
            data = resource["content"][0]["attachment"]["data"]
            assert b64decode(data).decode("utf-8") == notes[resource["id"]]


def test_patients__have_two_identifiers_of_two_systems(exported: Path) -> None:
    patients = [one for one in _read(exported) if one["resourceType"] == "Patient"]
    assert len(patients) == PATIENTS
    for patient in patients:
        assert len({one["system"] for one in patient["identifier"]}) == 2


def test_refuted_conditions__carry_no_clinical_status(exported: Path) -> None:
    refuted = [
        one
        for one in _read(exported)
        if one["resourceType"] == "Condition"
        and one["verificationStatus"]["coding"][0]["code"] == "refuted"
    ]
    assert refuted
    assert not any("clinicalStatus" in one for one in refuted)


def test_bundles__are_transactions_that_put_each_resource_once(bundles: Path) -> None:
    for file in bundles.glob("fhir/**/*.json"):
        bundle = json.loads(file.read_text("utf-8"))
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
        paths = [entry["request"]["url"] for entry in bundle["entry"]]
        assert len(set(paths)) == len(paths)
        for entry in bundle["entry"]:
            path = f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
            assert entry["request"] == {"method": "PUT", "url": path}
            assert entry["fullUrl"].endswith(path)
