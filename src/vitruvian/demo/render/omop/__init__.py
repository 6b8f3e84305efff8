"""Lives as an OMOP CDM 5.4 extract: one CSV file a table, with the concepts it uses.

References
----------
OHDSI, OMOP Common Data Model 5.4, https://ohdsi.github.io/CommonDataModel/cdm54.html
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from vitruvian.demo.errors import FolderInUse
from vitruvian.demo.render.omop.extract import OmopExtract

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitruvian.demo.life import Life

__all__ = ["write_omop"]


def write_omop(folder: Path, told: Iterable[Life]) -> dict[str, int]:
    """Write lives as OMOP tables, with the declaration that links them to the other files.

    Parameters
    ----------
    folder
        A new folder.
    told
        Lives, as `demo.lives` tells them.

    Returns
    -------
    rows
        How many rows each table holds.

    Raises
    ------
    FolderInUse
        If `folder` exists.

    Notes
    -----
    Measurements, diagnoses, drugs ordered and given, visits, people and deaths are written;
    notes, images and family histories are not. Results that were withdrawn are left out.
    """
    if folder.exists():
        raise FolderInUse
    with ExitStack() as open_files:
        extract = OmopExtract(folder, open_files)
        extract.begin()
        for life in told:
            extract.write(life)
        extract.end()
    return dict(sorted(extract.counts.items()))
