"""The imaging page's questions: refusals, order, edges, volume, and reports beside the pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.ingest.library.dicom.samples import AUTHORITY, SERIES, STUDY, Slice, stack
from tests.ingest.support import PATIENT, ndjson, rows
from tests.picture.rows import lineage
from vitruvian.api import Settings, create_app
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

PASSWORD = "a-long-enough-passphrase-7"
ADA = {**PATIENT, "identifier": [{"system": AUTHORITY, "value": "M-1"}]}
# one number of one authority, however each road names it
LETTERS, RADIOLOGY = "https://letters.example/mrn", "https://radiology.example/mrn"
OTHER = "1.2.826.0.1.8"
ACCESSION = {"type": {"coding": [{"code": "ACSN"}]}, "value": "ACC-1"}
MESSAGE = (
    "MSH|^~\\&|RIS|RAD|EHR|WARD|20240305120000||ORU^R01^ORU_R01|{control}|P|2.5.1\r"
    "PID|1||M-1^^^https://radiology.example/mrn^MR||Ward^Test||19500214|F\r"
    "{orders}"
)
ORDER = "OBR|{n}|P{control}{n}|F{control}{n}|CT^CT chest|||20240305071500|||||||||||{accession}|||||||F\rOBX|1|TX|CT^CT chest||{text}||||||F\r"


def report(name: str, text: str, **said: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport", "id": name, "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
        "code": {"text": "CT chest"}, "subject": {"reference": "Patient/ada"},
        "effectiveDateTime": "2024-03-05T07:15:00+01:00", "conclusion": text, **said,
    }  # fmt: skip


def message(control: str, *orders: tuple[str, str]) -> str:
    said = "".join(ORDER.format(control=control, n=n, accession=number, text=text)
                   for n, (number, text) in enumerate(orders, start=1))  # fmt: skip
    return MESSAGE.format(control=control, orders=said)


def link_everybody(lake: Lake) -> None:
    """Somebody says that all records here are of one person."""
    subjects = sorted({row["subject_id"] for row in rows(lake, "patient")})
    lake.append(
        SYSTEM,
        {
            "person_link": [
                lineage()
                | {"link_id": each, "subject_id": each, "person_id": subjects[0], "linked": True}
                for each in subjects
            ]
        },
    )


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("imaging")
    files = stack(folder / "one", slices=4)
    gap = {"study": OTHER, "series": f"{OTHER}.1", "more": {0x00080050: ("SH", "ACC-2")}}
    files += [Slice(n, z=z, **gap).write(folder) for n, z in ((1, 2.0), (2, 4.0), (3, 9.0))]  # type: ignore[arg-type]
    study = {"resourceType": "ImagingStudy", "id": "ct", "status": "available", "subject": {"reference": "Patient/ada"},
             "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"}]}  # fmt: skip
    fhir = ndjson(
        folder / "reports.ndjson", ADA, study,
        report("by-number", "Nodule of 8 mm.", identifier=[ACCESSION]),
        report("by-study", "Addendum.", imagingStudy=[{"reference": "ImagingStudy/ct"}]),
        report("other-number", "Another patient's study.", identifier=[{**ACCESSION, "value": "ACC-10"}]),
        report("mrn-alike", "A number of another kind.", identifier=[{"type": {"coding": [{"code": "MR"}]}, "value": "ACC-1"}]),
    )  # fmt: skip
    (folder / "one.hl7").write_text(message("1", ("ACC-1", "By message.")), "utf-8")
    (folder / "two.hl7").write_text(message("2", ("ACC-1", "Left."), ("ACC-9", "Right.")), "utf-8")
    (folder / "notes.jsonl").write_text(
        json.dumps({"note_id": "n1", "identifier_system": LETTERS, "patient_id": "M-1", "time": "2024-03-06T08:00:00+01:00",
                    "title": "Radiology letter", "text": "Accession number: ACC-1. No change."}) + "\n"
        + json.dumps({"note_id": "n2", "identifier_system": LETTERS, "patient_id": "M-1", "time": "2024-03-06T09:00:00+01:00",
                      "title": "Ward round", "text": "ACC-1 is also a lot number of the drip."}) + "\n", "utf-8")  # fmt: skip
    with Lake.create(folder / "lake", site="st-elsewhere") as lake:
        ingest(
            [fhir, *files, folder / "one.hl7", folder / "two.hl7", folder / "notes.jsonl"],
            lake,
            access=SYSTEM,
        )
        link_everybody(lake)
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        lake.accounts.set_password("rossi", password=PASSWORD)
        client = TestClient(create_app(lake, settings=Settings()), base_url="http://127.0.0.1")
        client.headers["X-Vitruvian"] = "1"
        yield client


@pytest.fixture
def rossi(browser: TestClient) -> TestClient:
    assert browser.post("/api/sign-in", json={"name": "rossi", "password": PASSWORD}).is_success
    return browser


@pytest.fixture
def ada(rossi: TestClient) -> str:
    (found,) = rossi.post("/api/patients/search", json={"text": "M-1"}).json()["patients"]
    return str(found["person_id"])


def test_nobody_signed_in__sees_no_study(browser: TestClient) -> None:
    browser.cookies.clear()
    assert browser.get("/api/patients/1/imaging").status_code == 401
    assert browser.get(f"/api/patients/1/imaging/{STUDY}/{SERIES}/volume.nii").status_code == 401


def test_images__are_never_shown_under_another_persons_name(rossi: TestClient) -> None:
    assert rossi.get(f"/api/patients/1/imaging/{STUDY}/{SERIES}").status_code == 404
    assert rossi.get(f"/api/patients/1/imaging/{STUDY}/{SERIES}/volume.nii").status_code == 404


def test_uneven_stack__is_no_volume_and_says_why(rossi: TestClient, ada: str) -> None:
    place = f"/api/patients/{ada}/imaging/{OTHER}/{OTHER}.1"
    assert "unevenly spaced" in rossi.get(place).json()["volume_refused"]
    answer = rossi.get(f"{place}/volume.nii")
    assert answer.status_code == 422
    assert "one by one" in answer.json()["detail"]


def test_images__come_from_the_head_down_with_their_edges(rossi: TestClient, ada: str) -> None:
    said = rossi.get(f"/api/patients/{ada}/imaging/{STUDY}/{SERIES}").json()
    assert [each["place_mm"] for each in said["images"]] == [8, 6, 4, 2]
    assert said["images"][0]["edges"] == ["R", "L", "A", "P"]
    assert said["volume_refused"] is None


def test_volume__is_a_nifti_file_of_the_series(rossi: TestClient, ada: str) -> None:
    volume = rossi.get(f"/api/patients/{ada}/imaging/{STUDY}/{SERIES}/volume.nii").content
    assert volume[344:348] == b"n+1\0"
    assert len(volume) == 352 + 4 * 8 * 8 * 2
    assert int.from_bytes(volume[352:354], "little", signed=True) == 101 - 1024


def test_reports__stand_beside_the_study_they_speak_of(rossi: TestClient, ada: str) -> None:
    studies = {each["study_uid"]: each for each in rossi.get(f"/api/patients/{ada}/imaging").json()}
    told = {(each["text"], each["joined_by"]) for each in studies[STUDY]["reports"]}
    assert told == {
        ("Nodule of 8 mm.", "accession number"),
        ("Addendum.", "reference"),
        ("By message.", "accession number"),
        ("Accession number: ACC-1. No change.", "accession number"),
    }
    assert studies[OTHER]["reports"] == []
    assert all(each["event_id"] for each in studies[STUDY]["reports"])


def test_as_known_before_the_study__there_is_none(rossi: TestClient, ada: str) -> None:
    early = {"known_at": "2024-01-01T00:00:00Z"}
    assert rossi.get(f"/api/patients/{ada}/imaging", params=early).json() == []
    place = f"/api/patients/{ada}/imaging/{STUDY}/{SERIES}"
    assert rossi.get(place, params=early).status_code == 404
