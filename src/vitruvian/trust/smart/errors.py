"""What an app is refused with."""

from __future__ import annotations

from typing import ClassVar

from vitruvian.base.errors import BadInput, Refused


class AppRefused(BadInput):
    """An app asked in a way that OAuth does not allow.

    Parameters
    ----------
    code
        The word of RFC 6749 and its kin: invalid_grant, invalid_client, ...
    words
        One sentence: what is wrong, and what was expected. Never a token, never a secret.
    """

    status: ClassVar[int] = 400

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        super().__init__(words)


class OutOfScope(Refused):
    """The scopes given to an app do not cover what it asks for."""

    def __init__(self, *, kind: str, letter: str) -> None:
        super().__init__(
            f"The scopes given to this app do not cover it: {kind} with '{letter}' "
            "(c create, r read, u update, d delete, s search). Ask for a wider scope at launch."
        )
