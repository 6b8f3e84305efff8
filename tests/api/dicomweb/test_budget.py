"""What one request for pictures takes into memory: a bounded part, or a refusal that says so."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN
from tests.ingest.library.dicom.samples import Slice
from vitruvian.api import create_app
from vitruvian.api.routes.dicomweb import objects, routes
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.lake.disk import blobs
from vitruvian.lake.disk.blobs import Blobs, Pieces
from vitruvian.lake.disk.errors import BlobTooLarge
from vitruvian.trust import SYSTEM

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

MIB = 1 << 20
STUDY = "1.2.826.0.1.5"
ONE = f"studies/{STUDY}/series/{STUDY}.1/instances/{STUDY}.1.1"


def boasting(folder: Path) -> Path:
    """A small compressed file that says it holds a picture of 65,535 by 65,535."""
    pydicom = pytest.importorskip("pydicom")
    said = pydicom.dcmread(io.BytesIO(Slice(1, study=f"{STUDY}9", series=f"{STUDY}9.1").data()))
    said.Rows = said.Columns = 65_535
    said.PixelData = pydicom.encaps.encapsulate([bytes(64)])
    said["PixelData"].VR = "OB"
    said.file_meta.TransferSyntaxUID = pydicom.uid.RLELossless
    said.save_as(folder / "boast", enforce_file_format=True)
    return folder / "boast"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server with one true image and one that boasts."""
    folder = tmp_path_factory.mktemp("budget")
    files = [
        Slice(1, study=STUDY, series=f"{STUDY}.1").write(folder, "true"),
        boasting(folder),
    ]
    with Lake.create(folder / "lake", site="st-elsewhere") as lake:
        assert ingest(files, lake, access=SYSTEM).rejected == 0
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        token = lake.accounts.open_session("rossi").token
        with TestClient(create_app(lake), base_url=ORIGIN) as client:
            client.cookies.set("vitruvian_session", token)
            yield client


def asked(browser: TestClient, path: str) -> Any:
    return browser.get(f"/api/dicomweb/{path}")


@pytest.mark.parametrize("page", ["rendered", "frames/1", "frames/1/rendered", "bulkdata/7FE00010"])
def test_picture_larger_than_memory__is_refused_before_it_is_unpacked(
    browser: TestClient, page: str
) -> None:
    where = ONE.replace(STUDY, f"{STUDY}9")
    tracemalloc.start()
    try:
        answer = asked(browser, f"{where}/{page}")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer.json()["problem"]) == (413, "frame-too-large")
    assert "as it was stored" in answer.json()["detail"]
    assert peak < 16 * MIB
    stored = {"accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    assert browser.get(f"/api/dicomweb/{where}", headers=stored).status_code == 200
    assert asked(browser, where).status_code == 413  # unpacked, as a plain question wants it


@pytest.mark.parametrize("frames", ["1,1", "1,x", ",".join(map(str, range(1, 1002)))])
def test_list_of_frames__names_each_once_and_not_too_many(browser: TestClient, frames: str) -> None:
    answer = asked(browser, f"{ONE}/frames/{frames}")
    assert (answer.status_code, answer.json()["problem"]) == (422, "bad-frame-list")


def test_frame_that_is_not_there__is_told_before_the_answer_begins(browser: TestClient) -> None:
    assert asked(browser, f"{ONE}/frames/1,2").status_code == 404


def test_object_too_large_to_open__still_leaves_as_it_is(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = asked(browser, ONE).content
    monkeypatch.setattr(routes, "MOST_OPENED", 100)
    monkeypatch.setattr(objects, "MOST_OPENED", 100)
    monkeypatch.setattr(blobs, "READ_WHOLE", 100)
    refused = asked(browser, f"{ONE}/rendered")
    assert (refused.status_code, refused.json()["problem"]) == (413, "blob-too-large")
    data = Slice(1, study=STUDY, series=f"{STUDY}.1").data()
    assert data in whole
    assert data in asked(browser, ONE).content


def test_body_of_many_parts__holds_one_of_them_at_a_time() -> None:
    parts = (bytes(8 * MIB) for _ in range(12))
    body: Any = objects.multipart(parts, kind=objects.OCTETS)
    tracemalloc.start()
    try:
        sent = sum(map(len, objects._body((bytes(8 * MIB) for _ in range(12)), "x", "b")))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > 96 * MIB
    assert peak < 20 * MIB
    assert body.media_type.startswith("multipart/related")


def test_large_blob__is_checked_and_leaves_in_pieces(tmp_path: Path) -> None:
    kept = Blobs(tmp_path)
    source = tmp_path / "large"
    with source.open("wb") as file:
        file.truncate(80 * MIB)
    sha256, _ = kept.put(source)
    tracemalloc.start()
    try:
        found: Pieces = kept.pieces(sha256)
        sent = sum(map(len, found.data))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent == found.size == 80 * MIB
    assert peak < 8 * MIB
    with pytest.raises(BlobTooLarge, match="64 MiB"):
        kept.get(sha256, most=64 * MIB)
