"""A blood pressure diary kept in an app, as data points of Open mHealth, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.demo.catalogue import hospital
from vitruvian.demo.render.wearables.watch import last_seen, last_value

if TYPE_CHECKING:
    from vitruvian.demo.life import Life

DAYS, EVERY = 21, 4
SHEET_HEAD = "open_mhealth_user,identifier_system,patient_id\n"
_SOURCE = "CuffLink 2, firmware 3.1.4"


@dataclass(frozen=True)
class Diary:
    """Morning and evening pressures of three weeks; some mornings are forgotten."""

    life: Life
    seen: datetime

    @property
    def user(self) -> str:
        """The app's own name for its user."""
        return f"user-{self.life.number:07d}"

    @property
    def name(self) -> str:
        """Of the file."""
        return f"pressure-{self.life.number:07d}.ndjson"

    @property
    def link(self) -> str:
        """The line of the sheet that tells who the user is."""
        return f"{self.user},{hospital().mrn_system},{self.life.person.mrn}\n"

    @property
    def data(self) -> bytes:
        """The data points."""
        lines = (orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in self._points())
        return b"".join(lines)

    def _points(self) -> Iterator[dict[str, Any]]:
        rng = Random(f"diary {self.life.key}")
        upper, lower = rng.uniform(118, 156), rng.uniform(68, 94)
        beats = last_value(self.life, "8867-4") or rng.uniform(60, 84)
        for day in range(DAYS):
            for hour in (7, 20):
                if rng.random() < 0.12:
                    continue
                at = self.seen - timedelta(days=DAYS - day, hours=self.seen.hour - hour)
                pressure = {
                    "systolic_blood_pressure": _quantity(round(upper + rng.gauss(0, 6)), "mmHg"),
                    "diastolic_blood_pressure": _quantity(round(lower + rng.gauss(0, 4)), "mmHg"),
                    "body_posture": "sitting",
                }
                pulse = {"heart_rate": _quantity(round(rng.gauss(beats, 4)), "beats/min")}
                yield self._point("blood-pressure", at, pressure)
                yield self._point("heart-rate", at, pulse)

    def _point(self, schema: str, at: datetime, body: dict[str, Any]) -> dict[str, Any]:
        known = at + timedelta(minutes=2)
        return {
            "header": {
                "id": f"{self.user}-{schema}-{at:%Y%m%d%H%M}",
                "creation_date_time": known.isoformat(),
                "schema_id": {"namespace": "omh", "name": schema, "version": "3.0"},
                "acquisition_provenance": {"source_name": _SOURCE, "modality": "sensed"},
                "user_id": self.user,
            },
            "body": {"effective_time_frame": {"date_time": at.isoformat()}, **body},
        }


def _quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit}


def diaries(life: Life) -> Iterator[Diary]:
    """The diary of a life that keeps one."""
    seen = last_seen(life)
    if life.number % EVERY == 0 and seen is not None:
        yield Diary(life, seen)
