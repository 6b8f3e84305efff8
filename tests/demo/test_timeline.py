"""From the truth to the timeline and back: what was written is what a lake holds."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest

from vitruvian.demo import write_demo
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

PATIENTS = 7  # the seventh has a refuted embolism
ONE_EVENT = {
    "encounters": "Encounter",
    "conditions": "Condition",
    "reports": "DiagnosticReport",
    "prescriptions": "MedicationRequest",
    "dispenses": "MedicationDispense",
    "administrations": "MedicationAdministration",
    "procedures": "Procedure",
    "documents": "DocumentReference",
    "immunisations": "Immunization",
    "allergies": "AllergyIntolerance",
    "relatives": "FamilyMemberHistory",
    "imaging": "ImagingStudy",
}
Events = dict[str, list[dict[str, Any]]]
Truth = list[dict[str, Any]]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, Events]:
    """The truth of a few patients, and their events by resource after an ingest."""
    folder = tmp_path_factory.mktemp("walk")
    report = write_demo(folder / "demo", patients=PATIENTS)
    with Lake.create(folder / "lake", site="demo") as lake:
        told = ingest([report.fhir], lake, access=SYSTEM, site="demo", time_zone="UTC")
        with lake.read(SYSTEM) as reader:
            resources = reader.rows("resource").to_pylist()
            events = reader.rows("event").to_pylist()
    assert told.offered == told.loaded == report.total
    names = {row["version_id"]: f"{row['resource_type']}/{row['resource_id']}" for row in resources}
    by_record: Events = defaultdict(list)
    for event in events:
        by_record[names[event["version_id"]]].append(event)
    return [json.loads(line) for line in report.truth.read_text("utf-8").splitlines()], by_record


def records(life: dict[str, Any], shelf: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{kind}/s{life['seed']}-p{life['number']}-{one['id']}", one) for one in life[shelf]]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_measurement__has_the_same_clocks_value_and_status(walked: tuple[Truth, Events]) -> None:
    truth, events = walked
    for life in truth:
        for record, one in records(life, "measurements", "Observation"):
            found = events[record]
            assert len(found) == (len(one["components"]) or 1)
            assert {event["time"] for event in found} == {instant(one["time"])}
            assert {event["known_at"] for event in found} == {instant(one["known_at"])}
            assert {event["status"] for event in found} == {one["status"]}
            if one["value"]:
                assert [event["value_as_sent"] for event in found] == [one["value"]]
                assert [event["comparator"] or "" for event in found] == [one["comparator"]]


@pytest.mark.parametrize("shelf", sorted(ONE_EVENT))
def test_every_other_fact__is_one_event(walked: tuple[Truth, Events], shelf: str) -> None:
    truth, events = walked
    facts = [one for life in truth for one in records(life, shelf, ONE_EVENT[shelf])]
    assert Counter(len(events[record]) for record, _ in facts) == {1: len(facts)}


def test_dose_withheld__is_an_act_not_done(walked: tuple[Truth, Events]) -> None:
    truth, events = walked
    for life in truth:
        for record, dose in records(life, "administrations", "MedicationAdministration"):
            act = "not-done" if dose["why_not"] else "administered"
            assert [event["act"] for event in events[record]] == [act]


def test_refuted_diagnosis__is_negated(walked: tuple[Truth, Events]) -> None:
    truth, events = walked
    for life in truth:
        for record, one in records(life, "conditions", "Condition"):
            polarity = "negated" if one["verification"] == "refuted" else "affirmed"
            assert [event["polarity"] for event in events[record]] == [polarity]
