"""The audit: its rows and their chain, what vouches for it, and how other software reads it."""

from vitruvian.trust.audit.rows import (
    GENESIS,
    AuditRow,
    Deed,
    DeedKind,
    Outcome,
    chain_breaks,
    chained,
)

__all__ = [
    "GENESIS",
    "AuditRow",
    "Deed",
    "DeedKind",
    "Outcome",
    "chain_breaks",
    "chained",
]
