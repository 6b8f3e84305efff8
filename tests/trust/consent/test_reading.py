"""What is read from a FHIR Consent, and what is said to be unreadable."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.trust.consent import Asked, outcomes, read_consent, terms_of, word_of
from vitruvian.trust.policy.decide import default_policy
from vitruvian.trust.policy.words import Study

NOW = "2026-01-01T00:00:00.000000Z"
Json = dict[str, Any]


def consent(**said: Any) -> Json:
    """A consent to everything, changed as said; None takes a member away."""
    whole = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "policyRule": {"coding": [{"code": "OPTIN"}]},
    } | said
    return {name: value for name, value in whole.items() if value is not None}


def word(resource: Json, purpose: str = "research", **asked: Any) -> str:
    terms = read_consent(resource)
    if terms is None:
        return "silent"
    again = terms_of(terms.text())
    assert again == terms
    question = Asked(purpose=purpose, now=NOW, **asked)  # type: ignore[arg-type]
    return word_of(outcomes(default_policy(), again, question))


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "signed"},
        {"scope": None},
        {"scope": {"coding": [{"code": "everything"}]}},
        {"policyRule": None},
        {"policyRule": {"coding": [{"code": "OPTIN"}, {"code": "OPTOUT"}]}},
        {"policyRule": {"text": "as discussed"}},
        {"modifierExtension": [{"url": "urn:x"}]},
        {"implicitRules": "urn:rules"},
        {"verification": [{"verified": False}]},
        {"provision": "permit"},
        {"provision": {"provision": [{"purpose": [{"code": "HRESCH"}]}]}},
        {"provision": {"period": {"start": "next spring"}}},
        {"provision": {"purpose": [{"code": "WHO-KNOWS"}]}},
        {"provision": {"code": [{"coding": [{"system": "urn:form", "code": "A7"}]}]}},
        {"provision": {"class": [{"system": "urn:classes", "code": "letters"}]}},
        {"provision": {"modifierExtension": [{"url": "urn:x"}]}},
        {"provision": {"actor": [{"reference": {"reference": "Organization/other"}}]}},
        {"provision": {"data": [{"meaning": "related", "reference": {"reference": "Group/1"}}]}},
        {"provision": {"period": {"start": "99999999999999999999"}}},
        {"provision": {"period": {"start": "0001-01-01T00:00:00+14:00"}}},
    ],
)
def test_odd_consent__is_unreadable_and_not_passed_over(odd: Json) -> None:
    assert word(consent(**odd), type="Observation", record="Observation/1") == "unreadable"


@pytest.mark.parametrize("status", ["inactive", "entered-in-error", "draft", "proposed"])
def test_consent_that_does_not_hold__says_nothing(status: str) -> None:
    assert word(consent(status=status)) == "silent"


@pytest.mark.parametrize(
    "resource, purpose, expected",
    [
        (consent(), "research", "permit"),
        (consent(policyRule={"coding": [{"code": "OPTOUT"}]}), "research", "deny"),
        (consent(status="rejected"), "research", "deny"),
        (consent(scope={"coding": [{"code": "research"}]}), "treatment", "silent"),
        (consent(scope={"coding": [{"code": "treatment"}]}), "treatment", "silent"),
        (consent(provision={"purpose": [{"code": "HRESCH"}]}), "treatment", "silent"),
        (consent(provision={"period": {"end": "2025-12"}}), "research", "silent"),
        (consent(provision={"period": {"end": "2026-01-01"}}), "research", "permit"),
        (
            consent(provision={"period": {"start": "2020", "end": "9999-12-31"}}),
            "research",
            "permit",
        ),
    ],
)
def test_consent__means(resource: Json, purpose: str, expected: str) -> None:
    assert word(resource, purpose) == expected


def test_broad_consent__denies_at_its_root_and_permits_inside() -> None:
    """The shape of the German broad consent: no policyRule, the root says deny."""
    code = {"system": "urn:oid:x", "code": "2.16.840.1.113883.3.1937.777.24.5.3.8"}
    inner = {"type": "permit", "period": {"start": "2021", "end": "2050"}}
    broad = consent(
        policyRule=None,
        scope={"coding": [{"code": "research"}]},
        provision={"type": "deny", "provision": [{**inner, "code": [{"coding": [code]}]}]},
    )
    assert word(broad) == "permit"
    inner["period"] = {"start": "2021", "end": "2025"}
    broad["provision"]["provision"] = [{**inner, "code": [{"coding": [code]}]}]
    assert word(broad) == "deny"


@pytest.mark.parametrize(
    "use, study, expected",
    [
        ("DUO_0000042", Study("s", "enrolled"), "permit"),
        ("DUO_0000006", Study("s", "enrolled", frozenset({"HMB"})), "permit"),
        ("DUO_0000006", Study("s", "enrolled", frozenset({"POA"})), "silent"),
        ("DUO_0000011", Study("s", "enrolled", frozenset({"POA"})), "permit"),
        ("DUO_0000007", Study("s", "enrolled", frozenset({"DS:MONDO:0005148"})), "unreadable"),
        ("DUO_0000018", Study("s", "enrolled", frozenset({"HMB"})), "unreadable"),
        ("DUO_0000018", Study("s", "enrolled", meets=frozenset({"DUO:0000018"})), "permit"),
    ],
)
def test_data_use__permits_the_studies_it_means(use: str, study: Study, expected: str) -> None:
    assert word(consent(provision={"purpose": [{"code": use}]}), study=study) == expected


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "coding", "code", "period", "start"]), inner)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(
        st.sampled_from(["status", "scope", "policyRule", "provision", "verification"]), JSON_VALUES
    )
)
def test_any_json__is_read_without_a_word_of_error_and_permits_nothing(said: Json) -> None:
    assert word({"resourceType": "Consent"} | said) != "permit"
