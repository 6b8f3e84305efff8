"""A FHIR R4 Consent in the house's words; what cannot be read is said, never passed over.

References
----------
HL7 FHIR R4 (4.0.1), Consent. HL7 v3 ActCode (release 2022): OPTIN, OPTOUT and their kin.
Code system consentscope: research, patient-privacy, treatment, adr.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from vitruvian.terms import code_of, code_systems
from vitruvian.trust.consent.terms import Provision, Terms, Turn

PERMITS = frozenset({"OPTIN", "OPTINR", "IMPLIED", "IMPLIEDD", "permit"})
DENIES = frozenset({"OPTOUT", "OPTOUTE", "deny", "NODSCLCD", "NOAUTH"})
OVER = frozenset({"inactive", "entered-in-error", "draft", "proposed"})
NOT_ABOUT_DATA = frozenset({"treatment", "adr"})
DEEPEST = 12
DUO = "DUO_"
TYPES = "http://hl7.org/fhir/resource-types"
READ_MEMBERS = frozenset(
    {
        *("id", "extension", "type", "period", "actor", "action", "securityLabel", "purpose"),
        *("class", "code", "dataPeriod", "data", "provision"),
    }
)


WHY = {
    "status": "its status is not one of FHIR R4",
    "modifier": "it carries modifiers that are not known here",
    "unverified": "it was never verified",
    "no-base": "neither policyRule nor the root provision says permit or deny",
    "scope": "its scope is not one of FHIR R4",
    "base": "its policyRule is not a known base rule",
    "deep": "its provisions are nested too deeply",
    "turn": "a provision says neither permit nor deny",
    "period": "a period carries more than a start and an end",
    "shape": "it does not have the shape of a Consent",
}


class _Unclear(Exception):
    """Something in a consent cannot be read."""


def read_consent(resource: Mapping[str, Any]) -> Terms | None:
    """The terms of a consent; None when it says nothing about data, or is over.

    Parameters
    ----------
    resource
        A Consent as JSON. Anything odd in it makes the terms unreadable; nothing raises.
    """
    try:
        return _read(resource)
    except _Unclear as unclear:
        why = WHY[str(unclear)]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        why = WHY["shape"]
    return Terms(base=None, scope=_scope_or_privacy(resource), root=Provision(), why_unreadable=why)


def _read(resource: Mapping[str, Any]) -> Terms | None:
    status = resource.get("status")
    if status in OVER:
        return None
    if status not in ("active", "rejected"):
        raise _Unclear("status")
    scope = _scope(resource)
    if scope is None:
        return None
    if "modifierExtension" in resource or "implicitRules" in resource:
        raise _Unclear("modifier")
    if any(one.get("verified") is False for one in resource.get("verification", [])):
        raise _Unclear("unverified")
    if status == "rejected":
        return Terms(base="deny", scope=scope, root=Provision())
    said = resource.get("provision") or {}
    root, base = _provision(said, depth=0), _base(resource)
    if base is None and root.turn is None:
        raise _Unclear("no-base")
    return Terms(base=base, scope=scope, root=root)


def _scope(resource: Mapping[str, Any]) -> Literal["privacy", "research"] | None:
    codes = set(_codes(resource.get("scope")))
    if "research" in codes:
        return "research"
    if "patient-privacy" in codes:
        return "privacy"
    if codes & NOT_ABOUT_DATA:
        return None
    raise _Unclear("scope")


def _scope_or_privacy(resource: Mapping[str, Any]) -> Literal["privacy", "research"]:
    try:
        return "research" if _scope(resource) == "research" else "privacy"
    except (_Unclear, AttributeError, KeyError, TypeError, ValueError):
        return "privacy"


def _base(resource: Mapping[str, Any]) -> Turn | None:
    if "policyRule" not in resource:
        return None
    codes = set(_codes(resource["policyRule"]))
    permits, denies = bool(codes & PERMITS), bool(codes & DENIES)
    if permits == denies:
        if "provision" in resource and "type" in resource["provision"] and not codes:
            return None
        raise _Unclear("base")
    return "permit" if permits else "deny"


def _provision(said: Mapping[str, Any], *, depth: int) -> Provision:
    if depth > DEEPEST:
        raise _Unclear("deep")
    turn = said.get("type")
    if turn not in ("permit", "deny", None) or (turn is None and depth):
        raise _Unclear("turn")
    start, end = period_of(said.get("period"))
    data_start, data_end = period_of(said.get("dataPeriod"))
    records, related = _records(said.get("data", []))
    classes = [one for one in said.get("class", []) if one.get("system") == TYPES]
    return Provision(
        turn=turn,
        start=start,
        end=end,
        purposes=tuple(_purpose(one) for one in said.get("purpose", [])),
        actors=tuple(_actor(one) for one in said.get("actor", [])),
        actions=tuple(code for one in said.get("action", []) for code in _codes(one) or ["?"]),
        labels=tuple(str(one["code"]) for one in said.get("securityLabel", [])),
        classes=tuple(str(one["code"]) for one in classes),
        codes=tuple(code for one in said.get("code", []) for code in _data_codes(one)),
        records=records,
        data_start=data_start,
        data_end=data_end,
        unclear=related or len(classes) < len(said.get("class", [])) or _odd(said),
        parts=tuple(_provision(part, depth=depth + 1) for part in said.get("provision", [])),
    )


def _odd(said: Mapping[str, Any]) -> bool:
    return not {name.lstrip("_") for name in said} <= READ_MEMBERS or any(
        name.startswith("_") for name in said
    )


def _codes(concept: Mapping[str, Any] | None) -> list[str]:
    return [str(one["code"]) for one in (concept or {}).get("coding", []) if "code" in one]


def _purpose(coding: Mapping[str, Any]) -> str:
    code = str(coding["code"])
    return f"DUO:{code.rpartition(DUO)[2]}" if DUO in code else code


def _actor(said: Mapping[str, Any]) -> str:
    reference = said.get("reference", {}).get("reference")
    return str(reference) if reference else "?"


def _data_codes(concept: Mapping[str, Any]) -> Iterator[str]:
    found = [one for one in concept.get("coding", []) if "code" in one]
    if not found:
        yield "?"
    for one in found:
        system, code = str(one.get("system", "")), str(one["code"])
        # A code of a system nobody knows here could mean anything; the policy may explain it.
        yield code_of(system, code) if system.rstrip("/") in _known_systems() else code


@cache
def _known_systems() -> frozenset[str]:
    return frozenset(system.uri for system in code_systems())


def _records(said: list[Mapping[str, Any]]) -> tuple[tuple[str, ...], bool]:
    """References to single records, and whether more than those very records are meant."""
    records = tuple(str(one["reference"]["reference"]) for one in said)
    # What is related to a record, or depends on it, cannot be listed here.
    more = any(one.get("meaning") != "instance" for one in said)
    return (() if more else records), more


def period_of(said: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """The first instant of a Period and the one after its last; None where it is open."""
    if said is None:
        return None, None
    if not said.keys() <= {"start", "end", "id"}:
        raise _Unclear("period")
    start, end = said.get("start"), said.get("end")
    # The year 9999 is how many systems write "for ever".
    for_ever = end is None or str(end).startswith("9999")
    return (start and _edges(start)[0]), (None if for_ever else _edges(str(end))[1])


def _edges(said: str) -> tuple[str, str]:
    """The first instant that a date or time means, and the one after its last."""
    first, after = _span(said)
    return instant_text(first), instant_text(after)


def _span(said: str) -> tuple[datetime, datetime]:
    if "T" in said:
        at = datetime.fromisoformat(said)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at, at + timedelta(seconds=1)
    parts = [int(part) for part in said.split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    first = date(year, month, day)
    if len(parts) == 1:
        after = date(year + 1, 1, 1)
    elif len(parts) == 2:  # noqa: PLR2004 (year and month)
        after = date(year + month // 12, month % 12 + 1, 1)
    else:
        after = first + timedelta(days=1)
    midnight = datetime.min.time()
    return tuple(datetime.combine(one, midnight, UTC) for one in (first, after))  # type: ignore[return-value]  # two dates, two instants


def instant_text(at: datetime) -> str:
    """An instant in one fixed spelling that sorts as text."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
