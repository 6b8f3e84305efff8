"""Policies and consents that nobody would write: read, or refused in words, and never more open."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vitruvian.trust.policy.file as policy_file
from vitruvian.trust.consent import Asked, outcomes, read_consent, terms_of, word_of
from vitruvian.trust.errors import BadPolicy
from vitruvian.trust.policy.decide import default_policy
from vitruvian.trust.policy.file import read_policy
from vitruvian.trust.policy.words import Policy

DEFAULT = Path(policy_file.__file__).with_name("policy.toml").read_text("utf-8")
LINES = DEFAULT.splitlines()
WORDS = (
    '"treatment"',
    '"*"',
    "[",
    "]",
    '"',
    "'",
    "=",
    "true",
    "{",
    "\x00",
    "\u202e",
    "1e999",
    "#",
    "\n",
)
NOW = "2026-01-01T00:00:00.000000Z"


def read_or_told(text: str) -> Policy | None:
    """The policy, or None for a text that was refused in words."""
    try:
        return read_policy(text)
    except BadPolicy:
        return None


def harmed(dice: random.Random) -> str:
    """The default with a few lines taken out, doubled, swapped or spoilt."""
    lines = list(LINES)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(lines))
        deed = dice.randrange(4)
        if deed == 0:
            del lines[at]
        elif deed == 1:
            lines.insert(dice.randrange(len(lines)), lines[at])
        elif deed == 2:
            other = dice.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            place = dice.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + dice.choice(WORDS) + lines[at][place + 1 :]
    return "\n".join(lines)


@given(st.integers(0, 2**32))
@settings(deadline=None, max_examples=60)
def test_policy__that_was_harmed_is_read_or_refused(seed: int) -> None:
    found = read_or_told(harmed(random.Random(seed)))
    assert found is None or isinstance(found, Policy)


@pytest.mark.torture
def test_policy__harmed_thousands_of_times() -> None:
    read = sum(read_or_told(harmed(random.Random(seed))) is not None for seed in range(5_000))
    assert 0 < read < 5_000


@given(st.text(max_size=200))
@settings(deadline=None)
def test_policy__of_any_text_lets_nobody_in(text: str) -> None:
    assert read_or_told(text) is None


@pytest.mark.parametrize("text", ["x = " + "[" * 20_000, "[" * 20_000, "a." * 20_000 + "b = 1"])
def test_policy__nested_without_end_is_refused(text: str) -> None:
    assert read_or_told(text) is None


# ------------------------------------------------------------------ consents

# Every word that could open something is left out: whatever is built of these stays closed.
KEYS = (
    *("status", "scope", "policyRule", "provision", "type", "period", "actor", "action", "purpose"),
    *("class", "code", "data", "coding", "system", "start", "end", "reference", "securityLabel"),
    *("modifierExtension", "verification", "verified", "meaning", "display", "resourceType"),
)
VALUES = (
    *("active", "rejected", "patient-privacy", "research", "OPTOUT", "deny", "HRESCH", "TREAT"),
    *("2026", "2026-01-01", "instance", "Organization/other", "urn:x", "", "entered-in-error"),
)
ODD = st.recursive(
    st.sampled_from(VALUES)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(KEYS), ODD, max_size=8))
@settings(deadline=None, max_examples=300)
def test_consent__without_a_word_that_opens_never_opens(said: dict[str, Any]) -> None:
    terms = read_consent({"resourceType": "Consent", "status": "active"} | said)
    if terms is None:
        return
    assert terms_of(terms.text()) == terms
    for purpose in ("research", "treatment"):
        asked = Asked(purpose=purpose, now=NOW)
        assert word_of(outcomes(default_policy(), terms, asked)) != "permit", json.dumps(said)


def test_consent__nested_without_end_is_unreadable() -> None:
    whole: dict[str, Any] = {"type": "permit"}
    for _ in range(900):
        whole = {"type": "permit", "provision": [whole]}
    terms = read_consent(
        {
            "resourceType": "Consent",
            "status": "active",
            "scope": {"coding": [{"code": "research"}]},
            "policyRule": {"coding": [{"code": "OPTIN"}]},
            "provision": whole,
        }
    )
    assert terms is not None
    assert terms.why_unreadable
