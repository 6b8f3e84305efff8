"""Making sure that what was written survives a power cut.

`deltalake` never calls fsync, so the door does it for data files, log entries and folders.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vitruvian.lake.disk.errors import FileInTheWay
from vitruvian.lake.errors import StorageFailed, WriterBusy

SECONDS_TO_WAIT_FOR_WRITER = 5.0


def fsync_path(path: Path) -> None:
    """Flush one file, or one folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_all(paths: Iterable[Path]) -> None:
    """Flush files, then each folder they lie in, once."""
    folders = set()
    for path in paths:
        fsync_path(path)
        folders.add(path.parent)
    for folder in sorted(folders):
        fsync_path(folder)


def put_in_place(draft: Path, path: Path) -> None:
    """Give a written draft, of the same folder, its name: all of it will stand there, or nothing.

    The bytes are flushed before the name: a disk may write a name of its own accord, and after a
    power cut it would stand over bytes that are gone (Pillai et al., OSDI 2014, safe rename).
    """
    fsync_path(draft)
    draft.replace(path)
    fsync_path(path.parent)


def make_folder(path: Path, *, mode: int = 0o777) -> None:
    """Make a folder, and those above it, unless they are there; new names are flushed.

    Flushing what lies in a new folder does not flush the folder's own name: after a power cut the
    folder may be gone, with all that was flushed in it (POSIX.1-2017, fsync, rationale).

    Raises
    ------
    FileInTheWay
        When a file has that name, or one above it.
    """
    if path.is_dir():
        return
    if path.exists():
        raise FileInTheWay
    make_folder(path.parent)
    path.mkdir(mode=mode, exist_ok=True)
    fsync_path(path.parent)


def write_whole(handle: int, data: bytes, *, at: int) -> None:
    """Write all bytes at a place; a disk that is nearly full takes only some of them at once."""
    done = 0
    while done < len(data):
        done += os.pwrite(handle, data[done:], at + done)


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Failures of the disk as one sentence, without a path."""
    try:
        yield
    except OSError as error:
        number = error.errno or _number_in(error)
        why = os.strerror(number) if number else type(error).__name__
        if number == errno.ENOSPC:
            why = "the disk is full"
        raise StorageFailed(doing=doing, why=why) from error


def _number_in(error: OSError) -> int:
    """The kernel's number in the words of deltalake, which carries it nowhere else; 0 if none."""
    found = re.search(r"os error (\d+)", str(error))
    return int(found[1]) if found else 0


@contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """The one right to publish, held while the block runs; released by the kernel on death."""
    with storage_errors("taking the writer lock"):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle, until=time.monotonic() + SECONDS_TO_WAIT_FOR_WRITER)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, *, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise WriterBusy from None
            time.sleep(0.02)
        else:
            return
