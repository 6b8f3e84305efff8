"""Other people's DICOMweb client stores objects here, unmodified."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.api.dicomweb.conftest import signed_in
from tests.ingest.library.dicom.samples import Slice
from vitruvian.api.routes.dicomweb.store import SAME_UID, NotADicomBody, parts_of
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytestmark = pytest.mark.filterwarnings("ignore")  # the client's own
pydicom = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")
STUDY, SERIES = "1.2.826.0.1.9", "1.2.826.0.1.9.1"


def made(folder: Path, *numbers: int, **said: Any) -> list[Any]:
    paths = [Slice(n, study=STUDY, series=SERIES, **said).write(folder, f"s{n}") for n in numbers]
    return [pydicom.dcmread(path) for path in paths]


@pytest.fixture
def sent(address: str) -> Any:
    session = signed_in(address)

    def send(body: bytes, kind: str, path: str = "studies") -> Any:
        return session.post(f"{address}/api/dicomweb/{path}", data=body,
                            headers={"Content-Type": kind}, timeout=60)  # fmt: skip

    return send


KIND = 'multipart/related; type="application/dicom"; boundary=xyz'


def body_of(*parts: bytes) -> bytes:
    told = b"".join(
        b"--xyz\r\nContent-Type: application/dicom\r\n\r\n" + p + b"\r\n" for p in parts
    )
    return told + b"--xyz--\r\n"


def encoded(dataset: Any) -> bytes:
    out = io.BytesIO()
    pydicom.dcmwrite(out, dataset)
    return out.getvalue()


# ------------------------------------------------------------------ refusals first


def test_nobody__stores_nothing(address: str, tmp_path: Path) -> None:
    requests = pytest.importorskip("requests", reason="dicomweb-client is not installed")
    body = body_of(encoded(made(tmp_path, 1)[0]))
    headers = {"Content-Type": KIND, "X-Vitruvian": "1"}
    answer = requests.post(
        f"{address}/api/dicomweb/studies", data=body, headers=headers, timeout=30
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "kind, body",
    [
        ("application/dicom", b"x"),
        ('multipart/related; type="application/dicom"', b"--xyz--"),
        (KIND, b"nothing"),
        (KIND, body_of(b"x")[:-8]),
        ('multipart/related; type="application/json"; boundary=xyz', body_of(b"{}")),
    ],
)
def test_body__that_cannot_be_taken_apart_is_refused(sent: Any, kind: str, body: bytes) -> None:
    assert sent(body, kind).status_code == 415


def test_part__that_is_no_dicom_is_told_and_none_is_stored(sent: Any) -> None:
    answer = sent(body_of(b"no DICOM"), KIND)
    assert answer.status_code == 409
    assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xC000]


def test_object__of_another_study_is_refused(sent: Any, tmp_path: Path) -> None:
    answer = sent(body_of(encoded(made(tmp_path, 1)[0])), KIND, "studies/1.2.3")
    assert answer.status_code == 409
    assert answer.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xA900]


# ------------------------------------------------------------------ what is stored


def test_objects__are_stored_found_and_given_back(client: Any, tmp_path: Path) -> None:
    datasets = made(tmp_path, 1, 2, 3)
    told = client.store_instances(datasets)
    assert [item.ReferencedSOPInstanceUID for item in told.ReferencedSOPSequence] == [
        f"{SERIES}.{n}" for n in (1, 2, 3)
    ]
    assert "FailedSOPSequence" not in told
    back = client.retrieve_instance(STUDY, SERIES, f"{SERIES}.2")
    assert back.PixelData == datasets[1].PixelData
    again = client.store_instances(datasets)
    assert len(again.ReferencedSOPSequence) == 3


def test_same_uid__with_other_bytes_is_refused_and_the_others_are_stored(
    client: Any, hospital: Lake, tmp_path: Path
) -> None:
    client.store_instances(made(tmp_path, 1))
    changed = made(tmp_path, 1, fill=7)
    told = client.store_instances([*changed, *made(tmp_path, 4)])
    (failed,) = told.FailedSOPSequence
    assert (failed.ReferencedSOPInstanceUID, failed.FailureReason) == (f"{SERIES}.1", SAME_UID)
    assert [each.ReferencedSOPInstanceUID for each in told.ReferencedSOPSequence] == [f"{SERIES}.4"]
    with hospital.read(SYSTEM) as reader:
        assert reader.rows("event", where="code_text = 'CT chest'").num_rows >= 1


def test_parts__keep_their_bytes() -> None:
    inner = b"\r\n--xy\r\n\r\n\x00--xyz"
    assert parts_of(KIND, b"preamble\r\n" + body_of(inner, b"")) == [inner, b""]
    with pytest.raises(NotADicomBody):
        parts_of(KIND, b"")
