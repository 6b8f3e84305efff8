"""Draining the hot log while a server or a listener runs, never in the way of a request.

A thread looks at the log every few seconds. When enough rows wait, or one waits too long, it starts
a process of low priority that drains, so that no request shares an interpreter with that work.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog

from vitruvian.base.errors import VitruvianError
from vitruvian.lake import Lake

DONE, FAILED, BUSY = 0, 1, 75
log = structlog.get_logger("vitruvian.jobs")


@dataclass(frozen=True)
class Pace:
    """When to drain.

    Parameters
    ----------
    rows
        So many waiting rows start a drain at once: a reader decodes each of them.
    age
        So long a row waits at most, so that few rows reach the files of other engines too.
    look_every_s
        Seconds between two looks.
    rest_looks
        After a drain that failed, so many looks pass before the next try.
    """

    rows: int = 10_000
    age: timedelta = timedelta(minutes=5)
    look_every_s: float = 5.0
    rest_looks: int = 12


@dataclass(frozen=True)
class Tally:
    """What was done since the start."""

    drains: int = 0
    busy: int = 0
    failures: int = 0


class Upkeep:
    """Looks after one lake, one look at a time."""

    def __init__(
        self,
        lake: Lake,
        *,
        pace: Pace | None = None,
        drain: Callable[[Path], int] | None = None,
    ) -> None:
        self.tally = Tally()
        self._lake = lake
        self._pace = pace or Pace()
        self._child: subprocess.Popen[bytes] | None = None
        self._drain = drain or self._drain_apart
        self._rest = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="upkeep", daemon=True)

    def look(self) -> bool:
        """Drain if it is time; whether it was."""
        if self._rest:
            self._rest -= 1
            return False
        backlog = self._lake.backlog()
        if not backlog.rows or not (
            backlog.rows >= self._pace.rows or backlog.age >= self._pace.age
        ):
            return False
        self._note(self._drain(self._lake.path))
        return True

    def _note(self, code: int) -> None:
        tally = self.tally
        if code == DONE:
            self.tally = replace(tally, drains=tally.drains + 1)
        elif code == BUSY:
            self.tally = replace(tally, busy=tally.busy + 1)
        elif not self._over.is_set():
            self.tally = replace(tally, failures=tally.failures + 1)
            self._rest = self._pace.rest_looks
            log.warning("drain failed", code=code, failures=self.tally.failures)

    def _drain_apart(self, path: Path) -> int:
        """Drain in a process of its own; its exit code."""
        command = [sys.executable, "-m", "vitruvian.jobs.drain", str(path)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as child:  # noqa: S603 - ours
            self._child = child
            return child.wait()

    def start(self) -> None:
        """Look now and then, until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a drain that runs is ended, which loses nothing."""
        self._over.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._pace.look_every_s):
            try:
                self.look()
            except VitruvianError as error:
                # A locked or full disk passes; the next look tries again.
                log.warning("upkeep failed", error=type(error).__name__)


@contextmanager
def kept_up(lake: Lake, *, pace: Pace | None = None) -> Iterator[Upkeep]:
    """Look after a lake while the block runs."""
    upkeep = Upkeep(lake, pace=pace)
    upkeep.start()
    try:
        yield upkeep
    finally:
        upkeep.stop()
