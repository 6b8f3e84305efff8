"""Objects sent over DICOM by other people's software: durable before success."""

from __future__ import annotations

import json
import queue
import re
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

from vitruvian.ingest.library.dicom.receiving.commitment import Commitments  # noqa: E402  after the skip
from vitruvian.ingest.library.dicom.receiving.inbox import FOLDER, Inbox  # noqa: E402  after the skip
from vitruvian.ingest.library.dicom.receiving.peers import SETTING, BadPeers, peers  # noqa: E402
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


def ask_to_keep(port: int, *instances: str, title: str = "PYNETDICOM") -> int:
    """Ask for a commitment, and hang up; the status of the answer."""
    entity = sender(COMMITMENT)
    entity.ae_title = title
    association = entity.associate("127.0.0.1", port)
    asked = pydicom.Dataset()
    asked.TransactionUID, asked.ReferencedSOPSequence = "1.2.3.4", []
    for uid in instances:
        item = pydicom.Dataset()
        item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        item.ReferencedSOPInstanceUID = uid
        asked.ReferencedSOPSequence.append(item)
    status, _ = association.send_n_action(asked, 1, COMMITMENT, f"{COMMITMENT}.1")
    association.abort()
    return int(status.Status)


def test_sender_that_leaves_before_the_report__holds_nobody_up(lake: Lake) -> None:
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port:
        assert ask_to_keep(port) == 0
        association = sender().associate("127.0.0.1", port)
        assert association.is_established
        association.release()


# ------------------------------------------------------------------ told at an address of its own


@pytest.mark.parametrize(
    "said", ["[CT", "[CT]\nhost = 'a'", "[CT]\nhost = ''\nport = 1", "[A23456789B1234567]\nport=1"]
)
def test_peers__that_have_no_place_are_refused_before_anything_is_taken(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    path = tmp_path / "peers.toml"
    path.write_text(said, "utf-8")
    monkeypatch.setenv(SETTING, str(path))
    with pytest.raises(BadPeers), serving(Feed(lake, SYSTEM, "test"), SLOW):
        pass


def declared(folder: Path, monkeypatch: pytest.MonkeyPatch, *titles: str, port: int) -> None:
    tables = [f'[{title}]\nhost = "127.0.0.1"\nport = {port}\n' for title in titles]
    path = folder / "peers.toml"
    path.write_text("".join(tables), "utf-8")
    monkeypatch.setenv(SETTING, str(path))


@contextmanager
def archive(port: int, told: queue.Queue[Any], *, accepts: bool = True) -> Iterator[None]:
    """Another system that hears reports, under the title CT_2."""

    def on_report(event: Any) -> tuple[int, None]:
        if accepts:
            told.put((event.assoc.acceptor.primitive.called_ae_title, event.event_information))
        return 0 if accepts else 0x0110, None

    entity = network.AE(ae_title="CT_2")
    entity.add_supported_context(COMMITMENT, scu_role=True, scp_role=True)
    handlers = [(network.evt.EVT_N_EVENT_REPORT, on_report)]
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
    try:
        yield
    finally:
        server.shutdown()


def test_peer__is_told_at_its_own_address_though_it_hung_up(
    lake: Lake, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = stack(inbox, slices=1)
    there, told = free_port(), queue.Queue[Any]()
    declared(tmp_path, monkeypatch, "CT_2", port=there)
    with serving(Feed(lake, SYSTEM, "test"), SLOW) as port, archive(there, told):
        send(port, path)
        assert ask_to_keep(port, f"{SERIES}.1", "1.2.3.99", title="CT_2") == 0
        title, found = told.get(timeout=30)
    assert (title, found.TransactionUID) == ("CT_2", "1.2.3.4")
    assert [each.ReferencedSOPInstanceUID for each in found.ReferencedSOPSequence] == [
        f"{SERIES}.1"
    ]
    assert [each.ReferencedSOPInstanceUID for each in found.FailedSOPSequence] == ["1.2.3.99"]
    assert left_to_tell(lake) == []


def left_to_tell(lake: Lake) -> list[Path]:
    return sorted((Path(lake.path) / FOLDER / "commitments").glob("*"))


def test_peer_that_is_down__is_told_by_the_next_receiver_and_logs_name_nobody(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    there, told = free_port(), queue.Queue[Any]()
    declared(tmp_path, monkeypatch, "CT_2", port=there)
    asks = Inbox(Feed(lake, SYSTEM, "test"))
    with serving(asks.feed, SLOW) as port:
        ask_to_keep(port, "1.2.3.99", title="CT_2")
    commitments = Commitments(asks, peers(), calling="VITRUVIAN")
    commitments.tell_peers()
    with archive(there, told, accepts=False):
        Commitments(asks, peers(), calling="VITRUVIAN").tell_peers()
    assert (len(left_to_tell(lake)), told.empty()) == (1, True)
    with archive(there, told):
        commitments.tell_peers()
        assert told.empty(), "it waits before it tries again"
        Commitments(asks, peers(), calling="VITRUVIAN").tell_peers()
    assert told.get(timeout=30)[1].FailedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3.99"
    assert left_to_tell(lake) == []
    logged = "".join(capsys.readouterr())
    assert "no association" in logged
    assert "not accepted" in logged
    assert not {"1.2.3", "CT_2", "127.0.0.1"} & set(
        re.findall(r"1\.2\.3|CT_2|127\.0\.0\.1", logged)
    )


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
def orthanc(folder: Path, *, sends_to: int, listens_at: int) -> Iterator[str]:
    """An Orthanc as Debian ships it, which knows our receiver; its address."""
    if shutil.which("Orthanc") is None:
        pytest.skip("Orthanc is not installed")
    place = free_port()
    said = {
        "StorageDirectory": str(folder), "IndexDirectory": str(folder), "HttpPort": place,
        "DicomPort": listens_at, "DicomAet": "ORTHANC", "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
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


def test_orthanc__echoes_stores_a_series_here_and_hears_that_it_is_kept(
    lake: Lake, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths, folder, there = stack(inbox, slices=4), tmp_path / "orthanc", free_port()
    folder.mkdir()
    declared(tmp_path, monkeypatch, "ORTHANC", port=there)
    with (
        serving(Feed(lake, SYSTEM, "test"), SLOW) as port,
        orthanc(folder, sends_to=port, listens_at=there) as place,
    ):
        kept = [asked(place, "/instances", path.read_bytes())["ID"] for path in paths]
        assert asked(place, "/modalities/ours/echo", b"{}") == {}
        told = asked(place, "/modalities/ours/store", json.dumps(kept[:3]).encode())
        assert (told["InstancesCount"], told["FailedInstancesCount"]) == (3, 0)
        wish = json.dumps({"Resources": kept}).encode()
        promised = asked(place, "/modalities/ours/storage-commitment", wish)["Path"]
        report = heard(place, promised)
    assert (report["Status"], len(report["Success"]), len(report["Failures"])) == ("Failure", 3, 1)
    (image,) = rows(lake, "image")
    assert image["instance_count"] == 3
    ours = rows(lake, "resource", where="resource_type = 'DICOM/Instance'")
    assert {each["resource_id"] for each in ours} == {f"{SERIES}.{n}" for n in (1, 2, 3)}


def heard(place: str, promised: str) -> Any:
    """What Orthanc knows of a commitment, once it was told."""
    for _ in range(150):
        if (report := asked(place, promised))["Status"] != "Pending":
            return report
        time.sleep(0.2)
    pytest.fail("Orthanc was not told")
