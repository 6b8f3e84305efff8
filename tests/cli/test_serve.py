"""The served application, from its first printed line to signing in."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from vitruvian.cli.main import main
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

LINK = re.compile(r"^(http://127\.0\.0\.1:\d+)/sign-in#token=(\S+)$")


@dataclass(frozen=True)
class Served:
    base: str
    token: str
    log: Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server process on a free port over an empty lake."""
    Lake.create(tmp_path / "lake").close()
    command = [sys.executable, "-m", "vitruvian", "serve", "--lake", str(tmp_path / "lake")]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        found = next(hit for line in process.stdout if (hit := LINK.match(line.strip())))
        yield Served(found[1], found[2], tmp_path / "log")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_serve__prints_a_link_that_signs_in_once_and_logs_no_secret(served: Served) -> None:
    with httpx.Client(base_url=served.base, headers={"X-Vitruvian": "1"}) as client:
        first = client.post("/api/sign-in", json={"token": served.token})
        assert (first.status_code, first.json()["must_set_password"]) == (200, True)
        assert client.post("/api/sign-in", json={"token": served.token}).status_code == 401
        assert client.get("/api/worklist").json() == {"total": 0, "patients": []}
        assert client.get("/health").json()["status"] == "ok"
    log = served.log.read_text("utf-8")
    assert '"route": "/api/sign-in"' in log
    assert served.token not in log


def test_memory__is_what_the_engine_keeps_to_and_too_little_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Lake.create(tmp_path / "lake").close()
    told: list[str] = []

    def served(lake: Lake, *_: object, **__: object) -> None:
        with lake.read(SYSTEM) as reader:
            said = reader.query("SELECT current_setting('memory_limit')", tables=[])
        told.extend(said.column(0).to_pylist())

    monkeypatch.setattr("vitruvian.api.serve.serve", served)
    asked = ["serve", "--lake", str(tmp_path / "lake")]
    assert main([*asked, "--memory-limit", "12MB"]) == 2
    assert "--memory-limit" in capsys.readouterr().err
    assert [main([*asked, "--memory-limit", size]) for size in ("2GiB", "4GiB")] == [0, 0]
    # Half of what the program and its libraries, 520 MiB, leave.
    assert told == ["764.0 MiB", "1.7 GiB"]
