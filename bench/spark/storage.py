"""What a patient takes on the disk, once ingested and compacted."""

from __future__ import annotations

import tempfile
from pathlib import Path

from vitruvian.demo import write_demo
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

PATIENTS = {"small": 30, "medium": 100, "large": 400}


def measure(scale: str) -> list[dict[str, object]]:
    """Rows for the benchmarks page."""
    patients = PATIENTS[scale]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_demo(folder / "demo", patients=patients)
        resources, events = _load(folder / "demo" / "fhir", folder / "lake")
        stored = _bytes(folder / "lake" / "tables")
        offered = _bytes(folder / "demo" / "fhir")
    return [
        {
            "name": "a resource on the disk, verbatim, with its timeline",
            "value": stored / resources,
            "unit": "bytes",
            "versus": f"the same as JSON, {offered / resources:,.0f} bytes",
            "ratio": offered / stored,
            "note": f"{patients} made-up patients, {resources:,} resources, {events:,} events",
        },
        {
            "name": "resources a patient",
            "value": resources / patients,
            "unit": "resources",
            "note": f"{events / patients:,.0f} events a patient",
        },
    ]


def _load(source: Path, place: Path) -> tuple[int, int]:
    """Ingest and compact; resources and events."""
    with Lake.create(place) as lake:
        report = ingest([source], lake, access=SYSTEM)
        lake.drain(SYSTEM)
        lake.compact(SYSTEM)
        lake.vacuum(SYSTEM)
        with lake.read(SYSTEM) as reader:
            found = reader.query("SELECT count(*) AS n FROM event", tables=["event"])
    return report.loaded, int(found.column("n")[0].as_py())


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
