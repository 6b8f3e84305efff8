"""Pictures in a real browser: the imaging page with and without WebGL 2, and the workstation."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import DESK, QUIET, Witness, chromium_path
from tests.browser.house import PASSWORD, House, serve, vitruvian
from tests.browser.test_looks import cut_off, problem
from tests.derive.images.drawn import On, segmentation
from tests.ingest.library.dicom.samples import AUTHORITY
from vitruvian.demo.render.dicom.encode import Element, part10, texts

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

CT = "1.2.840.10008.5.1.4.1.1.2"
SIDE, SLICES = 64, 12
STUDY, SERIES = "1.2.826.0.1.55", "1.2.826.0.1.55.1"
ON = On(STUDY, SERIES, f"{STUDY}.9", corner_mm=(-32, -32, 4), step_mm=4, side=SIDE,
        who={"PatientID": "M-55", "IssuerOfPatientID": AUTHORITY})  # fmt: skip
SQUARE = (range(SLICES), range(SIDE * 5 // 8, SIDE * 7 // 8), range(SIDE // 8, SIDE * 3 // 8))
"""In the patient's right and back quarter, which is dark."""
DRAWS = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DRAWS_NOT = ["--disable-gpu", "--disable-3d-apis"]
REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "imaging" / "covid-ct-md" / "P002"


def slice_with_something_on_the_left(number: int) -> bytes:
    """Water everywhere, and a bright square in the patient's left half, in its front quarter."""
    words = texts({
        0x00080016: ("UI", CT), 0x00080018: ("UI", f"{SERIES}.{number}"), 0x00080020: ("DA", "20240305"),
        0x00080050: ("SH", "ACC-55"), 0x00080060: ("CS", "CT"), 0x00081030: ("LO", "CT head"),
        0x0008103E: ("LO", "Left is bright"), 0x00100010: ("PN", "Ward^Test"), 0x00100020: ("LO", "M-55"),
        0x00100021: ("LO", AUTHORITY), 0x0020000D: ("UI", STUDY), 0x0020000E: ("UI", SERIES),
        0x00200013: ("IS", str(number)), 0x00200032: ("DS", f"-32\\-32\\{number * 4}"),
        0x00200037: ("DS", "1\\0\\0\\0\\1\\0"), 0x00200052: ("UI", f"{STUDY}.9"),
        0x00280004: ("CS", "MONOCHROME2"), 0x00280030: ("DS", "1\\1"), 0x00281050: ("DS", "500"),
        0x00281051: ("DS", "1000"), 0x00281052: ("DS", "0"), 0x00281053: ("DS", "1"),
    })  # fmt: skip
    numbers: list[Element] = [
        (tag, "US", value)
        for tag, value in ((0x00280002, 1), (0x00280010, SIDE), (0x00280011, SIDE), (0x00280100, 16),
                           (0x00280101, 16), (0x00280102, 15), (0x00280103, 0))
    ]  # fmt: skip
    # patient coordinates run to the left, so the left half is where columns are high
    bright = [
        SIDE * 5 // 8 <= column < SIDE * 7 // 8 and SIDE // 8 <= row < SIDE * 3 // 8
        for row in range(SIDE)
        for column in range(SIDE)
    ]
    pixels = b"".join((1000 if each else 100).to_bytes(2, "little") for each in bright)
    return part10([*words, *numbers, (0x7FE00010, "OW", pixels)], sop_class=CT, uid=f"{SERIES}.{number}")  # fmt: skip


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("clinic")
    files = folder / "ct"
    files.mkdir()
    for number in range(1, SLICES + 1):
        (files / str(number)).write_bytes(slice_with_something_on_the_left(number))
    for name, on in (("fits", ON), ("does-not", replace(ON, space="1.9.9"))):
        series = f"{STUDY}.{len(name)}"
        (files / name).write_bytes(segmentation(on, {"Square": SQUARE}, series=series))
    lake = folder / "lake"
    vitruvian("ingest", files, *([REAL] if REAL.is_dir() else []), "--lake", lake)
    with serve(lake, hospital=files, log=folder / "server.log") as house:
        yield house


@dataclass(frozen=True)
class Looker:
    """Opens the clinic in a browser that draws volumes, or in one that cannot."""

    play: Playwright
    clinic: House
    state: Path

    @contextmanager
    def looking(self, *, draws: bool) -> Iterator[Page]:
        quiet = [each for each in QUIET if each != "--disable-gpu"]
        browser = self.play.chromium.launch(
            executable_path=chromium_path(), args=quiet + (DRAWS if draws else DRAWS_NOT)
        )
        known = self.state if self.state.exists() else None
        context = browser.new_context(viewport=DESK, base_url=self.clinic.url, storage_state=known)
        page = context.new_page()
        page.set_default_timeout(90_000)
        if known is None:
            self._come_in(page)
        yield page
        browser.close()

    def _come_in(self, page: Page) -> None:
        page.goto(self.clinic.link)
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_role("button", name="Set password").click()
        page.get_by_role("heading", name="Patients").wait_for()
        page.context.storage_state(path=self.state)


@pytest.fixture(scope="module")
def looker(play: Playwright, clinic: House, tmp_path_factory: pytest.TempPathFactory) -> Looker:
    return Looker(play, clinic, tmp_path_factory.mktemp("state") / "cookies.json")


def person(page: Page, text: str) -> str:
    answer = page.request.post(
        "/api/patients/search", data={"text": text}, headers={"X-Vitruvian": "1"}
    )
    return str(answer.json()["patients"][0]["person_id"])


def brightness(page: Page, shot: bytes) -> dict[str, float]:
    """Mean of the quarters of a screenshot, measured in the browser itself."""
    found: dict[str, float] = page.evaluate(
        """async (png) => {
          const image = new Image(); image.src = "data:image/png;base64," + png; await image.decode();
          const area = document.createElement("canvas"); area.width = image.width; area.height = image.height;
          const pen = area.getContext("2d", { willReadFrequently: true }); pen.drawImage(image, 0, 0);
          const mean = (x, y) => { const d = pen.getImageData(x * image.width / 2, y * image.height / 2, image.width / 2, image.height / 2).data;
            let sum = 0; for (let i = 0; i < d.length; i += 4) sum += d[i]; return sum / (d.length / 4); };
          return { topleft: mean(0, 0), topright: mean(1, 0), bottomleft: mean(0, 1), bottomright: mean(1, 1) };
        }""",
        base64.b64encode(shot).decode(),
    )
    return found


def expect_left_at_the_right(page: Page, stage: str) -> None:
    """What is bright on the patient's left and front is seen at the right and top."""
    light: dict[str, float] = {}
    for _ in range(20):  # without a graphics card the picture may come late
        light = brightness(page, page.get_by_test_id(stage).screenshot())
        if light["topright"] > 15 + max(light[each] for each in light if each != "topright"):
            return
        page.wait_for_timeout(500)
    pytest.fail(f"the patient's left is not seen at the right: {light}")


def test_volume__shows_the_patients_left_at_the_right(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        witness = Witness(page)
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        page.locator("[data-testid=volume][data-ready]").wait_for()
        expect_left_at_the_right(page, "volume")
        expect(page.get_by_text("The patient's right is at the left")).to_be_visible()
        page.get_by_role("img", name="Left is bright").focus()
        page.keyboard.press("3")
        expect(page.get_by_role("button", name="Bone")).to_have_attribute("aria-pressed", "true")
        assert [each for each in witness.complaints if "GPU stall" not in each] == []
        assert [url for url in witness.asked if not url.startswith((looker.clinic.url, "data:", "blob:"))] == []  # fmt: skip


def test_segmentation__is_seen_in_colour_where_it_was_drawn(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        page.locator("[data-testid=volume][data-ready]").wait_for()
        before = brightness(page, page.get_by_test_id("volume").screenshot())
        page.get_by_role("combobox", name="Show what was drawn").click()
        page.get_by_role("option", name="Lungs by a model (segmentation)", exact=True).click()
        page.locator("[data-testid=volume][data-over=shown]").wait_for()
        expect(page.get_by_text("12 ml", exact=False)).to_be_visible()
        for _ in range(20):
            after = brightness(page, page.get_by_test_id("volume").screenshot())
            if after["bottomleft"] > before["bottomleft"] + 5:
                break
            page.wait_for_timeout(500)
        else:
            pytest.fail(f"nothing is seen in the patient's right and back: {before}, {after}")
        assert after["topright"] == pytest.approx(before["topright"], abs=5)
        page.get_by_role("checkbox", name="Square").uncheck()
        page.wait_for_timeout(1000)
        hidden = brightness(page, page.get_by_test_id("volume").screenshot())
        assert hidden["bottomleft"] < after["bottomleft"]


def test_segmentation_of_another_space__says_why_it_is_not_shown(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        page.goto(f"/patients/{person(page, 'M-55')}/imaging?overlay={STUDY}.{len('does-not')}")
        page.get_by_text("another frame of reference").wait_for()
        expect(page.get_by_role("slider", name="Opacity")).to_have_count(0)


def test_drawings_that_cannot_be_listed__are_not_taken_for_none(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        page.route("**/overlays", problem(500, "The server failed"))
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        told = page.get_by_role("alert")
        expect(told).to_contain_text("Whether anything was drawn on these pictures is not known")
        page.unroute("**/overlays")
        told.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("combobox", name="Show what was drawn")).to_be_visible()


def test_browser_without_webgl__shows_the_images_one_by_one(looker: Looker) -> None:
    with looker.looking(draws=False) as page:
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        expect(page.get_by_text("WebGL 2 is off")).to_be_visible()
        stage = page.get_by_test_id("frames")
        expect(stage).to_contain_text(f"6 of {SLICES}")
        expect(stage.locator("img")).to_have_js_property("complete", True)  # noqa: FBT003
        expect_left_at_the_right(page, "frames")
        assert stage.locator("b").all_inner_texts() == ["R", "L", "A", "P"]
        stage.focus()
        page.keyboard.press("ArrowDown")
        expect(stage).to_contain_text(f"7 of {SLICES}")


def test_wheel__goes_from_image_to_image_and_leaves_the_page_where_it_is(looker: Looker) -> None:
    with looker.looking(draws=False) as page:
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        page.set_viewport_size({"width": 1280, "height": 500})
        stage = page.get_by_test_id("frames")
        stage.hover()
        before = page.evaluate("scrollY")
        page.mouse.wheel(0, 100)
        expect(stage).to_contain_text(f"7 of {SLICES}")
        page.wait_for_timeout(300)
        assert page.evaluate("scrollY") == before


def test_image_that_did_not_come__can_be_asked_for_again(looker: Looker) -> None:
    with looker.looking(draws=False) as page:
        page.route("**/rendered*", lambda route: route.abort())
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        stage = page.get_by_test_id("frames")
        expect(stage.get_by_role("alert")).to_contain_text("could not be drawn")
        page.unroute("**/rendered*")
        stage.get_by_role("button", name="Try again").click()
        expect(stage.get_by_role("alert")).to_have_count(0)
        expect_left_at_the_right(page, "frames")


def test_volume_that_did_not_come__can_be_loaded_again(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        page.route("**/volume.nii*", lambda route: route.abort())
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        expect(page.get_by_text("The volume could not be loaded")).to_be_visible()
        page.unroute("**/volume.nii*")
        page.get_by_role("button", name="Load the volume again").click()
        page.locator("[data-testid=volume][data-ready]").wait_for()


def test_keys__go_on_in_the_stage_that_a_key_opened(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        volume = page.get_by_test_id("volume")
        expect(volume).to_contain_text("100 HU")
        volume.locator("canvas").focus()
        page.keyboard.press("i")
        expect(page.get_by_test_id("frames")).to_be_focused()
        assert cut_off(page) == []
        page.keyboard.press("c")
        expect(volume.locator("canvas")).to_be_focused()
        expect(page.get_by_role("radio", name="Coronal")).to_be_checked()


def test_workstation__opens_a_study_from_the_imaging_page(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        witness = Witness(page)
        page.goto(f"/patients/{person(page, 'M-55')}/imaging")
        page.get_by_role("link", name="Open in the workstation").click()
        page.locator("canvas.cornerstone-canvas").first.wait_for()
        page.get_by_text(f"(1/{SLICES})").or_(page.get_by_text("R", exact=True)).first.wait_for()
        assert [each for each in witness.complaints if "Security Policy" in each] == []
        assert [url for url in witness.asked if not url.startswith((looker.clinic.url, "data:", "blob:"))] == []  # fmt: skip
        assert not [url for url in witness.asked if "M-55" in url]
        expect(page.get_by_role("link", name="back to the patient")).to_be_visible()


@pytest.mark.skipif(not REAL.is_dir(), reason="VITRUVIAN_REAL_DATA names no folder with the CT")
def test_workstation__opens_a_real_ct(looker: Looker) -> None:
    with looker.looking(draws=True) as page:
        studies = page.request.get("/api/dicomweb/studies").json()
        study = next(each["0020000D"]["Value"][0] for each in studies
                     if each["00201208"]["Value"] == [133])  # fmt: skip
        page.goto(f"/workstation/viewer?StudyInstanceUIDs={study}")
        page.locator("canvas.cornerstone-canvas").first.wait_for()
        expect(page.get_by_text("R", exact=True).first).to_be_visible()
        canvas = page.locator("canvas.cornerstone-canvas").first
        for _ in range(20):
            if max(brightness(page, canvas.screenshot()).values()) > 10:
                return
            page.wait_for_timeout(500)
        pytest.fail("the picture stayed black")
