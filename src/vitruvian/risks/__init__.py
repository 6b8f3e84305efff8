"""Scores and risk models: numbers out of facts, with a range where facts are missing."""

from vitruvian.risks.engine.library import manifests, score_named, scores

__all__ = ["manifests", "score_named", "scores"]
