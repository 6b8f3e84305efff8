from __future__ import annotations

import pytest

from vitruvian.base.errors import NotSignedIn, Refused
from vitruvian.trust import SYSTEM, Access, Purpose, decide, require


@pytest.mark.parametrize("who", ["", " ", "\t"])
def test_nobody__is_refused_as_not_signed_in(who: str) -> None:
    access = Access(who=who, role="clinician", purpose="treatment")
    assert not decide(access).allowed
    with pytest.raises(NotSignedIn):
        require(access)


def test_account_without_role__is_refused() -> None:
    with pytest.raises(Refused, match="no role"):
        require(Access(who="dr.vega", role="", purpose="treatment"))


def test_somebody_in_the_systems_role__is_refused() -> None:
    with pytest.raises(Refused, match="system"):
        require(Access(who="dr.vega", role="system", purpose="operations"))


def test_research__waits_for_an_approved_project() -> None:
    with pytest.raises(Refused, match="approved project"):
        require(Access(who="dr.vega", role="clinician", purpose="research"))


@pytest.mark.parametrize("purpose", ["treatment", "quality", "operations"])
def test_local_account__may_see_all_subjects_for_open_purposes(purpose: Purpose) -> None:
    decision = require(Access(who="dr.vega", role="clinician", purpose=purpose))
    assert decision.allowed
    assert decision.subject_filter is None


def test_system__may_operate() -> None:
    assert require(SYSTEM).allowed
