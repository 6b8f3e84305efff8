"""The page of the audit, in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.steps import open_patient
from tests.browser.test_looks import Scheme, looks, nothing_wrong, problem


def test_page__is_reached_from_the_account_and_tells_who_looked(page: Page, house: House) -> None:
    open_patient(page, house, number=1)
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Audit").click()
    page.get_by_role("heading", name="Audit", exact=True).wait_for()
    expect(page.get_by_role("table")).to_contain_text("looked")
    expect(page.get_by_text(re.compile(r"rows?, not signed"))).to_be_visible()


def test_patient__is_searched_by_keyboard_and_stands_in_no_address(
    page: Page, house: House
) -> None:
    open_patient(page, house, number=1)
    mrn = house.life(1).person.mrn
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/audit")
    page.get_by_label("Patient", exact=True).fill(mrn)
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("button", name=re.compile("Only rows about patient")).first
    ).to_be_visible()
    assert not [one for one in asked if mrn in one]


def test_nobody_of_that_name__is_told_and_cleared(page: Page) -> None:
    page.goto("/audit")
    page.get_by_label("Account", exact=True).fill("nobody.at.all")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No row of the audit fits all of this")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("table")).to_be_visible()


@pytest.mark.parametrize(
    "status, words", [(403, "Not open to this role"), (500, "The server failed")]
)
def test_refused_and_failed__say_so(page: Page, status: int, words: str) -> None:
    page.route("**/api/audit/search", problem(status, words))
    page.goto("/audit")
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_role("button", name="Search")).to_have_count(0 if status == 403 else 1)


def test_rows__are_taken_out_as_a_file(page: Page) -> None:
    page.goto("/audit")
    with page.expect_download() as found:
        page.get_by_role("button", name="CSV").click()
    assert found.value.suggested_filename == "audit.csv"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page__is_readable_at_every_width(page: Page, width: int, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/audit")
    page.get_by_role("button", name=re.compile("Only rows of")).first.wait_for()
    assert looks(page) == nothing_wrong()
