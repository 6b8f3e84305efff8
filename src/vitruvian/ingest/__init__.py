"""Hospital data in: recognised, read record by record, mapped onto the timeline, published."""

from vitruvian.ingest.door import ingest, trace
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.report import IngestReport, Problem, SourceReport

__all__ = ["IngestReport", "Limits", "Problem", "SourceReport", "ingest", "trace"]
