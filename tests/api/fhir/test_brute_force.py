"""Search equals a scan of every resource in plain Python.

The scan is in ``brute_force``; VITRUVIAN_SEARCH_QUERIES asks for more than the usual number.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, PASSWORD
from tests.api.fhir import brute_force
from vitruvian.api import create_app
from vitruvian.demo import write_demo
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

Json = dict[str, Any]
QUERIES = int(os.environ.get("VITRUVIAN_SEARCH_QUERIES", "150"))
PATIENTS = 8


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brute")
    write_demo(folder / "hospital", patients=PATIENTS, layout="ndjson")
    return folder


@pytest.fixture(scope="module")
def by_type(demo: Path) -> dict[str, list[Json]]:
    """Every resource of the made-up hospital, as it was written."""
    found: dict[str, list[Json]] = {}
    for path in sorted((demo / "hospital" / "fhir").rglob("*.ndjson")):
        for line in path.read_text("utf-8").splitlines():
            resource = json.loads(line)
            found.setdefault(resource["resourceType"], []).append(resource)
    return found


@pytest.fixture(scope="module")
def searching(demo: Path) -> Iterator[TestClient]:
    with Lake.create(demo / "lake", site="demo") as lake:
        ingest([demo / "hospital" / "fhir"], lake, access=SYSTEM)
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        lake.accounts.set_password("rossi", password=PASSWORD)
        with TestClient(create_app(lake), base_url=ORIGIN) as client:
            client.auth = httpx.BasicAuth("rossi", PASSWORD)
            yield client


def found(client: TestClient, resource_type: str, said: list[tuple[str, str]]) -> set[str]:
    """Ids on every page of a search."""
    answer = client.get(
        f"/fhir/{resource_type}", params=[*said, ("_count", "1000"), ("_elements", "id")]
    ).json()
    names: set[str] = set()
    while True:
        assert answer["resourceType"] == "Bundle", answer
        names |= {entry["resource"]["id"] for entry in answer.get("entry", ())}
        links = [link["url"] for link in answer["link"] if link["relation"] == "next"]
        if not links:
            assert len(names) == answer["total"]
            return names
        answer = client.get(links[0]).json()


def test_random_searches__equal_a_scan_of_everything(
    searching: TestClient, by_type: dict[str, list[Json]]
) -> None:
    luck = random.Random(20261122)
    hits = 0
    for number in range(QUERIES):
        resource_type, asked = brute_force.random_query(luck, by_type)
        said = [one.written() for one in asked]
        expected = brute_force.scan(by_type[resource_type], resource_type, asked)
        assert found(searching, resource_type, said) == expected, (number, resource_type, said)
        hits += bool(expected)
    assert hits > QUERIES / 3


@pytest.mark.parametrize("family", ["a", "s", "m"])
def test_chained_search__equals_two_scans(
    searching: TestClient, by_type: dict[str, list[Json]], family: str
) -> None:
    people = brute_force.scan(
        by_type["Patient"], "Patient", [brute_force.Asked("family", "", (family,))]
    )
    expected = {
        one["id"]
        for one in by_type["Condition"]
        if one["subject"]["reference"].removeprefix("Patient/") in people
    }
    assert found(searching, "Condition", [("subject:Patient.family", family)]) == expected
    assert found(searching, "Condition", [("patient.family", family)]) == expected


def test_reverse_chain__equals_two_scans(
    searching: TestClient, by_type: dict[str, list[Json]]
) -> None:
    results = [brute_force.Asked("code", "", ("2823-3",)),
               brute_force.Asked("value-quantity", "", ("gt5.5",))]  # fmt: skip
    high = brute_force.scan(by_type["Observation"], "Observation", results[:1])
    expected = {
        one["subject"]["reference"].removeprefix("Patient/")
        for one in by_type["Observation"]
        if one["id"] in high
    }
    assert found(searching, "Patient", [("_has:Observation:patient:code", "2823-3")]) == expected
    assert expected
