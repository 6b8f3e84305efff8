"""SMART App Launch, as far as it is decisions: scopes, proofs, claims. No storage, no network."""

from vitruvian.trust.smart.claims import Claims, access_claims, read_claims
from vitruvian.trust.smart.errors import AppRefused, OutOfScope
from vitruvian.trust.smart.narrowing import Span, expect_scope, narrowed, span_of, writes
from vitruvian.trust.smart.pkce import challenge_fits, good_challenge
from vitruvian.trust.smart.scopes import Scope, common, read_scopes, scopes_of, words_of

__all__ = [
    "AppRefused",
    "Claims",
    "OutOfScope",
    "Scope",
    "Span",
    "access_claims",
    "challenge_fits",
    "common",
    "expect_scope",
    "good_challenge",
    "narrowed",
    "read_claims",
    "read_scopes",
    "scopes_of",
    "span_of",
    "words_of",
    "writes",
]
