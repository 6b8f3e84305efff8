"""A policy's own tests: what it says must come out, against what does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vitruvian.trust.policy.decide import Answer, Question, judge
from vitruvian.trust.policy.words import Policy


@dataclass(frozen=True)
class Tried:
    """One case of a policy file, and what came out."""

    says: str
    expected: Answer
    found: Answer

    @property
    def holds(self) -> bool:
        """Whether it came out as the file says."""
        return self.expected == self.found


def try_policy(policy: Policy) -> list[Tried]:
    """Every case of a policy file, tried."""
    return [_tried(policy, case) for case in policy.cases]


def _tried(policy: Policy, case: Mapping[str, Any]) -> Tried:
    asks = dict(case["asks"])
    for name in ("relations", "guards", "labels"):
        asks[name] = frozenset(asks[name])
    return Tried(case["says"], case["answer"], judge(policy, Question(**asks)))
