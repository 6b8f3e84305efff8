"""A declared client that signs its own requests, and a hospital taken in as FHIR."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, Hands
from tests.lakes import empty_lake
from tests.picture.rows import at
from vitruvian.api import Settings, create_app
from vitruvian.guides import guide_named
from vitruvian.guides.alerts import AlertShelf
from vitruvian.guides.alerts.rule import rule_for
from vitruvian.guides.alerts.shelf import Asks
from vitruvian.guides.alerts.trial import RanOn, receipt_of, trial_for
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("joserfc", reason="joserfc is not installed: pip install joserfc")

Json = dict[str, Any]
ISS = "https://records.example/"
NOW = at("2024-05-10T12:00")
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
RECORDS: list[Json] = [
    {"resourceType": "Patient", "id": "anna", "gender": "female", "birthDate": "1950-06-01"},
    {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/anna"},
        "recordedDate": "2024-05-01T08:00:00Z",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "C18.2"}]},
    },
    {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "in-progress",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "IMP",
        },
        "subject": {"reference": "Patient/anna"},
        "period": {"start": "2024-05-09T08:00:00Z"},
    },
]


def fluorouracil(**said: Any) -> Json:
    """An order not yet signed."""
    return {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/anna"},
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": "4492"}]},
    } | said


def vital(code: str, value: float, unit: str) -> Json:
    """One observation of this morning."""
    return {
        "resourceType": "Observation",
        "id": f"o-{code}",
        "status": "final",
        "subject": {"reference": "Patient/anna"},
        "effectiveDateTime": "2024-05-10T11:30:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
    }


def bundle(*resources: Json) -> Json:
    """A Bundle of these."""
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}


def hook(name: str, **said: Any) -> Json:
    """The body of a call about Anna."""
    context = {"userId": "Practitioner/who", "patientId": "anna", **said.pop("context", {})}
    return {"hook": name, "hookInstance": "i-1", "context": context} | said


@pytest.fixture(scope="session")
def key() -> Any:
    """The client's own key."""
    from joserfc.jwk import ECKey  # noqa: PLC0415 - skipped above where absent

    return ECKey.generate_key("P-384", parameters={"kid": "k1", "alg": "ES384"})


@pytest.fixture
def clock() -> Hands:
    return Hands(NOW)


@pytest.fixture
def hospital(tmp_path: Path, clock: Hands, key: Any) -> Iterator[Lake]:
    """Anna, in hospital with a colon cancer; one client is declared."""
    folder = tmp_path / "files"
    folder.mkdir()
    lines = "\n".join(json.dumps(each) for each in RECORDS)
    (folder / "all.ndjson").write_text(lines, "utf-8")
    with empty_lake(tmp_path / "lake", site="st-elsewhere", clock=clock) as lake:
        ingest([folder], lake, access=SYSTEM)
        lake.accounts.create("records", display_name="Record system", role="clinician")
        jwks = json.dumps({"keys": [key.as_dict(private=False)]})
        declared = f"[[client]]\niss = '{ISS}'\naccount = 'records'\njwks = '{jwks}'\n"
        (lake.path / "cds_clients.toml").write_text(declared, "utf-8")
        yield lake


@pytest.fixture
def client(hospital: Lake, clock: Hands, tmp_path: Path) -> Iterator[TestClient]:
    """Someone who has no token yet."""
    settings = Settings(clock=clock, static=tmp_path / "static")
    with TestClient(create_app(hospital, settings=settings), base_url=ORIGIN) as found:
        yield found


@pytest.fixture
def loud(hospital: Lake, clock: Hands) -> Iterator[AlertShelf]:
    """Alerts tried on this hospital's history, with an owner, and active."""
    shelf = AlertShelf(hospital.path, clock=clock)
    wanted = {"news2": (), "dpyd": (), "lynch_reflex": ("test the tumour",)}
    for guide, answers in wanted.items():
        rule = rule_for(guide, guide_named(guide), answers=answers)
        shelf.draft(rule, by="dr.vega")
        with hospital.read(SYSTEM) as reader:
            trial = trial_for(rule, reader)
            trial.advance(reader, enough=lambda: False)
        shelf.keep(receipt_of(trial, RanOn(NOW, "dr.vega", "1.1", NOW)))
        shelf.move(guide, Asks("active", "dr.vega", owner="dr.vega"))
    yield shelf
    shelf.close()


@pytest.fixture
def signed(key: Any, clock: Hands) -> Callable[..., dict[str, str]]:
    """Makes the header of a request to a path; words given replace its claims."""
    from joserfc import jwt  # noqa: PLC0415 - skipped above where absent

    count = iter(range(1_000_000))

    def sign(path: str, *, by: Any = key, **claims: Any) -> dict[str, str]:
        seconds = int(clock.now.timestamp())
        basic = {"iss": ISS, "aud": ORIGIN + path, "iat": seconds, "exp": seconds + 60}
        told = basic | {"jti": f"t-{next(count)}"} | claims
        header = {"alg": "ES384", "typ": "JWT", "kid": "k1"}
        token = jwt.encode(header, told, by, algorithms=["ES384"])
        return {"Authorization": f"Bearer {token}"}

    return sign
