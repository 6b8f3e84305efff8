"""Units: each distinct pair of code and unit is converted once, in Python, and joined."""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.engine.sql import create_conversions

UNIT = "fhir_unit"


def convert_units(connection: Any, relation: str) -> None:
    """Fill ``fhir_unit``: (code, unit as sent) -> stored unit, factor, offset, flag."""
    rows = connection.execute(
        f"SELECT DISTINCT code, unit_said, range_unit_said FROM {relation} "
        "WHERE coalesce(unit_said, range_unit_said) IS NOT NULL"
    ).fetchall()
    pairs = {(code, unit) for code, *units in rows for unit in units if unit is not None}
    create_conversions(connection, UNIT, sorted(pairs))
