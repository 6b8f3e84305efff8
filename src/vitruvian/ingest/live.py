"""Single records for the hot log, mapped by a format's own mapping: what its module offers.

A format that can be written record by record has `live.py` in its folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class LiveRecord:
    """One resource to be stored.

    Parameters
    ----------
    text
        Its JSON, with its id.
    current
        `version_id` of the version that holds now; the same content again is not stored.
    taken
        `version_id` of every version there is, so that content which returns gets its own.
    """

    text: str
    current: int | None = None
    taken: frozenset[int] = frozenset()


@dataclass(frozen=True)
class LiveRows:
    """What is to be appended.

    Parameters
    ----------
    tables
        Rows by table.
    versions
        For each record its `version_id`; None for one whose content is already current.
    """

    tables: Rows
    versions: tuple[int | None, ...]


class LiveMapping(Protocol):
    """Maps single records; safe for several threads, one at a time."""

    def beginning(self, reader: Any, *, site: str) -> Rows:
        """The source and, where the lake lacks it, the derivation: appended once, first."""
        ...

    def rows(self, reader: Any, records: Sequence[LiveRecord], *, site: str) -> LiveRows:
        """The rows of every table that the records speak of."""
        ...

    def deletion(self, told: tuple[str, str, int], *, site: str, subject_id: int | None) -> Rows:
        """Rows that say a resource is gone: type, id and number of the new version."""
        ...


def _module(name: str) -> Any:
    return import_module(f"vitruvian.ingest.library.{name}.live")


def live_mapping(name: str, *, temp: Path) -> LiveMapping:
    """The mapping of a format, on an engine of its own that may spill into a folder."""
    found: LiveMapping = _module(name).LiveMapping(temp=temp)
    return found


@cache
def types_of(name: str) -> frozenset[str]:
    """The types of record that a format knows."""
    return frozenset(_module(name).record_types())


@cache
def types_found_by_identifier(name: str) -> frozenset[str]:
    """Those of them whose identifiers are look-up keys."""
    return frozenset(_module(name).identifier_types())
