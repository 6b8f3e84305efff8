"""Units: each distinct pair of code and unit is converted once, in Python, and joined."""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.engine.sql import create_conversions

UNIT = "fhir_unit"

_PAIRS = """
    SELECT DISTINCT code, unit FROM (
        SELECT code, unit_said AS unit FROM {relation}
        UNION ALL SELECT code, range_unit_said FROM {relation}
    ) WHERE unit IS NOT NULL
"""


def convert_units(connection: Any, relation: str) -> None:
    """Fill ``fhir_unit``: (code, unit as sent) -> stored unit, factor, offset, flag."""
    pairs = connection.execute(_PAIRS.format(relation=relation)).fetchall()
    create_conversions(connection, UNIT, pairs)
