"""Declared tables, Open mHealth, Phenopackets and notes onto the timeline.

Baselines in the same run: DuckDB that copies the same CSV into Parquet, and `orjson` that only
parses the same records. Ingest keeps every record's bytes, checks, identifies, maps and publishes.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import orjson

from bench.ingest import ingested

RECORDS = {"small": 5_000, "medium": 50_000, "large": 500_000}
_PACKETS = 20
_PEOPLE = 500
_MAPPING = """
[mapping]
name = "WARD"
version = "1"
time_zone = "Europe/Rome"
known_delay_seconds = 600

[tables.results]
columns = ["patient", "taken", "test", "result"]
required = ["patient", "taken"]
subject = "{patient}"
defaults = { time = "{taken}", category = "laboratory" }

[[tables.results.events]]
name = "result"
code = { of = "{test}", map = { K = "LOINC//2823-3" }, otherwise = "WARD//{test}" }
text = "{test}"
value = "{result}"
unit = "{unit}"
"""
_WORDS = (
    "Seen on the ward round. Slept well, no chest pain. Blood pressure 132/78, pulse 74 and "
    "regular. Lungs clear, no oedema. Continue as before and repeat bloods tomorrow. "
)

Make = Callable[[Path, int], Path]


def measure(scale: str) -> list[dict[str, object]]:
    """Records and megabytes a second, peak memory, and the ratio to the baseline."""
    count = RECORDS[scale]
    return [
        _row("declared table (CSV)", _table, count, _copied),
        _row("Open mHealth data points", _points, count, _parsed),
        _row("Phenopackets", _packets, max(1, count // _PACKETS), _parsed),
        _row("notes (JSON lines)", _notes, count, _parsed),
    ]


def _row(
    what: str, make: Make, count: int, baseline: Callable[[Path], tuple[str, float]]
) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "in"
        place.mkdir()
        path = make(place, count)
        taken = ingested(place, Path(folder) / "lake")
        name, seconds = baseline(path)
        size = path.stat().st_size / 1e6
    return {
        "name": f"{what} onto the timeline",
        "value": round(taken.records / taken.seconds),
        "unit": "records/s",
        "versus": f"{name}, {count / seconds:,.0f}/s",
        "ratio": seconds / taken.seconds,
        "note": f"{count:,} records, {taken.events:,} events, {size:.1f} MB at "
        f"{size / taken.seconds:.1f} MB/s, peak {taken.peak_mib:,} MiB; "
        f"load of the machine {os.getloadavg()[0]:.1f}",
    }


def _copied(path: Path) -> tuple[str, float]:
    start = time.perf_counter()
    with duckdb.connect() as engine:
        target = path.with_suffix(".parquet")
        engine.execute(f"COPY (SELECT * FROM read_csv('{path}')) TO '{target}' (COMPRESSION zstd)")
    return "DuckDB CSV to Parquet", time.perf_counter() - start


def _parsed(path: Path) -> tuple[str, float]:
    start = time.perf_counter()
    with path.open("rb") as stream:
        for line in stream:
            orjson.loads(line)
    return "`orjson` parses only", time.perf_counter() - start


def _moment(number: int) -> str:
    return f"2024-{number // 40_320 % 12 + 1:02}-{number // 1440 % 28 + 1:02}T{_clock(number)}"


def _clock(number: int) -> str:
    return f"{number // 60 % 24:02}:{number % 60:02}:00"


def _table(folder: Path, count: int) -> Path:
    (folder / "mapping.toml").write_text(_MAPPING, "utf-8")
    path = folder / "results.csv"
    with path.open("w", encoding="utf-8") as out:
        out.write("patient,taken,test,result,unit\n")
        for number in range(count):
            taken = _moment(number).replace("T", " ")
            out.write(f"{number % _PEOPLE},{taken},K,{3 + number % 30 / 10},mmol/L\n")
    return path


def _lines(path: Path, records: Iterator[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(each) + "\n" for each in records)
    return path


def _points(folder: Path, count: int) -> Path:
    def point(number: int) -> dict[str, object]:
        header = {
            "id": f"p{number}",
            "creation_date_time": f"{_moment(number)}Z",
            "schema_id": {"namespace": "omh", "name": "heart-rate", "version": "2.0"},
            "user_id": f"rider {number % _PEOPLE}",
            "acquisition_provenance": {"source_name": "Strap 2", "modality": "sensed"},
        }
        body = {
            "effective_time_frame": {"date_time": f"{_moment(number)}+01:00"},
            "heart_rate": {"value": 60 + number % 40, "unit": "beats/min"},
        }
        return {"header": header, "body": body}

    return _lines(folder / "points.ndjson", map(point, range(count)))


def _packets(folder: Path, count: int) -> Path:
    def packet(number: int) -> dict[str, object]:
        return {
            "id": f"packet-{number}",
            "subject": {"id": f"proband {number}", "sex": "FEMALE"},
            "phenotypicFeatures": [
                {"type": {"id": f"HP:{1_000_000 + n:07}", "label": f"Feature {n}"}}
                for n in range(_PACKETS)
            ],
            "diseases": [{"term": {"id": "OMIM:614959", "label": "Made up"}}],
            "metaData": {
                "created": "2024-03-05T07:15:00Z", "createdBy": "bench",
                "phenopacketSchemaVersion": "2.0",
                "resources": [
                    {"id": "hp", "name": "HPO", "namespacePrefix": "HP", "version": "2024-01-01",
                     "url": "http://purl.obolibrary.org/obo/hp.owl",
                     "iriPrefix": "http://purl.obolibrary.org/obo/HP_"},
                ],
            },
        }  # fmt: skip

    return _lines(folder / "packets.ndjson", map(packet, range(count)))


def _notes(folder: Path, count: int) -> Path:
    def note(number: int) -> dict[str, object]:
        return {
            "note_id": f"n{number}", "identifier_system": "https://ward.example/mrn",
            "patient_id": f"M-{number % _PEOPLE}", "time": f"{_moment(number)}+01:00",
            "title": "Ward round", "status": "signed", "text": _WORDS * (1 + number % 6),
        }  # fmt: skip

    return _lines(folder / "notes.jsonl", map(note, range(count)))
