"""The menu of each role names the places that are open to it, and no other."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.house import PASSWORD, House

MENUS = {
    "clinician": ["Patients", "Cohorts", "Guidelines", "Alerts", "Review"],
    "radiologist": ["Patients", "Cohorts", "Guidelines", "Review"],
    "researcher": ["Cohorts", "Guidelines"],
    "auditor": ["Audit", "Broken glass", "Guidelines"],
    "patient": ["My record"],
}


@pytest.mark.parametrize("role", MENUS)
def test_every_place_of_the_menu__is_open_to_the_role(
    stranger: Page, house: House, role: str
) -> None:
    refused: list[str] = []

    def listen(answer: Response) -> None:
        if "/api/" in answer.url and answer.status == 403:
            refused.append(answer.url)

    stranger.goto(house.new_account(f"menu-{role}", role=role))
    stranger.get_by_label("New password").fill(PASSWORD)
    stranger.get_by_label("The same again").fill(PASSWORD)
    stranger.get_by_role("button", name="Set password").click()
    stranger.get_by_label("New password").wait_for(state="detached")
    stranger.goto("/about")
    menu = stranger.get_by_role("navigation", name="Tools").get_by_role("link")
    expect(menu).to_have_text(MENUS[role])
    stranger.on("response", listen)
    for word in MENUS[role]:
        stranger.goto("/about")
        menu.get_by_text(word, exact=True).click()
        stranger.get_by_role("heading").first.wait_for()
        stranger.wait_for_load_state("networkidle")
    assert refused == []
