"""Records that are kept and cannot be mapped: which there are, why, and taking them up again.

An adapter that keeps such records has two functions more; see `Quarantines`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from vitruvian.ingest.engine.library import adapters


@dataclass(frozen=True)
class Quarantined:
    """One record that waits; nothing of its content.

    Parameters
    ----------
    number
        `version_id` of the row of `resource` that keeps its bytes.
    kind
        What it is, such as `HL7v2/MFN_M02`.
    reason
        A word, and in ``sentence`` what it means and what to do.
    """

    number: int
    adapter: str
    kind: str
    reason: str
    sentence: str
    known_at: datetime
    source_id: str
    record: int | None

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form."""
        return asdict(self) | {"known_at": self.known_at.isoformat()}


@dataclass(frozen=True)
class Replayed:
    """How many records were tried again, and how many of them are mapped now."""

    tried: int
    mapped: int


@runtime_checkable
class Quarantines(Protocol):
    """An adapter that keeps what it cannot map."""

    def quarantined(self, reader: Any) -> list[Quarantined]:
        """Every record that waits."""
        ...

    def replay(self, lake: Any, *, access: Any) -> Replayed:
        """Map again whatever waits; what still cannot be mapped goes on waiting."""
        ...


def quarantined(reader: Any) -> list[Quarantined]:
    """Every record that waits in a lake, the oldest first.

    Parameters
    ----------
    reader
        A ``lake.Reader``.
    """
    found = [each for adapter in _keeping() for each in adapter.quarantined(reader)]
    return sorted(found, key=lambda each: (each.known_at, each.number))


def replay(lake: Any, *, access: Any) -> Replayed:
    """Map again whatever waits in a lake, after a mapping was mended.

    Parameters
    ----------
    lake
        An open ``lake.Lake``.
    access
        Who does it and why (``trust.Access``).
    """
    done = [adapter.replay(lake, access=access) for adapter in _keeping()]
    return Replayed(sum(each.tried for each in done), sum(each.mapped for each in done))


def _keeping() -> Iterator[Quarantines]:
    return (each for each in adapters() if isinstance(each, Quarantines))
