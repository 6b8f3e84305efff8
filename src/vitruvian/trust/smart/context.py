"""What another record system says when it opens this one: who asks, and about which patient.

Checking a signature is somebody else's; here is what stands under it, and whether it may be
believed here and now. A patient is named by an identifier, never by name.

References
----------
RFC 7519 (2015), section 4.1; RFC 8725 (2020), 3.8, 3.9 and 3.11: issuer, audience, explicit type.
SMART App Launch 2.2.0, Scopes and Launch Context: `fhirUser`. HL7 FHIR R4, `id`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard  # claims are JSON

# A link that lies about for longer is one that somebody else can find.
LINK_LIVES = timedelta(minutes=2)
LEEWAY_SECONDS = 30
TYPE = "context+jwt"
LONGEST = 200
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_USER = re.compile(
    r"(Practitioner|PractitionerRole|Person|RelatedPerson|Patient)/[A-Za-z0-9\-.]{1,64}"
)


@dataclass(frozen=True)
class Link:
    """A context link that holds.

    Parameters
    ----------
    jti
        Its own name: it is used once.
    user, patient, encounter
        What the other system calls them; the encounter is None where none was said.
    expires
        Seconds since 1970.
    """

    jti: str
    user: str
    patient: str
    encounter: str | None
    expires: int


@dataclass(frozen=True)
class Here:
    """What a link must fit: who was to sign it, for which address, and the present."""

    issuer: str
    audience: str
    now: datetime


def read_link(said: Mapping[str, Any], *, here: Here) -> Link | str:
    """The link under a good signature, or what is wrong with it in a few words."""
    fault = _misdirected(said, here) or _untimely(said, int(here.now.timestamp()))
    if fault:
        return fault
    named = [said.get(name) for name in ("jti", "sub", "patient")]
    encounter = said.get("encounter")
    if not all(map(_is_word, named)) or not (encounter is None or _is_word(encounter)):
        return "it does not say jti, sub and patient"
    jti, user, patient = map(str, named)
    return Link(jti, user, patient, encounter, int(said["exp"]))


def _misdirected(said: Mapping[str, Any], here: Here) -> str:
    aud = said.get("aud")
    if said.get("iss") != here.issuer:
        return "another system signed it than says so"
    if here.audience not in (aud if isinstance(aud, list) else [aud]):
        return "it was made for another address"
    return ""


def _untimely(said: Mapping[str, Any], now: int) -> str:
    expires, issued, starts = said.get("exp"), said.get("iat"), said.get("nbf", 0)
    if not (_is_instant(expires) and _is_instant(issued) and _is_instant(starts)):
        return "it does not say when it was made and when it ends"
    if max(issued, starts) > now + LEEWAY_SECONDS:
        return "it does not hold yet"
    if expires <= now:
        return "it has expired"
    if expires - issued > int(LINK_LIVES.total_seconds()):
        return f"it holds for longer than {LINK_LIVES.seconds // 60} minutes"
    return ""


def _is_instant(said: object) -> TypeGuard[int]:
    return isinstance(said, int) and not isinstance(said, bool)


def _is_word(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= LONGEST and said.isprintable()


def is_fhir_id(said: object) -> bool:
    """Whether this is an id as FHIR writes one, which can stand in an address.

    Examples
    --------
    >>> is_fhir_id("p-9"), is_fhir_id("../p"), is_fhir_id("..")
    (True, False, False)
    """
    return isinstance(said, str) and _ID.fullmatch(said) is not None and said.strip(".") != ""


def user_address(said: object, *, issuer: str) -> str | None:
    """Who the user is, as an address at the issuer; None for one of another place.

    Parameters
    ----------
    said
        The claim `fhirUser`: an address, or a reference relative to the issuer.
    issuer
        The FHIR base address of the other system.

    Examples
    --------
    >>> user_address("Practitioner/7", issuer="https://ehr.example/fhir")
    'https://ehr.example/fhir/Practitioner/7'
    >>> user_address("https://else.example/fhir/Practitioner/7", issuer="https://ehr.example/fhir")
    """
    if not isinstance(said, str):
        return None
    base = issuer.rstrip("/") + "/"
    reference = said.removeprefix(base)
    return base + reference if _USER.fullmatch(reference) else None


def values_of(record: Mapping[str, Any], *, system: str) -> frozenset[str]:
    """The values of the identifiers of one system that a record carries and that still hold.

    Parameters
    ----------
    record
        A Patient or an Encounter.
    system
        The only system that counts.
    """
    listed = record.get("identifier")
    found = listed if isinstance(listed, list) else []
    return frozenset(
        one["value"].strip()
        for one in found
        if isinstance(one, dict)
        and one.get("system") == system
        and one.get("use") != "old"
        and _is_word(one.get("value"))
    )
