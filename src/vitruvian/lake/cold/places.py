"""Where cold bytes lie: a folder of another disk, or an object store."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from vitruvian.lake.cold.errors import NoStoreLibrary, PlaceNotReached
from vitruvian.lake.disk.durable import make_folder, put_in_place, storage_errors
from vitruvian.lake.errors import StorageFailed


class Place(Protocol):
    """Bytes under a name; what `put` returned from survives a power cut."""

    def put(self, name: str, data: bytes) -> None:
        """Keep bytes under a name, whole or not at all."""

    def get(self, name: str) -> bytes | None:
        """What lies under a name; None when nothing does."""

    def remove(self, name: str) -> None:
        """Forget a name; one that is not there is nothing to forget."""

    def names(self) -> Iterator[str]:
        """All names in it."""


class Folder:
    """A folder, such as an archive that is mounted."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, data: bytes) -> None:
        """Write beside, flush, then rename."""
        with _reached():
            path = self._root / name
            make_folder(path.parent, mode=0o700)
            draft = path.with_name(f".{uuid.uuid4().hex}.draft")
            try:
                draft.write_bytes(data)
                put_in_place(draft, path)
            finally:
                draft.unlink(missing_ok=True)

    def get(self, name: str) -> bytes | None:
        """Read a file."""
        with _reached():
            try:
                return (self._root / name).read_bytes()
            except FileNotFoundError:
                if not self._root.is_dir():
                    raise PlaceNotReached(why="its folder is not there") from None
                return None

    def remove(self, name: str) -> None:
        """Remove a file."""
        with _reached():
            (self._root / name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Files below the folder, drafts of a run that was killed among them."""
        with _reached():
            yield from (
                path.relative_to(self._root).as_posix()
                for path in sorted(self._root.rglob("*"))
                if path.is_file()
            )


def place_at(address: str) -> Place:
    """The folder or the object store of that address; raises `BadPlace`, `NoStoreLibrary`."""
    return _bucket_at(address) if "://" in address else Folder(Path(address))


def _bucket_at(address: str) -> Place:
    try:
        from vitruvian.lake.cold.bucket import bucket_at  # noqa: PLC0415  an optional package
    except ImportError:
        raise NoStoreLibrary from None
    return bucket_at(address)


@contextmanager
def _reached() -> Iterator[None]:
    try:
        with storage_errors("reaching cold storage"):
            yield
    except StorageFailed as error:
        cause = error.__cause__
        raise PlaceNotReached(
            why=str(getattr(cause, "strerror", None) or "the disk fails")
        ) from None
