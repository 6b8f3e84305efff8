"""Meaning from raw data: extractors read notes and yield sourced events on the timeline."""

from vitruvian.derive.door import derive, tumour_record_of
from vitruvian.derive.engine.run import Advance, DeriveReport, Pace, Progress
from vitruvian.derive.engine.standing import Standing, standings
from vitruvian.derive.engine.trace import ReadAgain, read_again, trace

__all__ = [
    "Advance",
    "DeriveReport",
    "Pace",
    "Progress",
    "ReadAgain",
    "Standing",
    "derive",
    "read_again",
    "standings",
    "trace",
    "tumour_record_of",
]
