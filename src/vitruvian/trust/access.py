"""Who asks, in which role, for what purpose, and to do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Purpose = Literal["treatment", "research", "quality", "operations"]
Operation = Literal["read", "count", "write", "export"]
Relation = Literal["care-team", "ward", "study", "self", "proxy", "hospital", "glass"]

PURPOSES: tuple[Purpose, ...] = ("treatment", "research", "quality", "operations")
OPERATIONS: tuple[Operation, ...] = ("read", "count", "write", "export")


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
    project
        The study it is for; None for none.
    operation
        What is to be done; `count` shows numbers only, `export` lets rows leave.
    app
        The app that asks in the account's name; None for the account itself.
    scopes
        What the app was given: SMART scopes, separated by spaces.
    in_context
        A subject of the patient that the app was launched with; None for none.
    """

    who: str
    role: str
    purpose: Purpose
    reason: str | None = None
    request: str | None = None
    project: str | None = None
    operation: Operation = "read"
    app: str | None = None
    scopes: str | None = None
    in_context: int | None = None

    @property
    def holder(self) -> str:
        """Whose an answer kept for later is: the account's, or that of an app with its scopes."""
        if self.app is None:
            return self.who
        return repr((self.who, self.app, self.scopes, self.in_context))


SYSTEM = Access(who="system", role="system", purpose="operations")
