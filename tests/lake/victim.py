"""A process that writes to a lake until it is killed; run by `test_torture`.

It says on its output what it tries and, once that returned, that it is acknowledged.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from tests.lake.rows import arrow, event
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

KINDS = ("append", "append", "append", "bulk", "drain", "drain", "compact", "vacuum")


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


class Plug:
    """Kills its own process at the n-th place where the lake lets it."""

    def __init__(self, places: int) -> None:
        self.left = places

    def __call__(self, place: str) -> None:
        self.left -= 1
        if self.left == 0:
            say("died", place)
            os.kill(os.getpid(), signal.SIGKILL)


def write(lake: Lake, *, kind: str, first: int, count: int) -> None:
    rows = [event(first + n, subject=(first + n) % 3) for n in range(count)]
    if kind == "append":
        lake.append(SYSTEM, {"event": rows})
        return
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", rows))
        load.put_blob(b"blob of %d" % first)


def main(path: Path, *, seed: int, first: int, places: int) -> None:
    dice = random.Random(seed)
    lake = Lake.create(path, fault=Plug(places))
    say("ready")
    while True:
        kind = dice.choice(KINDS)
        count = dice.randint(1, 4) if kind in {"append", "bulk"} else 0
        say("try", kind, first, count)
        if count:
            write(lake, kind=kind, first=first, count=count)
        else:
            getattr(lake, kind)(SYSTEM)
        first += count
        say("done")


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        seed=int(sys.argv[2]),
        first=int(sys.argv[3]),
        places=int(sys.argv[4]),
    )
