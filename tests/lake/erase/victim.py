"""An erasure in a process that kills itself on the way; run by `test_erase`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.lake.erase.ward import APPROVES
from tests.lake.keeping.victim import Plug
from vitruvian.lake import Lake
from vitruvian.lake.erasing.eraser import Eraser

if __name__ == "__main__":
    where, place, times = sys.argv[1:]
    with Lake.open(Path(where)) as opened:
        eraser = Eraser(opened, fault=Plug(place, int(times)))
        eraser.approve(APPROVES, eraser.register.waiting()[0].id)
