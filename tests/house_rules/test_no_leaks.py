"""A walk through the whole house, listening: nothing it says about itself names a patient.

The walk makes a demo hospital, ingests it, spoils some of it, serves it, asks for things
that are there and things that are not, and keeps all that is printed and logged.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.leaks import Secrets, said_of
from vitruvian.demo import Life, lives

COMMAND = str(Path(sys.executable).with_name("vitruvian"))
PATIENTS, SEED = 10, 1


@dataclass
class Walk:
    """A folder to walk in, and everything heard on the way."""

    folder: Path
    heard: list[str] = field(default_factory=list)

    def run(self, *words: str, shows_patients: bool = False) -> int:
        """Run one command; what it shows of patients on request is not a leak."""
        done = subprocess.run(
            [COMMAND, *words],
            cwd=self.folder,
            env=os.environ | {"NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.heard += done.stderr.splitlines()
        self.heard += [] if shows_patients else done.stdout.splitlines()
        return done.returncode


def secrets_of(cast: list[Life]) -> Secrets:
    persons = [life.person for life in cast]
    return Secrets(
        names=[name for person in persons for name in (person.family, *person.given)],
        phrases=[
            phrase
            for life in cast
            for phrase in (life.person.mrn, life.person.phone, life.person.street, *said_of(life))
        ],
    )


def spoil(bundle: Path, *, folder: Path, family: str) -> None:
    """Write broken siblings of a patient's file, under names that carry the patient's."""
    text = bundle.read_text("utf-8")
    folder.mkdir()
    (folder / f"{family}-cut.json").write_text(text[: len(text) // 2], "utf-8")
    (folder / f"{family}-key.ndjson").write_text('{"resourceType": "Patient", name}\n', "utf-8")
    broken: dict[str, Any] = json.loads(text)
    for entry in broken["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Observation":
            resource["effectiveDateTime"] = family
            resource["valueQuantity"] = {"value": family, "unit": family}
        if resource["resourceType"] == "Patient":
            resource["birthDate"] = family
    (folder / f"{family}-values.json").write_text(json.dumps(broken), "utf-8")
    (folder / f"{family}.txt").write_text(family, "utf-8")


@contextmanager
def served(walk: Walk) -> Iterator[tuple[httpx.Client, str]]:
    """A running server: a client for it, and the one-time token it printed."""
    log = (walk.folder / "server.log").open("w+", encoding="utf-8")
    server = subprocess.Popen(
        [COMMAND, "serve", "--lake", "lake", "--port", "0"],
        cwd=walk.folder,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        assert server.stdout is not None
        link = next(line for line in server.stdout if "#token=" in line)
        found = re.search(r"(https?://[^/\s]+)/\S*#token=(\S+)", link)
        assert found is not None
        with httpx.Client(base_url=found[1], headers={"X-Vitruvian": "1"}, timeout=60) as client:
            yield client, found[2]
    finally:
        server.terminate()
        rest, _ = server.communicate(timeout=30)
        log.seek(0)
        walk.heard += [*rest.splitlines(), *log.read().splitlines()]
        log.close()


def refuse_me(client: httpx.Client, *, family: str, walk: Walk) -> None:
    """Ask what must be refused, with a patient's name wherever a name fits."""
    answers = [
        client.post("/api/sign-in", json={"name": family, "password": family}),
        client.post("/api/sign-in", json={"name": [family]}),
        client.post("/api/patients/search", json={"text": family}),
        client.post("/api/patients/search", content=f"{{{family}"),
        client.get(f"/api/patients/{family}/picture"),
        client.get("/api/worklist", params={"limit": family}),
        client.get(f"/{family}"),
    ]
    assert all(answer.status_code >= 400 for answer in answers[:5])
    walk.heard += [answer.text for answer in answers if answer.status_code >= 400]


def ask_as_clinician(client: httpx.Client, *, token: str, family: str, walk: Walk) -> None:
    """Sign in and look at everything of one patient; then ask wrongly."""
    assert client.post("/api/sign-in", json={"token": token}).is_success
    search = client.post("/api/patients/search", json={"text": family, "offset": 0, "limit": 5})
    person = search.json()["patients"][0]["person_id"]
    for page in ("picture", "timeline", "new"):
        assert client.get(f"/api/patients/{person}/{page}").is_success
    client.post(f"/api/patients/{person}/search", json={"text": family})
    wrong = [
        client.get(f"/api/patients/{person}/picture", params={"known_at": family}),
        client.get(f"/api/patients/{person}/notes/{family}"),
        client.get(f"/api/events/{family}/trace"),
        client.get("/api/events/1/trace"),
        client.post(f"/api/patients/{person}/search", json={"text": [family]}),
        client.post("/api/patients/search", json={family: family}),
    ]
    assert all(answer.status_code >= 400 for answer in wrong)
    walk.heard += [answer.text for answer in wrong]


@pytest.fixture(scope="module")
def cast() -> list[Life]:
    return list(lives(SEED, PATIENTS))


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, cast: list[Life]) -> Walk:
    walk = Walk(tmp_path_factory.mktemp("walk"))
    family = cast[0].person.family
    assert walk.run("demo", "--out", "hospital", "--patients", str(PATIENTS)) == 0
    assert walk.run("ingest", "hospital", "--lake", "lake") == 0
    bundle = max((walk.folder / "hospital").rglob("*.json"), key=lambda path: path.stat().st_size)
    spoil(bundle, folder=walk.folder / "spoiled", family=family)
    walk.run("ingest", "spoiled", "--lake", "lake")
    walk.run("ingest", "spoiled", "--lake", "lake", "--json")
    walk.run("ingest", f"no-{family}-file.json", "--lake", "lake", shows_patients=True)
    walk.run("picture", family, "--lake", "lake", shows_patients=True)
    walk.run("trace", "1", "--lake", "lake", shows_patients=True)
    walk.run("check", "--lake", "lake")
    with served(walk) as (client, token):
        refuse_me(client, family=family, walk=walk)
        ask_as_clinician(client, token=token, family=family, walk=walk)
    return walk


def test_walk__says_something(walk: Walk) -> None:
    assert len(walk.heard) > 20


def test_walk__names_no_demo_patient(walk: Walk, cast: list[Life]) -> None:
    secrets = secrets_of(cast)
    assert [line for line in walk.heard if secrets.found_in(line)] == []
