"""May this access go ahead, and may it see this record of this person. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from vitruvian.trust.access import Access, Operation, Purpose, Relation
from vitruvian.trust.errors import Anonymous, PolicyRefused
from vitruvian.trust.policy.file import DEFAULT, read_policy
from vitruvian.trust.policy.words import Policy, Rule

Answer = Literal["allowed", "refused", "behind-glass"]
ConsentWord = Literal["permit", "deny", "silent", "unreadable"]


@dataclass(frozen=True)
class Question:
    """One record of one person, asked for by somebody.

    Parameters
    ----------
    relations
        What ties the one who asks to the person, but for the hospital-wide relation,
        which the policy gives.
    guards
        Why the person is guarded (vip, staff); empty for most people.
    consent
        What the person's consents say of this record for this purpose.
    labels
        What is sensitive about the record.
    type
        Its FHIR type; None asks about a record of any type.
    """

    role: str
    purpose: Purpose
    operation: Operation = "read"
    relations: frozenset[Relation] = frozenset()
    guards: frozenset[str] = frozenset()
    consent: ConsentWord = "silent"
    labels: frozenset[str] = frozenset()
    type: str | None = None


def judge(policy: Policy, question: Question) -> Answer:
    """Whether the record may be seen, or would be with a broken glass.

    Parameters
    ----------
    policy
        The policy in force now.
    question
        What is asked.
    """
    if _lets(policy, question):
        return "allowed"
    broken = replace(question, relations=question.relations | {"glass"})
    return "behind-glass" if _lets(policy, broken) else "refused"


def _lets(policy: Policy, question: Question) -> bool:
    if not _consent_lets(policy, question):
        return False
    held = relations_held(policy, question)
    return any(_rule_lets(rule, question, held) for rule in policy.rules)


def relations_held(policy: Policy, question: Question) -> frozenset[Relation]:
    """The relations of a question, with the hospital-wide one where the policy gives it."""
    reaches = question.role in policy.hospital
    guarded = question.guards and question.role not in policy.hospital_reaches_guarded
    near: frozenset[Relation] = question.relations - {"hospital"}
    return near | {"hospital"} if reaches and not guarded else near


def _rule_lets(rule: Rule, question: Question, held: frozenset[Relation]) -> bool:
    return (
        rule.role == question.role
        and question.purpose in rule.purposes
        and question.operation in rule.operations
        and bool(rule.relations & held)
        and (rule.labels is None or question.labels <= rule.labels)
        and (rule.types is None or question.type is None or question.type in rule.types)
    )


def _consent_lets(policy: Policy, question: Question) -> bool:
    """Whether consents and the stated basis let it happen."""
    if "self" in question.relations:
        return True
    basis = policy.bases[question.purpose]
    if question.consent == "unreadable":
        # Closed for research, sharing and export; treatment is warned and never stopped.
        leaves = question.operation == "export" or question.purpose == "research"
        return basis.rests_on == "legal-task" and not leaves
    if basis.rests_on == "consent":
        return question.consent == "permit"
    if question.consent == "deny" and "glass" not in question.relations:
        return not basis.blocks
    return True


@dataclass(frozen=True)
class Decision:
    """Whether an access may go ahead at all; who and what it sees is judged record by record.

    Parameters
    ----------
    allowed
        Whether the access may go ahead.
    reason
        One sentence for the audit row and for the person refused.
    """

    allowed: bool
    reason: str


@cache
def default_policy() -> Policy:
    """The policy of an installation that has not stated its own."""
    return read_policy(DEFAULT.read_text("utf-8"))


def decide(access: Access, policy: Policy | None = None) -> Decision:
    """Whether this access may go ahead.

    Parameters
    ----------
    access
        Who asks, in which role, for what.
    policy
        The policy in force; None means the default.

    Examples
    --------
    >>> decide(Access(who="", role="clinician", purpose="treatment")).allowed
    False
    >>> decide(Access(who="dr.rossi", role="clinician", purpose="treatment")).allowed
    True
    """
    policy = policy or default_policy()
    why_not = _why_nobody(access) or _why_no_rule(access, policy)
    if why_not is not None:
        return Decision(allowed=False, reason=why_not)
    return Decision(allowed=True, reason=f"Policy {policy.version} has a rule for it.")


def _why_nobody(access: Access) -> str | None:
    if not access.who.strip():
        return "Nobody is signed in."
    if not access.role.strip():
        return "This account has no role."
    if access.role == "system" and access.who != "system":
        return "Only the system itself acts as system."
    return None


def _why_no_rule(access: Access, policy: Policy) -> str | None:
    of_role = [rule for rule in policy.rules if rule.role == access.role]
    rules = [rule for rule in of_role if access.purpose in rule.purposes]
    if not of_role:
        return "The policy of this hospital knows no such role."
    if not rules and access.purpose == "research":
        return "That purpose needs an approved project."
    if not rules:
        return "The role does not have that purpose."
    if not any(access.operation in rule.operations for rule in rules):
        return f"The role may not {access.operation} records for that purpose."
    return None


def require(access: Access, policy: Policy | None = None) -> Decision:
    """The decision, when it is a yes.

    Raises
    ------
    Anonymous
        When nobody is named.
    PolicyRefused
        When the account has no role, or the purpose is not open to it.
    """
    decision = decide(access, policy)
    if decision.allowed:
        return decision
    if not access.who.strip():
        raise Anonymous
    raise PolicyRefused(role=access.role, purpose=access.purpose, why=decision.reason)
