"""OMOP tables onto the timeline, against DuckDB reading the same CSV file into a Parquet file.

The baseline only reads and copies.
Ingest also keeps every row's own bytes, checks, identifies, maps by the vocabulary, and publishes.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb

from bench.ingest import ingested

ROWS = {"small": 20_000, "medium": 200_000, "large": 2_000_000}
_PEOPLE = 500
_HEAD = (
    "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,"
    "measurement_type_concept_id,operator_concept_id,value_as_number,unit_concept_id,range_low,"
    "range_high,visit_occurrence_id,measurement_source_value,unit_source_value,value_source_value\n"
)
_CONCEPT = (
    "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tconcept_code\n"
    "3023103\tPotassium\tMeasurement\tLOINC\tLab Test\t2823-3\n"
    "3019550\tSodium\tMeasurement\tLOINC\tLab Test\t2951-2\n"
)


def measure(scale: str) -> list[dict[str, object]]:
    """Rows and megabytes a second, peak memory, and the ratio to a plain copy."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        table = _write(root, ROWS[scale])
        copy_seconds = _copy(table, root / "copy.parquet")
        taken = ingested(root / "omop", root / "lake")
    offered, seconds = taken.records, taken.seconds
    assert (offered, taken.events) == (ROWS[scale] + 2, ROWS[scale])
    return [
        {
            "name": "OMOP measurement (CSV) onto the timeline",
            "value": round(offered / seconds),
            "unit": "rows/s",
            "versus": f"DuckDB CSV to Parquet, {offered / copy_seconds:,.0f}/s",
            "ratio": copy_seconds / seconds,
            "note": f"{ROWS[scale]:,} rows of {_PEOPLE} made-up people; the baseline maps nothing",
        },
        {"name": "peak memory of ingest", "value": taken.peak_mib, "unit": "MiB"},
    ]


def _write(root: Path, rows: int) -> Path:
    folder = root / "omop"
    folder.mkdir()
    (folder / "concept.csv").write_text(_CONCEPT, "utf-8")
    table = folder / "measurement.csv"
    with table.open("w", encoding="utf-8") as text:
        text.write(_HEAD)
        for n in range(rows):
            day, minute = n // 1440 % 28 + 1, n % 1440
            concept = 3023103 if n % 2 else 3019550
            text.write(
                f"{n},{n % _PEOPLE},{concept},2024-03-{day:02},2024-03-{day:02} "
                f"{minute // 60:02}:{minute % 60:02}:00,32856,0,{3 + n % 30 / 10},8753,3.5,5.1,"
                f",K,mmol/L,{3 + n % 30 / 10}\n"
            )
    return table


def _copy(table: Path, target: Path) -> float:
    start = time.perf_counter()
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT * FROM read_csv('{table}')) TO '{target}' (COMPRESSION zstd)")
    return time.perf_counter() - start
