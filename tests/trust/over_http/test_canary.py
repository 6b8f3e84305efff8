"""A patient whom few may see is found in no answer, log or error that the others get."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.api.client import TestClient
from tests.trust.over_http.conftest import ACCOUNTS, CANARY, SignIn, subject_of
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

MAY = {"okoro", "rarely"}
OTHERS = [name for name, _, _ in ACCOUNTS if name not in MAY]
SEARCHES = (
    "Patient",
    "Patient?identifier=urn:mrn|ZQ-777",
    "Patient?family=Quillfeather",
    "Patient?_revinclude=Observation:subject",
    "Patient/zephcanary",
    "Patient/zephcanary/_history",
    "Observation",
    "Observation?_include=Observation:subject",
    "Observation?subject:Patient.family=Quillfeather",
    "Observation?patient=Patient/zephcanary",
    "Observation?value-quantity=7.77",
    "Observation/k7",
    "Consent",
    "CareTeam",
    "ResearchSubject",
    "_history",
)
ASKED_IN_WORDS = {"zephcanary", "ZQ-777", "Quillfeather", "7.77"}
COHORT = "predicates: {any: {code: {any: [LOINC//2823-3]}}}\ntrigger: any\n"


def fhir(client: TestClient) -> Iterator[tuple[str, httpx.Response]]:
    for path in SEARCHES:
        yield path, client.get(f"/fhir/{path}")
        yield (
            f"count of {path}",
            client.get(f"/fhir/{path}{'&' if '?' in path else '?'}_summary=count"),
        )


def exported(client: TestClient) -> Iterator[tuple[str, httpx.Response]]:
    begun = client.get("/fhir/$export", headers={"prefer": "respond-async"})
    yield "$export", begun
    if begun.status_code != 202:
        return
    where = begun.headers["content-location"]
    while (state := client.get(where)).status_code == 202:
        time.sleep(0.02)
    yield "$export state", state
    if state.status_code == 200:
        for one in state.json()["output"]:
            yield f"$export {one['type']}", client.get(one["url"])


def pages(client: TestClient, lake: Lake) -> Iterator[tuple[str, httpx.Response]]:
    person = subject_of(lake, "Quillfeather")
    yield "worklist", client.get("/api/worklist")
    yield "search", client.post("/api/patients/search", json={"text": "quill"})
    for page in ("picture", "timeline", "new", "guides", "series?code=LOINC//2823-3"):
        yield page, client.get(f"/api/patients/{person}/{page}")
    yield "in record", client.post(f"/api/patients/{person}/search", json={"text": "potassium"})
    with lake.read(SYSTEM) as reader:
        events = reader.rows("event", subjects=[person], columns=["event_id"])
    for event in events.column(0).to_pylist():
        yield "trace", client.get(f"/api/events/{event}/trace")
    yield "studies", client.get("/api/dicomweb/studies")
    yield "codes", client.post("/api/cohorts/codes", json={"text": "potassium"})
    answer = client.post("/api/cohorts/answer", json={"text": COHORT})
    assert answer.status_code in (200, 403), answer.text
    yield "answer", answer


def told(name: str, answer: httpx.Response) -> list[str]:
    """The canary's words in an answer, but for those the question itself held."""
    text = answer.text
    if answer.status_code == 200 and "link" in text:
        # A Bundle repeats the question in its own link.
        text = "".join(line for line in text.split('"') if not line.startswith("http"))
    asked = (
        {word for word in ASKED_IN_WORDS if word in name} if answer.status_code != 200 else set()
    )
    return [f"{name}: {word}" for word in CANARY if word in text and word not in asked]


@pytest.mark.parametrize("name", OTHERS)
def test_canary__is_in_no_answer_and_no_log(
    name: str, hospital: Lake, sign_in: SignIn, capfd: pytest.CaptureFixture[str]
) -> None:
    client = sign_in(name)
    answers = [*fhir(client), *exported(client), *pages(client, hospital)]
    assert [found for path, answer in answers for found in told(path, answer)] == []
    assert [path for path, answer in answers if answer.status_code == 500] == []
    said = "".join(capfd.readouterr())
    assert [word for word in CANARY if word in said] == []


@pytest.mark.parametrize("name", sorted(MAY))
def test_canary__is_seen_by_those_who_may(name: str, hospital: Lake, sign_in: SignIn) -> None:
    client = sign_in(name)
    assert client.get("/fhir/Patient/zephcanary").status_code == 200
    found = client.get("/fhir/Observation?patient=Patient/zephcanary").json()
    assert [one["resource"]["id"] for one in found["entry"]] == ["k7"]
    person = subject_of(hospital, "Quillfeather")
    picture = client.get(f"/api/patients/{person}/picture")
    assert picture.status_code == 200
    assert "7.77" in picture.text


@pytest.mark.parametrize(
    "name, sees",
    [
        ("rossi", ["anna"]),
        ("okoro", ["anna", "zephcanary"]),
        ("lens", ["anna"]),
        ("gene", ["anna"]),
        ("hearty", ["anna"]),
        ("rarely", ["zephcanary"]),
        ("anna", ["anna"]),
        ("boss", ["anna"]),
        ("stew", ["anna", "bruno"]),
    ],
)
def test_patients__are_exactly_those_the_policy_gives(
    name: str, sees: list[str], sign_in: SignIn
) -> None:
    found = sign_in(name).get("/fhir/Patient").json()
    assert sorted(one["resource"]["id"] for one in found.get("entry", [])) == sees
    assert found["total"] == len(sees)
