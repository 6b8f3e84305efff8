"""Other people's DICOMweb client, unmodified, against our server."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.api.dicomweb.conftest import DIRTY, OTHER_SERIES, OTHER_STUDY
from tests.ingest.library.dicom.samples import SERIES, STUDY, Slice
from vitruvian.ingest.library.dicom.reading.uids import legal_form

pytestmark = pytest.mark.filterwarnings("ignore")  # the client's own


def uids(found: list[dict[str, Any]], tag: str) -> list[str]:
    return [each[tag]["Value"][0] for each in found]


def test_studies__are_found_newest_first(client: Any) -> None:
    found = client.search_for_studies()
    assert uids(found, "0020000D")[0] == OTHER_STUDY
    assert set(uids(found, "0020000D")) == {STUDY, OTHER_STUDY, legal_form(DIRTY)}
    told = next(each for each in found if each["0020000D"]["Value"] == [STUDY])
    assert told["00080050"]["Value"] == ["ACC-1"]
    assert told["00100010"]["Value"] == [{"Alphabetic": "Ward^Test"}]
    assert (told["00201206"]["Value"], told["00201208"]["Value"]) == ([1], [4])
    assert told["00080061"]["Value"] == ["CT"]


@pytest.mark.parametrize(
    "keys, expected",
    [
        ({"AccessionNumber": "ACC-2"}, [OTHER_STUDY]),
        ({"StudyDate": "20240801"}, [OTHER_STUDY]),
        ({"StudyDate": "20240701-"}, [OTHER_STUDY]),
        ({"StudyDate": "-20240101"}, []),
        ({"StudyInstanceUID": STUDY}, [STUDY]),
        ({"ModalitiesInStudy": "MR"}, []),
    ],
)
def test_search_keys__narrow(client: Any, keys: dict[str, str], expected: list[str]) -> None:
    assert uids(client.search_for_studies(search_filters=keys), "0020000D") == expected


def test_pages__follow_one_another(client: Any) -> None:
    every = uids(client.search_for_studies(), "0020000D")
    paged = [client.search_for_studies(limit=1, offset=at)[0] for at in range(3)]
    assert uids(paged, "0020000D") == every


def test_series_and_instances__are_found_without_the_rejected_one(client: Any) -> None:
    (series,) = [
        each for each in client.search_for_series(STUDY) if each["0020000E"]["Value"] == [SERIES]
    ]
    assert series["00201209"]["Value"] == [4]
    found = client.search_for_instances(STUDY, SERIES)
    assert uids(found, "00080018") == [f"{SERIES}.{n}" for n in (1, 2, 3, 4)]


def test_metadata__is_the_header_with_an_address_for_the_pixels(client: Any) -> None:
    (first, *_) = client.retrieve_series_metadata(OTHER_STUDY, OTHER_SERIES)
    assert first["00200032"]["Value"] == [-10, -10, 2]
    assert first["7FE00010"]["BulkDataURI"].endswith("/bulkdata/7FE00010")
    assert "Value" not in first["7FE00010"]
    assert len(client.retrieve_study_metadata(OTHER_STUDY)) == 3
    pixels = client.retrieve_bulkdata(first["7FE00010"]["BulkDataURI"])
    assert pixels == [(101).to_bytes(2, "little") * 64]


def test_instance__comes_byte_for_byte(client: Any) -> None:
    got = client.retrieve_instance(STUDY, SERIES, f"{SERIES}.2")
    out = io.BytesIO()
    got.save_as(out)
    assert got.PixelData == (102).to_bytes(2, "little") * 64
    assert len(out.getvalue()) == len(Slice(2).data())


def test_study__comes_whole(client: Any) -> None:
    got = client.retrieve_study(OTHER_STUDY)
    assert [each.InstanceNumber for each in got] == [1, 2, 3]


def test_frames__come_as_numbers(client: Any) -> None:
    (frame,) = client.retrieve_instance_frames(STUDY, SERIES, f"{SERIES}.3", [1])
    assert (
        frame.tobytes() == (103).to_bytes(2, "little") * 64
        if hasattr(frame, "tobytes")
        else (frame == (103).to_bytes(2, "little") * 64)
    )


def test_rendered__is_a_png(client: Any) -> None:
    png = client.retrieve_instance_rendered(
        STUDY, SERIES, f"{SERIES}.3", media_types=("image/png",), params={"window": "-920,10"}
    )
    assert png.startswith(b"\x89PNG")


def test_repaired_object__carries_its_new_uid_and_the_old_one(client: Any) -> None:
    study = legal_form(DIRTY)
    (got,) = client.retrieve_study(study)
    assert got.StudyInstanceUID == study
    before = got.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
    assert before.StudyInstanceUID == DIRTY
    assert got.PixelData == (101).to_bytes(2, "little") * 64
