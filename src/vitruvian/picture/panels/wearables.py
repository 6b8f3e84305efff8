"""What watches and apps counted, day by day and device by device; never blended.

A telephone and a watch on the same person count the same steps; their sum or their mean is
a number that nobody walked. So each device keeps its own row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitruvian.lake import Reader

DAYS = 14
_UNKNOWN = "device not told"
# A day is that of the wearer's own clock; what lasts, as a night, belongs to the day it ends in.
_SQL = """
    WITH worn AS (
        SELECT coalesce(device, ?) AS device, site, code,
            coalesce(code_text, code) AS label, unit, numeric_value, event_id, utc_offset,
            strftime(
                coalesce(end_time - INTERVAL 1 MICROSECOND, time) AT TIME ZONE 'UTC'
                    + to_minutes(coalesce(utc_offset, 0)),
                '%Y-%m-%d'
            ) AS day,
            row_number() OVER (
                PARTITION BY coalesce(fact_key, event_id), device ORDER BY known_at, event_id
            ) AS told
        FROM event
        WHERE modality = 'wearable' AND numeric_value IS NOT NULL AND time IS NOT NULL
            AND experiencer = 'patient' AND polarity = 'affirmed'
            AND status NOT IN ('entered-in-error', 'cancelled', 'wrong-patient')
    )
    SELECT device, site, code, any_value(label) AS label, unit, day, count(*) AS count,
        min(numeric_value) AS low, avg(numeric_value) AS mean, max(numeric_value) AS high,
        min(event_id) AS event_id, min(utc_offset) AS first_offset, max(utc_offset) AS last_offset,
        count(*) FILTER (utc_offset IS NULL) AS without_zone
    FROM worn WHERE told = 1
    GROUP BY device, site, code, unit, day
    ORDER BY device, site, label, code, unit, day
"""


@dataclass(frozen=True)
class WornDay:
    """What one device told of one thing on one day of the wearer's clock.

    ``low``, ``mean`` and ``high`` are of its ``count`` values; ``event_id`` is one of them.
    """

    day: str
    count: int
    low: float
    mean: float
    high: float
    event_id: str


@dataclass(frozen=True)
class WornSeries:
    """One thing that a device measures: steps, sleep, heart rate; its newest days."""

    code: str
    label: str
    unit: str | None
    days: list[WornDay]


@dataclass(frozen=True)
class Worn:
    """One device with everything it told.

    ``zones`` are the offsets from UTC that its clock had, such as ``+02:00``;
    ``zone_missing`` tells that some of it came without, and was read as UTC.
    """

    device: str
    site: str
    zones: list[str]
    zone_missing: bool
    series: list[WornSeries]


def wearables(reader: Reader, person_id: int) -> list[Worn]:
    """What was worn, device by device, with the newest days of each thing measured."""
    subjects = reader.subjects_of(person_id)
    rows = reader.query(_SQL, tables=["event"], params=[_UNKNOWN], subjects=subjects).to_pylist()
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row["device"], row["site"]), []).append(row)
    return [_worn(device, site, some) for (device, site), some in grouped.items()]


def _worn(device: str, site: str, rows: Sequence[Mapping[str, Any]]) -> Worn:
    offsets = {row[name] for row in rows for name in ("first_offset", "last_offset")} - {None}
    series: dict[tuple[str, str | None], list[Mapping[str, Any]]] = {}
    for row in rows:
        series.setdefault((row["code"], row["unit"]), []).append(row)
    return Worn(
        device=device,
        site=site,
        zones=[offset_words(minutes) for minutes in sorted(offsets)],
        zone_missing=any(row["without_zone"] for row in rows),
        series=[_series(some) for some in series.values()],
    )


def _series(rows: Sequence[Mapping[str, Any]]) -> WornSeries:
    first = rows[0]
    days = [
        WornDay(
            day=row["day"],
            count=row["count"],
            low=row["low"],
            mean=round(row["mean"], 1),
            high=row["high"],
            event_id=str(row["event_id"]),
        )
        for row in rows[-DAYS:]
    ]
    return WornSeries(first["code"], first["label"], first["unit"], days)


def offset_words(minutes: int) -> str:
    """An offset from UTC in minutes as people write it.

    Examples
    --------
    >>> offset_words(120), offset_words(-210)
    ('+02:00', '-03:30')
    """
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
