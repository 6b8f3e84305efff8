"""What DICOMweb does not answer, and that every answer is on record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ingest.library.dicom.samples import SERIES, STUDY
from vitruvian.lake import Lake

ROOT = "/api/dicomweb"
INSTANCE = f"{ROOT}/studies/{STUDY}/series/{SERIES}/instances/{SERIES}"


@pytest.mark.parametrize(
    "path", ["", f"/{STUDY}", f"/{STUDY}/metadata", f"/{STUDY}/series/{SERIES}/instances"]
)
def test_anonymous__gets_nothing(address: str, path: str) -> None:
    requests = pytest.importorskip("requests", reason="dicomweb-client is not installed")
    answer = requests.get(f"{address}{ROOT}/studies{path}", timeout=10)
    assert (answer.status_code, answer.json()["problem"]) == (401, "nobody-signed-in")


@pytest.mark.parametrize("key", ["PatientName", "PatientID", "00100010", "PatientBirthDate"])
def test_patient_in_the_address__is_refused_and_not_repeated(
    session: Any, address: str, key: str
) -> None:
    answer = session.get(f"{address}{ROOT}/studies", params={key: "Quux"}, timeout=10)
    assert (answer.status_code, answer.json()["problem"]) == (422, "patient-in-address")
    assert "Quux" not in answer.text


@pytest.mark.parametrize(
    "path, status, problem",
    [
        ("/studies?StudyDate=yesterday", 422, "bad-date-range"),
        ("/studies/1.2.3/metadata", 404, "no-such-record"),
        (f"/studies/1.2.3/series/{SERIES}/metadata", 404, "no-such-record"),
        (f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}.5/metadata", 404, "no-such-record"),
        (f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}.1/frames/2", 404, "no-such-frame"),
        (f"/studies/{STUDY}/series/{SERIES}/instances/{SERIES}.1/frames/a", 422, "bad-frame-list"),
        (f"/studies/{STUDY}/series/{SERIES}/instances/{STUDY}.9.1/rendered", 404, "no-such-record"),
    ],
)
def test_what_is_not_there__is_told(
    session: Any, address: str, path: str, status: int, problem: str
) -> None:
    answer = session.get(f"{address}{ROOT}{path}", timeout=10)
    assert (answer.status_code, answer.json()["problem"]) == (status, problem)


def test_unsupported_key__is_warned_of(session: Any, address: str) -> None:
    answer = session.get(f"{address}{ROOT}/studies", params={"StudyID": "7"}, timeout=10)
    assert answer.headers["warning"].startswith("299")


def test_every_look__is_in_the_audit_with_its_patient(
    hospital: Lake, session: Any, address: str
) -> None:
    assert session.get(f"{address}{INSTANCE}.1/rendered", timeout=10).ok
    hospital.audit.flush()
    last = (hospital.path / "audit.jsonl").read_text("utf-8").splitlines()[-1]
    assert '"rossi"' in last
    assert SERIES not in last
