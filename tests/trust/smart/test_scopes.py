"""Scopes are read strictly, and what two lists have in common is never more than either."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.trust import Access
from vitruvian.trust.policy.decide import Question, default_policy, judge
from vitruvian.trust.smart import (
    challenge_fits,
    common,
    good_challenge,
    narrowed,
    read_scopes,
    scopes_of,
)

CONTEXTS, KINDS = ("patient", "user", "system"), ("*", "Patient", "Observation", "Condition")
LETTERS = "cruds"


@pytest.mark.parametrize(
    "word",
    [
        *("patient/Observation", "patient/Observation.", "patient/.rs", "patient/observation.rs"),
        *("patient/Observation.sr", "patient/Observation.rr", "patient/Observation.x"),
        *("patient/Observation.rs?category=laboratory", "patient/*.readwrite", "Patient/*.rs"),
        *("other/Observation.rs", "patient//*.rs", "patient/*.rs\n", "../*.rs", "launch/practice"),
    ],
)
def test_scope__that_is_not_one_is_left_out(word: str) -> None:
    assert read_scopes(word) == ((), ())


def test_scope__a_list_too_long_gives_nothing() -> None:
    assert read_scopes("patient/*.rs " * 400) == ((), ())


@pytest.mark.parametrize(
    "old, new",
    [
        ("patient/*.read", "patient/*.rs"),
        ("user/Condition.write", "user/Condition.cud"),
        ("system/*.*", "system/*.cruds"),
    ],
)
def test_scope__words_of_the_first_version_mean_the_same(old: str, new: str) -> None:
    # SMART App Launch 2.2.0, "Scopes for requesting FHIR resources (v1)": read is rs, write is cud
    (first,), (second,) = scopes_of(old), scopes_of(new)
    assert (first.context, first.kind, first.letters) == (
        *(second.context, second.kind, second.letters),
    )


def words() -> st.SearchStrategy[str]:
    letters = st.sets(st.sampled_from(LETTERS), min_size=1).map(
        lambda some: "".join(one for one in LETTERS if one in some)
    )
    made = st.tuples(st.sampled_from(CONTEXTS), st.sampled_from(KINDS), letters)
    return made.map(lambda one: f"{one[0]}/{one[1]}.{one[2]}")


def lets(text: str) -> set[tuple[str, str, str]]:
    """Everything a list of scopes allows, spelt out one by one."""
    kinds = [kind for kind in KINDS if kind != "*"] + ["Anything"]
    return {
        (one.context, kind, letter)
        for one in scopes_of(text)
        for kind, letter in product(kinds, LETTERS)
        if one.covers(kind, letter)
    }


@given(st.lists(words(), max_size=6), st.lists(words(), max_size=6))
def test_common__is_what_both_allow(asked: list[str], allowed: list[str]) -> None:
    some, others = " ".join(asked), " ".join(allowed)
    assert lets(common(some, others)) == lets(some) & lets(others)


@given(st.text(max_size=300))
def test_scopes__any_text_is_read_without_failing(text: str) -> None:
    scopes, plain = read_scopes(text)
    assert set(plain) <= {*text.split(" ")}
    assert all(one.said in text for one in scopes)


@given(
    scopes=st.lists(words(), max_size=5),
    role=st.sampled_from(("clinician", "radiologist", "researcher", "patient", "auditor")),
    operation=st.sampled_from(("read", "count", "write", "export")),
    kind=st.sampled_from((*KINDS[1:], "Consent")),
    relations=st.sets(st.sampled_from(("care-team", "ward", "self", "glass", "study"))),
)
def test_policy__an_app_is_never_let_further_than_its_account(
    scopes: list[str], role: str, operation: str, kind: str, relations: set[str]
) -> None:
    policy = default_policy()
    for purpose in ("treatment", "quality", "operations", "research"):
        access = Access(
            "somebody",
            role,
            purpose,
            operation=operation,  # type: ignore[arg-type]  # the same
            app="app",
            scopes=" ".join(scopes),
            in_context=1,
        )
        question = Question(
            role=role,
            purpose=access.purpose,
            operation=access.operation,
            relations=frozenset(relations),  # type: ignore[arg-type]  # the same
            type=kind,
        )
        answer = judge(narrowed(policy, access), question)
        assert answer in {judge(policy, question), "refused"}
        letters = LETTERS if operation == "write" else "rs"
        covered = any(
            one.covers(kind, letter) for one in scopes_of(" ".join(scopes)) for letter in letters
        )
        assert covered or answer == "refused"


def test_policy__of_an_account_without_an_app_is_the_same() -> None:
    policy = default_policy()
    assert narrowed(policy, Access("rossi", "clinician", "treatment")) is policy


@pytest.mark.parametrize(
    "verifier, challenge",
    [
        ("short", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\n",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("é" * 50, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ],
)
def test_pkce__another_verifier_does_not_fit(verifier: str, challenge: str) -> None:
    assert not challenge_fits(challenge, verifier=verifier)


def test_pkce__only_sha256_is_taken() -> None:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert good_challenge(challenge, method="S256")
    assert not good_challenge(challenge, method="plain")
    assert not good_challenge("", method="S256")
    assert not good_challenge(challenge + "=", method="S256")
