"""Who may not see a patient cannot tell by the work done for the answer that there is one.

For the hidden patient as much is read, asked and sent as for numbers and names that nobody has.
Work is counted, not timed: engine calls, rows they give, rows of the databases, blobs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.fhir.conftest import potassium, take_in
from tests.trust.over_http.conftest import SignIn, patient, subject_of
from tests.trust.over_http.work import Work, counted
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

DICE = random.Random("nobody")
MANY = 3  # numbers that nobody has, beside the one that is warmed up with
BYSTANDERS = 40  # so that a number nobody has lies between two that somebody has
# Told apart by nothing in the policy: these may not see the canary, nor break a glass.
UNTOLD = ("stew", "hearty", "idle", "anna", "watch")
# These are told that a record is closed, because they may open it; FHIR tells them nothing.
MAY_BREAK = ("rossi", "lens", "gene", "boss")
FHIR = (
    *("Patient/{fhir}", "Patient/{fhir}/_history", "Patient/{fhir}/_history/1"),
    *("Patient/{fhir}/$everything", "Patient?_id={fhir}", "Patient?identifier=urn:mrn|{mrn}"),
    *("Patient?family={family}", "Patient?_id={fhir}&_revinclude=Observation:subject"),
    *("Observation/{lab}", "Observation?_id={lab}", "Observation?value-quantity={value}"),
    "Observation?subject:Patient.family={family}",
)
OF_A_PATIENT = (
    *("/fhir/Observation?patient=Patient/{fhir}", "/fhir/Observation?subject=Patient/{fhir}"),
    *(
        f"/api/patients/{{person}}/{page}"
        for page in (
            *("picture", "timeline", "new", "guides", "series?code=LOINC//2823-3", "held"),
            *("imaging", "signals", "wearables", "notes/{event}", "notes/{event}/facts"),
        )
    ),
    *("/api/my-record/{person}/known", "/api/my-record/{person}/use"),
    *("/api/events/{event}/trace", "/api/events/{event}/trace?person_id={person}"),
    "/api/ingest/records/{event}",
)
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("/api/patients/search", {"text": "{family}"}),
    ("/api/patients/search", {"text": "{mrn}"}),
    ("/api/patients/{person}/search", {"text": "potassium"}),
    ("/api/cohorts/codes", {"text": "{family}"}),
)
SAID = re.compile(r'"request_id":"[0-9a-f]+"|"(lastUpdated|published_at|now|as_of)":"[^"]*"')

Words = Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """What can be told of one answer from outside, and what was done for it."""

    status: int
    text: str
    headers: tuple[str, ...]
    work: Work


@pytest.fixture
def crowd(hospital: Lake, tmp_path: Path) -> Lake:
    """The same hospital with more patients, whom everybody in it may see."""
    names = [f"bystander{number}" for number in range(BYSTANDERS)]
    people = [patient(name, "Ordinary", "Jane", mrn=name) for name in names]
    results = [potassium(f"o-{name}", name, "4.0", "2024-05-01T10:00:00Z") for name in names]
    take_in(hospital, [*people, *results], tmp_path, name="crowd")
    return hospital


def nobody() -> Words:
    """Ids, names and values that fit nobody, in the midst of those that somebody has."""
    number = str(DICE.randrange(2**61, 2**62))
    letters = "".join(DICE.choices("bcdfghjklmnpqrstvwxz", k=12))
    return {
        "fhir": letters[:10],
        "mrn": f"{letters[:2].upper()}-{DICE.randrange(100, 999)}",
        "family": letters.capitalize(),
        "lab": letters[:2],
        "value": f"{DICE.randrange(8, 9)}.{DICE.randrange(11, 99)}",
        "person": number,
        "event": str(DICE.randrange(2**61, 2**62)),
    }


def canary(lake: Lake) -> Words:
    """The same of the patient who is hidden."""
    person = subject_of(lake, "Quillfeather")
    with lake.read(SYSTEM) as reader:
        event = reader.rows("event", subjects=[person], columns=["event_id"]).column(0)[0].as_py()
    return {
        "fhir": "zephcanary",
        "mrn": "ZQ-777",
        "family": "Quillfeather",
        "lab": "k7",
        "value": "7.77",
        "person": str(person),
        "event": str(event),
    }


def seen(client: TestClient, path: str, words: Words, *, body: Words | None = None) -> Seen:
    """One question, its answer without the words of the question, and the work done."""
    with counted() as work:
        answer: httpx.Response = (
            client.get(path.format(**words))
            if body is None
            else client.post(
                path.format(**words),
                json={name: value.format(**words) for name, value in body.items()},
            )
        )
    text = answer.text
    for name, word in sorted(words.items(), key=lambda one: -len(one[1])):
        text = text.replace(word, f"<{name}>")
    return Seen(
        answer.status_code,
        SAID.sub("", text),
        tuple(sorted(set(answer.headers) - {"retry-after"})),
        work,
    )


def differences(
    client: TestClient, path: str, hidden: Words, *, body: Words | None = None
) -> list[str]:
    """In what the answer about the hidden patient differs from every answer about nobody."""
    seen(client, path, nobody(), body=body)  # what is kept from answer to answer is kept now
    others = [seen(client, path, nobody(), body=body) for _ in range(MANY)]
    found = seen(client, path, hidden, body=body)
    parts: dict[str, tuple[Any, list[Any]]] = {
        "status": (found.status, [one.status for one in others]),
        "text": (found.text, [one.text for one in others]),
        "headers": (found.headers, [one.headers for one in others]),
        "work": (found.work, [one.work for one in others]),
    }
    return [
        f"{path} {body or ''}: {name} {mine} and of nobody {theirs[0]}"
        for name, (mine, theirs) in parts.items()
        if mine not in theirs
    ]


@pytest.mark.parametrize("name", UNTOLD)
def test_hidden_patient__costs_and_tells_what_nobody_does(
    name: str, crowd: Lake, sign_in: SignIn
) -> None:
    client, hidden = sign_in(name), canary(crowd)
    paths = (*(f"/fhir/{path}" for path in FHIR), *OF_A_PATIENT)
    found = [one for path in paths for one in differences(client, path, hidden)]
    found += [one for path, body in ASKED for one in differences(client, path, hidden, body=body)]
    assert found == []


@pytest.mark.parametrize("name", MAY_BREAK)
def test_hidden_patient__is_nobody_in_search_and_fhir_even_to_who_may_break_a_glass(
    name: str, crowd: Lake, sign_in: SignIn
) -> None:
    client, hidden = sign_in(name), canary(crowd)
    found = [one for path in FHIR for one in differences(client, f"/fhir/{path}", hidden)]
    found += [
        one for path, body in ASKED[:2] for one in differences(client, path, hidden, body=body)
    ]
    assert found == []


@pytest.mark.parametrize("purpose", ["quality"])
def test_purpose_without_glass__is_not_told_that_a_record_is_closed(
    purpose: str, crowd: Lake, sign_in: SignIn
) -> None:
    client, hidden = sign_in("rossi"), canary(crowd)
    client.headers["X-Vitruvian-Purpose"] = purpose
    found = [one for path in OF_A_PATIENT for one in differences(client, path, hidden)]
    assert found == []


@pytest.mark.parametrize("identifier", ["ZQ-777", "NOBODY-1"])
def test_reason_that_will_not_do__tells_nothing_of_who_there_is(
    identifier: str, hospital: Lake, sign_in: SignIn
) -> None:
    wish = {"identifier": identifier, "reason": "!"}
    answer = sign_in("rossi").post("/api/break-glass", json=wish)
    assert (answer.status_code, answer.json()["problem"]) == (422, "reason-too-short")


def test_tried_numbers__stand_in_the_audit_under_the_name_of_who_tried(
    hospital: Lake, sign_in: SignIn
) -> None:
    wish = {"identifier": "NOBODY-1", "reason": "Unconscious in the emergency room"}
    assert sign_in("rossi").post("/api/break-glass", json=wish).status_code == 404
    last = [row for row in hospital.audit.rows() if row.deed.kind == "refused"][-1]
    assert (last.access.who, last.deed.definition) == ("rossi", "break glass")
