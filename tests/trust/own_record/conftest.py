"""The family's lake, and clients signed in to it at a stated time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN
from tests.trust.own_record import family
from vitruvian.api import create_app
from vitruvian.api.app import Settings
from vitruvian.lake import Lake

SignIn = Callable[[str], TestClient]


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = family.NOW

    def __call__(self):  # type: ignore[no-untyped-def]
        self.now += timedelta(milliseconds=1)
        return self.now


@pytest.fixture(scope="session")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return family.build(tmp_path_factory.mktemp("family"))


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def home(at_rest: Path, tmp_path: Path, clock: Hand) -> Iterator[Lake]:
    with Lake.open(family.copy(at_rest, tmp_path / "lake"), clock=clock) as opened:
        yield opened


@pytest.fixture
def sign_in(home: Lake, clock: Hand) -> Iterator[SignIn]:
    with TestClient(create_app(home, settings=Settings(clock=clock)), base_url=ORIGIN) as client:

        def signed(name: str) -> TestClient:
            token = home.accounts.open_session(name).token
            client.cookies.clear()
            client.cookies.set("vitruvian_session", token)
            client.headers.update({"X-Vitruvian": "1"})
            return client

        yield signed
