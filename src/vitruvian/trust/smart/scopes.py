"""Scopes of SMART App Launch: what an app may ask for, and what is common to two lists of them.

Version 2 is what is kept; the words of version 1 (`patient/Observation.read`) are read as well.
A scope narrowed by search parameters (`patient/Observation.rs?category=laboratory`) is not
supported here: it is left out rather than given wider than it was asked for.

References
----------
SMART App Launch 2.2.0, Scopes and Launch Context: syntax of v2, "Scopes for requesting FHIR
resources (v1)", launch context, identity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Context = Literal["patient", "user", "system"]
LETTERS = "cruds"
READ, WRITE = frozenset("rs"), frozenset("cud")
V1 = {"read": "rs", "write": "cud", "*": LETTERS}
ANY = "*"
# What is not about resources.
PLAIN = (
    *("launch", "launch/patient", "launch/encounter", "openid", "fhirUser", "profile"),
    *("offline_access", "online_access"),
)
# What people call the commonest types; any other keeps the name FHIR gave it.
NAMES = {
    "*": "all records",
    "Patient": "name, birth date and address",
    "Observation": "results and measurements",
    "Condition": "problems and diagnoses",
    "MedicationRequest": "prescriptions",
    "MedicationStatement": "medicines taken",
    "AllergyIntolerance": "allergies",
    "Immunization": "vaccinations",
    "Procedure": "procedures",
    "Encounter": "visits and stays",
    "DiagnosticReport": "reports",
    "DocumentReference": "notes and documents",
    "ImagingStudy": "images",
    "FamilyMemberHistory": "family history",
}
# Types that are never about a patient, so nobody need be named.
OF_NOBODY = frozenset(
    {"Practitioner", "PractitionerRole", "Organization", "Location", "Medication"}
)
LONGEST = 4_000
MOST = 200
_SCOPE = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|[cruds]{1,5})")
_CONTEXTS: dict[str, Context] = {"patient": "patient", "user": "user", "system": "system"}


@dataclass(frozen=True)
class Scope:
    """Records of one type, as far as one context reaches.

    Parameters
    ----------
    context
        `patient`: the patient in context only; `user`: whomever the user may see; `system`:
        whomever the account of a service may see.
    kind
        A FHIR type, or `*` for all.
    letters
        Of c, r, u, d, s, in this order.
    said
        As it was written.
    """

    context: Context
    kind: str
    letters: str
    said: str

    def covers(self, kind: str, letter: str) -> bool:
        """Whether it allows one thing with records of a type."""
        return self.kind in (ANY, kind) and letter in self.letters


def _scope(word: str) -> Scope | None:
    found = _SCOPE.fullmatch(word)
    if found is None:
        return None
    letters = V1.get(found[3], found[3])
    in_order = "".join(letter for letter in LETTERS if letter in letters)
    # v2 writes the letters once and in order; anything else is another word.
    if letters != in_order:
        return None
    return Scope(_CONTEXTS[found[1]], found[2], letters, word)


@lru_cache(maxsize=256)
def read_scopes(text: str) -> tuple[tuple[Scope, ...], tuple[str, ...]]:
    """The scopes about resources, and the plain ones; unknown words are left out.

    Parameters
    ----------
    text
        Separated by spaces.

    Examples
    --------
    >>> scopes, plain = read_scopes("launch/patient patient/Observation.read user/*.sr x")
    >>> [(one.context, one.kind, one.letters) for one in scopes], plain
    ([('patient', 'Observation', 'rs')], ('launch/patient',))
    """
    if len(text) > LONGEST:
        return (), ()
    words = dict.fromkeys(text.split(" ")[:MOST])
    scopes = tuple(one for one in map(_scope, words) if one is not None)
    return scopes, tuple(word for word in words if word in PLAIN)


def scopes_of(text: str) -> tuple[Scope, ...]:
    """Only the scopes about resources."""
    return read_scopes(text)[0]


def common(asked: str, allowed: str) -> str:
    """What of the scopes asked for is allowed; never more than either.

    Examples
    --------
    >>> common("patient/*.read openid", "patient/Observation.rs patient/Condition.r launch")
    'patient/Observation.rs patient/Condition.r'
    """
    scopes, plain = read_scopes(asked)
    most, most_plain = read_scopes(allowed)
    found = [word for word in plain if word in most_plain]
    for scope in scopes:
        found += [both for one in most if (both := _both(scope, one)) is not None]
    return " ".join(dict.fromkeys(found))


def _both(asked: Scope, allowed: Scope) -> str | None:
    letters = "".join(letter for letter in asked.letters if letter in allowed.letters)
    same = asked.kind == allowed.kind or ANY in (asked.kind, allowed.kind)
    if asked.context != allowed.context or not letters or not same:
        return None
    kind = allowed.kind if asked.kind == ANY else asked.kind
    # An app that speaks version 1 is answered in its own words where nothing was taken away.
    whole = kind == asked.kind and letters == asked.letters
    return asked.said if whole else f"{asked.context}/{kind}.{letters}"


def words_of(scopes: Iterable[Scope]) -> list[str]:
    """Scopes in the words of people, for the page where they decide.

    Examples
    --------
    >>> words_of(scopes_of("patient/Observation.rs user/Practitioner.r"))
    ['read results and measurements of the chosen patient', 'read Practitioner records']
    """
    return [_words(one) for one in scopes]


def _words(scope: Scope) -> str:
    whose = {
        "patient": "of the chosen patient",
        "user": "of everyone you may see",
        "system": "of everyone its account may see",
    }
    kind = NAMES.get(scope.kind, f"{scope.kind} records")
    said = f"{_deeds(scope.letters)} {kind}"
    return said if scope.kind in OF_NOBODY else f"{said} {whose[scope.context]}"


def _deeds(letters: Sequence[str]) -> str:
    said = []
    if READ & set(letters):
        said.append("read")
    if set(letters) >= WRITE:
        said.append("change")
    else:
        named = {"c": "add", "u": "correct", "d": "delete"}
        said += [named[letter] for letter in letters if letter in named]
    return " and ".join(said)
