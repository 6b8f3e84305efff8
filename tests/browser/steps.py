"""What a person does on the pages, in their words."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

from tests.browser.house import House

FOUND: dict[tuple[str, int], str] = {}
"""Where the picture of each patient of a house stands, once somebody found it."""


def open_patient(page: Page, house: House, *, number: int) -> None:
    """Find a patient by the hospital's own number and open the picture; again by its address."""
    known = FOUND.get((house.url, number))
    if known is None:
        find_patient(page, house, number=number)
        FOUND[house.url, number] = page.url
    else:
        page.goto(known)
        timeline(page).wait_for()


def find_patient(page: Page, house: House, *, number: int) -> None:
    """The walk of a person: from the list over the search to the picture."""
    page.goto("/")
    page.get_by_role("searchbox").fill(house.life(number).person.mrn)
    page.get_by_text("1 patient found").wait_for()
    page.keyboard.press("Enter")
    timeline(page).wait_for()


def timeline(page: Page) -> Locator:
    """The one timeline."""
    return page.get_by_test_id("timeline")


def source(page: Page) -> Locator:
    """The source that is open beside the picture."""
    return page.get_by_test_id("source")


def panel(page: Page, title: str) -> Locator:
    """One panel of the picture."""
    return page.get_by_role("region", name=title, exact=True)


def record(page: Page) -> str:
    """The characters of the record that is open."""
    return page.get_by_label("The record's own characters").evaluate("pre => pre.textContent") or ""


def know_as_of(page: Page, local: str) -> None:
    """Set the frame to what the care team knew at a local time such as 2026-06-20T12:00."""
    page.get_by_role("button", name="As known now").click()
    page.get_by_label("Date and time").fill(local)
    page.get_by_role("button", name="Show as of then").click()
