"""Data points written by hand after the schemas of Open mHealth and IEEE 1752.1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SHEET = "open_mhealth_user,identifier_system,patient_id\n{key},https://ward.example/mrn,M-1\n"
MORNING = {"date_time": "2024-03-05T07:15:00+01:00"}


def point(
    name: str,
    body: dict[str, Any],
    *,
    number: str = "a1",
    user: str | None = "rider",
    frame: dict[str, Any] | None = None,
    **header: Any,
) -> dict[str, Any]:
    told = {
        "id": number,
        "creation_date_time": "2024-03-05T09:00:00Z",
        "schema_id": {"namespace": "omh", "name": name, "version": "2.0"},
        "acquisition_provenance": {"source_name": "Strap 2, firmware 1.4", "modality": "sensed"},
    }
    user_id = {"user_id": user} if user else {}
    frames = {"effective_time_frame": frame or MORNING}
    return {"header": told | user_id | header, "body": frames | body}


def quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit}


def pulse(value: float, **more: Any) -> dict[str, Any]:
    return point("heart-rate", {"heart_rate": quantity(value, "beats/min")}, **more)


def ndjson(path: Path, *points: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in points), "utf-8")
    return path


def samples(folder: Path) -> list[Path]:
    """A list, a single point, one a line."""
    listed = folder / "list.json"
    listed.write_text(json.dumps([pulse(60 + n, number=f"l{n}") for n in range(3)], indent=1))
    single = folder / "single.json"
    single.write_text(json.dumps(pulse(90, number="s"), indent=2))
    lines = ndjson(folder / "lines.ndjson", *(pulse(70 + n, number=f"n{n}") for n in range(9)))
    return [listed, single, lines]
