"""Patience with wrong attempts to sign in, by the machine they come from.

Accounts have their own limit in the lake; this one also covers guessed links and names.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from vitruvian.base.clock import Clock
from vitruvian.base.errors import NotSignedIn, TooMany

MOST_WRONG = 20
WITHIN = timedelta(minutes=5)


class TooManyWrongAttempts(TooMany):
    """Too many wrong attempts to sign in came from one machine."""

    retry_after = WITHIN.seconds

    def __init__(self) -> None:
        super().__init__(
            f"More than {MOST_WRONG} wrong attempts to sign in came from this machine within "
            f"{WITHIN.seconds // 60} minutes. Wait, then try again."
        )


class Patience:
    """Counts wrong attempts of each machine; refuses more of them for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, deque[datetime]] = {}

    @contextmanager
    def attempt(self, client: str) -> Iterator[None]:
        """One attempt; raises `TooManyWrongAttempts` before it is made when there were too many."""
        self._check(client)
        try:
            yield
        except NotSignedIn:
            with self._lock:
                self._wrong.setdefault(client, deque()).append(self._clock())
            raise

    def _check(self, client: str) -> None:
        oldest = self._clock() - WITHIN
        with self._lock:
            for known in list(self._wrong):
                wrong = self._wrong[known]
                while wrong and wrong[0] < oldest:
                    wrong.popleft()
                if not wrong:
                    del self._wrong[known]
            if len(self._wrong.get(client, ())) >= MOST_WRONG:
                raise TooManyWrongAttempts
