"""SQL on FHIR v2: a ViewDefinition becomes rows.

`parse_view` reads the definition, `compile_view` gives the SQL for an engine, `run_view`
runs it over resources.
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
from vitruvian.views.plan.rows import Column
from vitruvian.views.running import rows_as_ndjson, run_view, translated

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
    "run_view",
    "translated",
]
