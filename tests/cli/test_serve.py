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

from vitruvian.lake import Lake

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
