"""One job of keeping a lake, in a process that may be killed on the way; run by `test_kills`.

With a place and a number it kills itself there, at that time of coming by. Without, something else
may: `tests.lake.faults`, at a system call.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tests.lake.rows import arrow, event
from vitruvian.lake import Lake, Wants, backup, migrate, restore
from vitruvian.trust import SYSTEM


class Plug:
    """Kills its own process the n-th time it comes by a place."""

    def __init__(self, place: str, times: int) -> None:
        self.place, self.left = place, times

    def __call__(self, place: str) -> None:
        self.left -= place == self.place
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def load(lake: Path, number: str, plug: Plug) -> None:
    """One bulk load of five events and a blob; says when it is acknowledged."""
    with Lake.open(lake, fault=plug) as opened:
        with opened.bulk(SYSTEM) as load:
            rows = [event(int(number) + n, subject=n) for n in range(5)]
            load.write("event", arrow("event", rows))
            load.put_blob(b"scan " + number.encode())
        with suppress(OSError):  # where every write fails, nobody hears of it
            os.write(1, b"done\n")


def drain(lake: Path, _: str, plug: Plug) -> None:
    """Move the hot log into files, rewrite them, remove what nobody needs."""
    with Lake.open(lake, fault=plug) as opened:
        opened.drain(SYSTEM)
        opened.compact(SYSTEM)
        opened.vacuum(SYSTEM)


def main(words: list[str]) -> None:
    kind, first, second, *rest = words
    plug = Plug(rest[0], int(rest[1])) if rest else Plug("", -1)
    wants = Wants(SYSTEM, fault=plug)
    if kind == "backup":
        backup(Path(first), Path(second), wants)
    elif kind == "restore":
        restore(Path(first), Path(second), wants)
    elif kind.startswith("restore@"):
        at = datetime.fromisoformat(kind.removeprefix("restore@"))
        restore(Path(first), Path(second), wants, at=at)
    elif kind == "migrate":
        migrate(Path(first), SYSTEM, fault=plug)
    else:
        {"load": load, "drain": drain}[kind](Path(first), second, plug)


if __name__ == "__main__":
    main(sys.argv[1:])
