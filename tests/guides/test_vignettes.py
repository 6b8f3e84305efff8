"""Every guideline says of every vignette what a doctor wrote down beforehand."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named, manifests
from vitruvian.guides.cases import Case

CASES = [(name, case) for name in manifests() for case in vignettes_of(name).cases]


@pytest.mark.parametrize("name, case", CASES, ids=[f"{n}: {case.says}" for n, case in CASES])
def test_vignette__is_answered_as_written(name: str, case: Case) -> None:
    paper = vignettes_of(name)
    decision = asked_of(guide_named(name), paper, paper.known(case))
    assert decision.status == case.status, (decision.possible, decision.because, decision.missing)
    assert (decision.answer or "") == case.expect
    for told in ("possible", "missing", "because", "not_recorded"):
        expected = getattr(case, told)
        assert expected is None or getattr(decision, told) == expected
