"""NEWS2 of every hour of the first day of every intensive stay, against the chart by hand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.guides.real.held import Held, asked_at, persons_by_admission

HOURS = 24
ROUND = timedelta(hours=12)
# what NEWS2 reads, as CLIF names it; a saturation of arterial blood counts as one of the skin does,
# as LOINC 2708-6 is also the code of the vital sign
VITALS = ("respiratory_rate", "spo2", "sbp", "heart_rate", "temp_c")
# when it was charted, its value, and when the ward could see it
Series = Mapping[str, Sequence[tuple[datetime, float, datetime]]]


def respiration(value: float) -> int:
    """Chart 1, respiration rate."""
    if value <= 8 or value >= 25:
        return 3
    if value >= 21:
        return 2
    return 1 if value <= 11 else 0


def saturation(value: float) -> int:
    """Chart 1, SpO2 scale 1."""
    if value <= 91:
        return 3
    if value <= 93:
        return 2
    return 1 if value <= 95 else 0


def pressure(value: float) -> int:
    """Chart 1, systolic blood pressure."""
    if value <= 90 or value >= 220:
        return 3
    if value <= 100:
        return 2
    return 1 if value <= 110 else 0


def pulse(value: float) -> int:
    """Chart 1, pulse."""
    if value <= 40 or value >= 131:
        return 3
    if value >= 111:
        return 2
    return 1 if value >= 91 or value <= 50 else 0


def temperature(value: float) -> int:
    """Chart 1, temperature; charted to a tenth."""
    if value <= 35.0:
        return 3
    if value >= 39.1:
        return 2
    return 1 if value <= 36.0 or value >= 38.1 else 0


def whole(value: float) -> float:
    """As a chart is read: to the unit, a half upwards."""
    return float(int(value + 0.5))


def tenth(value: float) -> float:
    """As a chart is read: to the tenth, a half upwards."""
    return int(round(value * 10, 6) + 0.5) / 10


@dataclass(frozen=True)
class Part:
    """One parameter: its points for a value, and the most it can earn."""

    name: str
    points: Callable[[float], int]
    most: int = 3


PARTS = (
    Part("respiratory_rate", lambda x: respiration(whole(x))),
    Part("spo2", lambda x: saturation(whole(x))),
    Part("sbp", lambda x: pressure(whole(x))),
    Part("heart_rate", lambda x: pulse(whole(x))),
    Part("temp_c", lambda x: temperature(tenth(x))),
    Part("gcs_total", lambda x: 0 if x >= 15 else 3),
    Part("lpm_set", lambda x: 2 if x > 0 else 0, most=2),
)


def last(series: Sequence[tuple[datetime, float, datetime]], at: datetime) -> float | None:
    """The latest value of the 12 hours before; of two at one moment the larger."""
    begin = bisect_left(series, at - ROUND, key=lambda each: each[0])
    end = bisect_right(series, at, key=lambda each: each[0])
    seen = [value for _, value, known_at in series[begin:end] if known_at <= at]
    return seen[-1] if seen else None


def by_hand(told: Series, at: datetime) -> tuple[int, int] | None:
    """The least and the greatest score at an hour; None when no number was charted."""
    values = {part.name: last(told.get(part.name, ()), at) for part in PARTS}
    if all(values[name] is None for name in VITALS):
        return None
    low = high = 0
    for part in PARTS:
        value = values[part.name]
        low += 0 if value is None else part.points(value)
        high += part.most if value is None else part.points(value)
    return low, high


def charted(folder: Path) -> list[dict[str, Any]]:
    """Every stay with what was charted of it, out of the files themselves."""
    vitals = ", ".join(f"'{each}'" for each in VITALS)
    sql = f"""
        WITH stay AS (
            SELECT hospitalization_id AS id, any_value(patient_id) AS patient,
                min(admission_dttm) AS admitted, min(in_dttm) AS begin
            FROM '{folder}/clif_adt.parquet' JOIN '{folder}/clif_hospitalization.parquet'
            USING (hospitalization_id, patient_id) WHERE location_category = 'icu' GROUP BY ALL),
        seen AS (
            SELECT hospitalization_id AS id, vital_category AS name, recorded_dttm AS t,
                vital_value AS x, recorded_dttm AS k
            FROM '{folder}/clif_vitals.parquet' WHERE vital_category IN ({vitals})
            UNION ALL SELECT hospitalization_id, assessment_category, recorded_dttm,
                numerical_value, recorded_dttm FROM '{folder}/clif_patient_assessments.parquet'
            WHERE assessment_category = 'gcs_total'
            UNION ALL SELECT hospitalization_id, 'lpm_set', recorded_dttm, lpm_set,
                recorded_dttm FROM '{folder}/clif_respiratory_support.parquet'
            UNION ALL SELECT hospitalization_id, 'spo2', lab_collect_dttm, lab_value_numeric,
                lab_result_dttm FROM '{folder}/clif_labs.parquet'
            WHERE lab_category = 'so2_arterial'),
        whose AS (SELECT patient_id AS patient, seen.* FROM seen
            JOIN '{folder}/clif_hospitalization.parquet' ON hospitalization_id = id)
        SELECT stay.id, admitted, begin, whose.name, list({{'t': t, 'x': x, 'k': k}} ORDER BY t, x) AS series
        FROM stay JOIN whose USING (patient) WHERE x IS NOT NULL GROUP BY ALL"""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found: list[dict[str, Any]] = connection.execute(sql).to_arrow_table().to_pylist()
    return found


@pytest.mark.torture
def test_every_hour__the_score_is_that_of_the_chart(real_data: Path, intensive: Held) -> None:
    stays: dict[str, tuple[datetime, datetime, dict[str, Any]]] = {}
    for row in charted(real_data / "clinical" / "icu-clif-mimic-iv-demo"):
        stay = stays.setdefault(row["id"], (row["admitted"], row["begin"], {}))
        stay[2][row["name"]] = [tuple(each.values()) for each in row["series"]]
    persons = persons_by_admission(intensive)
    different, known, exact = [], 0, 0
    for name, (admitted, begin, told) in stays.items():
        for hour in range(1, HOURS + 1):
            at = begin.astimezone(UTC) + timedelta(hours=hour)
            decision = asked_at("news2", intensive, persons[admitted.astimezone(UTC)], at)
            assert decision.trace is not None
            score = decision.trace["seven_or_more"].numbers["news2"]
            ours = None if score is None else (score.low, score.high)
            known += ours is not None
            exact += score is not None and score.low == score.high
            if ours != by_hand(told, at):
                different.append((name, hour, ours, by_hand(told, at)))
    assert different == []
    assert (len(stays), known, exact) == (76, 1763, 802)
