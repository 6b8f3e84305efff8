"""Asking a record system that opened this server by SMART App Launch: who, and which patient.

Nothing is asked of an address that was not declared, and nothing it names is asked unless it
stands at a declared address too; nothing is followed.

References
----------
SMART App Launch 2.2.0: EHR launch, `.well-known/smart-configuration`, launch context.
RFC 7636 (2015): PKCE. RFC 9207 (2022): `iss` in the answer. RFC 9700 (2025), 2.1.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any  # JSON

from vitruvian.api.routes.launch.declared import USER, Ehr
from vitruvian.api.routes.launch.errors import BadEhrFile, ContradictoryContext, NotOpened
from vitruvian.api.routes.sign_in.vouching import (
    NotVouchedFor,
    basic_header,
    challenge_of,
    fault_of,
    proven,
)
from vitruvian.api.routes.smart.asking import address_with
from vitruvian.api.routes.smart.proofs.fetching import NotFetched, Sent, fetch_inside
from vitruvian.trust.smart.context import is_fhir_id, user_address, values_of

Json = Mapping[str, Any]
MOST_BYTES = 1024 * 1024
_TOKEN = re.compile(r"[\x21-\x7e]{1,8000}")


@dataclass(frozen=True)
class System:
    """A record system as it describes itself, every address of it one that was declared."""

    issuer: str
    client_id: str
    authorize: str
    token: str
    keys: str
    names_itself: bool
    second_version: bool


@dataclass(frozen=True)
class Way:
    """One browser on the way to a record system and back."""

    ehr: str
    system: System
    state: str
    nonce: str
    verifier: str
    back: str


@dataclass(frozen=True)
class Heard:
    """What a record system said.

    Parameters
    ----------
    user
        As accounts are tied to it, or the name of the account.
    patients, encounters
        Values of the identifiers that were agreed on; no encounters when none is in context.
    """

    user: str
    patients: frozenset[str]
    encounters: frozenset[str] = frozenset()


def new_way(ehr: Ehr, *, back: str) -> Way:
    """A way with words that nobody can guess; raises `NotOpened` and `NotFetched`."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Way(ehr.name, described(ehr), state, nonce, verifier, back)


def described(ehr: Ehr) -> System:
    """What a record system says of itself; raises `NotOpened` when it cannot be used so."""
    said = fetch_inside(f"{base_of(ehr)}/.well-known/smart-configuration")
    said = said if isinstance(said, dict) else {}
    places = [said.get(f"{name}_endpoint") for name in ("authorization", "token")]
    places.append(said.get("jwks_uri"))
    if not all(map(ehr.reaches, places)):
        raise NotOpened("the record system names no addresses, or some that were not declared")
    methods, able = said.get("code_challenge_methods_supported"), said.get("capabilities")
    if not isinstance(methods, list) or "S256" not in methods:
        raise NotOpened("the record system does not offer PKCE with S256")
    return System(
        issuer=str(said.get("issuer")),
        client_id=str(ehr.client_id),
        authorize=str(places[0]),
        token=str(places[1]),
        keys=str(places[2]),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        second_version=isinstance(able, list) and "permission-v2" in able,
    )


def base_of(ehr: Ehr) -> str:
    """The FHIR address of a system, without a slash at its end."""
    return str(ehr.issuer).removesuffix("/")


def way_to(ehr: Ehr, way: Way, *, launch: str) -> str:
    """The address at the record system that the browser goes to."""
    letter = "r" if way.system.second_version else "read"
    scopes = ["launch", "openid", "fhirUser", "profile", f"patient/Patient.{letter}"]
    scopes += [f"patient/Encounter.{letter}"] if ehr.encounter_system else []
    asked = {
        "response_type": "code",
        "client_id": way.system.client_id,
        "redirect_uri": way.back,
        "scope": " ".join(scopes),
        "launch": launch,
        "aud": str(ehr.issuer),
        "state": way.state,
        "nonce": way.nonce,
        "code_challenge": challenge_of(way.verifier),
        "code_challenge_method": "S256",
    }
    return address_with(way.system.authorize, asked)


def heard(ehr: Ehr, way: Way, code: str, *, now: datetime) -> Heard:
    """What the record system says for a code: who asks, and about whom.

    Raises
    ------
    NotOpened
        When it does not take the code, or cannot be believed.
    ContradictoryContext
        When it gives another record than it named.
    """
    answer = _exchanged(ehr, way, code)
    user = _user(ehr, way, str(answer.get("id_token")), now=now)
    token, patient, stay = (answer.get(name) for name in ("access_token", "patient", "encounter"))
    if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
        raise NotOpened("the record system gave no token that can be used")
    if not is_fhir_id(patient):
        raise NotOpened("the record system has no patient in context")
    record = _record(ehr, f"Patient/{patient}", token)
    patients = values_of(record, system=ehr.patient_system)
    if ehr.encounter_system is None or not is_fhir_id(stay):
        return Heard(user, patients)
    visit = _record(ehr, f"Encounter/{stay}", token)
    _expect_of(visit, {f"Patient/{patient}", f"{base_of(ehr)}/Patient/{patient}"})
    return Heard(user, patients, values_of(visit, system=ehr.encounter_system))


def _exchanged(ehr: Ehr, way: Way, code: str) -> Json:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": way.back,
        "client_id": way.system.client_id,
        "code_verifier": way.verifier,
    }
    try:
        answer = fetch_inside(way.system.token, Sent(form, _basic(ehr)))
    except NotFetched:
        raise NotOpened("the record system did not take the answer it gave") from None
    return answer if isinstance(answer, dict) else {}


def _basic(ehr: Ehr) -> str | None:
    if ehr.secret_file is None:
        return None
    try:
        secret = ehr.secret_file.read_text("utf-8").strip()
    except (OSError, ValueError):
        raise BadEhrFile("secret_file: it cannot be read") from None
    return basic_header(str(ehr.client_id), secret=secret)


def _user(ehr: Ehr, way: Way, text: str, *, now: datetime) -> str:
    """Who the record system vouches for."""
    try:
        claims = proven(text, fetch_inside(way.system.keys))
    except (NotVouchedFor, NotFetched):
        raise NotOpened("the signature of the record system does not fit") from None
    fault = fault_of(claims, way.system, nonce=way.nonce, now=int(now.timestamp()))
    if fault:
        raise NotOpened(fault)
    said = claims.get(ehr.user or USER)
    user = user_address(said, issuer=base_of(ehr)) if ehr.by_ties else said
    if not isinstance(user, str) or not user:
        raise NotOpened("the record system does not say who you are")
    return user


def _record(ehr: Ehr, reference: str, token: str) -> Json:
    """One record of the record system, which must be the one that was asked for."""
    sent = Sent(None, f"Bearer {token}", "application/fhir+json", MOST_BYTES)
    try:
        found = fetch_inside(f"{base_of(ehr)}/{reference}", sent)
    except NotFetched:
        raise NotOpened("the record system does not let this server read who is open") from None
    kind, _, ident = reference.partition("/")
    if not isinstance(found, dict) or (found.get("resourceType"), found.get("id")) != (kind, ident):
        raise ContradictoryContext("it gave another record than the one in context")
    return found


def _expect_of(visit: Json, patient: set[str]) -> None:
    subject = visit.get("subject")
    if not isinstance(subject, dict) or subject.get("reference") not in patient:
        raise ContradictoryContext("the encounter in context is not of the patient in context")
