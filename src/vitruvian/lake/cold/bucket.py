"""An object store as cold storage.

References
----------
obstore 0.12, https://developmentseed.org/obstore/: one interface for S3, Google Cloud Storage,
Azure and what speaks like them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any  # each kind of store has a class of its own

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from vitruvian.lake.cold.errors import BadPlace, PlaceNotReached


class Bucket:
    """An object store.

    Parameters
    ----------
    store
        As obstore makes them.
    """

    def __init__(self, store: Any) -> None:
        self._store = store

    def put(self, name: str, data: bytes) -> None:
        """Send bytes; the store answers once it holds them."""
        with _reached():
            obstore.put(self._store, name, data)

    def get(self, name: str) -> bytes | None:
        """Fetch bytes."""
        with _reached():
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

    def remove(self, name: str) -> None:
        """Delete an object."""
        with _reached():
            try:
                obstore.delete(self._store, name)
            except FileNotFoundError:
                return

    def names(self) -> Iterator[str]:
        """Names of all objects, a page at a time."""
        with _reached():
            for page in obstore.list(self._store):
                yield from (str(one["path"]) for one in page)


@cache
def bucket_at(address: str) -> Bucket:
    """The object store of an address, with the credentials of the environment.

    Raises
    ------
    BadPlace
        When it is the address of none.
    """
    if address.startswith("file:"):
        raise BadPlace(why="a folder is named by its path alone")
    try:
        return Bucket(from_url(address))
    except (BaseError, ValueError):
        raise BadPlace(why="the address is not one of an object store") from None


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        # The library's own words may hold addresses and keys.
        raise PlaceNotReached(why=type(error).__name__) from None
