"""SQL on FHIR v2: a ViewDefinition becomes rows.

`parse_view` reads the definition, `compile_view` gives the SQL for an engine, `run_view`
runs it over resources, `run_over_lake` over those that a lake holds.
"""

from vitruvian.views.compiled import CompiledView, Options, compile_view
from vitruvian.views.definition import ViewDefinition, parse_view
from vitruvian.views.errors import (
    InvalidPath,
    InvalidView,
    NotOneValue,
    RepeatTooDeep,
    UnreadableResource,
    UnsupportedPath,
    ViewError,
    ViewFailed,
)
from vitruvian.views.failing import translated
from vitruvian.views.on_lake import run_over_lake
from vitruvian.views.on_spark import run_on_spark
from vitruvian.views.plan.rows import Column
from vitruvian.views.running import rows_as_ndjson, run_view

__all__ = [
    "Column",
    "CompiledView",
    "InvalidPath",
    "InvalidView",
    "NotOneValue",
    "Options",
    "RepeatTooDeep",
    "UnreadableResource",
    "UnsupportedPath",
    "ViewDefinition",
    "ViewError",
    "ViewFailed",
    "compile_view",
    "parse_view",
    "rows_as_ndjson",
    "run_on_spark",
    "run_over_lake",
    "run_view",
    "translated",
]
