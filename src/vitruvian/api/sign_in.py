"""Who may come in: one-time links, passwords, sessions, and patience with wrong attempts."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from vitruvian.base.clock import Clock
from vitruvian.base.errors import NotSignedIn, TooMany

if TYPE_CHECKING:
    from vitruvian.lake import Lake

MOST_ATTEMPTS = 10
WITHIN = timedelta(minutes=5)


class WrongCredentials(NotSignedIn):
    """Name and password, or the one-time link, do not open a session."""

    def __init__(self) -> None:
        super().__init__(
            "Name and password do not belong together, or the link was used before or is too old. "
            "Ask an administrator for a new link: vitruvian account link NAME --lake DIR."
        )


class TooManyAttempts(TooMany):
    """Too many wrong attempts to sign in."""

    def __init__(self) -> None:
        super().__init__(
            f"More than {MOST_ATTEMPTS} wrong attempts to sign in within "
            f"{WITHIN.seconds // 60} minutes. Wait, then try again."
        )


@dataclass(frozen=True)
class SignedInAs:
    """The account behind a session."""

    name: str
    display_name: str
    role: str
    expires_at: datetime
    must_set_password: bool


@dataclass(frozen=True)
class Opened:
    """A session just opened, and the secret that proves it."""

    token: str
    account: SignedInAs


class Patience:
    """Counts wrong attempts; refuses more of them for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def check(self, *whom: str) -> None:
        """Raise `TooManyAttempts` when one of these has failed too often."""
        oldest = self._clock() - WITHIN
        with self._lock:
            for key in whom:
                wrong = self._wrong[key]
                while wrong and wrong[0] < oldest:
                    wrong.popleft()
                if len(wrong) >= MOST_ATTEMPTS:
                    raise TooManyAttempts

    def failed(self, *whom: str) -> None:
        """Remember one wrong attempt."""
        with self._lock:
            for key in whom:
                self._wrong[key].append(self._clock())


class Doorkeeper:
    """Opens and ends sessions on the accounts of a lake."""

    def __init__(self, lake: Lake, *, clock: Clock) -> None:
        self._accounts = lake.accounts
        self._patience = Patience(clock)
        self._clock = clock

    def who(self, token: str) -> SignedInAs | None:
        """Whose session this is; None when there is none or it has ended."""
        raise NotImplementedError

    def by_link(self, token: str, *, client: str) -> Opened:
        """A session from a one-time link."""
        raise NotImplementedError

    def by_password(self, name: str, password: str, *, client: str) -> Opened:
        """A session from a name and its password."""
        raise NotImplementedError

    def end(self, token: str) -> None:
        """End a session."""
        raise NotImplementedError

    def set_password(self, token: str, password: str) -> SignedInAs:
        """Give the account of a session a new password."""
        raise NotImplementedError

    def last_seen(self, account: SignedInAs, person_id: int) -> datetime | None:
        """When an account last looked at a patient."""
        raise NotImplementedError

    def mark_seen(self, account: SignedInAs, person_id: int) -> None:
        """Remember that an account looks at a patient now."""
        raise NotImplementedError
