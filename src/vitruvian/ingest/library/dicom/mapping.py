"""mapping.toml as typed words: what of DICOM goes where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.ingest.engine.storing.derivation import Derivation

_FILE = Path(__file__).with_name("mapping.toml")


@cache
def _said() -> dict[str, Any]:  # TOML values are of any type; each reader below narrows them
    return tomllib.loads(_FILE.read_text("utf-8"))


DERIVATION = Derivation.of(_said())


def words(table: str) -> Mapping[str, str]:
    """One table of words: as sent -> as we say."""
    found: Mapping[str, str] = _said()[table]
    return found


@cache
def rejection_titles() -> frozenset[str]:
    """Codes of document titles that take objects out of use."""
    return frozenset(_said()["rejection"]["titles"])


@cache
def kind_of(sop_class: str) -> str:
    """What an object is, by its SOP class: the longest start of its UID that is listed.

    Examples
    --------
    >>> kind_of("1.2.840.10008.5.1.4.1.1.66.4"), kind_of("1.2.840.10008.5.1.4.1.1.2")
    ('segmentation', 'image')
    """
    parts = sop_class.split(".")
    starts = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((words("kinds")[each] for each in starts if each in words("kinds")), "image")
