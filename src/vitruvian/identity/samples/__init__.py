"""Whether a sample can be of the person it is said to be of: by sex, and by kinship."""

from vitruvian.identity.samples.check import (
    Pair,
    SampleProblem,
    SampleReport,
    SampleSex,
    check_samples,
)
from vitruvian.identity.samples.sex import SexCounts, SexJudged, judge_sex

__all__ = [
    "Pair",
    "SampleProblem",
    "SampleReport",
    "SampleSex",
    "SexCounts",
    "SexJudged",
    "check_samples",
    "judge_sex",
]
