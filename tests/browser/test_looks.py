"""What can be measured of how the pages look: readable, named, nothing cut, every state designed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.house import House
from tests.browser.steps import open_patient, panel, timeline

MEASURE = Path(__file__).with_name("looks.js").read_text("utf-8")
BROKEN = Path(__file__).with_name("broken.js").read_text("utf-8")
CUT = Path(__file__).with_name("cut.js").read_text("utf-8")
SEPSIS = 2
Scheme = Literal["light", "dark"]
PAGES = (
    *("/cohorts", "/guides", "/guides/news2", "/alerts", "/review", "/structuring", "/identity"),
    *("/ingest", "/ingest/record", "/broken-glass", "/about", "/password", "/patients/17"),
    *("/guides/none-of-that-name", "/no-such-page", "{person}/print", "{person}/imaging"),
    *("/audit", "/patients/17/imaging", "/patients/17/held", "{person}/held"),
)


LONG = "Donaudampfschifffahrtsgesellschaftskapitaen" * 3
LENGTHENED = {"family", "label", "dose_text", "location", "ward", "detail", "display_name"}


def looks(page: Page) -> dict[str, Any]:
    measured: dict[str, Any] = page.evaluate(MEASURE)
    return measured


def nothing_wrong() -> dict[str, Any]:
    return {"faint": [], "unnamed": [], "doubled": [], "sideways": 0, "headings": 1}


def test_measure__sees_what_is_wrong(stranger: Page) -> None:
    stranger.goto("about:blank")
    stranger.set_content(
        "<p style='color:#bbb'>faint</p><b id=a>x</b>"
        "<button id=a style='width:20px;height:20px'></button>"
        "<div style='width:3000px'>wide</div>"
    )
    found = looks(stranger)
    assert len(found["faint"]) == 1
    assert len(found["unnamed"]) == 1
    assert found["doubled"] == ["a"]
    assert found["sideways"] > 0
    assert found["headings"] == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_picture__is_readable_at_every_width(
    page: Page, house: House, width: int, scheme: Scheme
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    open_patient(page, house, number=SEPSIS)
    panel(page, "Laboratory").wait_for()
    assert looks(page) == nothing_wrong()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_worklist__is_readable_at_every_width(page: Page, width: int, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    page.locator("tbody tr").first.wait_for()
    assert looks(page) == nothing_wrong()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("address", PAGES)
def test_other_pages__are_readable_named_and_headed(
    page: Page, house: House, address: str, width: int, scheme: Scheme
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    if "{person}" in address:
        open_patient(page, house, number=SEPSIS)
        address = address.format(person=urlsplit(page.url).path)
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    assert looks(page) == nothing_wrong()
    assert page.title().endswith(" · Vitruvian")


def test_address_that_leads_nowhere__says_so_and_leads_home(page: Page) -> None:
    page.goto("/no-such-page")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="To the patients", exact=True).click()
    expect(page.get_by_role("heading", name="Patients")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_earlier_view__is_readable_and_tinted(page: Page, house: House, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    open_patient(page, house, number=SEPSIS)
    ground = "() => getComputedStyle(document.querySelector('[data-testid=frame]')).backgroundColor"
    now = page.evaluate(ground)
    page.goto(f"{page.url}?known_at=2026-06-26T08:00:00Z")
    timeline(page).wait_for()
    assert page.evaluate(ground) != now
    assert looks(page) == nothing_wrong()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_source__is_readable(page: Page, house: House, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    open_patient(page, house, number=SEPSIS)
    panel(page, "Problems").get_by_role("listitem").first.get_by_role("button").click()
    page.get_by_text("The record itself").wait_for()
    page.wait_for_timeout(400)
    found = looks(page)
    assert {key: found[key] for key in ("faint", "unnamed", "sideways")} == {
        "faint": [],
        "unnamed": [],
        "sideways": 0,
    }


def indented(route: Route) -> None:
    """The same record as a sender may lay it out."""
    answer = route.fetch()
    told = answer.json()
    text = json.dumps(json.loads(told["text"]), indent=4)
    lit = {"highlight_start": 0, "highlight_end": 1}
    route.fulfill(response=answer, json={**told, "text": text, **lit})


def test_record_that_brings_its_own_lines__is_laid_out_once(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    heights = set()
    for _ in range(2):
        panel(page, "Problems").get_by_role("listitem").first.get_by_role("button").click()
        record = page.get_by_label("The record's own characters")
        record.wait_for()
        heights.add(record.evaluate("pre => pre.scrollHeight"))
        page.route("**/trace*", indented)
        page.reload()
    assert len(heights) == 1


def lengthened(told: Any) -> Any:
    """An answer of the server in which every name is a word longer than a line."""
    if isinstance(told, list):
        return [lengthened(each) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        key: LONG if key in LENGTHENED and isinstance(value, str) else lengthened(value)
        for key, value in told.items()
    }


def lengthen(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, json=lengthened(answer.json()))


def cut_off(page: Page) -> list[str]:
    """Words that reach beyond the window or the card they stand in, with no sign that they do."""
    found: list[str] = page.evaluate(CUT)
    return found


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("address", ["/", "{person}", "{person}/print", "{person}/imaging"])
def test_words_longer_than_a_line__push_nothing_aside_and_are_not_cut(
    page: Page, house: House, address: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_patient(page, house, number=SEPSIS)
    person = urlsplit(page.url).path
    for answers in ("**/api/worklist*", "**/picture*"):
        page.route(answers, lengthen)
    page.goto(address.format(person=person))
    page.get_by_text(LONG).first.wait_for()
    page.wait_for_load_state("networkidle")
    assert looks(page)["sideways"] == 0
    assert cut_off(page) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_app_with_a_long_name__pushes_nothing_aside_where_it_asks(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for answers in ("**/api/worklist*", "**/api/session"):
        page.route(answers, lengthen)
    asked = {
        "title": LONG,
        "may": [f"read {LONG}"],
        "person_id": None,
        "wants_patient": True,
        "stays": "for an hour",
        "answer_goes_to": f"{LONG}.example",
    }
    page.route("**/api/apps/asked", lambda route: route.fulfill(json=asked))
    page.goto("/allow?client_id=growth")
    page.get_by_role("radio").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert looks(page) == nothing_wrong()
    assert cut_off(page) == []


def test_measure_of_numbers__sees_one_that_is_broken(stranger: Page) -> None:
    stranger.goto("about:blank")
    stranger.set_content(
        "<p style='width:2ch; overflow-wrap:anywhere; font-family:monospace'>7.27</p><p>7.28</p>"
    )
    assert stranger.evaluate(BROKEN) == ["7.27 in 7.27"]


@pytest.mark.parametrize("width", [390, 768, 1280])
@pytest.mark.parametrize("address", ["", "/print"])
def test_numbers__stand_on_one_line(page: Page, house: House, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_patient(page, house, number=SEPSIS)
    if address:
        page.goto(urlsplit(page.url).path + address)
        page.get_by_role("heading", name="Laboratory").wait_for()
    else:
        panel(page, "Laboratory").get_by_role("row").nth(3).wait_for()
    assert page.evaluate(BROKEN) == []


def test_page_that_is_refused__leads_where_the_role_may_go(page: Page) -> None:
    def auditor(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"role": "auditor"})

    page.route("**/api/session", auditor)
    page.route("**/picture*", problem(403, "Policy does not let this role do that."))
    page.goto("/patients/1")
    expect(page.get_by_role("link", name="To the audit", exact=True)).to_have_attribute(
        "href", "/audit"
    )
    page.goto("/no-such-page")
    expect(page.get_by_role("link", name="To the audit", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="To the patients", exact=True)).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_server_that_says_nothing__is_told_of_after_ten_seconds(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.clock.install()
    page.route("**/api/worklist*", lambda _: None)
    page.goto("/")
    waiting = page.get_by_text("No answer for ten seconds")
    page.get_by_role("status", name="Loading").first.wait_for()
    page.clock.run_for(9_000)
    expect(waiting).to_have_count(0)
    page.clock.run_for(2_000)
    expect(waiting).to_be_visible()
    assert looks(page) == nothing_wrong()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page_of_a_patient", ["", "/print", "/imaging", "/held"])
def test_closed_record__offers_the_way_in_on_every_page_of_the_patient(
    page: Page, page_of_a_patient: str, scheme: Scheme
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.route("**/picture*", problem(403, "This record is closed.", "record-closed"))
    page.goto(f"/patients/1{page_of_a_patient}")
    page.get_by_role("button", name="Open this record").wait_for()
    page.wait_for_load_state("networkidle")
    assert looks(page) == nothing_wrong()


def test_scheme__is_switched_by_hand_and_kept(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Switch to dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def problem(status: int, title: str, slug: str = "made-up") -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        body = {
            "problem": slug,
            "title": title,
            "detail": "What to do about it.",
            "status": status,
            "request_id": "req-17",
        }
        route.fulfill(status=status, json=body)

    return answer


def test_failure__names_the_request_and_can_be_tried_again(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    page.route("**/picture*", problem(500, "The server failed"))
    page.reload()
    expect(page.get_by_role("heading", name="The server failed")).to_be_visible()
    expect(page.get_by_text("req-17")).to_be_visible()
    page.unroute("**/picture*")
    page.get_by_role("button", name="Try again").click()
    expect(timeline(page)).to_be_visible()


def test_refusal__says_so_and_offers_no_second_try(page: Page, house: House) -> None:
    page.route("**/picture*", problem(403, "This record is not open to you"))
    page.goto("/patients/1")
    expect(page.get_by_role("heading", name="This record is not open to you")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_lost_connection__is_said_in_words(page: Page, house: House) -> None:
    page.route("**/api/worklist*", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_role("heading", name="The server was not reached")).to_be_visible(
        timeout=20_000
    )


def test_network_that_is_gone__is_said_and_its_return_is_noticed(page: Page) -> None:
    page.goto("/about")
    page.get_by_role("heading", name="About this server").wait_for()
    page.context.set_offline(True)
    page.get_by_role("link", name="Guidelines").click()
    expect(page.get_by_role("heading", name="The server was not reached")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("table")).to_be_visible()


def test_reason_without_a_network__stays_written_and_is_not_sent_later(page: Page) -> None:
    page.route("**/picture*", problem(403, "This record is closed.", "record-closed"))
    page.goto("/patients/1")
    reason = page.get_by_label("Why the record is needed now")
    reason.fill("unconscious, medicines unknown")
    sent: list[str] = []
    page.context.set_offline(True)
    page.get_by_role("button", name="Open this record").click()
    expect(page.get_by_text("The connection failed before an answer came")).to_be_visible()
    page.on("request", lambda request: sent.append(request.method))
    page.context.set_offline(False)
    page.wait_for_timeout(1_500)
    assert "POST" not in sent
    expect(reason).to_have_value("unconscious, medicines unknown")


def test_unknown_patient__is_a_page_and_not_a_blank(page: Page) -> None:
    page.goto("/patients/17")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    page.get_by_role("link", name="To the patients", exact=True).click()
    expect(page.get_by_role("heading", name="Patients")).to_be_visible()


def test_panels_without_anything__say_what_is_missing(page: Page, house: House) -> None:
    open_patient(page, house, number=SEPSIS)
    expect(panel(page, "Family history")).to_contain_text("nobody wrote down that they asked")
