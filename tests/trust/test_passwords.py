from __future__ import annotations

import pytest

from vitruvian.trust import WeakPassword, check_password


@pytest.mark.parametrize(
    "password, rule",
    [
        ("", "shorter"),
        ("Zq4!", "shorter"),
        ("7h&Kq!zP0-w", "shorter"),
        ("x" * 2000, "longer"),
        ("aaaaaaaaaaaaaa", "different characters"),
        ("Password12345", "tries first"),
        ("dr.vega-dr.vega", "tries first"),
    ],
)
def test_weak_password__is_refused_with_its_rule_and_not_repeated(password: str, rule: str) -> None:
    with pytest.raises(WeakPassword, match=rule) as caught:
        check_password(password, name="dr.vega")
    assert not password or password not in str(caught.value)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "çok uzun bir şifre", "7h&Kq!zP0-wL"]
)
def test_long_password__is_taken_without_rules_of_composition(password: str) -> None:
    check_password(password, name="dr.vega")
    with pytest.raises(WeakPassword):
        check_password(password, name=password)
