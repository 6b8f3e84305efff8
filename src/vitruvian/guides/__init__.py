"""Guidelines as data: what applies to one patient at one instant, and which facts say so."""

from vitruvian.guides.engine.decide import NOT_FOR_THIS_PATIENT, Decision, decide
from vitruvian.guides.engine.guide import Card, Criterion, Guide, Row
from vitruvian.guides.engine.judge import Verdict
from vitruvian.guides.engine.library import guide_named, guides, lists_in_use, manifests

__all__ = [
    "NOT_FOR_THIS_PATIENT",
    "Card",
    "Criterion",
    "Decision",
    "Guide",
    "Row",
    "Verdict",
    "decide",
    "guide_named",
    "guides",
    "lists_in_use",
    "manifests",
]
