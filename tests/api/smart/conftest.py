"""A hospital with declared apps, and hands that walk an app through its launch."""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, PASSWORD, Hands
from tests.api.fhir.conftest import taken_in
from vitruvian.api import Settings, create_app
from vitruvian.base.clock import system_clock
from vitruvian.lake import Lake
from vitruvian.lake.apps.registry import App

__all__ = ["taken_in"]

Json = dict[str, Any]
BACK = "https://app.example/back"
VERIFIER = "a-verifier-of-at-least-forty-three-letters-0123456789"
WIDE = "launch launch/patient launch/encounter openid fhirUser profile offline_access patient/*.cruds user/*.cruds"


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2, computed apart from the code under test."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass
class Walker:
    """A browser and an app, in one pair of hands."""

    client: TestClient
    lake: Lake
    app: str = "growth"
    auth: tuple[str, str] | None = None
    said: Json = field(default_factory=dict)

    def query(self, scope: str, **said: str) -> str:
        """What the app sends the browser to the authorize address with."""
        asked = {
            "response_type": "code",
            "client_id": self.app,
            "redirect_uri": BACK,
            "scope": scope,
            "state": "s-123",
            "aud": f"{ORIGIN}/fhir",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        } | said
        return urlencode({name: value for name, value in asked.items() if value})

    def person(self, family: str) -> str:
        """The person of that name, as the worklist knows them."""
        sent = {"text": family}
        found = self.client.post("/api/patients/search", json=sent, headers=OURS).json()
        return str(found["patients"][0]["person_id"])

    def decide(self, query: str, *, person: str | None = None, allow: bool = True) -> Json:
        """What comes back at the app's address after a person decided."""
        sent = {"query": query, "person_id": person, "allow": allow}
        answer = self.client.post("/api/apps/decided", json=sent, headers=OURS)
        assert answer.status_code == 200, answer.text
        return dict(parse_qsl(urlsplit(answer.json()["address"]).query))

    def token(self, **said: str) -> Any:
        """One request at the token address."""
        form = {"client_id": self.app} | said if self.auth is None else said
        return self.client.post("/oauth/token", data=form, auth=self.auth)

    def redeem(self, code: str, **said: str) -> Any:
        asked = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER} | said
        return self.token(grant_type="authorization_code", **asked)

    def launched(self, scope: str, *, person: str | None = None) -> Json:
        """The whole way; what the token address answers."""
        back = self.decide(self.query(scope), person=person)
        answer = self.redeem(back["code"])
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def get(self, path: str, token: str, **said: Any) -> Any:
        return self.client.get(path, headers={"authorization": f"Bearer {token}"}, **said)


@pytest.fixture
def clock() -> Hands:
    """A clock of hands that begins where the real one stands."""
    return Hands(system_clock())


@pytest.fixture
def hospital(taken_in: Path, tmp_path: Path, clock: Hands) -> Iterator[Lake]:
    shutil.copytree(taken_in, tmp_path / "lake")
    with Lake.open(tmp_path / "lake", clock=clock) as opened:
        opened.apps.registry.add(App("growth", "Growth charts", redirects=(BACK,), scopes=WIDE))
        yield opened


@pytest.fixture
def browser(hospital: Lake, clock: Hands) -> Iterator[TestClient]:
    """A browser in which nobody is signed in."""
    app = create_app(hospital, settings=Settings(clock=clock))
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.fixture
def walk(browser: TestClient, hospital: Lake) -> Walker:
    """Dr Rossi's browser, and a public app."""
    signed = {"name": "rossi", "password": PASSWORD}
    assert browser.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    return Walker(browser, hospital)
