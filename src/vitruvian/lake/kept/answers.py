"""Answers over whole tables, kept while the state, the instants and the policy stay the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

Answer = TypeVar("Answer")
MOST_ANSWERS = 32


class Answers:
    """The answers asked for last; safe for several threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, object] = OrderedDict()
        self._guard = threading.Lock()

    def once(
        self,
        key: Hashable,
        make: Callable[[], Answer],
        *,
        fits: Callable[[Answer], bool] = lambda _: True,
    ) -> Answer:
        """The answer kept under a key if it still fits, else a new one.

        Parameters
        ----------
        key
            Everything that the answer depends on.
        make
            Works it out; two threads that ask at once both do.
        fits
            Whether the one kept will do; clocks move on where states do not.
        """
        with self._guard:
            known = cast("Answer | None", self._known.get(key))
            if known is not None:
                self._known.move_to_end(key)
        if known is not None and fits(known):
            return known
        made = make()
        with self._guard:
            self._known[key] = made
            self._known.move_to_end(key)
            while len(self._known) > MOST_ANSWERS:
                self._known.popitem(last=False)
        return made
