"""Alerts in the browser: drafted, tried, given an owner, silenced and retired by a clinician."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_looks import Scheme, looks, nothing_wrong, problem


def test_walk__from_draft_to_retired(page: Page) -> None:
    page.goto("/alerts")
    expect(page.get_by_text("No alert yet.")).to_be_visible()
    page.get_by_role("button", name="New alert").click()
    page.get_by_role("combobox", name="Guideline").click()
    page.get_by_role("option", name="NEWS2: response to acute illness on the ward").click()
    expect(page.get_by_role("checkbox", name="high", exact=True)).to_be_checked()
    page.get_by_role("textbox", name="Name").fill("deterioration")
    page.get_by_role("button", name="Make a draft").click()

    alert = page.get_by_role("article", name="deterioration")
    expect(alert).to_contain_text("Not tried yet")
    expect(alert.get_by_role("button", name="Let it interrupt")).to_be_disabled()
    alert.get_by_role("button", name="Try over history").click()
    alert.get_by_role("button", name="Start the trial").click()
    expect(alert).to_contain_text("patient-days", timeout=60_000)

    alert.get_by_role("button", name="Let it interrupt").click()
    alert.get_by_role("textbox", name="Owner").fill("")
    expect(alert.locator("form").get_by_role("button", name="Let it interrupt")).to_be_disabled()
    alert.get_by_role("textbox", name="Owner").fill("Dr. Vega, ward 7")
    alert.locator("form").get_by_role("button", name="Let it interrupt").click()
    expect(page.get_by_text("1 alert may interrupt")).to_be_visible()

    alert.get_by_role("button", name="Retire").click()
    alert.get_by_role("textbox", name="Reason").fill("a better one came")
    alert.get_by_role("button", name="Retire for good").click()
    expect(alert).to_contain_text("a better one came")
    expect(alert.get_by_role("button")).to_have_count(0)
    alert.get_by_text("Receipt and history").click()
    expect(alert).to_contain_text("owner Dr. Vega, ward 7")


def test_list__empty_refused_or_failed_says_so(page: Page) -> None:
    page.route("**/api/alerts", lambda route: route.fulfill(json=[]))
    page.goto("/alerts")
    expect(page.get_by_text("No alert yet.")).to_be_visible()
    page.unroute("**/api/alerts")
    page.route("**/api/alerts", problem(403, "Not open to this role"))
    page.reload()
    expect(page.get_by_role("heading", name="Not open to this role")).to_be_visible()
    page.unroute("**/api/alerts")
    page.route("**/api/alerts", problem(500, "The server failed"))
    page.reload()
    expect(page.get_by_text("req-17")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_alerts__are_readable_at_every_width(page: Page, width: int, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/alerts")
    page.get_by_role("article", name="deterioration").wait_for()
    assert looks(page) == nothing_wrong()
