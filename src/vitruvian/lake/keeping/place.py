"""A folder that appears under its name whole, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitruvian.lake.disk.durable import fsync_path, make_folder, storage_errors, writer_lock
from vitruvian.lake.errors import NotEmpty, PlaceBusy, WriterBusy


def expect_empty(path: Path) -> None:
    """Refuse a place where something lies; an empty folder is nothing."""
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise NotEmpty


@contextmanager
def building(path: Path, *, doing: str) -> Iterator[Path]:
    """A folder to build in, beside its place and moved there when the block ends well.

    When it does not, nothing is left. What a killed process left there is removed first.

    Parameters
    ----------
    path
        The place: nothing, or an empty folder.
    doing
        What is going on, for the sentence of a failure: "restoring".

    Raises
    ------
    NotEmpty
        When something lies there.
    PlaceBusy
        When another process is building for the same place.
    StorageFailed
        When the disk does not take it.
    """
    expect_empty(path)
    whole = path.absolute()
    aside = whole.with_name(f".{whole.name}.{doing}")
    with storage_errors(doing):
        make_folder(whole.parent)
        aside.mkdir(mode=0o700, exist_ok=True)
    try:
        with writer_lock(aside / "lock"), storage_errors(doing):
            place = aside / "place"
            shutil.rmtree(place, ignore_errors=True)
            try:
                place.mkdir(mode=0o700)
                yield place
                place.replace(whole)
                fsync_path(whole.parent)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except WriterBusy:
        raise PlaceBusy from None
