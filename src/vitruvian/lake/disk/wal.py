"""The write-ahead log of SQLite, checked frame by frame.

SQLite stops reading a write-ahead log at the first frame that does not match its checksum, as if
the rest had never been written. After a crash that is right; after a flipped bit it silently loses
committed rows. So `check` walks the frames itself and says so.

References
----------
SQLite, "Database File Format", section 4: The Write-Ahead Log. https://sqlite.org/fileformat2.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

HEADER = 32
FRAME_HEADER = 24
MAGIC = (0x377F0682, 0x377F0683)
_MASK = 0xFFFFFFFF


def wal_faults(database: Path) -> Iterator[str]:
    """What is wrong with a database's write-ahead log; nothing when there is none.

    Parameters
    ----------
    database
        The main file.
    """
    path = database.with_name(database.name + "-wal")
    data = path.read_bytes() if path.is_file() else b""
    if not data:
        return
    if len(data) < HEADER:
        yield "the header is cut short"
        return
    magic, _, page_size, _, salt1, salt2, sum1, sum2 = struct.unpack(">8I", data[:HEADER])
    order = ">" if magic & 1 else "<"
    if magic not in MAGIC or checksum(data[:24], (0, 0), order=order) != (sum1, sum2):
        yield "the header does not match its checksum"
        return
    yield from _frame_faults(data, page_size, (salt1, salt2), order=order)


def _frame_faults(
    data: bytes, page_size: int, salts: tuple[int, int], *, order: str
) -> Iterator[str]:
    """Frames of the current run that stand behind one that does not match.

    The last frame alone may be torn by a crash before it was committed, so it says nothing.
    """
    running = struct.unpack(">2I", data[24:32])
    step = FRAME_HEADER + page_size
    broken = 0
    for number, start in enumerate(range(HEADER, len(data) - step + 1, step), start=1):
        frame = data[start : start + step]
        _, _, salt1, salt2, sum1, sum2 = struct.unpack(">6I", frame[:FRAME_HEADER])
        current = (salt1, salt2) == salts
        if broken and current:
            yield f"frame {broken} does not match its checksum, and later ones are out of reach"
            return
        if not broken:
            running = checksum(frame[:8], running, order=order)
            running = checksum(frame[FRAME_HEADER:], running, order=order)
            broken = 0 if current and running == (sum1, sum2) else number


def checksum(data: bytes, start: tuple[int, int], *, order: str) -> tuple[int, int]:
    """SQLite's running checksum over 32-bit words, two at a time."""
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second
