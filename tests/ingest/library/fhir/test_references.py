"""Whom a record is about: every way FHIR has of saying so leads to the same subject."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import PATIENT, SYSTEM, bundle, ndjson, potassium, rows, take
from vitruvian.base.ids import stable_id
from vitruvian.ingest import trace
from vitruvian.lake import Lake

ADA = stable_id("test", "Patient/ada")
URN = "urn:uuid:11111111-2222-3333-4444-555555555555"


def subjects_of(lake: Lake) -> dict[str, int | None]:
    found = rows(lake, "resource", columns=["resource_id", "subject_id"])
    return {row["resource_id"]: row["subject_id"] for row in found}


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/ada"},
        {"reference": "Patient/ada/_history/3"},
        {"reference": "https://fhir.example/r4/Patient/ada"},
        {"reference": "https://fhir.example/r4/Patient/ada/_history/1"},
        {"reference": "Patient?identifier=https://ward.example/mrn|M-1"},
        {"reference": "Patient?identifier=https%3A%2F%2Fward.example%2Fmrn%7CM-1"},
        {"reference": URN},
        {"identifier": {"system": "https://ward.example/mrn", "value": "M-1"}},
    ],
    ids=str,
)
def test_subject__is_found(lake: Lake, inbox: Path, subject: dict[str, Any]) -> None:
    path = bundle(
        inbox / "a.json",
        {"resource": potassium("k", subject=subject)},
        {"fullUrl": URN, "resource": PATIENT},
    )
    report = take(lake, path)
    assert subjects_of(lake)["k"] == ADA
    assert report.sources[0].problems == ()


def test_subject__contained_in_the_record_is_found_by_its_identifier(
    lake: Lake, inbox: Path
) -> None:
    inside = {"resourceType": "Patient", "id": "p", "identifier": PATIENT["identifier"]}
    record = potassium("k", subject={"reference": "#p"}, contained=[inside])
    take(lake, ndjson(inbox / "a.ndjson", PATIENT, record))
    assert subjects_of(lake)["k"] == ADA


def test_subject__named_by_identifier_is_found_in_an_earlier_load(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", PATIENT))
    conditional = {"reference": "Patient?identifier=https://ward.example/mrn|M-1"}
    take(lake, ndjson(inbox / "b.ndjson", potassium("k", subject=conditional)))
    assert subjects_of(lake)["k"] == ADA


@pytest.mark.parametrize(
    "reference", [URN, "Patient?identifier=https://ward.example/mrn|nobody", "#nobody"]
)
def test_subject__that_leads_nowhere_is_reported_and_the_record_kept(
    lake: Lake, inbox: Path, reference: str
) -> None:
    report = take(
        lake, ndjson(inbox / "a.ndjson", potassium("k", subject={"reference": reference}))
    )
    assert (report.loaded, report.rejected) == (1, 0)
    (problem,) = report.sources[0].problems
    assert (problem.code, problem.record, problem.pointer) == (
        "unresolved-reference",
        0,
        "/subject",
    )
    assert subjects_of(lake) == {"k": None}
    assert rows(lake, "event") == []


def test_subject__that_is_a_group_makes_no_event(lake: Lake, inbox: Path) -> None:
    report = take(
        lake, ndjson(inbox / "a.ndjson", potassium("k", subject={"reference": "Group/herd"}))
    )
    assert report.loaded == 1
    assert rows(lake, "event") == []


def test_urn__means_another_thing_in_another_bundle(lake: Lake, inbox: Path) -> None:
    for name in ("ada", "bob"):
        observation = potassium(f"k-{name}", subject={"reference": URN})
        bundle(
            inbox / f"{name}.json",
            {"fullUrl": URN, "resource": PATIENT | {"id": name}},
            {"resource": observation},
        )
    take(lake, inbox)
    found = subjects_of(lake)
    assert found["k-ada"] == found["ada"] != found["bob"] == found["k-bob"]


def test_encounter__is_linked_through_the_bundle(lake: Lake, inbox: Path) -> None:
    encounter = {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/ada"},
        "period": {"start": "2024-03-05T01:00:00Z"},
    }
    entries = (
        {"resource": PATIENT},
        {"resource": potassium("k", encounter={"reference": URN})},
        {"fullUrl": URN, "resource": encounter},
    )
    take(lake, bundle(inbox / "a.json", *entries))
    linked = {row["category"]: row["encounter_id"] for row in rows(lake, "event")}
    assert linked["laboratory"] == linked["encounter"] == stable_id("test", "Encounter/stay")


@pytest.mark.parametrize("where", ["contained", "bundle", "urn", "lake"])
def test_medicine__named_by_reference_has_its_code(lake: Lake, inbox: Path, where: str) -> None:
    medication = {
        "resourceType": "Medication",
        "id": "m",
        "code": {
            "coding": [
                {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "6809"},
                {"system": "http://www.whocc.no/atc", "code": "A10BA02", "display": "metformin"},
            ]
        },
    }
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/ada"},
        "authoredOn": "2024-03-05",
        "medicationReference": {"reference": "#m" if where == "contained" else "Medication/m"},
    }
    if where == "contained":
        take(lake, ndjson(inbox / "a.ndjson", order | {"contained": [medication]}))
    elif where == "urn":
        order["medicationReference"] = {"reference": URN}
        take(
            lake,
            bundle(inbox / "a.json", {"resource": order}, {"fullUrl": URN, "resource": medication}),
        )
    elif where == "bundle":
        take(lake, bundle(inbox / "a.json", {"resource": order}, {"resource": medication}))
    else:
        take(lake, ndjson(inbox / "a.ndjson", medication))
        take(lake, ndjson(inbox / "b.ndjson", order))
    (event,) = rows(lake, "event")
    assert (event["code"], len(event["codings"])) == ("RXNORM//6809", 2)
    assert event["act"] == "ordered"
    with lake.read(SYSTEM) as reader:
        (again,) = trace(reader, event["event_id"])[1].to_pylist()
    assert again == {name: event[name] for name in again}
