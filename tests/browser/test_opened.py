"""Another record system opens a patient by a signed link: refused in words, or shown, and told apart."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.steps import open_patient, timeline

KEY = ECKey.generate_key("P-256", auto_kid=True)
SYSTEM = "https://vitruvian.example/id/mrn"


@pytest.fixture
def declared(house: House, tmp_path: Path) -> Iterator[None]:
    """The house has a record system that makes links."""
    keys, beside = tmp_path / "keys.json", house.lake / "ehr.toml"
    keys.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)), "utf-8")
    words = {"name": "ward", "title": "Ward system", "patient_system": SYSTEM}
    words["keys_file"] = str(keys)
    lines = [f"{name} = {json.dumps(value)}" for name, value in words.items()]
    beside.write_text("\n".join(["[[ehr]]", *lines]), "utf-8")
    yield
    beside.unlink()


def link(house: House, mrn: str) -> str:
    """The address that the record system sends a browser to."""
    now = int(time.time())
    said = {
        "iss": "ward",
        "aud": f"{house.url}/open",
        "sub": "admin",
        "patient": mrn,
        "iat": now,
        "exp": now + 100,
        "jti": secrets.token_hex(8),
    }
    header = {"alg": "ES256", "kid": str(KEY.kid), "typ": "context+jwt"}
    return f"{house.url}/open#token={jwt.encode(header, said, KEY, algorithms=['ES256'])}"


def test_link__of_an_unknown_patient_says_so(page: Page, house: House, declared: None) -> None:
    page.goto(link(house, "VH-000000000-0"))
    expect(page.get_by_role("alert")).to_contain_text("Nobody was looked for by name")
    assert page.url == f"{house.url}/open"


def test_link__after_one_that_failed_opens_in_the_same_tab(
    page: Page, house: House, declared: None
) -> None:
    page.goto(link(house, "VH-000000000-0"))
    page.get_by_role("alert").wait_for()
    page.goto(link(house, mrn=house.life(1).person.mrn))
    timeline(page).wait_for()
    assert "token" not in page.url


def test_link__shows_the_patient_and_warns_on_another(
    page: Page, house: House, declared: None
) -> None:
    mine, other = house.life(1).person, 2
    page.goto(link(house, mrn=mine.mrn))
    timeline(page).wait_for()
    assert "token" not in page.url
    bar = page.get_by_label("Patient open in Ward system")
    expect(bar).to_contain_text("Opened from Ward system")
    expect(bar).to_contain_text(mine.family)
    open_patient(page, house, number=other)
    expect(bar).to_contain_text("Not the patient open in Ward system")
    bar.get_by_role("link", name="Go to the patient").click()
    expect(bar).to_contain_text("Opened from Ward system")
    page.goto("/")
    bar.get_by_role("button", name="Leave").click()
    expect(bar).to_have_count(0)
