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
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_demo(folder / "demo", patients=PATIENTS[scale])
        source = folder / "demo" / "fhir"
        with Lake.create(folder / "lake") as lake:
            report = ingest([source], lake, access=SYSTEM)
            lake.drain(SYSTEM)
            lake.compact(SYSTEM)
            lake.vacuum(SYSTEM)
            with lake.read(SYSTEM) as reader:
                events = reader.query("SELECT count(*) AS n FROM event", tables=["event"])
        stored = _bytes(folder / "lake" / "tables")
        offered = _bytes(source)
    count = events.column("n")[0].as_py()
    note = f"{PATIENTS[scale]} made-up patients, {report.loaded:,} resources, {count:,} events"
    per = stored / report.loaded
    return [
        {
            "name": "a resource on the disk, verbatim, with its timeline",
            "value": per,
            "unit": "bytes",
            "versus": f"the same as JSON, {offered / report.loaded:,.0f} bytes",
            "ratio": offered / stored,
            "note": note,
        },
        {
            "name": "resources a patient",
            "value": report.loaded / PATIENTS[scale],
            "unit": "resources",
            "note": f"{count / PATIENTS[scale]:,.0f} events a patient",
        },
    ]


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
