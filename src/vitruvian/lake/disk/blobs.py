"""Blobs by content address: `blobs/ab/<sha256>`, here or in cold storage."""

from __future__ import annotations

import hashlib
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vitruvian.lake.disk.database import sha256_of
from vitruvian.lake.disk.durable import make_folder, put_in_place, storage_errors
from vitruvian.lake.disk.errors import BlobTooLarge
from vitruvian.lake.errors import BlobMissing, Damaged

ADDRESS = re.compile("[0-9a-f]{64}")
# Up to this many bytes a blob is read whole; a larger one leaves in pieces of the other size.
READ_WHOLE, PIECE = 64 << 20, 1 << 20


class Far(Protocol):
    """Where the bytes of blobs lie that are not here."""

    def get(self, name: str) -> bytes | None:
        """What lies under a name; None when nothing does."""


@dataclass(frozen=True)
class Pieces:
    """A blob that leaves piece by piece: how many bytes it has, and they themselves, once."""

    size: int
    data: Iterator[bytes]


def name_of(sha256: str) -> str:
    """What a blob is called below its folder."""
    return f"{sha256[:2]}/{sha256}"


class Blobs:
    """Bytes stored once under the hash of their content.

    Parameters
    ----------
    root
        The lake's folder.
    far
        Tells where blobs lie that are not here; None when all are.
    """

    def __init__(self, root: Path, far: Callable[[], Far | None] = lambda: None) -> None:
        self._folder = root / "blobs"
        self._far = far

    def path(self, sha256: str) -> Path:
        """Where that blob lies, when it is here."""
        return self._folder / name_of(sha256)

    def is_near(self, sha256: str) -> bool:
        """Whether its bytes are here."""
        return self.path(sha256).is_file()

    def hash_of(self, sha256: str) -> str | None:
        """What the bytes under an address hash to now; None when there are none."""
        path = self.path(sha256)
        if path.is_file():
            return sha256_of(path)
        data = self._bytes(sha256)
        return None if data is None else hashlib.sha256(data).hexdigest()

    def put(self, data: bytes | Path) -> tuple[str, int]:
        """Store bytes, or a copy of a file; their sha256 and size."""
        with storage_errors("storing a blob"):
            sha256 = sha256_of(data) if isinstance(data, Path) else hashlib.sha256(data).hexdigest()
            path = self.path(sha256)
            if not path.exists():
                make_folder(path.parent)
                draft = path.with_name(f".{uuid.uuid4().hex}.draft")
                _copy(data, draft)
                put_in_place(draft, path)
            return sha256, path.stat().st_size

    def get(self, sha256: str, *, most: int | None = None) -> bytes:
        """The bytes, checked against their address.

        Parameters
        ----------
        sha256
            The address.
        most
            Bytes that are taken into memory; None for any number.

        Raises
        ------
        BlobTooLarge
            When it has more bytes than that.
        BlobMissing
            When nothing is stored under it.
        Damaged
            When the bytes no longer have that hash.
        PlaceNotReached
            When they lie in cold storage, which does not answer.
        """
        if most is not None and ADDRESS.fullmatch(sha256) and self._size(sha256) > most:
            raise BlobTooLarge(most=most)
        data = self._bytes(sha256) if ADDRESS.fullmatch(sha256) else None
        if data is None:
            raise BlobMissing(sha256=sha256)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Damaged(what=f"blob {sha256[:16]}... has other bytes than its address says")
        return data

    def pieces(self, sha256: str) -> Pieces:
        """The bytes a piece at a time, all of them checked before the first; raises as `get`."""
        if self._size(sha256) <= READ_WHOLE:
            data = self.get(sha256)
            return Pieces(len(data), iter((data,)))
        path = self.path(sha256)
        if sha256_of(path) != sha256:
            raise Damaged(what=f"blob {sha256[:16]}... has other bytes than its address says")
        return Pieces(path.stat().st_size, _read_along(path))

    def _size(self, sha256: str) -> int:
        """How many bytes lie here; none of a blob in cold storage, which comes whole."""
        path = self.path(sha256)
        return path.stat().st_size if path.is_file() else 0

    def _bytes(self, sha256: str) -> bytes | None:
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            far = self._far()
            return None if far is None else far.get(name_of(sha256))


def _read_along(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _copy(data: bytes | Path, draft: Path) -> None:
    if isinstance(data, Path):
        shutil.copyfile(data, draft)
        return
    with draft.open("wb") as stream:
        stream.write(data)
