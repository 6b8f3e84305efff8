"""One drain of one lake, as a process of its own: `python -m vitruvian.jobs.drain DIR`.

Drained rows are merged with the smallest files where those are many, and what nobody needs is
removed. Killed at any moment it leaves the lake as it was or drained.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from vitruvian.base.errors import VitruvianError
from vitruvian.jobs.upkeep import BUSY, DONE, FAILED, NICENESS
from vitruvian.lake import Lake
from vitruvian.lake.errors import WriterBusy
from vitruvian.trust import SYSTEM


def main(path: Path) -> int:
    """Drain, at the lowest claim on the processor; how it went."""
    os.nice(NICENESS)
    try:
        with Lake.open(path) as lake:
            lake.drain(SYSTEM)
    except WriterBusy:
        return BUSY  # a load is being written; its end is as good a time
    except VitruvianError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    return DONE


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
