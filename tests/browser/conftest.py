"""A real Chromium in front of a real server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    StorageState,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser.house import PASSWORD, House, served

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
DESK: ViewportSize = {"width": 1280, "height": 900}
PATIENCE_MS = 15_000
"""How long a page may take on a busy machine, for what is done and for what is expected."""
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with served(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    """Playwright itself, of which a process has one."""
    with sync_playwright() as found:
        yield found


def chromium_path() -> str:
    """Where the browser is; without one the test is skipped."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium on this machine: tests in the browser are skipped")
    return path


@pytest.fixture(scope="session")
def chromium(play: Playwright) -> Iterator[Browser]:
    browser = play.chromium.launch(executable_path=chromium_path(), args=QUIET)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def signed_in(house: House, chromium: Browser) -> StorageState:
    """The cookies of somebody who came by the one-time link and chose a password."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(house.link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.get_by_role("heading", name="Patients").wait_for()
    state = context.storage_state()
    context.close()
    return state


class Witness:
    """What the browser complained of, and whom it spoke to."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                self.complaints.append(said.text)
                if said.type in {"error", "warning"} and "Failed to load resource" not in said.text
                else None
            ),
        )
        page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture
def stranger(house: House, chromium: Browser) -> Iterator[Page]:
    """A page of somebody whom nobody knows yet."""
    context = chromium.new_context(viewport=DESK, base_url=house.url, timezone_id="Europe/Rome")
    yield from watched(context, house)


@pytest.fixture
def page(house: House, chromium: Browser, signed_in: StorageState) -> Iterator[Page]:
    """A page of somebody who is signed in."""
    context = chromium.new_context(
        viewport=DESK, base_url=house.url, timezone_id="Europe/Rome", storage_state=signed_in
    )
    yield from watched(context, house)


def watched(context: BrowserContext, house: House) -> Iterator[Page]:
    """A page that must neither complain nor speak to anybody but its server."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    witness = Witness(page)
    yield page
    context.close()
    assert witness.complaints == []
    assert [url for url in witness.asked if not url.startswith((house.url, "data:", "blob:"))] == []
