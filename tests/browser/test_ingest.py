"""The page of what comes in, in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import House
from tests.browser.steps import panel
from tests.browser.test_looks import Scheme, looks, nothing_wrong, problem

ARRIVALS = {
    "feeds": [
        {
            "site": "ward", "adapter": "hl7v2", "sources": 1, "refused": 0,
            "last_arrival": "2026-06-20T10:00:00Z", "offered": None, "loaded": None,
            "skipped": None, "rejected": None, "byte_count": None,
        }
    ],
    "problems": [
        {
            "code": "no-subject", "adapter": "fhir", "message": "The record names no patient.",
            "count": 7, "sources": 2,
            "examples": [
                {"source_id": "5c", "record": 3, "pointer": "/subject", "received_at": None}
            ],
        }
    ],
    "throughput": [],
    "latest": [],
    "waiting": [
        {
            "adapter": "hl7v2", "kind": "HL7v2/MFN_M02", "reason": "type-not-mapped",
            "sentence": "Add it to mapping.toml.", "oldest": "2026-06-20T10:00:00Z",
            "newest": "2026-06-20T10:00:00Z", "count": 1,
            "examples": [
                {"number": "71", "source_id": "5c", "record": 1, "known_at": "2026-06-20T10:00:00Z"}
            ],
        }
    ],
}  # fmt: skip


def test_page__is_reached_from_the_account_and_tells_every_feed(page: Page, house: House) -> None:
    page.goto("/")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="What comes in").click()
    feeds = panel(page, "Feeds")
    feeds.wait_for()
    for adapter in ("fhir", "wfdb", "apple_health"):
        expect(feeds.get_by_role("rowheader", name=adapter, exact=True)).to_be_visible()
    expect(panel(page, "Quarantine")).to_contain_text("Nothing waits")


def test_record_and_event__lead_to_each_other(page: Page, house: House) -> None:
    page.goto("/ingest")
    latest = panel(page, "Latest sources").get_by_role("row", name=re.compile("fhir")).first
    source = latest.get_by_role("rowheader").inner_text()
    page.get_by_role("link", name="What did a record become?").click()
    page.get_by_role("heading", name="What did this record become?").wait_for()
    page.get_by_label("Source").fill(source)
    page.get_by_label("Record, from 0").fill("0")
    page.get_by_role("button", name="Look up").click()
    expect(panel(page, "The record")).to_contain_text(source)
    expect(page.get_by_label("The record's own characters")).to_contain_text("resourceType")


def test_problem_and_quarantine__open_to_their_places(page: Page) -> None:
    page.route("**/api/ingest", lambda route: route.fulfill(json=ARRIVALS))
    page.goto("/ingest")
    panel(page, "Problems by kind").get_by_role("button", name=re.compile("no-subject")).click()
    place = page.get_by_role("link", name="3", exact=True)
    expect(place).to_have_attribute("href", "/ingest/record?source=5c&record=3")
    expect(panel(page, "Feeds")).to_contain_text("not counted")
    page.route(
        "**/api/ingest/quarantine/replay",
        lambda route: route.fulfill(json={"tried": 1, "mapped": 0}),
    )
    panel(page, "Quarantine").get_by_role("button", name="Map again").click()
    expect(panel(page, "Quarantine").get_by_role("status")).to_contain_text(
        "1 record tried again, 0 mapped now"
    )


def test_page__refused_or_failed_says_so(page: Page) -> None:
    page.route("**/api/ingest", problem(403, "Not open to this role"))
    page.goto("/ingest")
    expect(page.get_by_role("heading", name="Not open to this role")).to_be_visible()
    page.unroute("**/api/ingest")
    page.route("**/api/ingest", problem(500, "The server failed"))
    page.reload()
    expect(page.get_by_text("req-17")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page__is_readable_at_every_width(page: Page, width: int, scheme: Scheme) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/ingest")
    panel(page, "Feeds").get_by_role("row").nth(1).wait_for()
    assert looks(page) == nothing_wrong()
