"""The write-ahead log of SQLite, checked frame by frame.

SQLite stops reading a write-ahead log at the first frame that does not match its checksum, as if
the rest had never been written. After a crash that is right; after a flipped bit it silently loses
committed rows. The index beside the log (`-shm`) says how many frames were committed; `check`
walks that many itself. Once a crashed database is opened again that number is gone.

References
----------
SQLite, "Database File Format", section 4: The Write-Ahead Log. https://sqlite.org/fileformat2.html
SQLite, "WAL-mode File Format", section 2: The WAL-Index File. https://sqlite.org/walformat.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

HEADER = 32
FRAME_HEADER = 24
INDEX_HEADER = 48
MAGIC = (0x377F0682, 0x377F0683)
_MASK = 0xFFFFFFFF


def wal_faults(database: Path) -> Iterator[str]:
    """What is wrong with a database's write-ahead log; nothing when none is in use.

    Parameters
    ----------
    database
        The main file.
    """
    path = database.with_name(database.name + "-wal")
    before = _index_header(database)
    data = path.read_bytes() if path.is_file() else b""
    if before is None or before != _index_header(database):
        return  # nobody vouches for it, or somebody is writing just now
    frames, salts = struct.unpack("=I", before[16:20])[0], before[32:40]
    if not frames:
        return
    if len(data) < HEADER:
        yield f"the header is cut short, and {frames} frames with it"
        return
    magic, _, page_size, _, _, _, sum1, sum2 = struct.unpack(">8I", data[:HEADER])
    order = ">" if magic & 1 else "<"
    sound = magic in MAGIC and checksum(data[:24], (0, 0), order=order) == (sum1, sum2)
    if not sound or data[16:24] != salts:
        yield "the header does not match its checksum or its index"
        return
    number = _first_broken(data, page_size, frames, order=order)
    if number is not None:
        yield f"frame {number} of {frames} does not match its checksum"


def _index_header(database: Path) -> bytes | None:
    """The header of the index, when both of its copies are equal."""
    path = database.with_name(database.name + "-shm")
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        first, second = stream.read(INDEX_HEADER), stream.read(INDEX_HEADER)
    return first if first == second and len(first) == INDEX_HEADER else None


def _first_broken(data: bytes, page_size: int, frames: int, *, order: str) -> int | None:
    """The first committed frame, from 1, that does not match the running checksum."""
    running: tuple[int, int] = struct.unpack(">2I", data[24:32])
    step = FRAME_HEADER + page_size
    for number in range(1, frames + 1):
        start = HEADER + (number - 1) * step
        frame = data[start : start + step]
        if len(frame) < step or frame[8:16] != data[16:24]:
            return number
        running = checksum(frame[:8], running, order=order)
        running = checksum(frame[FRAME_HEADER:], running, order=order)
        if running != struct.unpack(">2I", frame[16:24]):
            return number
    return None


def checksum(data: bytes, start: tuple[int, int], *, order: str) -> tuple[int, int]:
    """SQLite's running checksum over 32-bit words, two at a time."""
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second
