"""Waveforms and numerics in the browser."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.house import House
from tests.browser.steps import open_patient, panel, source
from tests.browser.test_looks import SEPSIS, looks, nothing_wrong, problem

NOBODY_RECORDED = 4
PAPER_PIXELS_A_SECOND = 25 * 96 / 25.4


def signals(page: Page, house: House) -> Locator:
    """The card of a patient on the intensive care unit, scrolled to."""
    open_patient(page, house, number=SEPSIS)
    card = panel(page, "Signals")
    surface = card.get_by_test_id("signals")
    surface.scroll_into_view_if_needed()
    expect(surface).to_contain_text("ABP: ")
    expect(surface).not_to_contain_text("not loaded yet")
    expect(surface).not_to_contain_text("nothing in the middle")
    return card


def ink(card: Locator) -> int:
    """How many pixels of the canvas are drawn on in the colour of waveforms."""
    dark: int = card.locator("canvas").evaluate(
        """canvas => {
            const probe = getComputedStyle(canvas).getPropertyValue("--v-text");
            const [r, g, b] = probe.match(/\\w\\w/g).map((part) => parseInt(part, 16));
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let at = 0; at < data.length; at += 4)
                count += Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 60;
            return count;
        }"""
    )
    return dark


def test_nothing_is_asked_for__before_somebody_scrolls_there(page: Page, house: House) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 1280, "height": 500})
    open_patient(page, house, number=SEPSIS)
    panel(page, "Signals").wait_for()
    assert not [url for url in asked if "/window" in url]


def test_patient_without_recordings__has_no_viewer(page: Page, house: House) -> None:
    with page.expect_response(re.compile("/signals/recordings")):
        open_patient(page, house, number=NOBODY_RECORDED)
    panel(page, "Laboratory").wait_for()
    expect(panel(page, "Signals")).to_have_count(0)


def test_recording__is_drawn_with_its_units_rates_and_bed(page: Page, house: House) -> None:
    card = signals(page, house)
    for words in ("II", "mV", "125 Hz", "ABP", "mmHg", "Intensive care unit", "raw"):
        expect(card).to_contain_text(words)
    page.wait_for_timeout(300)
    assert ink(card) > 3_000


def test_paper_speed__is_25_millimetres_a_second(page: Page, house: House) -> None:
    card = signals(page, house)

    def is_close(request: Request) -> bool:
        found = parse_qs(urlsplit(request.url).query)
        return "/window" in request.url and float(found["seconds"][0]) < 60

    with page.expect_request(is_close) as asked:
        card.get_by_role("button", name="25 millimetres a second").click()
    expect(card.get_by_role("status")).to_contain_text("25 mm/s")
    wide = card.locator("canvas").bounding_box()
    assert wide
    seconds = float(parse_qs(urlsplit(asked.value.url).query)["seconds"][0])
    assert wide["width"] / PAPER_PIXELS_A_SECOND < seconds < wide["width"] / 20


def test_keys_and_slider__move_and_zoom(page: Page, house: House) -> None:
    card = signals(page, house)
    card.get_by_role("button", name="Ten seconds").click()
    expect(card.get_by_role("status")).to_contain_text("10 s")
    before = card.get_by_role("status").inner_text()
    card.get_by_test_id("signals").focus()
    page.keyboard.press("PageDown")
    expect(card.get_by_role("status")).not_to_have_text(before)
    page.keyboard.press("-")
    expect(card.get_by_role("status")).to_contain_text("20 s")
    card.get_by_label("Place in the recording").press("Home")
    expect(card.get_by_label("Place in the recording")).to_have_value("0")
    card.get_by_test_id("signals").focus()
    page.keyboard.press("0")
    expect(card.get_by_role("button", name="The whole recording")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_drag__pans_the_window(page: Page, house: House) -> None:
    card = signals(page, house)
    card.get_by_role("button", name="One minute").click()
    expect(card.get_by_role("status")).to_contain_text("60 s")
    before = card.get_by_role("status").inner_text()
    box = card.locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 400, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 60, steps=5)
    page.mouse.up()
    expect(card.get_by_role("status")).not_to_have_text(before)


def test_channels__are_chosen_by_name(page: Page, house: House) -> None:
    card = signals(page, house)
    card.get_by_role("button", name="Channels 2/2").click()
    page.get_by_label(re.compile("^ABP")).uncheck()
    page.keyboard.press("Escape")
    expect(card.get_by_role("button", name="Channels 1/2")).to_be_visible()
    expect(card.get_by_text("mmHg")).to_have_count(0)


def test_birth_of_a_recording__is_one_click_away(page: Page, house: House) -> None:
    card = signals(page, house)
    card.get_by_role("button", name=re.compile("^source ")).click()
    expect(source(page)).to_be_visible()


def test_failed_window__says_so_and_is_asked_again(page: Page, house: House) -> None:
    page.route("**/window?**", problem(500, "The server failed"))
    open_patient(page, house, number=SEPSIS)
    card = panel(page, "Signals")
    card.get_by_test_id("signals").scroll_into_view_if_needed()
    expect(card.get_by_role("alert")).to_contain_text("req-17")
    expect(card.get_by_test_id("signals")).to_contain_text("ABP: not loaded yet")
    page.unroute("**/window?**")
    card.get_by_role("button", name="Try again").click()
    expect(card.get_by_role("alert")).to_have_count(0)
    expect(card.get_by_test_id("signals")).not_to_contain_text("not loaded yet")


def test_signals__are_readable_on_a_phone_in_the_dark(page: Page, house: House) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 844})
    signals(page, house)
    assert looks(page) == nothing_wrong()
