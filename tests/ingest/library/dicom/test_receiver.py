"""Objects sent over DICOM by other people's software: durable before success."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.library.dicom.samples import SERIES, Slice, stack
from tests.ingest.support import SYSTEM, rows, take
from vitruvian.ingest.engine.listeners import Feed, Listening
from vitruvian.lake import Lake

network: Any = pytest.importorskip("pynetdicom", reason="the extra 'imaging' is not installed")

from vitruvian.ingest.library.dicom.receiving.inbox import FOLDER  # noqa: E402  after the skip
from vitruvian.ingest.library.dicom.receiving.server import SAME_UID, serving  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # the library's own
pydicom: Any = pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")
COMMITMENT = "1.2.840.10008.1.20.1"
SLOW = Listening(port=0, absorb_every_seconds=3600)


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    """The library closes its connections in threads; what they warn of belongs to their test."""
    yield
    for thread in threading.enumerate():
        if type(thread).__module__.startswith("pynetdicom"):
            thread.join(timeout=10)


@pytest.fixture
def port(lake: Lake) -> Iterator[int]:
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as found:
        yield found


def sender(*more: str) -> Any:
    entity = network.AE()
    entity.requested_contexts = [
        network.build_context("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1"),
        *(network.build_context(each) for each in more),
    ]
    return entity


def send(port: int, *paths: Path) -> list[int]:
    association = sender().associate("127.0.0.1", port)
    assert association.is_established
    found = [association.send_c_store(pydicom.dcmread(path)).Status for path in paths]
    association.release()
    return found


def waiting(lake: Lake) -> list[Path]:
    return sorted((Path(lake.path) / FOLDER).glob("*.dcm"))


# ------------------------------------------------------------------ refusals first


def test_same_uid__with_other_bytes_is_refused_before_and_after_it_is_mapped(
    lake: Lake, inbox: Path
) -> None:
    first, other = Slice(1).write(inbox, "first"), Slice(1, fill=7).write(inbox, "other")
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port:
        assert send(port, first, other) == [0, SAME_UID]
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port:
        assert send(port, other, first) == [SAME_UID, 0]
    assert len(rows(lake, "resource", where="resource_type = 'DICOM/Instance'")) == 1


def test_object__that_came_as_a_file_is_known_though_its_sender_writes_another_head(
    lake: Lake, inbox: Path, port: int
) -> None:
    path = Slice(1).write(inbox, "first")
    take(lake, path)
    assert send(port, path) == [0]
    assert waiting(lake) == []


# ------------------------------------------------------------------ durable, then mapped


def test_success__is_said_once_the_object_is_durable(lake: Lake, inbox: Path, port: int) -> None:
    assert send(port, *stack(inbox, slices=3)) == [0, 0, 0]
    assert len(waiting(lake)) == 3
    assert rows(lake, "image") == []


def test_objects__are_on_the_timeline_when_the_receiver_ends(lake: Lake, inbox: Path) -> None:
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port:
        send(port, *stack(inbox, slices=3))
    (image,) = rows(lake, "image")
    assert (image["series_uid"], image["instance_count"]) == (SERIES, 3)
    assert waiting(lake) == []


def test_receiver__that_was_killed_maps_what_it_had_taken(lake: Lake, inbox: Path) -> None:
    """What lies in the inbox is all that a killed receiver leaves behind."""
    folder = Path(lake.path) / FOLDER
    folder.mkdir()
    shutil.copy(Slice(1).write(inbox, "first"), folder / "left.dcm")
    with serving(Feed(lake, SYSTEM, "test"), SLOW):
        assert len(rows(lake, "image")) == 1
    assert waiting(lake) == []


def test_object__that_cannot_be_used_is_set_aside(lake: Lake) -> None:
    folder = Path(lake.path) / FOLDER
    folder.mkdir()
    (folder / "bad.dcm").write_bytes(bytes(128) + b"DICM\x02\x00\x00\x00UL\x04\x00")
    with serving(Feed(lake, SYSTEM, "test"), SLOW):
        pass
    assert [each.name for each in (folder / "refused").iterdir()] == ["bad.dcm"]


def test_commitment__tells_what_is_kept_and_what_is_not_here(
    lake: Lake, inbox: Path, port: int
) -> None:
    (path,) = stack(inbox, slices=1)
    send(port, path)
    told: list[Any] = []
    came: list[str] = []
    heard = threading.Event()

    def on_report(event: Any) -> tuple[int, None]:
        told.append((event.event_type, event.event_information))
        heard.set()
        return 0, None

    handlers = [
        (network.evt.EVT_N_EVENT_REPORT, on_report),
        (network.evt.EVT_DIMSE_RECV, lambda event: came.append(type(event.message).__name__)),
    ]
    association = sender(COMMITMENT).associate("127.0.0.1", port, evt_handlers=handlers)
    asked = pydicom.Dataset()
    asked.TransactionUID = "1.2.3.4"
    asked.ReferencedSOPSequence = []
    for uid in (f"{SERIES}.1", "1.2.3.99"):
        item = pydicom.Dataset()
        item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        item.ReferencedSOPInstanceUID = uid
        asked.ReferencedSOPSequence.append(item)
    status, _ = association.send_n_action(asked, 1, COMMITMENT, f"{COMMITMENT}.1")
    assert status.Status == 0
    assert heard.wait(timeout=30)
    association.release()
    assert association.is_released
    assert came == ["N_ACTION_RSP", "N_EVENT_REPORT_RQ"]
    ((kind, found),) = told
    assert (kind, found.TransactionUID) == (2, "1.2.3.4")
    assert [each.ReferencedSOPInstanceUID for each in found.ReferencedSOPSequence] == [
        f"{SERIES}.1"
    ]
    assert [each.ReferencedSOPInstanceUID for each in found.FailedSOPSequence] == ["1.2.3.99"]


def test_sender_that_leaves_before_the_report__holds_nobody_up(lake: Lake) -> None:
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port:
        association = sender(COMMITMENT).associate("127.0.0.1", port)
        asked = pydicom.Dataset()
        asked.TransactionUID, asked.ReferencedSOPSequence = "1.2.3.4", []
        status, _ = association.send_n_action(asked, 1, COMMITMENT, f"{COMMITMENT}.1")
        association.abort()
        assert status.Status == 0
        assert sender().associate("127.0.0.1", port).is_established


# ------------------------------------------------------------------ other people's software


def dcmtk(name: str) -> str:
    """The program of dcmtk, not the script of the same name that a Python package brings."""
    path = Path("/usr/bin") / name
    if not path.exists():
        pytest.skip("dcmtk is not installed")
    return str(path)


def test_echoscu__of_dcmtk_is_answered(port: int) -> None:
    done = subprocess.run([dcmtk("echoscu"), "127.0.0.1", str(port)], check=False, timeout=60)
    assert done.returncode == 0


def test_storescu__of_dcmtk_stores_a_series(lake: Lake, inbox: Path) -> None:
    files = [str(path) for path in stack(inbox, slices=4)]
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port:
        command = [dcmtk("storescu"), "127.0.0.1", str(port), *files]
        done = subprocess.run(command, check=False, capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr
    (image,) = rows(lake, "image")
    assert image["instance_count"] == 4


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def orthanc(folder: Path, *, sends_to: int) -> Iterator[str]:
    """An Orthanc as Debian ships it, which knows our receiver; its address."""
    if shutil.which("Orthanc") is None:
        pytest.skip("Orthanc is not installed")
    place = free_port()
    said = {
        "StorageDirectory": str(folder), "IndexDirectory": str(folder), "HttpPort": place,
        "DicomServerEnabled": False, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
        "Plugins": [], "DicomModalities": {"ours": ["VITRUVIAN", "127.0.0.1", sends_to]},
    }  # fmt: skip
    (folder / "orthanc.json").write_text(json.dumps(said), "utf-8")
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(["Orthanc", folder / "orthanc.json"], stdout=log, stderr=log)
        try:
            yield answering(f"http://127.0.0.1:{place}")
        finally:
            running.terminate()
            running.wait(timeout=30)


def answering(place: str) -> str:
    for _ in range(150):
        try:
            asked(place, "/system")
        except OSError:
            time.sleep(0.2)
        else:
            return place
    pytest.fail("Orthanc does not answer")


def asked(place: str, what: str, body: bytes | None = None) -> Any:
    with urllib.request.urlopen(f"{place}{what}", body, timeout=60) as answer:  # noqa: S310  our own address
        return json.loads(answer.read())


def test_orthanc__echoes_and_stores_a_series_here(lake: Lake, inbox: Path, tmp_path: Path) -> None:
    paths, folder = stack(inbox, slices=4), tmp_path / "orthanc"
    folder.mkdir()
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port, orthanc(folder, sends_to=port) as place:
        kept = [asked(place, "/instances", path.read_bytes())["ID"] for path in paths]
        assert asked(place, "/modalities/ours/echo", b"{}") == {}
        told = asked(place, "/modalities/ours/store", json.dumps(kept).encode())
        assert (told["InstancesCount"], told["FailedInstancesCount"]) == (4, 0)
    (image,) = rows(lake, "image")
    assert image["instance_count"] == 4
    ours = rows(lake, "resource", where="resource_type = 'DICOM/Instance'")
    assert {each["resource_id"] for each in ours} == {f"{SERIES}.{n}" for n in (1, 2, 3, 4)}
