"""A small lake with two made-up patients taken in as FHIR, and a client of its interface."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, PASSWORD
from vitruvian.api import create_app
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

Json = dict[str, Any]
JSON_TYPE = {"content-type": "application/fhir+json"}
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"


def potassium(name: str, patient: str, digits: str, time: str, **said: Any) -> Json:
    """A result whose digits stay as written."""
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": LOINC, "code": "2823-3", "display": "Potassium"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": time,
        "valueQuantity": {
            "value": float(digits),
            "unit": "mmol/L",
            "system": UCUM,
            "code": "mmol/L",
        },
    } | said


RECORDS: list[Json] = [
    {
        "resourceType": "Patient",
        "id": "anna",
        "identifier": [{"system": "urn:mrn", "value": "A-1"}],
        "name": [{"family": "Müller", "given": ["Anna", "Sofía"]}, {"text": "Nanna"}],
        "gender": "female",
        "birthDate": "1950-06-01",
        "generalPractitioner": [{"reference": "Practitioner/who"}],
        "managingOrganization": {"reference": "Organization/ward"},
    },
    {
        "resourceType": "Patient",
        "id": "bruno",
        "identifier": [{"system": "urn:mrn", "value": "B-2"}],
        "name": [{"family": "Bianchi", "given": ["Bruno"]}],
        "gender": "male",
        "birthDate": "1971",
        "deceasedDateTime": "2024-06-01",
    },
    {"resourceType": "Practitioner", "id": "who", "name": [{"family": "Rossi"}]},
    {"resourceType": "Organization", "id": "ward", "name": "Ward Seven"},
    {
        "resourceType": "Encounter",
        "id": "stay",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/anna"},
        "period": {"start": "2024-05-01T08:00:00Z", "end": "2024-05-04T08:00:00Z"},
    },
    potassium(
        "k1", "anna", "4.1", "2024-05-01T10:00:00Z", encounter={"reference": "Encounter/stay"}
    ),
    potassium(
        "k2", "anna", "6.2", "2024-05-03T10:00:00Z", encounter={"reference": "Encounter/stay"}
    ),
    potassium("k3", "bruno", "3.9", "2024-05-02"),
    {
        "resourceType": "Condition",
        "id": "diabetes",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": SNOMED, "code": "44054006"}], "text": "Diabetes, type 2"},
        "subject": {"reference": "Patient/anna"},
        "onsetDateTime": "2019-03",
    },
]


def take_in(lake: Lake, records: Sequence[Json], folder: Path, *, name: str = "records") -> None:
    """Ingest records as NDJSON, their digits as written."""
    path = folder / f"{name}.ndjson"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    assert ingest([path], lake, access=SYSTEM).rejected == 0


@pytest.fixture(scope="session")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake at rest, made once."""
    folder = tmp_path_factory.mktemp("fhir")
    with Lake.create(folder / "lake", site="st-elsewhere") as made:
        take_in(made, RECORDS, folder)
        made.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        made.accounts.set_password("rossi", password=PASSWORD)
    return folder / "lake"


@pytest.fixture
def hospital(taken_in: Path, tmp_path: Path) -> Iterator[Lake]:
    """A copy of it that a test may change."""
    shutil.copytree(taken_in, tmp_path / "lake")
    with Lake.open(tmp_path / "lake") as opened:
        yield opened


@pytest.fixture
def stranger(hospital: Lake) -> Iterator[TestClient]:
    """A client that has not said who it is."""
    with TestClient(create_app(hospital), base_url=ORIGIN) as client:
        yield client


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    """The same with name and password."""
    stranger.auth = httpx.BasicAuth("rossi", PASSWORD)
    return stranger


def sent(client: TestClient, method: str, path: str, body: object = None, **headers: str) -> Any:
    """One request with a FHIR body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = None if body is None else json.dumps(body)
    return client.request(method, f"/fhir{path}", content=content, headers=JSON_TYPE | named)


Ids = Callable[[str], list[str]]


@pytest.fixture
def ids(client: TestClient) -> Ids:
    """The ids that a search finds, in its order."""

    def found(query: str) -> list[str]:
        answer = client.get(f"/fhir/{query}")
        assert answer.status_code == 200, answer.text
        return ids_of(answer.json())

    return found


def ids_of(bundle: Json) -> list[str]:
    return [
        entry["resource"]["id"]
        for entry in bundle.get("entry", [])
        if entry["search"]["mode"] == "match"
    ]
