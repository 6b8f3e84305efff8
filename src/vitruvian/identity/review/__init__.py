"""People decide which records are one person: the pairs that wait, two side by side, a verdict."""

from vitruvian.identity.review.decide import ANSWERS, DECIDERS, Answer, Decided, decide
from vitruvian.identity.review.queue import PairQueue, WaitingPair, waiting
from vitruvian.identity.review.sides import ComparedField, PairRecord, SideBySide, side_by_side

__all__ = [
    "ANSWERS",
    "DECIDERS",
    "Answer",
    "ComparedField",
    "Decided",
    "PairQueue",
    "PairRecord",
    "SideBySide",
    "WaitingPair",
    "decide",
    "side_by_side",
    "waiting",
]
