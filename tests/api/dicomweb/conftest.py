"""A served lake with two small CT studies, and other people's client for it."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from tests.ingest.library.dicom.samples import Slice, rejection_note, stack
from vitruvian.api import Settings, create_app
from vitruvian.api.serve import Address, listen
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")

PASSWORD = "a-long-enough-passphrase-7"
OTHER_STUDY, OTHER_SERIES = "1.2.826.0.1.8", "1.2.826.0.1.8.1"
DIRTY = "896911bf-1143-4c8d-8f04-f3cd1a7f6204"


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    folder = tmp_path_factory.mktemp("dicomweb")
    files = stack(folder / "one", slices=5)
    later = {0x00080020: ("DA", "20240801"), 0x00080050: ("SH", "ACC-2")}
    files += [
        Slice(n, study=OTHER_STUDY, series=OTHER_SERIES, patient="M-2", more=later).write(folder)
        for n in (1, 2, 3)
    ]
    files += [Slice(1, study=DIRTY, series=DIRTY, uid="", patient="M-3").write(folder, "dirty")]
    note = folder / "note"
    note.write_bytes(rejection_note("1.2.826.0.1.7.1.5"))
    with Lake.create(folder / "lake", site="st-elsewhere") as lake:
        ingest([*files, note], lake, access=SYSTEM)
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        lake.accounts.set_password("rossi", password=PASSWORD)
        yield lake


@pytest.fixture(scope="module")
def address(hospital: Lake) -> Iterator[str]:
    """The server's address, in a thread of its own."""
    listening = listen(Address(port=0))
    app = create_app(hospital, settings=Settings())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


def signed_in(address: str) -> Any:
    requests = pytest.importorskip("requests", reason="dicomweb-client is not installed")
    session = requests.Session()
    session.headers["X-Vitruvian"] = "1"
    answer = session.post(
        f"{address}/api/sign-in", json={"name": "rossi", "password": PASSWORD}, timeout=10
    )
    assert answer.ok
    return session


@pytest.fixture
def session(address: str) -> Any:
    return signed_in(address)


@pytest.fixture
def client(address: str) -> Any:
    """`dicomweb-client` as it comes, with a signed-in session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api = pytest.importorskip("dicomweb_client.api", reason="dicomweb-client is not installed")
    return api.DICOMwebClient(url=f"{address}/api/dicomweb", session=signed_in(address))
