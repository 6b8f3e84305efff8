"""Which files a table lies in, and when loads were published: neither ever changes, so it is kept.

A table's version names one list of files for ever, whatever is published later; and a load, once
published, keeps its instant.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitruvian.lake.store.catalogue import Catalogue, State, StoredFile

MOST_LISTS = 256


class Listings:
    """The lists of one lake that were asked for last; safe for several threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[tuple[str, int], tuple[StoredFile, ...]] = OrderedDict()
        self._loads: Mapping[int, int] = {}
        self._guard = threading.Lock()

    def files(self, catalogue: Catalogue, table: str, *, state: State) -> tuple[StoredFile, ...]:
        """The data files of one table in one published state that somebody leases."""
        place = (table, state.versions.get(table, 0))
        with self._guard:
            known = self._files.get(place)
            if known is not None:
                self._files.move_to_end(place)
                return known
        found = tuple(catalogue.files(table, snapshot_id=state.snapshot_id))
        with self._guard:
            self._files[place] = found
            while len(self._files) > MOST_LISTS:
                self._files.popitem(last=False)
        return found

    def loads(self, catalogue: Catalogue, wanted: Iterable[int]) -> dict[int, int]:
        """When some loads were published, in microseconds since 1970 UTC; ascending by number."""
        named = sorted(set(wanted))
        if any(load not in self._loads for load in named):
            self._loads = catalogue.loads()
        return {load: self._loads[load] for load in named}
