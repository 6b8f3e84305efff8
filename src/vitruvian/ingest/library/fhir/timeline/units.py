"""Units: each distinct pair of code and unit is converted once, in Python, and joined."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from vitruvian import terms

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
    found = [(code, unit, terms.conversion(code, unit)) for code, unit in pairs]
    table = pa.table(
        {
            "of_code": pa.array([code for code, _, _ in found], pa.string()),
            "of_unit": pa.array([unit for _, unit, _ in found], pa.string()),
            "to_unit": pa.array([each.unit for _, _, each in found], pa.string()),
            "factor": pa.array([each.factor for _, _, each in found], pa.float64()),
            "shift": pa.array([each.offset for _, _, each in found], pa.float64()),
            "flag": pa.array([each.flag for _, _, each in found], pa.string()),
        }
    )
    connection.register("fhir_units_found", table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {UNIT} AS SELECT * FROM fhir_units_found")
    connection.unregister("fhir_units_found")
