"""One job on a lake whose system calls may be made to fail; what became of it is a number.

`done` on the output and 0: it worked. 3: refused in a sentence, which is on the second output.
Anything else is a defect.
"""

from __future__ import annotations

import sys
import traceback

from tests.lake.keeping import victim
from vitruvian.base.errors import VitruvianError
from vitruvian.cli.main import main as command

REFUSED, DEFECT = 3, 4


def run(words: list[str]) -> int:
    """The job; `ingest LAKE FILE` is the command itself."""
    if words[0] != "ingest":
        victim.main(words)
        return 0
    return command(["ingest", words[2], "--lake", words[1]])


def outcome(words: list[str]) -> int:
    """Run a job; what it leaves on the outputs is written."""
    try:
        code = run(words)
    except VitruvianError as problem:
        sys.stderr.write(f"SENTENCE {problem}\n")
        code = REFUSED
    except BaseException:  # noqa: BLE001 - whatever else escapes is what is looked for
        traceback.print_exc()
        code = DEFECT
    sys.stdout.flush()
    sys.stderr.flush()
    return code
