"""The imaging workstation's files: its policy, its refusals, its page at every address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.lakes import empty_lake
from vitruvian.api import Settings, create_app

WEB = Path(__file__).parents[2] / "web" / "workstation"
POLICY = "content-security-policy"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    return tmp_path / "static"


@pytest.fixture
def browser(static: Path, tmp_path: Path) -> Iterator[TestClient]:
    with empty_lake(tmp_path / "lake", site="st-elsewhere") as lake:
        app = create_app(lake, settings=Settings(static=static))
        yield TestClient(app, base_url="http://127.0.0.1")


def built(static: Path) -> None:
    folder = static / "workstation"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<p>viewer</p>", "utf-8")
    (folder / "app.bundle.0f61.js").write_text("1", "utf-8")
    (folder / "app-config.js").write_text("2", "utf-8")
    (static / "secret.txt").write_text("x", "utf-8")


def test_not_built__says_how_to_build_it(browser: TestClient) -> None:
    answer = browser.get("/workstation/viewer")
    assert answer.status_code == 503
    assert "make web" in answer.text


def test_files_outside_its_folder__are_not_served(browser: TestClient, static: Path) -> None:
    built(static)
    answer = browser.get("/workstation/%2e%2e/secret.txt")
    assert answer.text == "<p>viewer</p>"


def test_every_address__answers_with_the_viewer(browser: TestClient, static: Path) -> None:
    built(static)
    assert browser.get("/workstation/viewer?StudyInstanceUIDs=1.2").text == "<p>viewer</p>"
    assert browser.get("/workstation/app-config.js").headers["cache-control"] == "no-cache"
    assert "immutable" in browser.get("/workstation/app.bundle.0f61.js").headers["cache-control"]


def test_policy__makes_one_exception_at_its_own_addresses_only(
    browser: TestClient, static: Path
) -> None:
    built(static)
    theirs = browser.get("/workstation/viewer").headers[POLICY]
    ours = browser.get("/api/session").headers[POLICY]
    assert "unsafe-eval" not in ours
    assert theirs.replace(" 'unsafe-eval'", "") == ours
    assert browser.get("/workstations").headers[POLICY] == ours


def test_pinned_package__is_named_with_its_digest_and_licence() -> None:
    pin = json.loads((WEB / "ohif.json").read_text("utf-8"))
    assert pin["licence"] == "MIT"
    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", pin["integrity"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", pin["version"])


def test_settings__name_our_dicomweb_and_no_other_host() -> None:
    said = (WEB / "app-config.js").read_text("utf-8")
    assert set(re.findall(r'(?:qido|wado|wadoUri)Root: "([^"]*)"', said)) == {"/api/dicomweb"}
    assert "://" not in said
