"""Every combination of results, against the order of options written apart from the guideline."""

from __future__ import annotations

from itertools import product

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


def option_by_hand(*, stable: bool, v600e: bool, kras: str, left: bool, treated: bool) -> str:
    """ASCO 2022, ESMO 2023 and the FDA's approvals, for a HER2-positive tumour without NRAS."""
    if not stable:
        return "checkpoint inhibitor"
    if v600e:
        return "BRAF inhibitor with anti-EGFR"
    if kras == "g12c" and treated:
        return "KRAS G12C inhibitor with anti-EGFR"
    if kras != "kras":
        return "chemotherapy, no anti-EGFR"
    if treated:
        return "anti-HER2"
    return "anti-EGFR with chemotherapy" if left else "chemotherapy, no anti-EGFR first"


WAYS = [
    dict(zip(("stable", "v600e", "kras", "left", "treated"), way, strict=True))
    for way in product(
        (True, False), (True, False), ("kras", "g12c", "g12d"), (True, False), (True, False)
    )
]


@pytest.mark.parametrize("way", WAYS)
def test_option__is_the_first_that_holds(way: dict[str, bool | str]) -> None:
    paper = vignettes_of("mcrc_options")
    replaced = {"stable", "braf", "kras", "cancer", "line", "her2"}
    known = {name: value for name, value in paper.patient.items() if name not in replaced}
    known |= {"stable" if way["stable"] else "unstable": True, str(way["kras"]): True}
    known |= {"v600e_told" if way["v600e"] else "braf": True, "her2_positive": True}
    known |= {"cancer" if way["left"] else "caecum": True}
    known |= {"folfoxiri": True} if way["treated"] else {"line": "VITRUVIAN//FIRST"}
    decision = asked_of(guide_named("mcrc_options"), paper, known)
    assert decision.answer == option_by_hand(**way)  # type: ignore[arg-type]  # one dict, two types
