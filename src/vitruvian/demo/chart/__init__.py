"""Writing into one patient's chart: what the storylines use to make facts."""

from vitruvian.demo.chart.bedside import answer, bedside, echo, vital
from vitruvian.demo.chart.core import Chart, Plan
from vitruvian.demo.chart.findings import Finding, culture, single_test
from vitruvian.demo.chart.laboratory import lab
from vitruvian.demo.chart.medication import (
    give,
    prescribe,
    refill,
    repeat,
    reports_taking,
    withhold,
)
from vitruvian.demo.chart.papers import Study, image, note, pathology

__all__ = [
    "Chart",
    "Finding",
    "Plan",
    "Study",
    "answer",
    "bedside",
    "culture",
    "echo",
    "give",
    "image",
    "lab",
    "note",
    "pathology",
    "prescribe",
    "refill",
    "repeat",
    "reports_taking",
    "single_test",
    "vital",
    "withhold",
]
