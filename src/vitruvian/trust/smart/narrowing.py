"""A policy as it holds for an app: never wider than for the account itself.

Two things narrow it. Rules keep only those types of records and operations that the scopes name;
and where the scopes name the patient in context only, nobody else's rows are let through.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from vitruvian.trust.access import Access, Operation
from vitruvian.trust.policy.words import Policy, Rule
from vitruvian.trust.smart.errors import OutOfScope
from vitruvian.trust.smart.scopes import ANY, READ, WRITE, Scope, scopes_of

Letter = Literal["c", "r", "u", "d", "s"]
Types = frozenset[str] | None
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Span:
    """How far the scopes of one access reach.

    Parameters
    ----------
    everybody
        Types of whomever policy lets through; None means all.
    patient
        Types of the patient in context; None means all.
    subject
        A subject of the patient in context; None when there is none.
    """

    everybody: Types
    patient: Types
    subject: int | None

    @property
    def types(self) -> Types:
        """Types of anybody at all; None means all."""
        return both(self.everybody, self.patient)

    @property
    def only_the_patient(self) -> bool:
        """Whether nobody but the patient in context is reached."""
        return self.everybody == NOTHING


def both(some: Types, others: Types) -> Types:
    """Types in either; None means all."""
    return None if some is None or others is None else some | others


def _types(scopes: tuple[Scope, ...], letters: frozenset[str]) -> Types:
    kinds = frozenset(one.kind for one in scopes if letters & set(one.letters))
    return None if ANY in kinds else kinds


def span_of(access: Access) -> Span | None:
    """How far an access reaches by its scopes; None when it is no app's.

    Whoever is to change a record must see what is there: a write reaches what may be read as well,
    and what is then written is checked against the scopes once more.

    Examples
    --------
    >>> from vitruvian.trust import Access
    >>> asked = Access("rossi", "clinician", "treatment", app="a", scopes="patient/Condition.rs",
    ...                in_context=7)
    >>> span_of(asked)
    Span(everybody=frozenset(), patient=frozenset({'Condition'}), subject=7)
    """
    if access.app is None:
        return None
    letters = READ | WRITE if access.operation == "write" else READ
    scopes = scopes_of(access.scopes or "")
    wide = tuple(one for one in scopes if one.context != "patient")
    near = tuple(one for one in scopes if one.context == "patient")
    of_patient = _types(near, letters) if access.in_context is not None else NOTHING
    return Span(_types(wide, letters), of_patient, access.in_context)


def narrowed(policy: Policy, access: Access) -> Policy:
    """The policy as it holds for an access: the same for an account, narrower for an app.

    Parameters
    ----------
    policy
        The policy in force.
    access
        Who asks, and through which app.
    """
    span = span_of(access)
    if span is None:
        return policy
    rules = (_rule(rule, access, span.types) for rule in policy.rules if rule.role == access.role)
    return replace(policy, rules=tuple(rules))


def _rule(rule: Rule, access: Access, types: Types) -> Rule:
    operations: frozenset[Operation] = rule.operations & _operations(access)
    if types is None:
        return replace(rule, operations=operations)
    within = types if rule.types is None else rule.types & types
    return replace(rule, types=within, operations=operations)


def _operations(access: Access) -> frozenset[Operation]:
    """What the scopes let happen at all."""
    letters = {letter for one in scopes_of(access.scopes or "") for letter in one.letters}
    found: set[Operation] = set()
    if letters & READ:
        found |= {"read", "count", "export"}
    if letters & WRITE:
        found.add("write")
    return frozenset(found)


def writes(access: Access, kind: str, *, near: bool) -> bool:
    """Whether scopes let an app write records of a type, of the patient in context or of others."""
    return any(
        WRITE & set(one.letters) and one.kind in (ANY, kind) and (near or one.context != "patient")
        for one in scopes_of(access.scopes or "")
    )


def expect_scope(access: Access, letter: Letter, kind: str) -> None:
    """Let one interaction with records of a type go on, as far as scopes decide it.

    Raises
    ------
    OutOfScope
        When the access is an app's, and no scope covers it.
    """
    if access.app is not None:
        scopes = scopes_of(access.scopes or "")
        if not any(one.covers(kind, letter) for one in scopes):
            raise OutOfScope(kind=kind, letter=letter)
