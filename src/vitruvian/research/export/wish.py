"""What every export needs to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from vitruvian.lake import Lake, Reader
from vitruvian.trust import Access, Deed, require


@dataclass(frozen=True)
class Wish:
    """Who asks for an export, as of when, and how to tell how far it is.

    Parameters
    ----------
    access
        Who asks and why.
    known_at
        Only what the care team could see then; None means now.
    recorded_at
        Only what was recorded by then; None means now.
    progress
        Told the rows done and the rows in all.
    """

    access: Access
    known_at: datetime | None = None
    recorded_at: datetime | None = None
    progress: Callable[[int, int], None] = lambda _done, _total: None


@contextmanager
def pinned(lake: Lake, wish: Wish, *, into: str) -> Iterator[Reader]:
    """One published state for a whole export, with an audit row that says what left and where to.

    Parameters
    ----------
    lake
        Where from.
    wish
        Who asks, as of when.
    into
        The format.
    """
    # What leaves is held against consents as leaving, not as reading.
    access = replace(wish.access, operation="export")
    require(access, lake.policy)
    asked = f"known at {wish.known_at}, recorded at {wish.recorded_at}"
    lake.audit.record(access, Deed("export", definition=f"{into}: {asked}"))
    known, recorded = wish.known_at, wish.recorded_at
    with lake.read(access, known_at=known, recorded_at=recorded) as reader:
        yield reader
