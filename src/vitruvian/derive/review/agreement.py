"""How far two readers agree on the same facts.

References
----------
Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46,
doi:10.1177/001316446002000104.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from vitruvian.derive.review.verdicts import Judged


@dataclass(frozen=True)
class Agreement:
    """Facts that two readers judged, how often they said the same, and kappa.

    ``kappa`` is None while nothing was read twice, or where both gave one and the same answer to
    everything: then chance explains it all.
    """

    read_twice: int
    same: int
    kappa: float | None
    apart: tuple[int, ...]


def agreement(judged: Iterable[Judged]) -> Agreement:
    """Over all pairs of readers of the same fact."""
    by_event: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        by_event[one.event_id].append(one)
    pairs = [
        (event, answer(first), answer(second))
        for event, given in sorted(by_event.items())
        for first, second in combinations(sorted(given, key=lambda one: one.reader), 2)
    ]
    same = sum(first == second for _, first, second in pairs)
    apart = tuple(dict.fromkeys(event for event, first, second in pairs if first != second))
    return Agreement(len(pairs), same, kappa([pair[1:] for pair in pairs]), apart)


def answer(one: Judged) -> str:
    """A verdict as an answer to compare: two corrections agree when they say the same."""
    said = json.dumps(dict(one.said), sort_keys=True) if one.said else ""
    return f"{one.answer} {said}".strip()


def kappa(answers: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa.

    Examples
    --------
    >>> told = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    >>> round(kappa(told), 2)
    0.4
    """
    if not answers:
        return None
    number = len(answers)
    agreed = sum(one == other for one, other in answers) / number
    first, second = (Counter(side) for side in zip(*answers, strict=True))
    chance = sum(count * second[told] for told, count in first.items()) / number**2
    return None if chance == 1 else (agreed - chance) / (1 - chance)
