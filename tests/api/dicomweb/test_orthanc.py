"""Orthanc with its DICOMweb plugin, as Debian ships it: it searches, retrieves and stores here."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.dicomweb.conftest import OTHER_STUDY, signed_in
from tests.ingest.library.dicom.samples import Slice
from vitruvian.api.deps import COOKIE

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
NEW_STUDY = "1.2.826.0.1.99"

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # the client's own
    pytest.mark.skipif(
        shutil.which("Orthanc") is None or not PLUGIN.exists(),
        reason="Orthanc with its DICOMweb plugin is not installed",
    ),
]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def orthanc(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An Orthanc that knows our server by the cookie of a signed-in account."""
    folder = tmp_path_factory.mktemp("orthanc")
    cookie = signed_in(address).cookies[COOKIE]
    ours = {
        "Url": f"{address}/api/dicomweb/",
        "HttpHeaders": {"Cookie": f"{COOKIE}={cookie}", "X-Vitruvian": "1"},
    }
    port = free_port()
    said = {
        "StorageDirectory": str(folder), "IndexDirectory": str(folder), "HttpPort": port,
        "DicomServerEnabled": False, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
        "Plugins": [str(PLUGIN)], "DicomWeb": {"Enable": True, "Servers": {"ours": ours}},
    }  # fmt: skip
    settings = folder / "orthanc.json"
    settings.write_text(json.dumps(said), "utf-8")
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(["Orthanc", settings], stdout=log, stderr=log)
        try:
            yield answering(f"http://127.0.0.1:{port}")
        finally:
            running.terminate()
            running.wait(timeout=30)


def answering(place: str) -> str:
    requests = pytest.importorskip("requests", reason="dicomweb-client is not installed")
    for _ in range(150):
        try:
            requests.get(f"{place}/system", timeout=2).raise_for_status()
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return place
    pytest.fail("Orthanc does not answer")


def asked(orthanc: str, what: str, **said: Any) -> Any:
    requests = pytest.importorskip("requests", reason="dicomweb-client is not installed")
    answer = requests.post(f"{orthanc}/dicom-web/servers/ours/{what}", json=said, timeout=60)
    assert answer.ok, answer.text
    return answer.json()


def test_orthanc__searches_here(orthanc: str) -> None:
    found = asked(orthanc, "qido", Uri="/studies", Arguments={"StudyInstanceUID": OTHER_STUDY})
    assert len(found) == 1
    assert OTHER_STUDY in json.dumps(found)


def test_orthanc__retrieves_from_here_byte_for_byte(orthanc: str) -> None:
    requests = pytest.importorskip("requests", reason="dicomweb-client is not installed")
    told = asked(orthanc, "retrieve", Resources=[{"Study": OTHER_STUDY}], Synchronous=True)
    assert told["ReceivedInstancesCount"] == "3"
    every = requests.get(f"{orthanc}/instances", timeout=10).json()
    files = [requests.get(f"{orthanc}/instances/{one}/file", timeout=10).content for one in every]
    api = pytest.importorskip("dicomweb_client.api", reason="dicomweb-client is not installed")
    theirs = api.DICOMwebClient(url=f"{orthanc}/dicom-web").retrieve_study(OTHER_STUDY)
    assert sorted(each.PixelData for each in theirs) == [
        (100 + number).to_bytes(2, "little") * 64 for number in (1, 2, 3)
    ]
    assert len(files) >= 3


def test_orthanc__stores_here_with_its_boundary_of_73_characters(orthanc: str, client: Any) -> None:
    requests = pytest.importorskip("requests", reason="dicomweb-client is not installed")
    data = Slice(1, study=NEW_STUDY, series=f"{NEW_STUDY}.1", patient="M-99").data()
    kept = requests.post(f"{orthanc}/instances", data=data, timeout=10).json()["ID"]
    asked(orthanc, "stow", Resources=[kept], Synchronous=True)
    (study,) = client.search_for_studies(search_filters={"StudyInstanceUID": NEW_STUDY})
    assert study["00201208"]["Value"] == [1]
    (got,) = client.retrieve_study(NEW_STUDY)
    assert got.PixelData == (101).to_bytes(2, "little") * 64
