"""Several gigabytes go through a real server, and its memory stays within what it was given."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from tests.ingest.library.dicom.samples import Slice
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("pydicom", reason="the extra 'imaging' is not installed")
pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc"),
]

MIB = 1 << 20
BUDGET_MIB = 2048
"""What a server takes when nothing else is said."""
STUDY = "1.2.826.0.1.77"
KIND = 'multipart/related; type="application/dicom"; boundary=xyz'
REQUESTS, AT_ONCE, SIDE = 5, 4, 7_900
"""Five requests of four pictures, each of 119 MiB."""
LETTERS, LETTER_MIB, IN_A_FILE = 500, 1, 50
WELCOME = re.compile(r"serves at http://(\S+)")


class Watched:
    """The most memory of its own that a process took, in MiB."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._over = threading.Event()
        self.most = self.now()

    def now(self) -> int:
        """What it takes now; pages of files, which the system may drop, are not counted."""
        found = re.search(r"RssAnon:\s+(\d+) kB", self._status.read_text("utf-8"))
        return int(found[1]) // 1024 if found else 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._look, daemon=True).start()
        return self

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, self.now())

    def __exit__(self, *_: object) -> None:
        self._over.set()


@dataclass(frozen=True)
class Server:
    """A served lake, and somebody who is signed in."""

    host: str
    cookie: str
    pid: int

    def ask(self, method: str, path: str, body: Any = None, **said: str) -> Any:
        """The answer, of which nothing is read yet."""
        asked = http.client.HTTPConnection(self.host, timeout=600)
        headers = {"X-Vitruvian": "1", "Cookie": f"vitruvian_session={self.cookie}"}
        headers |= {name.replace("_", "-"): value for name, value in said.items()}
        headers["Connection"] = "close"
        try:
            chunked = "Transfer-Encoding" in headers
            asked.request(method, path, body, headers, encode_chunked=chunked)
            return asked.getresponse()
        except OSError:
            asked.close()
            raise


def size_of(answer: Any) -> int:
    """How many bytes an answer has; none of them is kept."""
    taken = 0
    while some := answer.read(MIB):
        taken += len(some)
    return taken


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server as it starts by itself, on a lake of long letters."""
    folder = tmp_path_factory.mktemp("large")
    with Lake.create(folder / "lake", site="st-elsewhere") as lake:
        for first in range(0, LETTERS, IN_A_FILE):
            letters = folder / f"{first}.ndjson"
            some = (letter(number) for number in range(first, first + IN_A_FILE))
            letters.write_text("".join(f"{json.dumps(one)}\n" for one in some), "utf-8")
            assert ingest([letters], lake, access=SYSTEM).rejected == 0
            letters.unlink()
        lake.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        cookie = lake.accounts.open_session("rossi").token
    words = ["serve", "--lake", str(folder / "lake"), "--port", "0"]
    log = folder / "log"
    with log.open("w") as out, subprocess.Popen(
        [sys.executable, "-u", "-m", "vitruvian", *words], stdout=out, stderr=out
    ) as process:  # fmt: skip
        while not (found := WELCOME.search(log.read_text("utf-8"))):
            assert process.poll() is None, log.read_text("utf-8")
            time.sleep(0.1)
        yield Server(found[1], cookie, process.pid)
        process.terminate()


def letter(number: int) -> dict[str, Any]:
    """A scanned letter of a megabyte; ten patients have fifty each."""
    attached = {"contentType": "application/octet-stream", "data": "QUJD" * (LETTER_MIB * MIB // 4)}
    if number < 10:
        return {"resourceType": "Patient", "id": f"p{number}", "birthDate": "1950-01-01"}
    return {
        "resourceType": "DocumentReference",
        "id": f"d{number}",
        "status": "current",
        "subject": {"reference": f"Patient/p{number % 10}"},
        "content": [{"attachment": attached}],
    }


def pictures(numbers: Iterable[int]) -> list[bytes]:
    """A body of STOW-RS, in pieces: every second of three is a picture."""
    body = list[bytes]()
    for number in numbers:
        one = Slice(number, study=STUDY, series=f"{STUDY}.1", side=SIDE).data()
        body += [b"--xyz\r\n\r\n", one, b"\r\n"]
    return [*body, b"--xyz--\r\n"]


def test_pictures__of_gigabytes_come_in_and_leave_within_the_budget(server: Server) -> None:
    sent = 0
    with Watched(server.pid) as watched:
        for first in range(1, REQUESTS * AT_ONCE, AT_ONCE):
            body = pictures(range(first, first + AT_ONCE))
            length = str(sum(map(len, body)))
            answer = server.ask("POST", "/api/dicomweb/studies", iter(body), Content_Type=KIND, Content_Length=length)  # fmt: skip
            assert answer.status == 200, answer.read()
            assert len(json.loads(answer.read())["00081199"]["Value"]) == AT_ONCE
            sent += sum(map(len, body[1::3]))
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        back = size_of(server.ask("GET", f"/api/dicomweb/studies/{STUDY}", Accept=accept))
    assert sent > 2 * 2**30
    assert back > sent
    assert watched.most < BUDGET_MIB


def test_records__of_gigabytes_leave_within_the_budget(server: Server) -> None:
    with Watched(server.pid) as watched:
        begun = server.ask("GET", "/fhir/$export", Prefer="respond-async")
        place = begun.headers["content-location"]
        path = place[place.index("/fhir") :]
        while (state := server.ask("GET", path)).status == 202:
            time.sleep(0.2)
        files = [one["url"] for one in json.loads(state.read())["output"]]
        left = sum(size_of(server.ask("GET", url[url.index("/fhir") :])) for url in files)
    assert left > (LETTERS - 10) * LETTER_MIB * MIB
    assert watched.most < BUDGET_MIB


@pytest.mark.parametrize("path", ["/fhir", "/api/dicomweb/studies", "/api/patients/search"])
def test_body_without_end__is_refused_within_the_budget(server: Server, path: str) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"\0" * MIB

    with Watched(server.pid) as watched, suppress(ConnectionError):
        answer = server.ask("POST", path, endless(), Content_Type="application/json", Transfer_Encoding="chunked")  # fmt: skip
        assert answer.status in (413, 415)
    assert watched.most < BUDGET_MIB
