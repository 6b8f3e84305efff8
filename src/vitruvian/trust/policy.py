"""May this access go ahead, and over which subjects.

This is the first part: local accounts with a role; research waits for projects and consent.
Care relation, consent, break-glass and grants come into `decide` later; its callers already
honour `subject_filter`, so nothing outside this file has to change.
"""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.trust.access import Access, Purpose
from vitruvian.trust.errors import Anonymous, PolicyRefused

OPEN_PURPOSES: frozenset[Purpose] = frozenset({"treatment", "quality", "operations"})


@dataclass(frozen=True)
class Decision:
    """What policy answers.

    Parameters
    ----------
    allowed
        Whether the access may go ahead.
    reason
        One sentence for the audit row and for the person refused.
    subject_filter
        The only subjects that may be seen; None means all.
    """

    allowed: bool
    reason: str
    subject_filter: frozenset[int] | None = None


def decide(access: Access) -> Decision:
    """Whether this access may go ahead.

    Examples
    --------
    >>> decide(Access(who="", role="clinician", purpose="treatment")).allowed
    False
    >>> decide(Access(who="dr.rossi", role="clinician", purpose="treatment")).allowed
    True
    """
    if not access.who.strip():
        return Decision(allowed=False, reason="Nobody is signed in.")
    if not access.role.strip():
        return Decision(allowed=False, reason="This account has no role.")
    if access.role == "system" and access.who != "system":
        return Decision(allowed=False, reason="Only the system itself acts as system.")
    if access.purpose not in OPEN_PURPOSES:
        return Decision(allowed=False, reason="That purpose needs an approved project.")
    return Decision(allowed=True, reason="A local account with a role, for an open purpose.")


def require(access: Access) -> Decision:
    """The decision, when it is a yes.

    Raises
    ------
    Anonymous
        When nobody is named.
    PolicyRefused
        When the account has no role, or the purpose is not open to it.
    """
    decision = decide(access)
    if decision.allowed:
        return decision
    if not access.who.strip():
        raise Anonymous
    raise PolicyRefused(role=access.role, purpose=access.purpose, why=decision.reason)
