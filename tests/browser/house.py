"""A made-up hospital, its lake, and the server in front of it, as a person starts them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import sleep

from vitruvian.demo import Life, lives

SEED = 1
PATIENTS = 6
PASSWORD = "a-long-enough-passphrase-7"
LINK = re.compile(r"http://\S+/sign-in#token=\S+")


@cache
def told() -> tuple[Life, ...]:
    """The lives of the house, as the demo hospital invents them."""
    return tuple(lives(SEED, PATIENTS))


def vitruvian(*words: str | Path) -> str:
    """What the command prints; a refusal fails the test with its own sentence."""
    command = [sys.executable, "-m", "vitruvian", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True)
class House:
    """Where it is served, and what is true in it."""

    url: str
    link: str
    lake: Path
    hospital: Path

    def life(self, number: int) -> Life:
        """The ground truth of one patient, by number from 1."""
        return told()[number - 1]

    def records(self) -> str:
        """Every record of every file, as written."""
        files = sorted((self.hospital / "fhir").rglob("*.json"))
        return "\n".join(file.read_text("utf-8") for file in files)

    def new_account(self, name: str, *, role: str = "clinician") -> str:
        """Its one-time link."""
        words = ("--role", role, "--lake", self.lake, "--url", self.url)
        printed = vitruvian("account", "add", name, *words)
        found = LINK.search(printed)
        assert found, "no link was printed"
        return found[0]


@contextmanager
def served(folder: Path) -> Iterator[House]:
    """A house of its own in an empty folder; it closes when the tests leave."""
    hospital, lake = folder / "hospital", folder / "lake"
    vitruvian("demo", "--out", hospital, "--patients", str(PATIENTS), "--seed", str(SEED))
    vitruvian("ingest", hospital, "--lake", lake)
    with serve(lake, hospital=hospital, log=folder / "server.log") as house:
        yield house


@contextmanager
def serve(lake: Path, *, hospital: Path, log: Path) -> Iterator[House]:
    """The server in front of a lake that is filled already."""
    command = [sys.executable, "-u", "-m", "vitruvian", "serve", "--lake", str(lake), "--port", "0"]
    with (
        log.open("w") as said,
        subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT) as server,
    ):
        try:
            link = first_link(server, log=log)
            yield House(link.split("/sign-in")[0], link, lake, hospital)
        finally:
            server.terminate()
            server.wait(timeout=20)


def first_link(server: subprocess.Popen[bytes], *, log: Path) -> str:
    """The one-time link that the server prints when no account exists."""
    while server.poll() is None:
        found = LINK.search(log.read_text("utf-8"))
        if found:
            return found[0]
        sleep(0.1)
    message = f"The server ended before it printed a sign-in link:\n{log.read_text('utf-8')}"
    raise AssertionError(message)
