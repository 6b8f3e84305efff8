"""Real sample messages of other people: each mapped or refused with a reason, and told again."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.support import SYSTEM, every_version, rows, take
from vitruvian.ingest import trace
from vitruvian.ingest.library.hl7v2.facts.message_facts import facts_of
from vitruvian.ingest.library.hl7v2.facts.people import person_update
from vitruvian.ingest.library.hl7v2.reading.moments import zones_of
from vitruvian.ingest.library.hl7v2.staging import Origin, tell
from vitruvian.lake import Lake

REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "clinical" / "hl7v2"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="VITRUVIAN_REAL_DATA is not set")


def test_every_message__is_mapped_or_refused_with_a_reason(lake: Lake) -> None:
    report = take(lake, REAL / "fhir-converter" / "in", REAL / "hapi", REAL / "linuxforhealth")
    assert (report.offered, report.loaded, report.rejected) == (97, 84, 13)
    reasons = [problem.code for source in report.sources for problem in source.problems]
    assert sorted(set(reasons)) == ["not-a-message", "not-production"]
    with lake.read(SYSTEM) as reader:
        for event in every_version(lake, "event")[::9]:
            _, fresh = trace(reader, event["event_id"])
            assert event["event_id"] in fresh["event_id"].to_pylist()
    assert rows(lake, "event") != []


def converted() -> list[tuple[bytes, dict[str, list[dict[str, Any]]]]]:
    """Messages beside one vendor's conversion of them to FHIR."""
    found = []
    for path in sorted((REAL / "fhir-converter" / "in").glob("*.hl7")):
        other = REAL / "fhir-converter" / "expected-fhir" / f"{path.stem}-expected.json.gz"
        if other.is_file():
            by_type: dict[str, list[dict[str, Any]]] = {}
            for entry in json.loads(gzip.decompress(other.read_bytes()))["entry"]:
                by_type.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
            found.append((path.read_bytes().rstrip(), by_type))
    return found


def told_of(data: bytes) -> Any:
    now = datetime(2024, 1, 1, tzinfo=UTC)
    return tell(data, Origin("test", "source", 0, zones_of("UTC", declared=True), now))


def test_people__are_those_of_the_other_converter() -> None:
    seen = 0
    for data, by_type in converted():
        told = told_of(data)
        ours = person_update(told, told.message.of("PID"))
        for patient in by_type.get("Patient", [])[:1]:
            seen += 1
            assert patient.get("gender") in {None, ours.get("sex")}
            assert patient.get("birthDate") in {None, ours.get("birth_date")}
            assert patient.get("name", [{}])[0].get("family") in {None, ours.get("family")}
    assert seen > 80


def test_numbers_allergies_and_vaccines__are_those_of_the_other_converter() -> None:
    kinds = {
        "AllergyIntolerance": ("code", "allergy"),
        "Immunization": ("vaccineCode", "immunisation"),
    }
    seen = 0
    for data, by_type in converted():
        events = [fact.event for fact in facts_of(told_of(data), lambda _: "") if fact.event]
        for name, (field, lane) in kinds.items():
            ours = {
                coding["code"]
                for event in events
                if event["category"] == lane
                for coding in event["codings"]
            }
            for resource in by_type.get(name, []):
                seen += 1
                assert {each.get("code") for each in resource[field].get("coding", [])} & ours
        numbers = {float(event["value_as_sent"]) for event in events if event.get("value_as_sent")}
        for observation in by_type.get("Observation", []):
            if "value" in observation.get("valueQuantity", {}):
                seen += 1
                assert observation["valueQuantity"]["value"] in numbers
    assert seen > 50
