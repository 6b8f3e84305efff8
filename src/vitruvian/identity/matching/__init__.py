"""Records that may be one person: how alike they are, by a model that needs no labels."""

from vitruvian.identity.matching.likeness import Likeness, likeness_of
from vitruvian.identity.matching.model import OFFERED, Evidence, Pair, Scored, score
from vitruvian.identity.matching.propose import MatchReport, pair_id, propose

__all__ = [
    "OFFERED",
    "Evidence",
    "Likeness",
    "MatchReport",
    "Pair",
    "Scored",
    "likeness_of",
    "pair_id",
    "propose",
    "score",
]
