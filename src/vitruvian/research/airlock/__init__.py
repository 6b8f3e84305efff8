"""What leaves a research zone: asked for, checked, and released by rule or by a second person."""

from vitruvian.research.airlock.checks import FileReport, Finding, Wish, check_file
from vitruvian.research.airlock.door import Airlock
from vitruvian.research.airlock.privacy import Likeness, likeness
from vitruvian.research.airlock.register import Request

__all__ = [
    "Airlock",
    "FileReport",
    "Finding",
    "Likeness",
    "Request",
    "Wish",
    "check_file",
    "likeness",
]
