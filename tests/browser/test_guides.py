"""The list and page of guidelines in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.steps import open_patient, panel
from tests.browser.test_looks import SEPSIS, Scheme, looks, nothing_wrong, problem
from vitruvian.guides import guide_named, manifests

NEWS = "NEWS2: response to acute illness on the ward"


def test_list__is_reached_by_keys_and_leads_to_a_guideline(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Guidelines").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Guidelines")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(len(manifests()))
    page.get_by_role("link", name=NEWS).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=NEWS)).to_be_visible()


def test_guideline__shows_criteria_with_their_sources_answers_and_cases(page: Page) -> None:
    page.goto("/guides/news2")
    guide = guide_named("news2")
    criteria = panel(page, "Criteria")
    for criterion in guide.criteria.values():
        expect(criteria).to_contain_text(criterion.says)
        expect(criteria).to_contain_text(criterion.cite)
    for row in guide.rows:
        expect(panel(page, "Answers")).to_contain_text(row.says)
    expect(panel(page, "Test cases")).to_contain_text("one red parameter alone")
    expect(page.get_by_text(guide.card.hazard)).to_be_visible()


def test_population__counts_the_patients_of_the_house(page: Page) -> None:
    page.goto("/guides/lynch_reflex")
    house = panel(page, "In this house")
    expect(house.get_by_role("status").last).to_contain_text(
        re.compile(r"^Asked of \d+ patients?,")
    )
    expect(house.get_by_role("listitem").last).to_contain_text("not for this patient")


def test_editions__lead_to_the_older_one_that_is_not_asked(page: Page) -> None:
    page.goto("/guides/hcm_risk_scd")
    editions = panel(page, "Editions")
    expect(editions).to_contain_text("vitruvian guide diff hcm_risk_scd_2014 hcm_risk_scd")
    editions.get_by_role("link", name="ESC 2014").click()
    expect(page).to_have_url(re.compile("/guides/hcm_risk_scd_2014$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("edition of 2014")


def test_card_of_another_system__lands_on_the_guideline_of_the_patient(
    page: Page, house: House
) -> None:
    open_patient(page, house, number=SEPSIS)
    page.goto(f"{page.url}#guide-news2")
    page.reload()
    row = panel(page, "Decision support").get_by_role("button", name=re.compile("^NEWS2"))
    expect(row).to_have_attribute("aria-expanded", "true")
    expect(row).to_be_focused()
    page.get_by_role("link", name="The whole guideline").click()
    expect(page.get_by_role("heading", name=NEWS)).to_be_visible()


def test_unknown_guideline__is_said_and_not_a_blank(page: Page) -> None:
    page.goto("/guides/nothing")
    expect(page.get_by_role("alert")).to_contain_text("There is no guideline 'nothing'")


def test_list__empty_refused_or_failed_says_so(page: Page) -> None:
    page.route("**/api/guides", lambda route: route.fulfill(json=[]))
    page.goto("/guides")
    expect(page.get_by_text("No guidelines are installed")).to_be_visible()
    page.unroute("**/api/guides")
    page.route("**/api/guides", problem(403, "Not open to this role"))
    page.reload()
    expect(page.get_by_role("heading", name="Not open to this role")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    page.unroute("**/api/guides")
    page.route("**/api/guides", problem(500, "The server failed"))
    page.reload()
    expect(page.get_by_text("req-17")).to_be_visible()
    page.unroute("**/api/guides")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("tbody tr")).to_have_count(len(manifests()))


def test_failed_count__leaves_the_guideline_readable(page: Page) -> None:
    page.route("**/population", problem(500, "The server failed"))
    page.goto("/guides/qtc")
    expect(panel(page, "In this house").get_by_role("alert")).to_contain_text("req-17")
    expect(panel(page, "Criteria")).to_contain_text("QTc above 500 ms")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_guideline_pages__are_readable_at_every_width(
    page: Page, width: int, scheme: Scheme
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/guides")
    page.locator("tbody tr").first.wait_for()
    assert looks(page) == nothing_wrong()
    page.goto("/guides/hcm_risk_scd")
    panel(page, "In this house").get_by_role("listitem").first.wait_for()
    assert looks(page) == nothing_wrong()
