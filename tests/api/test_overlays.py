"""What was drawn on a series, over HTTP: refusals, legend, labels; and a series in one object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.derive.images.drawn import On, segmentation, structures
from tests.derive.images.enhanced import COLUMNS, ROWS, EnhancedCt
from tests.ingest.library.dicom.samples import SERIES, STUDY, Slice, stack
from vitruvian.api import Settings, create_app
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

PASSWORD = "a-long-enough-passphrase-7"
SPACE, GAP = f"{STUDY}.99", f"{STUDY}.5"
LUNGS, ELSEWHERE, CONTOURS, TALL = (f"{STUDY}.{n}" for n in (20, 21, 22, 23))
SQUARE = [-9.5, -9.5, 4, -6.5, -9.5, 4, -6.5, -7.5, 4, -9.5, -7.5, 4]
BOXES = {"Left lung": (range(1, 3), range(4), range(4)), "Tumour": (range(2, 3), range(2, 5), range(3, 5))}  # fmt: skip


def files(folder: Path) -> list[Path]:
    """Four slices of 8 x 8, two uneven series, and what was drawn on them."""
    here = {0x00200052: ("UI", SPACE)}
    found = stack(folder / "ct", slices=4, more=here)
    found += [Slice(n, z=z, series=GAP, more=here).write(folder) for n, z in ((1, 2.0), (2, 4.0), (3, 9.0))]  # fmt: skip
    on = On(STUDY, SERIES, SPACE)
    high = {"High": (range(3, 6), range(2), range(2))}
    drawn = {
        "lungs": segmentation(on, BOXES, series=LUNGS),
        "elsewhere": segmentation(replace(on, space="1.9.9"), BOXES, series=ELSEWHERE),
        "contours": structures(on, {"Heart": [SQUARE]}, series=CONTOURS),
        "tall": segmentation(on, high, series=TALL),
        "enhanced": EnhancedCt().data(),
    }
    for name, data in drawn.items():
        found.append(folder / f"{name}.dcm")
        found[-1].write_bytes(data)
    return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("overlays")
    with Lake.create(folder / "lake", site="st-elsewhere") as lake:
        ingest(files(folder), lake, access=SYSTEM)
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        lake.accounts.set_password("rossi", password=PASSWORD)
        client = TestClient(create_app(lake, settings=Settings()), base_url="http://127.0.0.1")
        client.headers["X-Vitruvian"] = "1"
        yield client


@pytest.fixture
def rossi(browser: TestClient) -> TestClient:
    assert browser.post("/api/sign-in", json={"name": "rossi", "password": PASSWORD}).is_success
    return browser


def place(rossi: TestClient, series: str = SERIES, *, who: str = "M-1", study: str = STUDY) -> str:
    """The address of a series under its patient."""
    found = rossi.post("/api/patients/search", json={"text": who}).json()["patients"]
    for person in (each["person_id"] for each in found):
        address = f"/api/patients/{person}/imaging/{study}/{series}"
        if rossi.get(address).is_success:
            return address
    pytest.fail("the series is under no patient of that number")


def told(rossi: TestClient, series: str = SERIES) -> dict[str, Any]:
    answer = rossi.get(f"{place(rossi, series)}/overlays")
    assert answer.is_success
    return {each["series_uid"]: each for each in answer.json()}


# ------------------------------------------------------------------ refusals first


def test_nobody_signed_in__sees_nothing_that_was_drawn(browser: TestClient) -> None:
    browser.cookies.clear()
    address = f"/api/patients/1/imaging/{STUDY}/{SERIES}/overlays"
    for each in ("", f"/{LUNGS}.1", f"/{LUNGS}.1/labels.nii"):
        assert browser.get(address + each).status_code == 401


def test_overlays__are_never_shown_under_another_persons_name(rossi: TestClient) -> None:
    address = f"/api/patients/1/imaging/{STUDY}/{SERIES}/overlays"
    assert rossi.get(address).json() == []
    assert rossi.get(f"{address}/{LUNGS}.1").status_code == 404
    assert rossi.get(f"{address}/{LUNGS}.1/labels.nii").status_code == 404


def test_segmentation_of_another_space__is_refused_with_one_sentence(rossi: TestClient) -> None:
    said = told(rossi)[ELSEWHERE]
    assert "another frame of reference" in said["refused"]
    answer = rossi.get(f"{place(rossi)}/overlays/{ELSEWHERE}.1/labels.nii")
    assert answer.status_code == 422
    assert answer.json()["detail"] == said["refused"]


def test_series_that_is_no_volume__has_nothing_shown_over_it(rossi: TestClient) -> None:
    assert "unevenly spaced" in told(rossi, GAP)[LUNGS]["refused"]


def test_segmentation_that_reaches_beyond__is_refused(rossi: TestClient) -> None:
    assert told(rossi)[TALL]["refused"] is None  # its pixels were not looked at yet
    answer = rossi.get(f"{place(rossi)}/overlays/{TALL}.1")
    assert answer.status_code == 422
    assert "beyond the pictures" in answer.json()["detail"]


def test_instance_that_is_no_overlay__is_not_found(rossi: TestClient) -> None:
    assert rossi.get(f"{place(rossi)}/overlays/{SERIES}.1").status_code == 404


# ------------------------------------------------------------------ what is shown


def test_legend__names_segments_in_colours_that_differ(rossi: TestClient) -> None:
    said = told(rossi)[LUNGS]
    assert (said["kind"], said["title"], said["refused"]) == ("segmentation", "Lungs by a model", None)  # fmt: skip
    assert [each["label"] for each in said["segments"]] == ["Left lung", "Tumour"]
    assert said["segments"][1]["meaning"] == "Tumour tissue"
    assert len({each["colour"] for each in said["segments"]}) == 2


def test_labels__lie_on_the_voxels_of_the_series(rossi: TestClient) -> None:
    address = f"{place(rossi)}/overlays/{LUNGS}.1"
    said = rossi.get(address).json()
    sizes = {each["number"]: (each["voxels"], each["millilitres"]) for each in said["sizes"]}
    assert sizes == {1: (32, 0.064), 2: (6, 0.012)}  # voxels of 1 x 1 x 2 mm
    # columns 0 to 3 from -10 mm to the left, so -8.5; rows alike to the back; slices at 4 and 6 mm
    assert said["sizes"][0]["middle_mm"] == [8.5, 8.5, 6.0]
    volume, pictures = rossi.get(f"{address}/labels.nii").content, rossi.get(f"{place(rossi)}/volume.nii").content  # fmt: skip
    assert volume[252:352] == pictures[252:352]  # the same place in the patient
    numbers = memoryview(volume[352:]).cast("h")
    for slice_, row, column in ((1, 0, 0), (2, 3, 3), (2, 4, 4), (3, 0, 0)):
        inside = [n for n, box in enumerate(BOXES.values(), start=1)
                  if slice_ in box[0] and row in box[1] and column in box[2]]  # fmt: skip
        assert said["labels"][numbers[(slice_ * 8 + row) * 8 + column]] == inside


def test_contours__are_filled(rossi: TestClient) -> None:
    said = told(rossi)[CONTOURS]
    assert (said["kind"], said["title"]) == ("structure set", "Contours by hand")
    assert said["segments"] == [
        {"number": 1, "label": "Heart", "meaning": None, "how": None, "colour": "#00c853"}
    ]
    (size,) = rossi.get(f"{place(rossi)}/overlays/{CONTOURS}.1").json()["sizes"]
    assert size["voxels"] == 6  # centres at -9, -8, -7 and at -9, -8


def test_as_known_before_it_was_drawn__there_is_nothing(rossi: TestClient) -> None:
    early = {"known_at": "2024-01-01T00:00:00Z"}
    assert rossi.get(f"{place(rossi)}/overlays", params=early).json() == []


# ------------------------------------------------------------------ a series in one object


def test_enhanced_ct__is_one_volume_with_each_frame_in_its_own_units(rossi: TestClient) -> None:
    address = place(rossi, "1.2.826.0.1.31.1", who="M-31", study="1.2.826.0.1.31")
    said = rossi.get(address).json()
    assert said["volume_refused"] is None
    assert [each["frame"] for each in said["images"]] == [1, 3, 2]  # the head comes first
    assert said["window_centre"] == 40
    volume = rossi.get(f"{address}/volume.nii").content
    values = memoryview(volume[352:]).cast("f")  # half units do not fit whole numbers
    ct, size = EnhancedCt(), ROWS * COLUMNS
    for at, frame in enumerate((1, 2, 0)):
        assert values[at * size + 7] == ct.hounsfield(frame, 1, 1)


def test_picture_of_a_frame__is_drawn_in_its_own_window(rossi: TestClient) -> None:
    place(rossi, "1.2.826.0.1.31.1", who="M-31", study="1.2.826.0.1.31")
    instance = "/api/dicomweb/studies/1.2.826.0.1.31/series/1.2.826.0.1.31.1/instances/1.2.826.0.1.31.1.1"  # fmt: skip
    drawn = rossi.get(f"{instance}/frames/2/rendered")
    assert drawn.headers["content-type"] == "image/png"
    assert rossi.get(f"{instance}/frames/4/rendered").status_code == 404
