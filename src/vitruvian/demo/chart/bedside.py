"""What is read at the bedside: vital signs, scores, answers, echo measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import analyte, bedside_set, concept
from vitruvian.demo.chart.laboratory import interpret, limits, printed
from vitruvian.demo.life import Component, Measurement

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart.core import Chart
    from vitruvian.demo.life import Concept, Encounter

# How often a weight is first charted with the decimal point in the wrong place.
_SLIPS = 0.01


def bedside(chart: Chart, named: str, *, at: datetime, visit: Encounter) -> None:
    """Write a set of vital signs (a name under ``[bedside]`` in ``panels.toml``)."""
    for key in bedside_set(named):
        if key == "blood_pressure":
            _pressure(chart, at, visit)
        else:
            vital(chart, key, at=at, visit=visit)


def vital(
    chart: Chart, key: str, *, at: datetime, visit: Encounter, level: float | None = None
) -> str:
    """Write one bedside number, read from the body unless a level is given."""
    one = analyte(key)
    seen = chart.body.measure(one, at) if level is None else level
    value, comparator = printed(one, min(max(seen, one.floor), one.ceiling))
    low, high = limits(one, chart.person.sex)
    flag = interpret(one, float(value), chart.person.sex)
    fact = Measurement(
        chart.next_id("vital"),
        one.concept,
        _category(key),
        at,
        at,
        value,
        comparator,
        one.unit,
        one.ucum,
        low,
        high,
        flag,
        None,
        (),
        visit.id,
        None,
        "final",
    )
    if key == "weight" and level is None and chart.rng.random() < _SLIPS:
        slip = replace(fact, id=chart.next_id("vital"), value=f"{float(value) * 10:.1f}")
        chart.write(replace(slip, status="entered-in-error"))
    return chart.write(fact).id


def _category(key: str) -> str:
    if key in {"low_mood_score", "performance_status", "coma_scale"}:
        return "survey"
    if key in bedside_set("echo"):
        return "imaging"
    return "procedure" if key == "ventricular_runs" else "vital-signs"


def echo(chart: Chart, *, at: datetime, visit: Encounter) -> None:
    """Write the measurements of an echocardiogram, signed an hour later."""
    for key in bedside_set("echo"):
        vital(chart, key, at=at, visit=visit)


def _pressure(chart: Chart, at: datetime, visit: Encounter) -> None:
    parts = []
    for key in ("systolic", "diastolic"):
        one = analyte(key)
        value = one.printed(chart.body.measure(one, at))
        parts.append(Component(one.concept, value, one.unit, one.ucum))
    if int(parts[1].value) >= int(parts[0].value) - 10:
        lower = str(int(int(parts[0].value) * 0.62))
        parts[1] = Component(parts[1].concept, lower, parts[1].unit, parts[1].ucum)
    pressure = concept("questions.blood_pressure")
    _write(chart, _Said(pressure, "vital-signs", None, tuple(parts)), at, visit)


def answer(
    chart: Chart, question: str, reply: str, *, at: datetime, visit: Encounter | None
) -> None:
    """Write the answer to a question, such as the smoking status."""
    category = "social-history" if question == "smoking" else "survey"
    said = _Said(concept(f"questions.{question}"), category, concept(f"answers.{reply}"))
    _write(chart, said, at, visit)


@dataclass(frozen=True, slots=True)
class _Said:
    question: Concept
    category: str
    answer: Concept | None
    components: tuple[Component, ...] = ()


def _write(chart: Chart, said: _Said, at: datetime, visit: Encounter | None) -> None:
    chart.write(
        Measurement(
            id=chart.next_id("vital"),
            concept=said.question,
            category=said.category,
            time=at,
            known_at=at,
            value="",
            comparator="",
            unit="",
            ucum="",
            low="",
            high="",
            interpretation="",
            finding=said.answer,
            components=said.components,
            encounter=visit.id if visit else None,
            specimen=None,
            status="final",
        )
    )
