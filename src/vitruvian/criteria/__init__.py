"""One criteria language: cohorts, guidelines, alerts and labels over the timeline."""

from vitruvian.criteria.engines.duckdb.compiled import CompiledTask, Wish
from vitruvian.criteria.language.task import Task, parse_task
from vitruvian.criteria.run import compile_task, run_task
from vitruvian.criteria.source import LAKE, Source

__all__ = [
    "LAKE",
    "CompiledTask",
    "Source",
    "Task",
    "Wish",
    "compile_task",
    "parse_task",
    "run_task",
]
