"""One criteria language: cohorts, guidelines, alerts and labels over the timeline."""

from vitruvian.criteria.attrition import Left, attrition
from vitruvian.criteria.differences import Difference, Side, differences
from vitruvian.criteria.engines.duckdb.compiled import CompiledTask, Wish
from vitruvian.criteria.explain import Explained, Judged, explain
from vitruvian.criteria.language.task import Task, parse_task
from vitruvian.criteria.run import Engine, compile_task, run_task
from vitruvian.criteria.scores import Measure, Range
from vitruvian.criteria.source import LAKE, Source

__all__ = [
    "LAKE",
    "CompiledTask",
    "Difference",
    "Engine",
    "Explained",
    "Judged",
    "Left",
    "Measure",
    "Range",
    "Side",
    "Source",
    "Task",
    "Wish",
    "attrition",
    "compile_task",
    "differences",
    "explain",
    "parse_task",
    "run_task",
]
