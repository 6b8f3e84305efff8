"""A hospital with three patients: Anna, whom all know; a canary, whom few may; Bruno, who objects."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN
from tests.api.fhir.conftest import potassium, take_in
from vitruvian.api import create_app
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM
from vitruvian.trust.policy import DEFAULT

Json = dict[str, Any]
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
# Words that stand in the canary's record and nowhere else.
CANARY = ("Quillfeather", "Zephyrina", "ZQ-777", "7.77", "zephcanary")
STUDIES = """
[study.heart]
patients = "enrolled"

[study.rare]
patients = "enrolled"
"""


def patient(name: str, family: str, given: str, *, mrn: str, **said: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": name,
        "identifier": [{"system": "urn:mrn", "value": mrn}],
        "name": [{"family": family, "given": [given]}],
        "gender": "female",
        "birthDate": "1950-06-01",
    } | said


def consent(name: str, about: str, *, rule: str, purpose: str, **said: Any) -> Json:
    """A consent whose base rule and one purpose are as said."""
    return {
        "resourceType": "Consent",
        "id": name,
        "status": "active",
        "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
        "category": [{"text": "privacy"}],
        "patient": {"reference": f"Patient/{about}"},
        "dateTime": "2024-01-01",
        "policyRule": {"coding": [{"system": ACT, "code": rule}]},
        "provision": {"purpose": [{"system": REASON, "code": purpose}]},
    } | said


def enrolled(study: str, about: str) -> Json:
    return {
        "resourceType": "ResearchSubject",
        "id": f"{study}-{about}",
        "status": "on-study",
        "study": {"reference": f"ResearchStudy/{study}"},
        "individual": {"reference": f"Patient/{about}"},
        "consent": {"reference": f"Consent/{about}-research"},
    }


RECORDS: list[Json] = [
    patient("anna", "Müller", "Anna", mrn="A-1"),
    potassium("k1", "anna", "4.1", "2024-05-01T10:00:00Z"),
    consent("anna-research", "anna", rule="OPTIN", purpose="HRESCH"),
    enrolled("heart", "anna"),
    patient(
        "zephcanary",
        "Quillfeather",
        "Zephyrina",
        mrn="ZQ-777",
        meta={"security": [{"system": ACT, "code": "CEL"}]},
    ),
    potassium("k7", "zephcanary", "7.77", "2024-05-02T10:00:00Z"),
    consent("zeph-research", "zephcanary", rule="OPTIN", purpose="HRESCH"),
    enrolled("rare", "zephcanary"),
    {
        "resourceType": "CareTeam",
        "id": "team",
        "status": "active",
        "subject": {"reference": "Patient/zephcanary"},
        "participant": [{"member": {"reference": "Practitioner/okoro"}}],
    },
    patient("bruno", "Bianchi", "Bruno", mrn="B-2"),
    potassium("k3", "bruno", "3.9", "2024-05-02T10:00:00Z"),
    consent("bruno-block", "bruno", rule="OPTOUT", purpose="TREAT"),
    {"resourceType": "Practitioner", "id": "okoro", "name": [{"family": "Okoro"}]},
]
# Account, role, and what it is tied to.
ACCOUNTS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("rossi", "clinician", ()),
    ("okoro", "clinician", (("practitioner", "Practitioner/okoro"),)),
    ("lens", "radiologist", ()),
    ("gene", "geneticist", ()),
    ("hearty", "researcher", (("study", "heart"),)),
    ("rarely", "researcher", (("study", "rare"),)),
    ("idle", "researcher", ()),
    ("stew", "data steward", ()),
    ("anna", "patient", ()),
    ("watch", "auditor", ()),
    ("boss", "administrator", ()),
)


@pytest.fixture(scope="session")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hospital, made once."""
    folder = tmp_path_factory.mktemp("matrix")
    with Lake.create(folder / "lake", site="st-elsewhere") as made:
        text = DEFAULT.read_text("utf-8") + STUDIES
        (folder / "lake" / "policy.toml").write_text(text, "utf-8")
        take_in(made, RECORDS, folder)
        for name, role, ties in ACCOUNTS:
            made.accounts.create(name, display_name=name, role=role)
            for kind, value in ties:
                made.desk.tie(name, kind=kind, value=value)  # type: ignore[arg-type]
        made.desk.tie("anna", kind="self", value=str(subject_of(made, "Müller")))
    return folder / "lake"


@pytest.fixture
def hospital(at_rest: Path, tmp_path: Path) -> Iterator[Lake]:
    shutil.copytree(at_rest, tmp_path / "lake")
    with Lake.open(tmp_path / "lake") as opened:
        yield opened


def subject_of(lake: Lake, family: str) -> int:
    with lake.read(SYSTEM) as reader:
        found = reader.rows("patient", where="family = ?", params=[family])
    return int(found.column("subject_id")[0].as_py())


SignIn = Callable[[str], TestClient]


@pytest.fixture
def sign_in(hospital: Lake) -> Iterator[SignIn]:
    """A client of any account."""
    with TestClient(create_app(hospital), base_url=ORIGIN) as client:

        def signed(name: str) -> TestClient:
            token = hospital.accounts.open_session(name).token
            client.cookies.clear()
            client.cookies.set("vitruvian_session", token)
            client.headers.update({"X-Vitruvian": "1"})
            return client

        yield signed
