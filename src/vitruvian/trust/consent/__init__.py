"""Consents of patients: read from FHIR, kept as small terms, judged as pure functions."""

from vitruvian.trust.consent.judging import Asked, outcomes, several, word_of
from vitruvian.trust.consent.reading import read_consent
from vitruvian.trust.consent.terms import Provision, Terms, terms_of

__all__ = [
    "Asked",
    "Provision",
    "Terms",
    "outcomes",
    "read_consent",
    "several",
    "terms_of",
    "word_of",
]
