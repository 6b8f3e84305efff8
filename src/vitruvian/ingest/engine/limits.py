"""How much is read at most, and the reader that stops there."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from vitruvian.ingest.errors import Bomb, UnusableMemory

MIB = 1 << 20
GIB = 1 << 30
PROGRAM_BYTES = 520 * MIB
ENGINE_NEEDS_BYTES = 300 * MIB
LEAST_MEMORY_BYTES = 10**9
_UNITS = {"MB": 10**6, "MIB": MIB, "GB": 10**9, "GIB": GIB}


def memory_of(text: str) -> int:
    """Bytes of a size such as `1GB` or `1536MiB`.

    Raises
    ------
    UnusableMemory
        When it is no size, or less than a load needs.

    Examples
    --------
    >>> memory_of("2GiB") == 2 * GIB
    True
    """
    found = re.fullmatch(r"(\d+)\s*([MG]i?B)", text.strip(), re.IGNORECASE)
    size = int(found[1]) * _UNITS[found[2].upper()] if found else 0
    if size < LEAST_MEMORY_BYTES:
        raise UnusableMemory(LEAST_MEMORY_BYTES // 10**6)
    return size


@dataclass(frozen=True)
class Limits:
    """Bounds of one load; tests and small machines bring their own.

    A record of 256 MiB is far above any clinical resource (an embedded film excepted).
    DEFLATE cannot pack tighter than 1,032 to 1 (RFC 1951); real exports stay below 60 to 1.
    """

    line_bytes: int = 256 * MIB
    document_bytes: int = 256 * MIB
    unpacked_bytes: int = 256 * GIB
    unpacking_ratio: int = 300
    ratio_from_bytes: int = 64 * MIB
    nesting: int = 3
    members: int = 1_000_000
    publish_bytes: int = 512 * MIB
    memory_bytes: int = 2 * GIB

    @property
    def engine_bytes(self) -> int:
        """What the engine may take of the memory."""
        return self._to_share // 2

    @property
    def file_bytes(self) -> int:
        """How much of one table waits before it is sorted and written, which takes as much again.

        Two tables fill at the same time, the records and the events.
        """
        return min(self._to_share // 16, 256 * MIB)

    @property
    def chunk_bytes(self) -> int:
        """How much text is mapped at once; the columns read from it take several times that."""
        spare = self._to_share - ENGINE_NEEDS_BYTES
        return min(max(spare // 32, 8 * MIB), 96 * MIB)

    @property
    def _to_share(self) -> int:
        """The memory that is left beside the program and its libraries."""
        return max(self.memory_bytes - PROGRAM_BYTES, MIB)


class BoundedReader(io.RawIOBase):
    """A stream that ends in one sentence when it unpacks to more than it should."""

    def __init__(self, stream: BinaryIO, *, packed: Callable[[], int], limits: Limits) -> None:
        super().__init__()
        self._stream = stream
        self._packed = packed
        self._limits = limits
        self._read = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, target: bytearray | memoryview, /) -> int:  # type: ignore[override]  # the typeshed buffer type is private
        """Read on, and count."""
        data = self._stream.read(len(target))
        target[: len(data)] = data
        self._read += len(data)
        self._check()
        return len(data)

    def _check(self) -> None:
        limits = self._limits
        if self._read > limits.unpacked_bytes:
            what = f"it unpacks to more than {limits.unpacked_bytes:,} bytes"
            raise Bomb(what)
        packed = max(self._packed(), 1)
        if self._read > limits.ratio_from_bytes and self._read > packed * limits.unpacking_ratio:
            what = f"it unpacks to more than {limits.unpacking_ratio} times its size"
            raise Bomb(what)

    def close(self) -> None:
        """Close the stream below as well."""
        if not self.closed:
            self._stream.close()
        super().close()
