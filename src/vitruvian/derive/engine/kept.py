"""Rows that tell of runs over notes: who derived, how long that took, and what holds no longer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.derive.engine.rows import Derivation
from vitruvian.record import table_named

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def retirement_rows(derivations: Collection[int], site: str) -> pa.Table:
    """Rows of ``retirement``: whole derivations hold no longer.

    It is known since ever: who replays what the care team could see gets the present reading of
    the notes of that day. Who replays what was recorded gets the earlier one.
    """
    return _table(
        "retirement",
        [
            {
                "retirement_id": stable_id("retirement", "derivation", str(number)),
                "scope": "derivation",
                "target_id": number,
                "reason": "re-derived",
                **_lineage(site),
            }
            for number in derivations
        ],
    )


def derivation_rows(derivations: Collection[Derivation], site: str) -> pa.Table:
    """Rows of ``derivation``."""
    return _table(
        "derivation",
        [
            {
                "derivation_id": one.number,
                "name": one.name,
                "version": one.version,
                "parameters": one.parameters,
                **_lineage(site),
            }
            for one in derivations
        ],
    )


def reading_row(
    derivations: Collection[Derivation], site: str, *, upto: datetime, **told: float
) -> pa.Table:
    """The row of ``reading`` of one share: its notes, its facts and its seconds."""
    number = stable_id("reading", *(str(each) for each in sorted(d.number for d in derivations)))
    return _table("reading", [{"reading_id": number, "upto": upto, **told, **_lineage(site)}])


def _lineage(site: str) -> dict[str, Any]:
    return {
        "site": site, "source_id": "derived", "known_at": BEGINNING, "known_at_basis": "assumed",
    }  # fmt: skip


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=table_named(name).schema)
