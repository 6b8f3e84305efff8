"""Where a recording came from, when it is read and when it is told again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian.ingest.engine.adapter import LoadContext

Row = dict[str, Any]
Store = Callable[[bytes], str]
"""Stores bytes as a blob and gives its hash."""


@dataclass(frozen=True)
class Origin:
    """A source by its hash, and what its clock shows.

    ``clock_ahead_seconds``: how far the device's clock was before the hospital's, as the site
    declares it; taken off every time.
    """

    site: str
    source_id: str
    sha256: str
    zone: str
    zone_declared: bool
    received_at: datetime
    clock_ahead_seconds: float = 0.0


def origin_now(context: LoadContext, *, source_id: str, sha256: str) -> Origin:
    """Of a source of this load."""
    return Origin(
        site=context.site,
        source_id=source_id,
        sha256=sha256,
        zone=context.time_zone,
        zone_declared=context.zone_declared,
        received_at=datetime.fromisoformat(context.received_at),
    )


def origin_then(reader: Any, stored: Mapping[str, Any]) -> Origin:
    """Of a stored record, as it was when it was loaded."""
    zone = reader.rows(
        "source", columns=["time_zone"], where="source_id = ?", params=[stored["source_id"]]
    ).to_pylist()
    name = zone[0]["time_zone"] if zone else None
    return Origin(
        site=stored["site"],
        source_id=stored["source_id"],
        sha256=stored["content_hash"],
        zone=name or "UTC",
        zone_declared=name is not None,
        received_at=max(stored["known_at"], stored["recorded_at"]),
    )
