"""Mapping files: which ones hold for a table, found beside it or given with it.

A mapping file says what the columns of a hospital's own tables mean (``engine.tables.mapping``).
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

NAME = "mapping.toml"
SUFFIX = ".toml"
LARGEST = 1 << 20
"""A mapping is written by hand; what is larger is something else."""


def mappings_given(paths: Sequence[Path]) -> tuple[bytes, ...]:
    """The mapping files named among the paths; they hold for every table of that load."""
    return tuple(data for path in paths if path.suffix.lower() == SUFFIX for data in _read(path))


def mapping_beside(path: Path) -> tuple[bytes, ...]:
    """The ``mapping.toml`` in the folder of a file, as a list of none or one."""
    return _read(path.with_name(NAME))


def mappings_inside(archive: zipfile.ZipFile) -> tuple[bytes, ...]:
    """Every ``mapping.toml`` of an archive."""
    found = [
        info
        for info in archive.infolist()
        if PurePosixPath(info.filename).name == NAME and info.file_size <= LARGEST
    ]
    return tuple(archive.read(info) for info in found)


def _read(path: Path) -> tuple[bytes, ...]:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return ()
        return (path.read_bytes(),)
    except OSError:
        return ()
