"""Pictures, cards and the whole record of the hidden patient: answered as if there were none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN
from tests.ingest.library.dicom.samples import Slice
from tests.lake.rows import link
from tests.trust.over_http.conftest import ACCOUNTS, CANARY, SignIn, subject_of
from vitruvian.api import create_app
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

HIDDEN, ABSENT = "1.2.826.0.1.777", "1.2.826.0.1.999"
MAY = {"okoro", "rarely"}
OTHERS = [name for name, _, _ in ACCOUNTS if name not in MAY]
PIXELS = (
    *("studies/{0}", "studies/{0}/series", "studies/{0}/instances", "studies/{0}/metadata"),
    *("studies/{0}/series/{0}.1/metadata", "studies/{0}/series/{0}.1/instances"),
    *("studies/{0}/series/{0}.1", "studies/{0}/series/{0}.1/instances/{0}.1.1"),
    "studies/{0}/series/{0}.1/instances/{0}.1.1/metadata",
    "studies/{0}/series/{0}.1/instances/{0}.1.1/frames/1",
    "studies/{0}/series/{0}.1/instances/{0}.1.1/rendered",
    "studies/{0}/series/{0}.1/instances/{0}.1.1/frames/1/rendered",
    "studies/{0}/series/{0}.1/instances/{0}.1.1/bulkdata/7FE00010",
    *("studies?StudyInstanceUID={0}", "studies?PatientID=ZQ-777"),
)


@pytest.fixture
def pictured(hospital: Lake, tmp_path: Path) -> Lake:
    """The same hospital; the canary has a CT."""
    person = subject_of(hospital, "Quillfeather")
    # A scanner knows a number, and a name of its own spelling.
    more = {0x00100010: ("PN", "Quillfeather Z^")}
    one = Slice(1, study=HIDDEN, series=f"{HIDDEN}.1", patient="ZQ-777", more=more)
    (tmp_path / "ct").mkdir()
    ingest([one.write(tmp_path / "ct")], hospital, access=SYSTEM)
    with hospital.read(SYSTEM) as reader:
        where = f"study_uid = '{HIDDEN}'"
        (subject, *_) = (
            reader.rows("image", columns=["subject_id"], where=where).column(0).to_pylist()
        )
    assert subject != person
    hospital.append(SYSTEM, {"person_link": [link(77, subject=subject, person=person)]})
    return hospital


def alike(client: TestClient, path: str) -> tuple[tuple[int, str], tuple[int, str]]:
    """What is answered about the hidden study, and about one that does not exist."""
    found = []
    for uid in (HIDDEN, ABSENT):
        answer = client.get(f"/api/dicomweb/{path.format(uid)}")
        text = re.sub(r'"request_id":"[0-9a-f]+"', "", answer.text)
        found.append((answer.status_code, text.replace(uid, "UID")))
    return found[0], found[1]


@pytest.mark.parametrize("name", OTHERS)
def test_pixels__are_answered_as_if_there_were_no_such_study(
    name: str, pictured: Lake, sign_in: SignIn
) -> None:
    client = sign_in(name)
    for path in PIXELS:
        hidden, absent = alike(client, path)
        assert hidden == absent, path
        assert [word for word in CANARY if word in hidden[1] and word not in path] == []
    with pictured.read(SYSTEM) as reader:
        link_row = reader.rows("person_link").to_pylist()[-1]
    person = link_row["person_id"]
    for page in (
        "imaging",
        f"imaging/{HIDDEN}/{HIDDEN}.1",
        f"imaging/{HIDDEN}/{HIDDEN}.1/volume.nii",
        f"imaging/{HIDDEN}/{HIDDEN}.1/overlays",
        f"imaging/{HIDDEN}/{HIDDEN}.1/overlays/{HIDDEN}.2",
    ):
        answer = client.get(f"/api/patients/{person}/{page}")
        assert (answer.status_code in (403, 404)) or answer.json() == []


def test_pixels__are_shown_to_the_care_team(pictured: Lake, sign_in: SignIn) -> None:
    client = sign_in("okoro")
    path = f"/api/dicomweb/studies/{HIDDEN}/series/{HIDDEN}.1/instances/{HIDDEN}.1.1"
    shown = client.get(f"{path}/rendered")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert len(client.get("/api/dicomweb/studies").json()) == 1


@pytest.mark.parametrize("name", OTHERS)
def test_everything__of_the_hidden_is_as_of_nobody(name: str, sign_in: SignIn) -> None:
    client = sign_in(name)
    hidden, absent = (
        client.get(f"/fhir/Patient/{one}/$everything") for one in ("zephcanary", "nobody")
    )
    assert hidden.status_code == absent.status_code != 200
    assert hidden.text.replace("zephcanary", "X") == absent.text.replace("nobody", "X")
    other = client.get("/fhir/Patient/anna/$everything")
    assert [word for word in CANARY if word in other.text] == []


@pytest.fixture
def hooks(hospital: Lake) -> Callable[[str, str, str], Any]:
    """Calls a service in the name of a client, whose account is a clinician's."""
    pytest.importorskip("joserfc", reason="joserfc is not installed: pip install joserfc")
    from joserfc import jwt  # noqa: PLC0415 - skipped above where absent
    from joserfc.jwk import ECKey  # noqa: PLC0415

    key = ECKey.generate_key("P-384", parameters={"kid": "k1", "alg": "ES384"})
    jwks = json.dumps({"keys": [key.as_dict(private=False)]})
    text = "[[client]]\niss = 'https://r.example/'\naccount = '{}'\njwks = '{}'\n"
    numbers = iter(range(1000))

    def call(account: str, service: str, patient: str) -> Any:
        (hospital.path / "cds_clients.toml").write_text(text.format(account, jwks), "utf-8")
        with TestClient(create_app(hospital), base_url=ORIGIN) as client:
            path = f"/cds-services/{service}"
            now = int(hospital.clock().timestamp())
            told = {"iss": "https://r.example/", "aud": ORIGIN + path, "iat": now, "exp": now + 60}
            token = jwt.encode(
                {"alg": "ES384", "typ": "JWT", "kid": "k1"}, {**told, "jti": f"t{next(numbers)}"}, key,
                algorithms=["ES384"],
            )  # fmt: skip
            context = {"userId": "Practitioner/who", "patientId": patient}
            body = {"hook": "patient-view", "hookInstance": "i-1", "context": context}
            return client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})

    return call


def services(lake: Lake) -> list[str]:
    with TestClient(create_app(lake), base_url=ORIGIN) as client:
        found = client.get("/cds-services").json()["services"]
    return [one["id"] for one in found if one["hook"] == "patient-view"]


@pytest.mark.parametrize("account", ["rossi", "stew", "hearty"])
def test_cards__of_the_hidden_are_as_of_nobody(account: str, hospital: Lake, hooks: Any) -> None:
    names = services(hospital)
    assert names
    for service in names:
        hidden, absent = (hooks(account, service, one) for one in ("zephcanary", "nobody"))
        assert [word for word in CANARY if word in hidden.text and word != "zephcanary"] == []
        if hidden.json().get("problem") == "record-closed":
            # Whoever may break the glass is told that there is one to break.
            assert hospital.policy.breaks_glass("clinician")
            assert account == "rossi"
        else:
            texts = [re.sub(r'"request_id":"[0-9a-f]+"', "", one.text) for one in (hidden, absent)]
            assert hidden.status_code == absent.status_code
            assert texts[0].replace("zephcanary", "X") == texts[1].replace("nobody", "X")
