"""Who asks, in which role, for what purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["treatment", "research", "quality", "operations"]


@dataclass(frozen=True)
class Access:
    """The context that stands on every read and every write.

    Parameters
    ----------
    who
        Name of the account; empty means nobody, and is always refused.
    role
        The role the account acts in.
    purpose
        What the data is wanted for.
    reason
        Free words of the one who asks, kept in the audit row.
    request
        Id of the request that this access belongs to.
    """

    who: str
    role: str
    purpose: Purpose
    reason: str | None = None
    request: str | None = None


SYSTEM = Access(who="system", role="system", purpose="operations")
