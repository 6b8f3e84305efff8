"""The first walk: from the list to a patient, to a number, to the record it came from."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from urllib.parse import unquote

from playwright.sync_api import Page, expect

from tests.browser.house import PATIENTS, House
from tests.browser.steps import know_as_of, open_patient, panel, record, source, timeline

SEPSIS = 2


def test_worklist__counts_everybody(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("status").first).to_contain_text(f"{PATIENTS} patients")
    expect(page.locator("tbody tr")).to_have_count(PATIENTS)


def test_search__finds_by_the_beginning_of_a_name_and_tells_no_address(
    page: Page, house: House
) -> None:
    family = house.life(4).person.family
    asked: list[str] = []
    page.on("request", lambda request: asked.append(unquote(request.url)))
    page.goto("/")
    page.get_by_role("searchbox").press_sequentially(family[:5].lower())
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(family)
    assert not [url for url in asked if family[:5].lower() in url.lower()]


def test_search__that_finds_nobody_says_how_to_search(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox").fill("qqqqzz")
    expect(page.get_by_text("Nobody found")).to_be_visible()


def test_banner__names_the_patient_twice_over(page: Page, house: House) -> None:
    person = house.life(SEPSIS).person
    open_patient(page, house, number=SEPSIS)
    banner = panel(page, "Who this is")
    for said in (person.family, person.given[0], person.mrn, person.insurance_number):
        expect(banner).to_contain_text(said)
    assert person.family not in page.title()
    assert person.family not in page.url


def test_result__opens_its_own_record_lit_where_the_number_stands(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    cell = panel(page, "Laboratory").get_by_role("button", name=re.compile("^Lactate")).nth(1)
    value = re.findall(r"Lactate ([\d.]+)", cell.get_attribute("aria-label") or "")[0]
    cell.click()
    expect(source(page)).to_contain_text("the same value")
    text = record(page)
    resource = json.loads(text)
    assert resource["resourceType"] == "Observation"
    assert text in house.records()
    assert f'"value":{value}' in "".join(page.locator("mark").all_inner_texts()).replace(" ", "")
    expect(page.locator("mark").first).to_be_in_viewport()


def test_problem__opens_its_condition(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    panel(page, "Problems").get_by_role("button", name=re.compile("Septic shock")).click()
    assert json.loads(record(page))["resourceType"] == "Condition"
    page.keyboard.press("Escape")
    expect(source(page)).to_have_count(0)


def test_laid_out_record__has_the_same_characters_as_stored(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    panel(page, "Problems").get_by_role("button", name=re.compile("Septic shock")).click()
    laid_out = record(page)
    page.get_by_text("As stored").click()
    assert record(page) == laid_out


def test_earlier_knowledge__takes_away_what_came_later(page: Page, house: House) -> None:
    life = house.life(SEPSIS)
    onset = next(one.onset for one in life.conditions if one.concept.text == "Septic shock")
    assert isinstance(onset, datetime)
    day = onset - timedelta(days=1)
    open_patient(page, house, number=SEPSIS)
    expect(panel(page, "Problems")).to_contain_text("Septic shock")
    know_as_of(page, f"{day:%Y-%m-%dT%H:%M}")
    expect(page.get_by_text(re.compile("^As known on ")).first).to_be_visible()
    expect(panel(page, "Problems")).not_to_contain_text("Septic shock")
    assert "known_at=" in page.url
    page.reload()
    expect(page.get_by_text(re.compile("^As known on ")).first).to_be_visible()
    expect(panel(page, "Problems")).not_to_contain_text("Septic shock")
    page.get_by_role("button", name="Back to now").click()
    expect(panel(page, "Problems")).to_contain_text("Septic shock")


def test_recorded_clock__before_the_load_shows_an_empty_record(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    page.get_by_role("button", name="As known now").click()
    page.get_by_text("Recorded here").click()
    page.get_by_label("Date and time").fill("2001-01-01T00:00")
    page.get_by_role("button", name="Show as of then").click()
    expect(page.get_by_text(re.compile("As recorded here on 1 Jan 2001")).first).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Septic shock")


def test_source__shows_the_whole_record_as_known_then(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    panel(page, "Problems").get_by_role("button", name=re.compile("Septic shock")).click()
    page.get_by_role("button", name="Show the whole record as known then").click()
    expect(page.get_by_text(re.compile("^As known on ")).first).to_be_visible()
    expect(timeline(page)).to_be_visible()


def test_summary__says_as_of_when_on_every_sheet(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    know_as_of(page, "2026-06-01T12:00")
    page.get_by_role("link", name="Summary").click()
    head = page.get_by_test_id("summary").locator("thead").first
    page.emulate_media(media="print")
    expect(head).to_contain_text("As known on 1 Jun 2026, 12:00")
    expect(head).to_contain_text(house.life(SEPSIS).person.mrn)
    assert head.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_document__is_read_and_leads_to_its_source(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    panel(page, "Documents").get_by_role("button", name=re.compile("History and physical")).click()
    expect(page.get_by_role("article")).to_contain_text("fever")
    page.get_by_role("button", name="Where does this come from?", exact=True).click()
    assert "resourceType" in json.loads(record(page))
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_role("article")).to_be_visible()


def test_record_search__finds_and_opens_by_keyboard(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    page.locator("body").press("/")
    page.keyboard.type("escherichia")
    found = page.get_by_role("region", name="Found in this record")
    expect(found.get_by_role("listitem").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(source(page)).to_contain_text("The record itself")


def test_news__are_gone_once_seen(page: Page, house: House) -> None:
    open_patient(page, house, number=5)
    page.get_by_role("button", name="Mark as seen").click()
    expect(page.get_by_text("Nothing new since you last looked")).to_be_visible()


def test_printing_the_picture__prints_the_summary(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    know_as_of(page, "2026-06-01T12:00")
    expect(page.get_by_text(re.compile("^As known on ")).first).to_be_visible()
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    head = page.get_by_test_id("summary").locator("thead").first
    expect(head).to_contain_text("As known on 1 Jun 2026, 12:00")
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    expect(timeline(page)).to_be_visible()
