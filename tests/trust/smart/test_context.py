"""What other systems say of users, patients and links: anything may come, and only what fits opens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.trust.smart import read_claims
from vitruvian.trust.smart.context import (
    Here,
    Link,
    is_fhir_id,
    read_link,
    user_address,
    values_of,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
HERE = Here("north", "https://here.example/open", NOW)
ISSUER = "https://ehr.example/fhir"
GOOD: dict[str, Any] = {
    "iss": "north",
    "aud": "https://here.example/open",
    "sub": "rossi",
    "patient": "A-1",
    "jti": "j",
    "iat": SECONDS,
    "exp": SECONDS + 60,
}
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["north", "A-1", SECONDS, SECONDS + 60, 2**70, -1, "https://here.example/open"]
    )
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


def test_link__that_fits_is_read() -> None:
    assert read_link(GOOD, here=HERE) == Link("j", "rossi", "A-1", None, SECONDS + 60)


@given(st.dictionaries(st.sampled_from([*GOOD, "nbf", "encounter"]), ANYTHING))
def test_link__whatever_it_says_is_read_or_told(changed: dict[str, Any]) -> None:
    said = {name: value for name, value in (GOOD | changed).items() if value is not None}
    found = read_link(said, here=HERE)
    if isinstance(found, str):
        assert found
        return
    aud = said["aud"] if isinstance(said["aud"], list) else [said["aud"]]
    assert (said["iss"], HERE.audience in aud) == (HERE.issuer, True)
    assert SECONDS < said["exp"] <= said["iat"] + 120
    assert said["iat"] <= SECONDS + 30
    assert all((found.jti, found.user, found.patient))


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "exp", "iat", "jti", "grant", "sub", "client_id"]), ANYTHING
    )
)
def test_access_claims__whatever_they_say_are_read_or_refused(said: dict[str, Any]) -> None:
    found = read_claims(said, issuer="north", audience="https://here.example/open", now=NOW)
    assert found is None or (said["iss"] == "north" and said["exp"] > SECONDS)


@pytest.mark.parametrize(
    "said",
    [
        *("", "..", ".", "a/b", "a?b", "a#b", "a b", "a%2fb", "\u00e9", "a\n", "x" * 65),
        *(None, 7, ["p"], {"id": "p"}),
    ],
)
def test_id__that_could_lead_elsewhere_is_none(said: object) -> None:
    assert not is_fhir_id(said)


@given(ANYTHING | st.text())
def test_id__that_passes_stays_one_step_of_an_address(said: Any) -> None:
    if is_fhir_id(said):
        assert not set(said) & set("/?#%\\ \r\n:@")
        assert said not in {".", ".."}


@pytest.mark.parametrize(
    "said",
    [
        "https://ehr.example/fhirPractitioner/7",
        "https://ehr.example.evil.example/fhir/Practitioner/7",
        "https://ehr.example/fhir/../Practitioner/7",
        "https://ehr.example/fhir/Practitioner/7?x=1",
        "https://ehr.example/fhir/https://ehr.example/fhir/Practitioner/7",
        "Practitioner/7/_history/1",
        "Device/7",
        "Practitioner/",
        "Practitioner/7\n",
        None,
        {"reference": "Practitioner/7"},
    ],
)
def test_user__of_another_place_is_nobody(said: object) -> None:
    assert user_address(said, issuer=ISSUER) is None


@given(ANYTHING | st.text())
def test_user__that_passes_is_one_of_the_issuer(said: Any) -> None:
    found = user_address(said, issuer=ISSUER)
    assert found is None or found.startswith(f"{ISSUER}/")


@given(
    st.fixed_dictionaries(
        {
            "identifier": ANYTHING
            | st.lists(
                st.dictionaries(
                    st.sampled_from(["system", "value", "use"]), ANYTHING | st.just("urn:mrn")
                )
            )
        }
    )
)
def test_identifiers__count_only_in_the_agreed_system(record: dict[str, Any]) -> None:
    found = values_of(record, system="urn:mrn")
    listed = record["identifier"] if isinstance(record["identifier"], list) else []
    agreed = [one for one in listed if isinstance(one, dict) and one.get("system") == "urn:mrn"]
    assert len(found) <= len(agreed)
    assert all(one.isprintable() for one in found)
