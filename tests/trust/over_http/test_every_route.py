"""The access matrix over HTTP, generated: every route there is, as every role, purpose by purpose.

A route that is added tomorrow is asked tomorrow. Each is asked about the hidden patient with all her
numbers in the places of its address; purposes rotate, so that every pair of role, route and
purpose is met.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.api.client import TestClient
from tests.api.test_refusals import routes
from tests.ingest.library.dicom.samples import Slice
from tests.lake.rows import link
from tests.trust.over_http.conftest import ACCOUNTS, CANARY, SignIn, subject_of
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM
from vitruvian.trust.access import PURPOSES

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

MAY = {"okoro", "rarely"}
OTHERS = [name for name, _, _ in ACCOUNTS if name not in MAY]
STUDY = "1.2.826.0.1.777"
# They end the session, open the record by right, or change who may do what.
LEFT_OUT = re.compile(r"/api/(sign-|password|break-glass|launch)|/fhir")
BODIES: Mapping[str, dict[str, Any]] = {
    "/api/patients/search": {"text": "quill"},
    "/api/patients/{person_id}/search": {"text": "potassium"},
    "/api/patients/{person_id}/held": {"ids": ["{version}/0"]},
    "/api/identity/pairs/{pair_id}/verdict": {"answer": "same"},
    "/api/review/facts/{event_id}/verdict": {"answer": "right"},
    "/api/cohorts/codes": {"text": "quillfeather"},
}
Places = Mapping[str, str]


@pytest.fixture
def pictured(hospital: Lake, tmp_path: Path) -> Lake:
    """The same hospital; the canary has a CT, under her own name."""
    person = subject_of(hospital, "Quillfeather")
    (tmp_path / "ct").mkdir()
    more = {0x00100010: ("PN", "Quillfeather^Zephyrina")}
    one = Slice(1, study=STUDY, series=f"{STUDY}.1", patient="ZQ-777", more=more)
    ingest([one.write(tmp_path / "ct")], hospital, access=SYSTEM)
    with hospital.read(SYSTEM) as reader:
        scanned = reader.rows("image", columns=["subject_id"]).column(0)[0].as_py()
    hospital.append(SYSTEM, {"person_link": [link(77, subject=scanned, person=person)]})
    return hospital


def places(lake: Lake) -> Places:
    """What stands in the places of addresses, all of it the canary's."""
    with lake.read(SYSTEM) as reader:
        person = reader.person_of(reader.rows("image", columns=["subject_id"]).column(0)[0].as_py())
        event = reader.rows("event", subjects=[person], columns=["event_id", "version_id"])
        source = reader.rows("event", subjects=[person], columns=["source_id"]).column(0)[0]
    return {
        "person_id": str(person),
        "event_id": str(event.column(0)[0].as_py()),
        "version": str(event.column(1)[0].as_py()),
        "record_number": str(event.column(1)[0].as_py()),
        "source_id": source.as_py(),
        "study": STUDY,
        "series": f"{STUDY}.1",
        "instance": f"{STUDY}.1.1",
        "tag": "7FE00010",
        "frame": "1",
        "frames": "1",
    }


def filled(text: str, there: Places) -> str:
    """An address or a word with something in each place."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda place: there.get(place[1], "1"), text)


def body_of(path: str, there: Places) -> Any:
    said = BODIES.get(path)
    return said and {
        name: [filled(one, there) for one in value] if isinstance(value, list) else value
        for name, value in said.items()
    }


def asked(client: TestClient, there: Places, turn: Iterator[int]) -> Iterator[httpx.Response]:
    """Every route, about the canary; each under another purpose than the one before."""
    assert isinstance(client.app, FastAPI)
    query = {"source_id": there["source_id"], "record": "0", "code": "LOINC//2823-3"}
    for method, path in routes(client.app):
        if LEFT_OUT.match(path):
            continue
        purpose = (None, *PURPOSES)[next(turn) % (1 + len(PURPOSES))]
        said = {} if purpose is None else {"X-Vitruvian-Purpose": purpose}
        yield client.request(
            method,
            filled(path, there),
            json=body_of(path, there),
            params=query if method == "GET" else {},
            headers=said,
        )


def told(answer: httpx.Response, there: Places) -> list[str]:
    """The canary's words in an answer that the question itself did not hold."""
    sent = f"{answer.request.url} {answer.request.content.decode('utf-8', 'replace')}".lower()
    words = {*CANARY, STUDY}
    return [
        f"{answer.request.method} {answer.request.url.path} as {answer.request.headers.get('X-Vitruvian-Purpose')}: {word}"
        for word in words
        if word.encode() in answer.content and word.lower() not in sent
    ]


@pytest.mark.parametrize("name", OTHERS)
def test_every_route__tells_nothing_of_the_hidden_to_any_role_for_any_purpose(
    name: str, pictured: Lake, sign_in: SignIn, capfd: pytest.CaptureFixture[str]
) -> None:
    client, there = sign_in(name), places(pictured)
    answers = list(asked(client, there, count(OTHERS.index(name))))
    assert len(answers) > 60
    _expect_silence(answers, there, capfd)


@pytest.mark.torture
@pytest.mark.parametrize("purpose", range(1 + len(PURPOSES)))
@pytest.mark.parametrize("name", OTHERS)
def test_every_route__tells_nothing_of_the_hidden_whatever_the_purpose(
    name: str, purpose: int, pictured: Lake, sign_in: SignIn, capfd: pytest.CaptureFixture[str]
) -> None:
    client, there = sign_in(name), places(pictured)
    answers = list(asked(client, there, count(purpose, step=1 + len(PURPOSES))))
    _expect_silence(answers, there, capfd)


def _expect_silence(
    answers: list[httpx.Response], there: Places, capfd: pytest.CaptureFixture[str]
) -> None:
    assert [one for answer in answers for one in told(answer, there)] == []
    assert [one.request.url.path for one in answers if one.status_code >= 500] == []
    said = "".join(capfd.readouterr())
    assert [word for word in CANARY if word in said] == []


def test_care_team__is_refused_nothing_of_her_by_mistake(pictured: Lake, sign_in: SignIn) -> None:
    client, there = sign_in("okoro"), places(pictured)
    shown = [
        answer.request.url.path
        for answer in asked(client, there, count(step=1 + len(PURPOSES)))
        if answer.status_code == 200 and there["person_id"] in answer.request.url.path
    ]
    pages = {path.rsplit("/", 1)[-1] for path in shown}
    assert {"picture", "timeline", "new", "imaging", "signals", "held", "series"} <= pages
