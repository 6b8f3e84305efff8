"""Everything that a hand can reach with a mouse, a hand reaches with keys."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.steps import open_patient, panel, source, timeline

SEPSIS = 2


def test_worklist__is_walked_with_arrows(page: Page) -> None:
    page.goto("/")
    page.locator("tbody tr").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator("tbody tr").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(timeline(page)).to_be_visible()


def test_slash__goes_to_the_search_field(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox").evaluate("field => field.blur()")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_slash_in_the_empty_search_field__types_nothing(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_enter_before_the_answer__opens_nobody_of_the_search_before(
    page: Page, house: House
) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill(house.life(SEPSIS).person.mrn)
    page.get_by_text("1 patient found").wait_for()
    page.route("**/patients/search", lambda _: None)
    page.get_by_role("searchbox").fill("another")
    expect(page.get_by_role("status").filter(has_text="Searching")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/$"))
    page.unroute("**/patients/search")


def test_first_tab__offers_to_skip_the_header(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    page.reload()
    timeline(page).wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_tab__never_walks_behind_the_banner(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    # a narrow desk: the facts of the banner take more lines than usual
    page.set_viewport_size({"width": 900, "height": 700})
    panel(page, "Laboratory").wait_for()
    behind = []
    for _ in range(90):
        page.keyboard.press("Tab")
        behind += page.evaluate(
            """() => {
                const at = document.activeElement;
                const banner = document.querySelector('[aria-label="Who this is"]');
                const over = banner.contains(at) || !at.closest("main") || at.id === "content";
                const hidden = at.getBoundingClientRect().top < banner.getBoundingClientRect().bottom;
                return !over && hidden ? [at.outerHTML.slice(0, 80)] : [];
            }"""
        )
    assert behind == []


def test_timeline__zooms_and_moves_with_keys(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    line = timeline(page)
    line.focus()
    before = line.get_attribute("aria-label") or ""
    page.keyboard.press("+")
    expect(line).not_to_have_attribute("aria-label", before)
    line.evaluate("() => new Promise(done => setTimeout(done, 400))")
    closer = line.get_attribute("aria-label") or ""
    page.keyboard.press("ArrowLeft")
    expect(line).not_to_have_attribute("aria-label", closer)
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="Life: The whole record", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_timeline__steps_through_events_and_opens_one(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    page.get_by_role("button", name="One week").click()
    timeline(page).focus()
    page.wait_for_timeout(600)
    page.keyboard.press("n")
    said = timeline(page).locator("[aria-live]")
    expect(said).to_have_text(re.compile(r"\d{4}, \d\d:\d\d"))
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_timeline__stands_as_a_table_too(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    page.get_by_role("button", name="One week").click()
    page.get_by_role("button", name="List").click()
    rows = page.get_by_role("region", name="Events in sight").locator("tbody tr")
    expect(rows.first).to_be_visible()
    rows.first.get_by_role("button").click()
    expect(source(page)).to_be_visible()


def test_wheel__zooms_only_when_the_timeline_is_meant(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    line = timeline(page)
    before = line.get_attribute("aria-label") or ""
    line.hover()
    page.mouse.wheel(0, -300)
    expect(line).to_have_attribute("aria-label", before)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(line).not_to_have_attribute("aria-label", before)


def test_drag__moves_the_stretch(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    page.get_by_role("button", name="One week").click()
    page.wait_for_timeout(600)
    line = timeline(page)
    before = line.get_attribute("aria-label") or ""
    box = line.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 15, steps=6)
    page.mouse.up()
    expect(line).not_to_have_attribute("aria-label", before)
    expect(page.get_by_role("dialog")).to_have_count(0)
