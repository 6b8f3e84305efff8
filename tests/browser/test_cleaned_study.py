"""A de-identified study in other people's viewers: the pictures are seen, and name nobody."""

# ruff: noqa: E402 -- what is optional is asked for first

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")
pytest.importorskip("re2", reason="google-re2 comes with the extra `notes`")

from tests.browser.conftest import Witness
from tests.browser.house import serve, vitruvian
from tests.browser.test_imaging import (
    CT,
    ON,
    SERIES,
    SIDE,
    SLICES,
    SQUARE,
    STUDY,
    Looker,
    brightness,
    slice_with_something_on_the_left,
)
from tests.derive.images.drawn import as_file, item, segmentation
from vitruvian.research.deidentify.files import deidentify_files
from vitruvian.research.deidentify.replace import Project

PROJECT = Project("heart-1", b"0123456789abcdef0123456789abcdef")
GONE = ("Ward", "M-55", "ACC-55", STUDY)


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CT and a segmentation over it, cleaned."""
    folder = tmp_path_factory.mktemp("research")
    raw = folder / "raw"
    raw.mkdir()
    for number in range(1, SLICES + 1):
        (raw / str(number)).write_bytes(slice_with_something_on_the_left(number))
    (raw / "drawn").write_bytes(drawn())
    report = deidentify_files([raw], folder / "cleaned", PROJECT)
    assert (report.written, report.images.unreadable) == (SLICES + 1, [])
    return folder / "cleaned"


def drawn() -> bytes:
    """A segmentation that names the slices it is drawn on, as the workstation asks."""
    made = pydicom.dcmread(io.BytesIO(segmentation(ON, {"Square": SQUARE}, series=f"{SERIES}.9")))
    made.ReferencedSeriesSequence[0].ReferencedInstanceSequence = [
        item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=f"{SERIES}.{number}")
        for number in range(1, SLICES + 1)
    ]
    return as_file(made)


@pytest.fixture(scope="module")
def looker(play: Playwright, cleaned: Path) -> Iterator[Looker]:
    """A research server that holds nothing but the cleaned study."""
    folder = cleaned.parent
    vitruvian("ingest", cleaned, "--lake", folder / "lake")
    with serve(folder / "lake", hospital=cleaned, log=folder / "server.log") as house:
        yield Looker(play, house, folder / "cookies.json")


def wait_for_light(page: Page, *, where: str, above: float) -> dict[str, float]:
    """The light of each quarter of the picture, once one of them is bright enough."""
    canvas = page.locator("canvas.cornerstone-canvas").first
    canvas.wait_for()
    light: dict[str, float] = {}
    for _ in range(60):  # without a graphics card the picture may come late
        light = brightness(page, canvas.screenshot())
        if light[where] > above:
            return light
        page.wait_for_timeout(500)
    pytest.fail(f"nothing bright is seen {where}: {light}")


def test_cleaned_study__is_seen_in_the_workstation_with_its_drawing(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        witness = Witness(page)
        (study,) = page.request.get("/api/dicomweb/studies").json()
        uid = study["0020000D"]["Value"][0]
        page.goto(f"/workstation/viewer?StudyInstanceUIDs={uid}")
        page.get_by_text("Confirm and hide").click()
        before = wait_for_light(page, where="topright", above=40)
        assert before["topright"] > 10 + max(before[one] for one in before if one != "topright")
        page.get_by_text("Lungs by a model").first.dblclick()
        wait_for_light(page, where="bottomleft", above=before["bottomleft"] + 5)
        metadata = page.request.get(f"/api/dicomweb/studies/{uid}/metadata").text()
        told = [page.content(), metadata, *witness.asked]
        assert [word for word in GONE if any(word in one for one in told)] == []


@pytest.mark.skipif(shutil.which("dcm2pnm") is None, reason="dcmtk is not installed")
def test_cleaned_study__is_seen_by_dcmtk(cleaned: Path, tmp_path: Path) -> None:
    slices = 0
    for file in (one for one in cleaned.rglob("*") if one.is_file()):
        told = subprocess.run(["dcmdump", file], capture_output=True, check=True, text=True).stdout
        assert [word for word in GONE if word in told] == []
        if CT in str(pydicom.dcmread(file).SOPClassUID):
            picture = tmp_path / f"{slices}.pgm"
            subprocess.run(["dcm2pnm", "+Ww", "500", "1000", file, picture], check=True)
            pixels = picture.read_bytes()[-SIDE * SIDE :]
            bright = {place for place, light in enumerate(pixels) if light > 200}
            assert bright == {
                row * SIDE + column
                for row in range(SIDE // 8, SIDE * 3 // 8)
                for column in range(SIDE * 5 // 8, SIDE * 7 // 8)
            }
            slices += 1
    assert slices == SLICES
