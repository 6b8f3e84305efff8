"""Results of the laboratory: a specimen, its panel, and each number as printed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import panel
from vitruvian.demo.life import Measurement, Order, Report, Specimen

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.catalogue import Analyte
    from vitruvian.demo.chart.core import Chart
    from vitruvian.demo.life import Encounter

# How often a laboratory corrects a result that it had already released.
_CORRECTED = 0.002


@dataclass(frozen=True, slots=True)
class Sample:
    """One specimen on its way through the laboratory."""

    time: datetime
    known_at: datetime
    encounter: str | None
    specimen: str


def lab(chart: Chart, key: str, *, at: datetime, visit: Encounter | None) -> Report:
    """Take a specimen at an instant and write the panel's results, known hours later."""
    asked = panel(key)
    known_at = at + chart.jitter(asked.shortest_hours, asked.longest_hours)
    specimen = chart.write(Specimen(chart.next_id("specimen"), asked.specimen, at))
    sample = Sample(at, known_at, visit.id if visit else None, specimen.id)
    levels: dict[str, float] = {}
    results = tuple(_result(chart, one, sample, levels).id for one in asked.analytes)
    return chart.write(
        Report(
            id=chart.next_id("report"),
            concept=asked.concept,
            category="LAB",
            time=at,
            known_at=known_at,
            results=results,
            conclusion="",
            encounter=sample.encounter,
            specimen=specimen.id,
            order=_order(chart, key, sample, visit),
            imaging=None,
        )
    )


def _order(chart: Chart, key: str, sample: Sample, visit: Encounter | None) -> str | None:
    if visit is None or visit.setting != "IMP":
        return None
    asked = panel(key).concept
    order = Order(
        chart.next_id("order"), asked, "laboratory", sample.time, "completed", sample.encounter
    )
    return chart.write(order).id


def _result(chart: Chart, one: Analyte, sample: Sample, levels: dict[str, float]) -> Measurement:
    level = levels[one.key] = _level(chart, one, sample.time, levels)
    value, comparator = printed(one, level)
    low, high = limits(one, chart.person.sex)
    return chart.write(
        Measurement(
            chart.next_id("lab"),
            one.concept,
            "laboratory",
            sample.time,
            sample.known_at,
            value,
            comparator,
            one.unit,
            one.ucum,
            low,
            high,
            interpret(one, float(value), chart.person.sex),
            None,
            (),
            sample.encounter,
            sample.specimen,
            "corrected" if chart.rng.random() < _CORRECTED else "final",
        )
    )


def _level(chart: Chart, one: Analyte, time: datetime, levels: dict[str, float]) -> float:
    if one.key == "egfr":
        creatinine = levels["creatinine"]
        return egfr_ckd_epi(creatinine, age_years=chart.age_at(time), sex=chart.person.sex)
    if one.key == "haematocrit":
        return levels["haemoglobin"] * 2.95
    return chart.body.measure(one, time)


def egfr_ckd_epi(creatinine_umol_per_l: float, *, age_years: float, sex: str) -> float:
    """Estimate the glomerular filtration rate in mL/min/1.73 m² (adults).

    References
    ----------
    Inker LA et al., N Engl J Med 2021;385:1737, CKD-EPI 2021 creatinine equation,
    DOI 10.1056/NEJMoa2102953.

    Examples
    --------
    >>> round(egfr_ckd_epi(88.42, age_years=50, sex="female"))
    69
    """
    kappa, alpha = (0.7, -0.241) if sex == "female" else (0.9, -0.302)
    ratio = creatinine_umol_per_l / 88.42 / kappa
    rate = 142.0 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.2 * 0.9938**age_years
    return float(rate * 1.012 if sex == "female" else rate)


def printed(one: Analyte, level: float) -> tuple[str, str]:
    """Give a level as the analyser prints it, with "<" or ">" at the ends of its range."""
    low, high = one.detect
    if level < low:
        return one.printed(low), "<"
    if level > high:
        return one.printed(high), ">"
    return one.printed(level), ""


@cache
def limits(one: Analyte, sex: str) -> tuple[str, str]:
    """Give the laboratory's limits as printed; empty where it states none."""
    pair = one.limits_for(sex)
    if pair is None:
        return "", ""
    return one.printed(pair[0]), one.printed(pair[1])


def interpret(one: Analyte, value: float, sex: str) -> str:
    """Give the laboratory's flag: LL, L, N, H, HH; empty without limits."""
    pair = one.limits_for(sex)
    if pair is None:
        return ""
    if value < pair[0]:
        return "LL" if value < one.critical[0] else "L"
    if value > pair[1]:
        return "HH" if value > one.critical[1] else "H"
    return "N"
