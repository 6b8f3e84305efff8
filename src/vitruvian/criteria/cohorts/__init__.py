"""Cohorts: definitions as people write, save and compare them."""

from vitruvian.criteria.cohorts.answer import Answer, Asked, Descendants, Member, Step, ask
from vitruvian.criteria.cohorts.compare import Comparison, Group, compare
from vitruvian.criteria.cohorts.definition import Definition, read_definition
from vitruvian.criteria.cohorts.examples import Example, examples

__all__ = [
    "Answer",
    "Asked",
    "Comparison",
    "Definition",
    "Descendants",
    "Example",
    "Group",
    "Member",
    "Step",
    "ask",
    "compare",
    "examples",
    "read_definition",
]
