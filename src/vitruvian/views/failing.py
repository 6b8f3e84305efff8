"""An engine's failure in the words of the house, without what it quotes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from vitruvian.lake.errors import SparkFailed
from vitruvian.views.errors import (
    NotOneValue,
    RepeatTooDeep,
    UnreadableResource,
    ViewError,
    ViewFailed,
)
from vitruvian.views.sql.words import NOT_ONE, TOO_DEEP

if TYPE_CHECKING:
    import pyarrow as pa

LINE = "vv_line"
_MARK = re.compile(rf"({NOT_ONE}|{TOO_DEEP}) (\S*) ;")


def translated(problem: BaseException) -> ViewError | None:
    """Our own failure behind an engine's error; None when it is not one of ours.

    The engine's message is read only for our own mark: it may quote the resource.
    """
    said = problem.said if isinstance(problem, SparkFailed) else str(problem)
    found = _MARK.search(said)
    if found is None:
        return None
    return NotOneValue(found[2]) if found[1] == NOT_ONE else RepeatTooDeep(found[2])


def failure_of(problem: Exception, table: pa.Table) -> ViewError:
    """What went wrong when a view ran over resources in hand."""
    return translated(problem) or unreadable(table) or ViewFailed(type(problem).__name__)


def unreadable(table: pa.Table) -> UnreadableResource | None:
    """The first record that is not JSON, if there is one."""
    if "resource" not in table.column_names:
        return None
    texts = table.column("resource").to_pylist()
    numbers = table.column(LINE).to_pylist() if LINE in table.column_names else None
    for place, text in enumerate(texts):
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError:
            return UnreadableResource(numbers[place] if numbers else place + 1)
    return None
