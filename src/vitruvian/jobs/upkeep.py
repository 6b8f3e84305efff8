"""Draining the hot log and judging alerts while a server or a listener runs.

A thread looks at the lake every few seconds. When enough rows wait, or one waits too long, it
starts a process of low priority that drains; when alerts run and something new was recorded, one
that judges them. So no request shares an interpreter with that work.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from vitruvian.guides.alerts.shelf import any_runs
from vitruvian.lake import Lake

DONE, FAILED, BUSY = 0, 1, 75
NICENESS = 10
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
        After a job that failed, so many looks pass before the next try.
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
    watches: int = 0


class Upkeep:
    """Looks after one lake, one look at a time."""

    def __init__(
        self,
        lake: Lake,
        *,
        pace: Pace | None = None,
        drain: Callable[[Path], int] | None = None,
        watch: Callable[[Path], int] | None = None,
    ) -> None:
        self.tally = Tally()
        self._lake = lake
        self._pace = pace or Pace()
        self._child: subprocess.Popen[bytes] | None = None
        self._drain = drain or self._apart("vitruvian.jobs.drain")
        self._watch_alerts = watch or self._apart("vitruvian.jobs.alerts")
        self._watched: datetime | None = None
        self._rest = self._alert_rest = 0
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

    def look_at_alerts(self) -> bool:
        """Judge the alerts if any runs and something new was recorded; whether it was."""
        if self._alert_rest:
            self._alert_rest -= 1
            return False
        newest = self._lake.backlog().newest
        if newest == self._watched or not any_runs(self._lake.path):
            return False
        code = self._watch_alerts(self._lake.path)
        if code == DONE:
            # What came while it ran is newer than this, and is judged at the next look.
            self._watched = newest
            self.tally = replace(self.tally, watches=self.tally.watches + 1)
        elif code != BUSY and not self._over.is_set():
            self.tally = replace(self.tally, failures=self.tally.failures + 1)
            self._alert_rest = self._pace.rest_looks
            log.warning("alerts failed", code=code, failures=self.tally.failures)
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

    def _apart(self, module: str) -> Callable[[Path], int]:
        """What does a job in a process of its own, and gives its exit code."""

        def run(path: Path) -> int:
            command = [sys.executable, "-m", module, str(path)]
            with subprocess.Popen(command, stdin=subprocess.DEVNULL) as child:  # noqa: S603 - ours
                self._child = child
                return child.wait()

        return run

    def start(self) -> None:
        """Look now and then, until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; a job that runs is ended, which loses nothing."""
        self._over.set()
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._pace.look_every_s):
            try:
                self.look()
                self.look_at_alerts()
            except Exception as error:  # noqa: BLE001  a thread that ended would drain no more
                # A full disk, or no process to be had, passes; the next look tries again.
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
