"""An app that could not be used safely is not declared; what is forgotten ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from vitruvian.base.clock import system_clock
from vitruvian.lake import Lake
from vitruvian.lake.apps.errors import AppExists, BadApp, NoApp
from vitruvian.lake.apps.given import Bound, Given
from vitruvian.lake.apps.registry import App, check_app

KEYS = {"keys": [{"kty": "EC", "crv": "P-384", "x": "a", "y": "b"}]}
BACK = ("https://app.example/back",)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake") as made:
        yield made


@pytest.mark.parametrize(
    "said",
    [
        {"name": ""},
        {"name": "two words"},
        {"name": "x" * 101},
        {"redirects": ()},
        {"redirects": ("http://app.example/back",)},
        {"redirects": ("https://app.example/back#x",)},
        {"redirects": ("https://user@app.example/back",)},
        {"redirects": ("javascript:alert(1)",)},
        {"redirects": ("/back",)},
        {"redirects": ("https://[",)},
        {"scopes": "user/*.rs everything"},
        {"scopes": "system/*.rs"},
        {"scopes": "system/*.rs", "account": "nightly"},
        {"keys": {"keys": []}},
        {"keys": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"keys": {"keys": [{**KEYS["keys"][0], "d": "private"}]}},
        {"keys_at": "http://app.example/jwks"},
        {"launch": "http://app.example/launch"},
    ],
    ids=str,
)
def test_app__that_is_not_safe_is_refused(said: dict[str, Any]) -> None:
    whole: dict[str, Any] = {
        "name": "app",
        "title": "App",
        "redirects": BACK,
        "scopes": "user/*.rs",
    }
    with pytest.raises(BadApp):
        check_app(App(**(whole | said)), with_secret=False)


def test_app__proves_itself_in_one_way() -> None:
    with pytest.raises(BadApp):
        check_app(App("app", "App", redirects=BACK, keys=KEYS), with_secret=True)


def test_app__is_declared_once_and_read_as_it_was(lake: Lake) -> None:
    app = App("app", "App", redirects=BACK, scopes="user/*.rs", purpose="treatment", keys=KEYS)
    lake.apps.registry.add(app)
    with pytest.raises(AppExists):
        lake.apps.registry.add(app)
    (found,) = lake.apps.registry.all()
    assert found.declared_at is not None
    assert (found.name, found.redirects, found.keys) == (app.name, app.redirects, KEYS)
    with pytest.raises(NoApp):
        lake.apps.registry.remove("other")


def test_app__with_a_secret_is_known_by_it_alone(lake: Lake) -> None:
    app = App("app", "App", redirects=BACK, scopes="user/*.rs")
    secret = lake.apps.registry.add(app, with_secret=True)
    assert secret is not None
    assert lake.apps.registry.secret_fits("app", secret=secret)
    assert not lake.apps.registry.secret_fits("app", secret=secret + "x")
    assert not lake.apps.registry.secret_fits("nobody", secret="nobody's")
    public = App("open", "Open", redirects=BACK, scopes="user/*.rs")
    lake.apps.registry.add(public)
    assert not lake.apps.registry.secret_fits("open", secret="nobody's")


def test_grant__ends_with_its_app_and_in_erasure(lake: Lake) -> None:
    lake.apps.registry.add(App("app", "App", redirects=BACK, scopes="user/*.rs"))
    until = system_clock() + timedelta(days=1)
    grant = lake.apps.grants.give(Given("id", "app", "rossi", "user/*.rs", until, subject_id=7))
    code = lake.apps.grants.code(grant, Bound("challenge", BACK[0]))
    assert [one.id for one in lake.apps.grants.of(account="rossi")] == ["id"]
    lake.apps.registry.remove("app")
    assert lake.apps.grants.find("id") is None
    assert lake.apps.grants.redeem(code) is None


def test_check__finds_a_changed_row(lake: Lake) -> None:
    lake.apps.registry.add(App("app", "App", redirects=BACK, scopes="user/Patient.r"))
    assert list(lake.check()) == []
    with lake.apps.database.writing() as connection:
        connection.execute("UPDATE app SET said=replace(said, 'Patient.r', '*.cruds')")
    assert [one.kind for one in lake.check()] == ["database"]
