"""Blobs by content address: `blobs/ab/<sha256>`."""

from __future__ import annotations

import hashlib
import re
import shutil
import uuid
from pathlib import Path

from vitruvian.lake.disk.database import sha256_of
from vitruvian.lake.disk.durable import fsync_all, storage_errors
from vitruvian.lake.errors import BlobMissing, Damaged

ADDRESS = re.compile("[0-9a-f]{64}")


class Blobs:
    """Bytes stored once under the hash of their content."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "blobs"

    def path(self, sha256: str) -> Path:
        """Where that blob lies."""
        return self._folder / sha256[:2] / sha256

    def put(self, data: bytes | Path) -> tuple[str, int]:
        """Store bytes, or a copy of a file; their sha256 and size."""
        with storage_errors("storing a blob"):
            sha256 = sha256_of(data) if isinstance(data, Path) else hashlib.sha256(data).hexdigest()
            path = self.path(sha256)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                draft = path.with_name(f".{uuid.uuid4().hex}.draft")
                _copy(data, draft)
                draft.replace(path)
                fsync_all([path])
            return sha256, path.stat().st_size

    def get(self, sha256: str) -> bytes:
        """The bytes, checked against their address.

        Raises
        ------
        BlobMissing
            When nothing is stored under it.
        Damaged
            When the bytes no longer have that hash.
        """
        path = self.path(sha256)
        if not ADDRESS.fullmatch(sha256) or not path.is_file():
            raise BlobMissing(sha256=sha256)
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise Damaged(what=f"blob {sha256[:16]}... has other bytes than its address says")
        return data


def _copy(data: bytes | Path, draft: Path) -> None:
    if isinstance(data, Path):
        shutil.copyfile(data, draft)
        return
    with draft.open("wb") as stream:
        stream.write(data)
