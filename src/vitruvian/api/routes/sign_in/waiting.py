"""What waits for a browser to come back: under a word nobody can guess, once, and not for long."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from fastapi import FastAPI

LIVES = timedelta(minutes=10)
MOST = 1_000
What = TypeVar("What")
_STARTING = threading.Lock()


class Waiting(Generic[What]):
    """Things under words; each is given back once, and soon."""

    def __init__(self, *, lives: timedelta = LIVES) -> None:
        self._guard = threading.Lock()
        self._lives = lives
        self._known: OrderedDict[str, tuple[What, datetime]] = OrderedDict()

    def keep(self, word: str, what: What, *, now: datetime) -> None:
        """Remember one; the oldest goes when there are too many."""
        with self._guard:
            self._known[word] = (what, now + self._lives)
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def take(self, word: str, *, now: datetime) -> What | None:
        """What waits under a word, which is over with it; None when nothing does any more."""
        with self._guard:
            found = self._known.pop(word, None)
        return None if found is None or found[1] <= now else found[0]


def kept_of(app: FastAPI, name: str, make: Callable[[], Waiting[What]]) -> Waiting[What]:
    """What waits in this application under a name, made at first use."""
    with _STARTING:
        if not hasattr(app.state, name):
            setattr(app.state, name, make())
        found: Waiting[What] = getattr(app.state, name)
        return found
