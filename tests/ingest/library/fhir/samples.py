"""Good FHIR files, for the suite that every adapter passes."""

from __future__ import annotations

from pathlib import Path

from tests.ingest.support import PATIENT, bundle, ndjson, potassium


def samples(folder: Path) -> list[Path]:
    """Small good files; the last one is of a form that can be seen to be cut short."""
    return [
        ndjson(folder / "a.ndjson", PATIENT, potassium("k1")),
        bundle(folder / "b.json", {"resource": potassium("k2")}, {"resource": potassium("k3")}),
    ]
