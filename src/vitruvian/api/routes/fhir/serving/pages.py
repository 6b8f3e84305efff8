"""Searches kept for their next pages, each pinned to the state it ran on.

A link to a page holds a random token and nothing else: no value of the search, no patient.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from vitruvian.api.routes.fhir.outcome import PageGone
from vitruvian.api.routes.fhir.search.request import Search
from vitruvian.api.routes.fhir.serving.finding import Found

MOST_SEARCHES = 1_000
MOST_ROWS = 8_000_000
Kind = Literal["searchset", "history"]


@dataclass(frozen=True)
class Kept:
    """One answer in several pages.

    Parameters
    ----------
    who
        The account that searched; nobody else gets its pages.
    kind
        What the Bundle is.
    search
        What was asked, for what comes along and how it is shown.
    found
        Everything that fits, in order.
    recorded_at
        The state it ran on; every page is read as of this instant.
    """

    who: str
    kind: Kind
    search: Search
    found: Found
    recorded_at: datetime


class Pages:
    """The searches of one server, those asked for longest ago let go of first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._rows = 0
        self._guard = threading.Lock()

    def keep(self, kept: Kept) -> str:
        """The token under which the next pages are asked for."""
        token = secrets.token_urlsafe(24)
        with self._guard:
            self._kept[token] = kept
            self._rows += kept.found.total
            while len(self._kept) > 1 and (
                len(self._kept) > MOST_SEARCHES or self._rows > MOST_ROWS
            ):
                self._rows -= self._kept.popitem(last=False)[1].found.total
        return token

    def get(self, token: str, *, who: str) -> Kept:
        """The search of that token; raises `PageGone`."""
        with self._guard:
            kept = self._kept.get(token)
            if kept is None or kept.who != who:
                raise PageGone
            self._kept.move_to_end(token)
            return kept
