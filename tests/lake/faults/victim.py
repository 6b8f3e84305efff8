"""One job on a lake whose system calls may be made to fail; says what became of it by its exit.

`done` on the output and 0: it worked. 3: refused in a sentence, which is on the second output.
Anything else is a defect. Words are written by `writev`, a call that is never made to fail here.
"""

from __future__ import annotations

import io
import os
import sys
import traceback

from tests.lake.keeping import victim
from vitruvian.base.errors import VitruvianError
from vitruvian.cli.main import main as command

REFUSED, DEFECT = 3, 4


def say(output: int, words: str) -> None:
    os.writev(output, [words.encode()])


class Voice(io.TextIOBase):
    """An output that is not on the failing disk."""

    def __init__(self, output: int) -> None:
        self.output = output

    def write(self, words: str) -> int:
        say(self.output, words)
        return len(words)


def run(words: list[str]) -> int:
    """The job; `ingest LAKE FILE` is the command itself."""
    if words[0] != "ingest":
        victim.main(words)
        return 0
    sys.stdout, sys.stderr = Voice(1), Voice(2)
    return command(["ingest", words[2], "--lake", words[1]])


def main(words: list[str]) -> None:
    try:
        code = run(words)
    except VitruvianError as problem:
        say(2, f"SENTENCE {problem}")
        code = REFUSED
    except BaseException:  # noqa: BLE001 - whatever else escapes is what is looked for
        say(2, traceback.format_exc())
        code = DEFECT
    # what is still open is left to the kernel, as when the power goes
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
