"""Meaning from raw data: extractors read notes and yield sourced events on the timeline."""

from vitruvian.derive.door import derive
from vitruvian.derive.engine.run import DeriveReport, Pace
from vitruvian.derive.engine.trace import ReadAgain, trace

__all__ = ["DeriveReport", "Pace", "ReadAgain", "derive", "trace"]
