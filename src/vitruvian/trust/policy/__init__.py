"""The policy of a site: one file, read once; decisions on it are pure functions."""

from vitruvian.trust.policy.decide import Answer, Decision, Question, decide, judge, require
from vitruvian.trust.policy.file import DEFAULT, NAME, policy_of, read_policy
from vitruvian.trust.policy.tried import Tried, try_policy
from vitruvian.trust.policy.words import Basis, Label, Policy, Rule, Study

__all__ = [
    "DEFAULT",
    "NAME",
    "Answer",
    "Basis",
    "Decision",
    "Label",
    "Policy",
    "Question",
    "Rule",
    "Study",
    "Tried",
    "decide",
    "judge",
    "policy_of",
    "read_policy",
    "require",
    "try_policy",
]
