"""Who may see what, and how it is remembered: pure decisions, no storage."""

from vitruvian.trust.access import SYSTEM, Access, Purpose
from vitruvian.trust.audit import GENESIS, AuditRow, Deed, chain_breaks, chained
from vitruvian.trust.audit.event import as_audit_event
from vitruvian.trust.errors import Anonymous, BadPolicy, PolicyRefused, WeakPassword
from vitruvian.trust.passwords import check_password
from vitruvian.trust.policy import Decision, Policy, decide, policy_of, read_policy, require

__all__ = [
    "GENESIS",
    "SYSTEM",
    "Access",
    "Anonymous",
    "AuditRow",
    "BadPolicy",
    "Decision",
    "Deed",
    "Policy",
    "PolicyRefused",
    "Purpose",
    "WeakPassword",
    "as_audit_event",
    "chain_breaks",
    "chained",
    "check_password",
    "decide",
    "policy_of",
    "read_policy",
    "require",
]
