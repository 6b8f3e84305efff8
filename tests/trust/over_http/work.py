"""How much was done for an answer: what was asked of the engines, the databases and the disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from vitruvian.lake.disk.blobs import Blobs
from vitruvian.lake.disk.database import Database
from vitruvian.lake.engines.arrow import KeyReader
from vitruvian.lake.engines.doorway import Doorway

Work = Counter[str]
# What each part does, and whether the rows it gives are counted too.
PARTS: tuple[tuple[type, str, bool], ...] = (
    (Doorway, "select", False),
    (Doorway, "look_up", False),
    (Doorway, "show_as_view", False),
    (Doorway, "fetch", True),
    (KeyReader, "rows", False),
    (KeyReader, "rows_of_nobody", False),
    (Database, "rows", False),
    (Blobs, "get", False),
    (Blobs, "pieces", False),
)


@contextmanager
def counted() -> Iterator[Work]:
    """Count what is done in this block; no clock is read, so load on the machine changes nothing."""
    found: Work = Counter()
    with ExitStack() as stack:
        for kind, name, rows in PARTS:
            seen = _seen(getattr(kind, name), f"{kind.__name__}.{name}", found, rows=rows)
            stack.enter_context(patch.object(kind, name, seen))
        yield found


def _seen(done: Callable[..., Any], name: str, found: Work, *, rows: bool) -> Callable[..., Any]:
    @wraps(done)
    def counting(*args: Any, **said: Any) -> Any:
        answer = done(*args, **said)
        found[name] += 1
        if rows:
            found[f"{name}: rows"] += answer.num_rows
        return answer

    return counting
