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


def test_a_role_the_policy_does_not_know__is_refused() -> None:
    with pytest.raises(Refused, match="knows no such role"):
        require(Access(who="dr.vega", role="porter", purpose="treatment"))


def test_somebody_in_the_systems_role__is_refused() -> None:
    with pytest.raises(Refused, match="system"):
        require(Access(who="dr.vega", role="system", purpose="operations"))


def test_research__waits_for_an_approved_project() -> None:
    with pytest.raises(Refused, match="approved project"):
        require(Access(who="dr.vega", role="clinician", purpose="research"))


def test_an_operation_no_rule_gives__is_refused() -> None:
    access = Access(who="dr.vega", role="radiologist", purpose="treatment", operation="export")
    with pytest.raises(Refused, match="may not export"):
        require(access)


@pytest.mark.parametrize("purpose", ["treatment", "quality"])
def test_clinician_of_this_hospital__may_read(purpose: Purpose) -> None:
    assert require(Access(who="dr.vega", role="clinician", purpose=purpose)).allowed


@pytest.mark.parametrize("purpose", ["treatment", "quality", "operations"])
def test_first_account__sees_the_demo_hospital(purpose: Purpose) -> None:
    assert require(Access(who="admin", role="administrator", purpose=purpose)).allowed


def test_system__may_operate() -> None:
    assert require(SYSTEM).allowed
